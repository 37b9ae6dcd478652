// Hosted zones as the operator's surface asks for them: the port behind which the store answers.

import type { HostedZone } from '../model/hosted-zone.ts';

/**
 * The hosted zones, read from the store, and the operator's decision about one.
 * @port zone-records
 */
export interface ZoneRecords {
  /** Zones behind the id `after`, in order of id: of an account, or of all. */
  zonesOf(account: string | undefined, after: string, limit: number): Promise<readonly HostedZone[]>;
  zone(id: string): Promise<HostedZone | undefined>;
  /** Writes when the operator decided that the zone is served; undefined takes that back. Undefined when there is no such zone. */
  choose(id: string, chosenAtMs: number | undefined): Promise<HostedZone | undefined>;
}
