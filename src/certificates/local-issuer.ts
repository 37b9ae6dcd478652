// The local CA as an issuer: signs at once, asks nobody. Whoever it signs for was proven before.

import type { LocalAuthority } from './local-authority.ts';
import type { Issuer } from './issuer.ts';
import { limit } from '../settings/limits.ts';
import { createSlots } from './slots.ts';

/** What ACM's own authorities go by in CAA records (custom-domains 5.7): a zone that was made for AWS works here, too. */
const CAA_NAMES = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

export function createLocalIssuer(
  authority: LocalAuthority,
  caaNames: readonly string[],
  renewBeforeMs: number,
): Issuer {
  const slots = createSlots(limit('issuesAtOnceMax'));
  return {
    name: 'local',
    caaNames: async () => [...CAA_NAMES, ...caaNames],
    canAnswerByAddress: false,
    suggestsRenewal: false,
    renewalLeadMs: () => renewBeforeMs,
    async issue({ certificate, keyAlgorithm }) {
      const { account, subjectAlternativeNames: names } = certificate;
      const signed = await slots.run(account, () => authority.issue(names, keyAlgorithm));
      return { ...signed, intermediatesPem: '', anchorPem: authority.certificatePem };
    },
    renewalWindow: async () => undefined,
  };
}
