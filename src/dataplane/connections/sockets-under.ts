// How many sockets are open under a custom domain name: for whoever is about to take it away.

import type { LocalDelivery } from '../../delivery/local-delivery.ts';
import { normalizeHost } from '../../protocol/host-name.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';

/** By the host that each client used; a wildcard's are those of the names that it answers for. */
export function socketsUnder(domainName: string, delivery: LocalDelivery, snapshot: Snapshot): number {
  let count = 0;
  for (const socket of delivery.sockets()) {
    const host = normalizeHost(socket.describe()?.domainName);
    if (host !== '' && snapshot.domainFor(host)?.domainName === domainName) count += 1;
  }
  return count;
}
