// What the watch over records stands on: the port behind which the store answers, and what a domain name is looked up by.

import type { LifecycleClock } from '../ambient/clock.ts';
import type { RecordSet } from '../model/hosted-zone.ts';
import type { Log } from '../observe/log.ts';
import type { Steps } from './explain-world.ts';
import type { RegionalWorld } from './regional-names.ts';

/**
 * What the watch reads, whoever owns it, and the notes that it leaves beside it.
 * @port pointing-records
 */
export interface PointingRecords {
  /** Domain names behind `after`, in order. */
  domainNamesAfter(after: string, limit: number): Promise<readonly string[]>;
  /** Record sets of all zones behind the id `after`, in order of id. */
  recordSetsAfter(after: string, limit: number): Promise<readonly RecordSet[]>;
  noted(kind: 'domain-name' | 'record-set', id: string): Promise<unknown>;
  /** Without effect where the object is gone. */
  note(kind: 'domain-name' | 'record-set', id: string, value: unknown): Promise<void>;
}

export interface PointingWorld extends RegionalWorld {
  readonly publicAddresses: readonly string[];
  readonly steps: Pick<Steps, 'serversFor'>;
  readonly pointingRecords: PointingRecords;
  readonly clock: LifecycleClock;
  readonly log: Log;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** A wildcard is looked at through a name that it covers and nobody has made. */
export const hostOf = (domainName: string) => domainName.replace(/^\*\./, 'any-name.');
