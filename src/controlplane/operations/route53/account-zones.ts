// All hosted zones of an account, a page at a time: for what goes through every one of them.

import type { HostedZone } from '../../../model/hosted-zone.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';

export async function* zonesOf(view: View, account: string): AsyncGenerator<readonly HostedZone[]> {
  const size = limit('pageSizeMax');
  let after = '';
  for (;;) {
    const page = await view.belonging('hosted-zone', account, { after, limit: size });
    yield page;
    if (page.length < size) return;
    after = page.at(-1)!.id;
  }
}
