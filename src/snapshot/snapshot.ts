// The configuration as the data plane and DNS read it: tables of immutable entries, each found by one look-up. A change puts
// all its entries in one synchronous turn, so nobody sees half of it. A name that nobody calls costs what its entries hold, so
// they hold what connecting needs and nothing else.

import type { RouteSettings, Stage } from '../model/api.ts';
import { NO_OPTIONS, readStageOptions, type StageOptions } from '../model/stage-options.ts';
import type { Challenge, ChallengeType } from '../model/certificate.ts';
import type { ApiMapping, DomainName } from '../model/domain-name.ts';
import type { VpcLink } from '../model/vpc-link.ts';
import { wildcardFor } from '../protocol/host-name.ts';
import type { CompiledDeployment } from './compile-deployment.ts';
import { ApiKeyTable } from './api-key-table.ts';
import { compileStageLogs, type StageLogs } from './stage-logs.ts';
import { ZoneTable } from './zone-table.ts';

export interface MappingEntry {
  readonly apiMappingId: string;
  /** `''` is the root. */
  readonly key: string;
  /** Segments of the key; 0 for the root. */
  readonly levels: number;
  readonly apiId: string;
  readonly stage: string;
}

export interface DomainEntry {
  readonly domainName: string;
  readonly account: string;
  readonly region: string;
  readonly certificateArn: string;
  readonly regionalDomainName: string;
  readonly hostedZoneId: string;
  readonly isDualstack: boolean;
  readonly routingMode: DomainName['routingMode'];
  /** Keys of most levels first. */
  readonly mappings: readonly MappingEntry[];
  /** The same by key, where there are so many that looking through them would take longer. */
  readonly mappingByKey: ReadonlyMap<string, MappingEntry> | undefined;
}

export interface CertificateEntry {
  readonly arn: string;
  /** Undefined until it is issued. */
  readonly keyPairReference: string | undefined;
}

export interface ApiEntry {
  readonly apiId: string;
  readonly isDualstack: boolean;
  readonly account: string;
  readonly region: string;
}

export interface StageEntry {
  readonly api: Omit<ApiEntry, 'isDualstack'>;
  readonly stageName: string;
  readonly deploymentId: string | undefined;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly defaultRouteSettings: RouteSettings;
  readonly routeSettings: Readonly<Record<string, RouteSettings>>;
  readonly options: StageOptions;
  /** Undefined where nothing is logged. */
  readonly logs: StageLogs | undefined;
}

/** Whose it is, and what the operator's targets are found by. */
export type VpcLinkEntry = Pick<VpcLink, 'account' | 'name'>;

/** The read side. */
export interface Snapshot {
  readonly revision: number;
  /** The custom domain name that answers for a host: the exact one, else the wildcard one label above. */
  domainFor(host: string): DomainEntry | undefined;
  domain(domainName: string): DomainEntry | undefined;
  api(apiId: string): ApiEntry | undefined;
  stage(apiId: string, stageName: string): StageEntry | undefined;
  deployment(apiId: string, deploymentId: string): CompiledDeployment | undefined;
  certificate(arn: string): CertificateEntry | undefined;
  /** Where the key pair lies that serves `*.execute-api.{region}.{suffix}`, by that name; `''` is the default one. */
  keyPairOfListener(name: string): string | undefined;
  /** The domain name that a Regional name belongs to. */
  domainOfRegionalName(host: string): DomainEntry | undefined;
  /** Calls back with each domain name that is taken away, as it was; in the turn of the change, so it must neither wait nor throw. */
  onDomainRemoved(listener: (domain: DomainEntry) => void): void;
  /** What an authority is answered with: every open challenge of a type for a key (`Challenge.key`). */
  challenges(type: ChallengeType, key: string): readonly Challenge[];
  /** True while any challenge of a type is open: what a handshake asks before it takes the trouble to look further. */
  hasChallenges(type: ChallengeType): boolean;
  /** A VPC link by its id. */
  vpcLink(vpcLinkId: string): VpcLinkEntry | undefined;
  /**
   * Calls back with whether any stage writes logs: at once, and when a change makes it so or no longer; in the turn of the change, so it
   * must neither wait nor throw.
   */
  onLogging(listener: (isAny: boolean) => void): void;
  readonly zones: ZoneTable;
  readonly apiKeys: ApiKeyTable;
}

/** One entry to put, or with `value` undefined to take away. `publish/` makes them from changes. */
export type Entry =
  | { readonly table: 'domain'; readonly key: string; readonly value: DomainEntry | undefined }
  | { readonly table: 'api'; readonly key: string; readonly value: ApiEntry | undefined }
  | { readonly table: 'stage'; readonly key: string; readonly value: StageEntry | undefined }
  | { readonly table: 'deployment'; readonly key: string; readonly value: CompiledDeployment | undefined }
  | { readonly table: 'certificate'; readonly key: string; readonly value: CertificateEntry | undefined }
  | { readonly table: 'listener'; readonly key: string; readonly value: string | undefined }
  | { readonly table: 'link'; readonly key: string; readonly value: VpcLinkEntry | undefined }
  | { readonly table: 'challenge'; readonly key: string; readonly value: Challenge | undefined };

export class SnapshotTable implements Snapshot {
  revision = 0;
  readonly zones: ZoneTable;
  readonly apiKeys = new ApiKeyTable();
  readonly texts = new KeptTexts();
  readonly #domain = new Map<string, DomainEntry>();
  readonly #domainOfRegionalName = new Map<string, DomainEntry>();
  readonly #api = new Map<string, ApiEntry>();
  readonly #stage = new Map<string, StageEntry>();
  readonly #deployment = new Map<string, CompiledDeployment>();
  readonly #certificate = new Map<string, CertificateEntry>();
  readonly #listener = new Map<string, string>();
  readonly #link = new Map<string, VpcLinkEntry>();
  /** There are few at any time: one for each name of each order under way. */
  readonly #challenge = new Map<string, Challenge>();
  #domainRemoved: (domain: DomainEntry) => void = () => {};
  /** Stages that write logs. */
  #logging = 0;
  #loggingChanged: (isAny: boolean) => void = () => {};

  /** `reservedZone`: see ZoneTable. */
  constructor(reservedZone?: string) {
    this.zones = new ZoneTable(reservedZone);
  }

  domainFor(host: string): DomainEntry | undefined {
    // `*.example.com` is a key of this table and never a host.
    if (host.startsWith('*')) return undefined;
    const exact = this.#domain.get(host);
    if (exact) return exact;
    const wildcard = wildcardFor(host);
    return wildcard === undefined ? undefined : this.#domain.get(wildcard);
  }

  domain(domainName: string): DomainEntry | undefined {
    return this.#domain.get(domainName);
  }

  api(apiId: string): ApiEntry | undefined {
    return this.#api.get(apiId);
  }

  stage(apiId: string, stageName: string): StageEntry | undefined {
    return this.#stage.get(`${apiId}/${stageName}`);
  }

  deployment(apiId: string, deploymentId: string): CompiledDeployment | undefined {
    return this.#deployment.get(`${apiId}/${deploymentId}`);
  }

  certificate(arn: string): CertificateEntry | undefined {
    return this.#certificate.get(arn);
  }

  keyPairOfListener(name: string): string | undefined {
    return this.#listener.get(name);
  }

  vpcLink(vpcLinkId: string): VpcLinkEntry | undefined {
    return this.#link.get(vpcLinkId);
  }

  challenges(type: ChallengeType, key: string): readonly Challenge[] {
    if (this.#challenge.size === 0) return [];
    return [...this.#challenge.values()].filter((challenge) => challenge.type === type && challenge.key === key);
  }

  hasChallenges(type: ChallengeType): boolean {
    return this.#challenge.size > 0 && [...this.#challenge.values()].some((challenge) => challenge.type === type);
  }

  domainOfRegionalName(host: string): DomainEntry | undefined {
    return this.#domainOfRegionalName.get(host);
  }

  onDomainRemoved(listener: (domain: DomainEntry) => void): void {
    this.#domainRemoved = listener;
  }

  onLogging(listener: (isAny: boolean) => void): void {
    this.#loggingChanged = listener;
    listener(this.#logging > 0);
  }

  /** Puts everything of one change at once. Nothing in here may wait or throw. */
  apply(revision: number, entries: readonly Entry[], zoneChanges: (zones: ZoneTable) => void): void {
    for (const entry of entries) this.#put(entry);
    zoneChanges(this.zones);
    this.zones.settle();
    this.revision = revision;
  }

  #put(entry: Entry): void {
    if (entry.table === 'domain') {
      const old = this.#domain.get(entry.key);
      if (old) this.#domainOfRegionalName.delete(old.regionalDomainName);
      if (entry.value) this.#domainOfRegionalName.set(entry.value.regionalDomainName, entry.value);
      else if (old) this.#domainRemoved(old);
    }
    if (entry.table === 'stage') this.#countLogging(this.#stage.get(entry.key), entry.value);
    const table = this.#tableOf(entry.table) as Map<string, unknown>;
    if (entry.value === undefined) table.delete(entry.key);
    else table.set(entry.key, entry.value);
  }

  #countLogging(before: StageEntry | undefined, after: StageEntry | undefined): void {
    const wasAny = this.#logging > 0;
    this.#logging += (after?.logs ? 1 : 0) - (before?.logs ? 1 : 0);
    const isAny = this.#logging > 0;
    if (isAny !== wasAny) this.#loggingChanged(isAny);
  }

  #tableOf(table: Entry['table']): Map<string, never> {
    const tables = {
      domain: this.#domain,
      api: this.#api,
      stage: this.#stage,
      deployment: this.#deployment,
      certificate: this.#certificate,
      listener: this.#listener,
      challenge: this.#challenge,
      link: this.#link,
    };
    return tables[table] as unknown as Map<string, never>;
  }
}

/** From this many on, the keys of a domain name are a table. */
const KEYS_TABLED_MIN = 9;

/**
 * Gives back the text that was kept last in a place, when it is the same one: rows come in runs of one account, region and stage,
 * and a hundred thousand names need not keep a copy each.
 */
export class KeptTexts {
  readonly #last = new Map<string, string>();

  of(place: 'account' | 'region' | 'zone' | 'routingMode' | 'key' | 'api' | 'stage', text: string): string {
    const last = this.#last.get(place);
    if (last === text) return last;
    this.#last.set(place, text);
    return text;
  }
}

/**
 * A domain name without mappings. `certificateArn` is equal to the domain's: the text that the certificate's own entry keeps, where
 * there is one.
 */
export function domainEntry(domain: DomainName, texts: KeptTexts, certificateArn = domain.certificateArn): DomainEntry {
  const { domainName, regionalDomainName, ipAddressType, routingMode } = domain;
  return {
    domainName,
    account: texts.of('account', domain.account),
    region: texts.of('region', domain.region),
    certificateArn,
    regionalDomainName,
    hostedZoneId: texts.of('zone', domain.hostedZoneId),
    isDualstack: ipAddressType === 'dualstack',
    routingMode: texts.of('routingMode', routingMode) as DomainName['routingMode'],
    mappings: [],
    mappingByKey: undefined,
  };
}

export function withMappings(domain: DomainEntry, mappings: readonly MappingEntry[]): DomainEntry {
  const sorted = mappings.toSorted((a, b) => b.levels - a.levels);
  const isTabled = sorted.length >= KEYS_TABLED_MIN;
  const mappingByKey = isTabled ? new Map(sorted.map((mapping) => [mapping.key, mapping])) : undefined;
  return { ...domain, mappings: sorted, mappingByKey };
}

export function mappingEntry(mapping: ApiMapping, texts: KeptTexts): MappingEntry {
  const { apiMappingId, apiMappingKey: key, apiId, stage } = mapping;
  const levels = key === '' ? 0 : key.split('/').length;
  return {
    apiMappingId,
    key: texts.of('key', key),
    levels,
    apiId: texts.of('api', apiId),
    stage: texts.of('stage', stage),
  };
}

export function stageEntry(stage: Stage): StageEntry {
  const { apiId, account, region, stageName, deploymentId, stageVariables, defaultRouteSettings, routeSettings } =
    stage;
  // Tags that spell no option are refused where they are set.
  const options = readStageOptions(stage.tags);
  return {
    api: { apiId, account, region },
    stageName,
    deploymentId,
    stageVariables,
    defaultRouteSettings,
    routeSettings,
    options: 'problem' in options ? NO_OPTIONS : options,
    logs: compileStageLogs(stage),
  };
}
