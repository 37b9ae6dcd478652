// The only bridge from the store to the snapshot: change event → compile → swap. It loads everything once, then each commit
// costs only what it changed.

import { collectSooner } from '../ambient/compact-heap.ts';
import type { Deployment } from '../model/api.ts';
import { ALL_KINDS, type Kind } from '../model/kinds.ts';
import type { Log } from '../observe/log.ts';
import { compileDeployment } from '../snapshot/compile-deployment.ts';
import {
  domainEntry,
  mappingEntry,
  stageEntry,
  withMappings,
  SnapshotTable,
  type DomainEntry,
  type Entry,
  type MappingEntry,
  type Snapshot,
} from '../snapshot/snapshot.ts';
import type { ApiKeyTable } from '../snapshot/api-key-table.ts';
import type { ZoneTable } from '../snapshot/zone-table.ts';
import type { Change, ChangeEvent, Store } from '../store/contract.ts';

/** From so many objects on, most of the heap is there to stay. */
const LARGE_MIN = 100_000;
/** Small enough that what a page leaves behind is collected young, and never makes the heap grow. */
const LOAD_PAGE = 500;

/** Kinds in the order in which they must be loaded: what others hang on comes first. */
const LOADED_LAST: readonly Kind[] = ['domain-name', 'hosted-zone', 'api-mapping', 'record-set'];
const LOAD_ORDER = ALL_KINDS.toSorted((a, b) => LOADED_LAST.indexOf(a) - LOADED_LAST.indexOf(b));

/**
 * Fills a snapshot from the store and keeps it up. It is complete when the promise resolves. `reservedZone` is the name at and below
 * which zones are not served by themselves.
 */
export async function publish(store: Store, log: Log, reservedZone?: string): Promise<Snapshot> {
  const table = new SnapshotTable(reservedZone);
  // Commits that come while loading are applied after it, in order; they may repeat what was loaded, which changes nothing.
  let waiting: ChangeEvent[] | undefined = [];
  store.onChange((event) => {
    if (waiting) waiting.push(event);
    else applyEvent(table, event, log);
  });
  const revision = await store.revision();
  let count = 0;
  for (const kind of LOAD_ORDER) count += await load(kind, table, revision, store, log);
  if (count >= LARGE_MIN) collectSooner();
  for (const event of waiting) applyEvent(table, event, log);
  waiting = undefined;
  return table;
}

/** Resolves to how many there were. The next page is read while this one is compiled. */
async function load(kind: Kind, table: SnapshotTable, revision: number, store: Store, log: Log): Promise<number> {
  const read = (after: string) => store.view.all(kind, { after, limit: LOAD_PAGE });
  let count = 0;
  let reading: ReturnType<typeof read> | undefined = read('');
  while (reading) {
    const page: Awaited<ReturnType<typeof read>> = await reading;
    reading = page.length < LOAD_PAGE ? undefined : read(page.at(-1)!.id);
    const changes = page.map((entity) => ({ kind, id: entity.id, after: entity }) as Change);
    applyEvent(table, { revision, changes }, log);
    count += page.length;
  }
  return count;
}

/** Compiles aside, then swaps in one turn. What cannot be compiled is logged and leaves the rest alone. */
function applyEvent(table: SnapshotTable, event: ChangeEvent, log: Log): void {
  const entries: Entry[] = [];
  const zoneChanges: Change[] = [];
  const keyChanges: Change[] = [];
  const drafts = new Map<string, DomainDraft>();
  for (const change of event.changes) {
    try {
      if (change.kind === 'hosted-zone' || change.kind === 'record-set') zoneChanges.push(change);
      else if (isOfApiKeys(change)) keyChanges.push(change);
      else if (change.kind === 'domain-name' || change.kind === 'api-mapping') changeDomain(table, drafts, change);
      else entries.push(...compile(change));
    } catch (error) {
      log.error('an object could not be compiled; it keeps its last working form', {
        kind: change.kind,
        id: change.id,
        error: (error as Error).message,
      });
    }
  }
  for (const [key, { domain, mappings }] of drafts) {
    entries.push({ table: 'domain', key, value: domain && withMappings(domain, mappings) });
  }
  table.apply(event.revision, entries, (zones) => {
    for (const change of zoneChanges) changeZone(zones, change);
    for (const change of keyChanges) changeApiKeys(table.apiKeys, change);
  });
}

/** One entry for a domain name with its mappings, made once however many of them one commit changes. */
interface DomainDraft {
  domain: DomainEntry | undefined;
  mappings: readonly MappingEntry[];
}

function changeDomain(
  table: SnapshotTable,
  drafts: Map<string, DomainDraft>,
  change: Extract<Change, { kind: 'domain-name' | 'api-mapping' }>,
): void {
  const name = change.kind === 'domain-name' ? change.id : change.id.slice(0, change.id.indexOf('/'));
  const known = table.domain(name);
  const draft = drafts.get(name) ?? { domain: known, mappings: known?.mappings ?? [] };
  drafts.set(name, draft);
  if (change.kind === 'domain-name') {
    const { after } = change;
    const arn = after && (table.certificate(after.certificateArn)?.arn ?? after.certificateArn);
    draft.domain = after && domainEntry(after, table.texts, arn);
    return;
  }
  // The domain may go in the same commit, and its mappings with it.
  const ownId = change.id.slice(name.length + 1);
  const others = draft.mappings.filter((mapping) => mapping.apiMappingId !== ownId);
  draft.mappings = change.after ? [...others, mappingEntry(change.after, table.texts)] : others;
}

/** The entries of one changed object. Pure. */
function compile(
  change: Exclude<Change, { kind: 'hosted-zone' | 'record-set' | 'domain-name' | 'api-mapping' | KeyKind }>,
): Entry[] {
  const { id: key } = change;
  switch (change.kind) {
    case 'api': {
      const value = change.after && {
        apiId: key,
        isDualstack: change.after.ipAddressType === 'dualstack',
        account: change.after.account,
        region: change.after.region,
      };
      return [{ table: 'api', key, value }];
    }
    case 'stage':
      return [{ table: 'stage', key, value: change.after && stageEntry(change.after) }];
    case 'deployment':
      return [{ table: 'deployment', key, value: change.after && compileDeployment(change.after as Deployment) }];
    case 'certificate':
      return [
        {
          table: 'certificate',
          key,
          value: change.after && { arn: key, keyPairReference: change.after.issued?.keyPairReference },
        },
      ];
    case 'listener-certificate': {
      const reference = change.after?.keyPairReference;
      return (change.after?.names ?? []).map((name) => ({ table: 'listener', key: name, value: reference }));
    }
    case 'vpc-link': {
      const value = change.after && { account: change.after.account, name: change.after.name };
      return [{ table: 'link', key, value }];
    }
    case 'challenge':
      return [{ table: 'challenge', key, value: change.after }];
    // Drafts: routing reads them only as a deployment froze them. Authorities are read by their issuers, decisions by whom they bind.
    case 'route':
    case 'route-response':
    case 'integration':
    case 'integration-response':
    case 'model':
    case 'authorizer':
    case 'authority':
    case 'acme-account':
    case 'acme-use':
    case 'account-configuration':
    case 'retired-regional-name':
    // Read by whoever runs functions, and by the operator's pages.
    case 'stack':
      return [];
  }
}

type KeyKind = 'api-key' | 'usage-plan' | 'usage-plan-key';

function isOfApiKeys(change: Change): change is Extract<Change, { kind: KeyKind }> {
  return change.kind === 'api-key' || change.kind === 'usage-plan' || change.kind === 'usage-plan-key';
}

function changeApiKeys(apiKeys: ApiKeyTable, change: Change): void {
  if (change.kind === 'api-key') apiKeys.changeKey(change.id, change.after);
  else if (change.kind === 'usage-plan') apiKeys.changePlan(change.id, change.after);
  else if (change.kind === 'usage-plan-key') apiKeys.changePlanKey(change.id, change.after);
}

function changeZone(zones: ZoneTable, change: Change): void {
  if (change.kind === 'hosted-zone') {
    if (change.after) zones.putZone(change.after);
    else zones.removeZone(change.id);
  } else if (change.kind === 'record-set') {
    if (change.after) zones.putRecordSet(change.after);
    else zones.removeRecordSet(change.id);
  }
}
