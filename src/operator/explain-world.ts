// What `explain` says, and whom it asks: the words of its steps, and the ports behind which the other rooms answer.

import type { DomainEntry } from '../snapshot/snapshot.ts';
import type { ObstacleWorld } from './certificate-obstacle.ts';
import type { CertificateRecords } from './certificate-record.ts';
import type { PlaceWorld, RecordForm } from './record-place.ts';

export interface ExplainedStep {
  readonly step: 'url' | 'dns' | 'tls' | 'host' | 'mapping' | 'stage' | 'deployment' | 'connect';
  readonly isGood: boolean;
  /** What was found, in words. */
  readonly found: string;
  /** Why it fails, and what mends it; only with a step that is not good. */
  readonly cause?: string;
  readonly fix?: string;
  /** The record that the fix is about, where it belongs into somebody else's DNS. */
  readonly record?: RecordForm;
  /** What keeps nobody off today, and will. */
  readonly notes?: readonly Note[];
}

export interface Note {
  readonly cause: string;
  readonly fix: string;
}

export interface Explanation {
  readonly url: string;
  readonly isGood: boolean;
  readonly steps: readonly ExplainedStep[];
  /** Of the step to mend first. */
  readonly cause?: string;
  readonly fix?: string;
  readonly record?: RecordForm;
  readonly notes: readonly Note[];
}

/** A certificate as it would be shown to a client. */
export interface ShownCertificate {
  readonly names: readonly string[];
  readonly notAfterMs: number;
  /** Common names of what is sent: the leaf, then each certificate that certifies the one before. */
  readonly chain: readonly string[];
  readonly issuer: string;
}

export interface LastHandshake {
  readonly openedAtMs?: number;
  readonly refusal?: {
    readonly atMs: number;
    readonly step: string;
    readonly reason: string;
    readonly requestId: string;
    readonly stage: string | undefined;
  };
}

/**
 * The steps that other rooms take: asked here, never done again.
 * @port steps
 */
export interface Steps {
  /** Which DNS servers a client of this gateway would be sent to for a name; empty for the system's. */
  serversFor(name: string): readonly string[];
  certificateFor(serverName: string): ShownCertificate | undefined;
  /** By domain name, or by host where none answers. */
  lastHandshake(name: string): LastHandshake | undefined;
}

export interface StageRecord {
  readonly apiId: string;
  readonly stage: string;
}

/**
 * What an account has, read from the store.
 * @port account-records
 */
export interface AccountRecords {
  /** Stages of the account's WebSocket APIs in a region; those with a deployment first. */
  stagesOf(account: string, region: string): Promise<readonly StageRecord[]>;
  /** Where an API is mapped, as `host/key`; undefined when nowhere. */
  mappedAt(apiId: string): Promise<string | undefined>;
  /** Domain names of the account behind `after`, of any region, in order of name. */
  domainsOf(account: string, after: string, limit: number): Promise<readonly string[]>;
}

/**
 * Whether the records of a domain name's zone let its certificate be renewed by the issuer that it has: undefined when they do, else
 * what they say (RFC 8659).
 * @port renewal-leave
 */
export interface RenewalLeave {
  (domainName: string, issuerName: string): Promise<string | undefined>;
}

export interface ExplainWorld extends ObstacleWorld, PlaceWorld {
  readonly steps: Steps;
  readonly records: AccountRecords;
  readonly certificates: CertificateRecords;
  readonly renewalLeave: RenewalLeave;
  /** The server's own region: commands need not name it. */
  readonly region: string;
  readonly suffix: string;
  readonly publicAddresses: readonly string[];
}

/** What is asked about. */
export interface Asked {
  /** Normalised. */
  readonly host: string;
  /** As in the URL, with the port where there is one. */
  readonly authority: string;
  readonly path: string;
  readonly account: string;
  /** The domain name that answers for the host, when it is the account's own. */
  readonly domain: DomainEntry | undefined;
}

export function good(step: ExplainedStep['step'], found: string): ExplainedStep {
  return { step, isGood: true, found };
}

export function bad(step: ExplainedStep['step'], found: string, cause: string, fix: string): ExplainedStep {
  return { step, isGood: false, found, cause, fix };
}

/** The region to name in a command: none for the server's own. */
export function regionToName(region: string, world: ExplainWorld): string | undefined {
  return region === world.region ? undefined : region;
}
