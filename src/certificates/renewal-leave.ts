// May the certificate of a name be renewed, as far as the CAA records of its zone go? The look that comes before an issue, taken ahead of
// time for whoever wants to know.

import { lookAtCaa } from './caa.ts';
import { createDnsAsker, type ValidationServers } from './dns-queries.ts';
import type { Issuer } from './issuer.ts';

/** Gives what resolves to the words of the records that forbid it; to undefined where none does, or they cannot be looked up. */
export function createRenewalLeave(issuers: readonly Issuer[], servers: Pick<ValidationServers, 'serversFor'>) {
  const queriesOf = createDnsAsker();
  return async (domainName: string, issuerName: string): Promise<string | undefined> => {
    const issuer = issuers.find(({ name }) => name === issuerName);
    // An authority that is away says nothing of its names now; whether it may issue is looked at again when it is back.
    const caaNames = (await issuer?.caaNames().catch(() => [])) ?? [];
    const look = await lookAtCaa(domainName, caaNames, { servers, queriesOf });
    return look?.isForbidden ? look.found : undefined;
  };
}
