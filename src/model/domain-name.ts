// Custom domain names and their mappings (custom-domains 1 and 2), and the laws of both that need nothing else: what a name,
// a mapping key and a covering certificate are.

import type { Entity } from './entity.ts';

export interface DomainName extends Entity {
  /** Lower case, no trailing dot; `*` may be the whole first label. Also the id. */
  readonly domainName: string;
  readonly certificateArn: string;
  readonly regionalDomainName: string;
  readonly hostedZoneId: string;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly routingMode: 'API_MAPPING_ONLY' | 'ROUTING_RULE_ONLY' | 'ROUTING_RULE_THEN_API_MAPPING';
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A Regional name, as id, whose domain name was deleted. Records of anybody may still point to it, so it is never given out again;
 * otherwise whoever got it would answer for them.
 */
export type RetiredRegionalName = Entity;

export interface ApiMapping extends Entity {
  readonly domainName: string;
  readonly apiMappingId: string;
  readonly apiId: string;
  readonly stage: string;
  /** `''` is the root. Never starts or ends with `/`. */
  readonly apiMappingKey: string;
}

/** True when one of the certificate's names covers `name`: equal, or a wildcard one label above it (custom-domains 1.8, check 5). */
export function isCoveredBy(name: string, certificateNames: readonly string[]): boolean {
  const dot = name.indexOf('.');
  if (dot < 0) return certificateNames.some((candidate) => candidate.toLowerCase() === name);
  const rest = name.slice(dot + 1);
  return certificateNames.some((candidate) => {
    const lower = candidate.toLowerCase();
    return lower === name || (!name.startsWith('*.') && lower === `*.${rest}`);
  });
}

/** True when the two names could answer for one host: equal, or one is the wildcard one label above the other. */
export function overlaps(a: string, b: string): boolean {
  return a === b || isCoveredBy(a, [b]) || isCoveredBy(b, [a]);
}
