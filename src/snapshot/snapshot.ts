// The configuration as the data plane and DNS read it: tables of immutable entries, each found by one look-up. A change puts
// all its entries in one synchronous turn, so nobody sees half of it.

import type { Stage } from '../model/api.ts';
import type { ApiMapping, DomainName } from '../model/domain-name.ts';
import { wildcardFor } from '../protocol/host-name.ts';
import type { CompiledDeployment } from './compile-deployment.ts';
import { ZoneTable } from './zone-table.ts';

export interface DomainEntry {
  readonly domain: DomainName;
  /** By key; `''` is the root. */
  readonly mappings: ReadonlyMap<string, ApiMapping>;
  /** Levels of the longest key. */
  readonly levelsMax: number;
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
}

export interface RegionalName {
  readonly domainName: string;
  readonly isDualstack: boolean;
}

/** The read side. */
export interface Snapshot {
  readonly revision: number;
  /** The custom domain name that answers for a host: the exact one, else the wildcard one label above. */
  domainFor(host: string): DomainEntry | undefined;
  domain(domainName: string): DomainEntry | undefined;
  api(apiId: string): ApiEntry | undefined;
  stage(apiId: string, stageName: string): StageEntry | undefined;
  deployment(apiId: string, deploymentId: string): CompiledDeployment | undefined;
  /** Where the key pair of a certificate lies, by the certificate's ARN; undefined until it is issued. */
  keyPairOfCertificate(arn: string): string | undefined;
  /** Where the key pair lies that serves `*.execute-api.{region}.{suffix}`, by that name; `''` is the default one. */
  keyPairOfListener(name: string): string | undefined;
  regionalName(host: string): RegionalName | undefined;
  readonly zones: ZoneTable;
}

/** One entry to put, or with `value` undefined to take away. `publish/` makes them from changes. */
export type Entry =
  | { readonly table: 'domain'; readonly key: string; readonly value: DomainEntry | undefined }
  | { readonly table: 'api'; readonly key: string; readonly value: ApiEntry | undefined }
  | { readonly table: 'stage'; readonly key: string; readonly value: StageEntry | undefined }
  | { readonly table: 'deployment'; readonly key: string; readonly value: CompiledDeployment | undefined }
  | { readonly table: 'certificate'; readonly key: string; readonly value: string | undefined }
  | { readonly table: 'listener'; readonly key: string; readonly value: string | undefined };

export class SnapshotTable implements Snapshot {
  revision = 0;
  readonly zones = new ZoneTable();
  readonly #domain = new Map<string, DomainEntry>();
  readonly #regionalNames = new Map<string, RegionalName>();
  readonly #api = new Map<string, ApiEntry>();
  readonly #stage = new Map<string, StageEntry>();
  readonly #deployment = new Map<string, CompiledDeployment>();
  readonly #certificate = new Map<string, string>();
  readonly #listener = new Map<string, string>();

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

  keyPairOfCertificate(arn: string): string | undefined {
    return this.#certificate.get(arn);
  }

  keyPairOfListener(name: string): string | undefined {
    return this.#listener.get(name);
  }

  regionalName(host: string): RegionalName | undefined {
    return this.#regionalNames.get(host);
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
      if (old) this.#regionalNames.delete(old.domain.regionalDomainName);
      if (entry.value) {
        const { domain } = entry.value;
        this.#regionalNames.set(domain.regionalDomainName, {
          domainName: domain.domainName,
          isDualstack: domain.ipAddressType === 'dualstack',
        });
      }
    }
    const table = this.#tableOf(entry.table) as Map<string, unknown>;
    if (entry.value === undefined) table.delete(entry.key);
    else table.set(entry.key, entry.value);
  }

  #tableOf(table: Entry['table']): Map<string, never> {
    const tables = {
      domain: this.#domain,
      api: this.#api,
      stage: this.#stage,
      deployment: this.#deployment,
      certificate: this.#certificate,
      listener: this.#listener,
    };
    return tables[table] as unknown as Map<string, never>;
  }
}

export function domainEntry(domain: DomainName, mappings: Iterable<ApiMapping>): DomainEntry {
  const byKey = new Map([...mappings].map((mapping) => [mapping.apiMappingKey, mapping]));
  const levels = [...byKey.keys()].map((key) => key.split('/').length);
  return { domain, mappings: byKey, levelsMax: Math.max(0, ...levels) };
}

export function stageEntry(stage: Stage): StageEntry {
  const { apiId, account, region, stageName, deploymentId, stageVariables } = stage;
  return { api: { apiId, account, region }, stageName, deploymentId, stageVariables };
}
