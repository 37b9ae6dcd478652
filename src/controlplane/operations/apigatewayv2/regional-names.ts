// Regional names (`d-….execute-api.…`): drawn by lot, and never given out twice. Records of anybody may still lead to the one of a
// deleted domain name; whoever got it would answer for them.

import { ids } from '../../../ambient/ids.ts';
import type { DomainName } from '../../../model/domain-name.ts';
import { reference } from '../../../model/kinds.ts';
import type { Transaction, View } from '../../../store/contract.ts';

/** A Regional name that no domain name has, or had. `ending` is what follows the label. */
export async function drawRegionalName(view: View, ending: string, draw: () => string = ids.regionalName) {
  for (;;) {
    const name = `${draw()}.${ending}`;
    const [owner] = await view.referring('domain-name', reference.regionalName(name), { limit: 1 });
    const retired = await view.get('retired-regional-name', name);
    if (!owner && !retired) return name;
  }
}

/** Keeps the name of a domain name that goes. */
export function retireRegionalName(transaction: Transaction, domain: DomainName): void {
  const { account, region, regionalDomainName: id } = domain;
  transaction.put('retired-regional-name', { id, account, region });
}
