// The hosted zone in which a region's `d-….execute-api.…` names live: a constant of AWS's own for each region, to which alias
// records refer. CreateDomainName hands it out, ChangeResourceRecordSets checks it.

import { createHash } from 'node:crypto';

const KNOWN: Readonly<Record<string, string>> = {
  'us-east-1': 'Z1UJRXOUMOOFQ8',
  'us-east-2': 'ZOJJZC49E0EPZ',
  'us-west-1': 'Z2MUQ32089INYE',
  'us-west-2': 'Z2OJLYMUO9EFXC',
};

/** AWS's constant where it is known (custom-domains 1.4), else one of our own, the same for ever. */
export function regionalZoneId(region: string): string {
  return KNOWN[region] ?? `Z${createHash('sha256').update(region).digest('hex').slice(0, 13).toUpperCase()}`;
}
