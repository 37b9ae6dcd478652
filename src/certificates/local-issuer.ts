// The local CA as an issuer: signs at once, asks nobody. Whoever it signs for was proven before.

import type { LocalAuthority } from './local-authority.ts';
import type { Issuer } from './issuer.ts';

/** What ACM's own authorities go by in CAA records (custom-domains 5.7): a zone that was made for AWS works here, too. */
const CAA_NAMES = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

export function createLocalIssuer(
  authority: LocalAuthority,
  caaNames: readonly string[],
  renewBeforeMs: number,
): Issuer {
  return {
    name: 'local',
    caaNames: async () => [...CAA_NAMES, ...caaNames],
    canAnswerByAddress: false,
    suggestsRenewal: false,
    renewalLeadMs: () => renewBeforeMs,
    async issue({ certificate, keyAlgorithm }) {
      const signed = await authority.issue(certificate.subjectAlternativeNames, keyAlgorithm);
      return { ...signed, intermediatesPem: '', anchorPem: authority.certificatePem };
    },
    renewalWindow: async () => undefined,
  };
}
