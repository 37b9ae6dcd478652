// What every store keeps of its contract (src/store/contract.ts): reads and pages, transactions and their collisions, change
// events and the change log, notes and key pairs. Each implementation runs all of it; store-model.ts adds what chance finds.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Certificate } from '../../src/model/certificate.ts';
import type { ApiMapping } from '../../src/model/domain-name.ts';
import { Fault } from '../../src/model/faults.ts';
import { recordSetId, type HostedZone, type RecordSet } from '../../src/model/hosted-zone.ts';
import { reference } from '../../src/model/kinds.ts';
import { limit } from '../../src/settings/limits.ts';
import type { CertificateSource, ChangeEvent, Page, Store, Transaction, View } from '../../src/store/contract.ts';
import type { Owner } from '../harness/gateway.ts';

/** A store under test, with this node's way to read key pairs. */
export interface TestedStore extends Store {
  readonly certificateSource: CertificateSource;
}

/** Opens an empty store that ends with its owner. `changeLogRowsMax` makes its change log shorter than usual. */
export type OpenStore = (owner: Owner, options?: { readonly changeLogRowsMax: number }) => Promise<TestedStore>;

const ACCOUNT = '000000000000';
const OTHER_ACCOUNT = '111122223333';
const REGION = 'us-east-1';
const OTHER_REGION = 'eu-west-1';

export function zone(id: string, over: Partial<HostedZone> = {}): HostedZone {
  return {
    id,
    account: ACCOUNT,
    region: REGION,
    name: 'example.com.',
    callerReference: `call-${id}`,
    nameServers: ['ns1.example.com.'],
    recordSetCount: 0,
    createdAtMs: 1,
    ...over,
  };
}

export function record(zoneId: string, label: string, over: Partial<RecordSet> = {}): RecordSet {
  const name = `${label}.example.com.`;
  return {
    id: recordSetId(zoneId, name, 'TXT'),
    account: ACCOUNT,
    region: REGION,
    hostedZoneId: zoneId,
    name,
    type: 'TXT',
    ttl: 60,
    values: ['"one"'],
    ...over,
  };
}

export function mapping(domainName: string, own: string, over: Partial<ApiMapping> = {}): ApiMapping {
  return {
    id: `${domainName}/${own}`,
    account: ACCOUNT,
    region: REGION,
    domainName,
    apiMappingId: own,
    apiId: 'api1',
    stage: 'test',
    apiMappingKey: own,
    ...over,
  };
}

function certificate(id: string): Certificate {
  return {
    id,
    account: ACCOUNT,
    region: REGION,
    arn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/${id}`,
    domainName: 'ws.example.com',
    subjectAlternativeNames: ['ws.example.com'],
    validationMethod: 'DNS',
    keyAlgorithm: 'RSA_2048',
    status: 'PENDING_VALIDATION',
    validations: [],
    transparencyLogging: 'ENABLED',
    tags: {},
    createdAtMs: 1,
  };
}

function keyPair(of: string, text: string) {
  return {
    reference: of,
    account: ACCOUNT,
    region: REGION,
    chainPem: `chain of ${text}`,
    sealedKey: new Uint8Array([0, 255, 10, ...Buffer.from(text)]),
  };
}

const idsOf = (entities: readonly { readonly id: string }[]) => entities.map(({ id }) => id);
const write = (store: Store, work: (transaction: Transaction) => void) => store.transact(async (tx) => work(tx));
const putZones = (store: Store, ...ids: string[]) =>
  write(store, (tx) => ids.forEach((id) => tx.put('hosted-zone', zone(id))));

/** Every event from here on. */
function listen(store: Store): ChangeEvent[] {
  const events: ChangeEvent[] = [];
  store.onChange((event) => void events.push(event));
  return events;
}

/** The revision, everything of the kinds used here, and the log: what a transaction that fails must leave alone. */
async function stateOf(store: Store) {
  const { view } = store;
  return {
    revision: await store.revision(),
    zones: await view.all('hosted-zone'),
    records: await view.all('record-set'),
    certificates: await view.all('certificate'),
    changes: await store.changesSince(0),
  };
}

const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

export function storeContract(name: string, open: OpenStore): void {
  describe(`${name} keeps what it is given`, () => readTests(open));
  describe(`${name} applies transactions whole`, () => transactionTests(open));
  describe(`${name} notices collisions`, () => collisionTests(open));
  describe(`${name} tells what changed`, () => changeTests(open));
  describe(`${name} keeps notes beside the objects`, () => noteTests(open));
  describe(`${name} keeps key pairs with the objects`, () => keyPairTests(open));
}

interface ListRow {
  readonly name: string;
  readonly list: (view: View, page?: Page) => Promise<readonly { readonly id: string }[]>;
  /** Ids in order; the store also holds others that do not belong. */
  readonly want: readonly string[];
}

const LISTS: readonly ListRow[] = [
  { name: 'all', list: (view, page) => view.all('hosted-zone', page), want: ['Z', 'Z1', 'Z10', 'Z2', 'Z3', 'a'] },
  {
    name: 'children',
    list: (view, page) => view.children('record-set', 'Z1', page),
    want: ['*', 'a', 'a.b', 'b', 'c'].map((label) => record('Z1', label).id).sort(),
  },
  {
    name: 'owned',
    list: (view, page) => view.owned('hosted-zone', ACCOUNT, REGION, page),
    want: ['Z', 'Z1', 'Z10', 'Z2'],
  },
  {
    name: 'referring',
    list: (view, page) => view.referring('api-mapping', reference.api('api1'), page),
    want: ['a.example/3', 'b.example/1', 'c.example/2'],
  },
];

/** Rows for LISTS, written in no order, with neighbours that each list must leave out. */
async function fillForLists(store: Store): Promise<void> {
  await putZones(store, 'Z2', 'Z', 'Z10');
  await write(store, (tx) => {
    tx.put('hosted-zone', zone('a', { account: OTHER_ACCOUNT }));
    tx.put('hosted-zone', zone('Z3', { region: OTHER_REGION }));
    tx.put('hosted-zone', zone('Z1'));
    for (const label of ['c', 'a.b', '*', 'b', 'a']) tx.put('record-set', record('Z1', label));
    for (const other of ['Z', 'Z10', 'Z2']) tx.put('record-set', record(other, 'a'));
    tx.put('api-mapping', mapping('c.example', '2'));
    tx.put('api-mapping', mapping('a.example', '3'));
    tx.put('api-mapping', mapping('b.example', '1'));
    tx.put('api-mapping', mapping('a.example', '0', { apiId: 'api10' }));
    tx.put('api-mapping', mapping('b.example', '0', { apiId: 'api' }));
  });
}

function readTests(open: OpenStore): void {
  test('an object reads back as it was put, and one that is not there as undefined', async (t) => {
    const store = await open(t);
    const put = zone('Z1', { comment: 'quotes "\' and a \u{1F512}', nameServers: [] });
    await write(store, (tx) => tx.put('hosted-zone', put));
    assert.deepEqual(await store.view.get('hosted-zone', 'Z1'), put);
    assert.equal(await store.view.get('hosted-zone', 'Z2'), undefined);
  });

  test('a put replaces the whole object', async (t) => {
    const store = await open(t);
    await write(store, (tx) => tx.put('hosted-zone', zone('Z1', { comment: 'gone', recordSetCount: 7 })));
    await write(store, (tx) => tx.put('hosted-zone', zone('Z1')));
    assert.deepEqual(await store.view.get('hosted-zone', 'Z1'), zone('Z1'));
  });

  test('a removed object is in no read any more', async (t) => {
    const store = await open(t);
    await fillForLists(store);
    await write(store, (tx) => {
      tx.remove('record-set', record('Z1', 'b').id);
      tx.remove('api-mapping', 'b.example/1');
      tx.remove('hosted-zone', 'Z10');
    });
    assert.equal(await store.view.get('hosted-zone', 'Z10'), undefined);
    for (const { name, list, want } of LISTS) {
      const gone = ['Z10', 'b.example/1', record('Z1', 'b').id];
      assert.deepEqual(
        idsOf(await list(store.view)),
        want.filter((id) => !gone.includes(id)),
        name,
      );
    }
  });

  test('the same id in two kinds is two objects', async (t) => {
    const store = await open(t);
    await write(store, (tx) => {
      tx.put('hosted-zone', zone('same'));
      tx.put('certificate', certificate('same'));
    });
    await write(store, (tx) => tx.remove('certificate', 'same'));
    assert.deepEqual(await store.view.get('hosted-zone', 'same'), zone('same'));
    assert.equal(await store.view.get('certificate', 'same'), undefined);
  });

  for (const { name, list, want } of LISTS) {
    test(`${name} lists what belongs, ordered by id, in pages`, async (t) => {
      const store = await open(t);
      await fillForLists(store);
      const ids = async (page?: Page) => idsOf(await list(store.view, page));
      assert.deepEqual(await ids(), want);
      assert.deepEqual(await ids({ limit: 2 }), want.slice(0, 2));
      assert.deepEqual(await ids({ after: want[0]! }), want.slice(1));
      assert.deepEqual(await ids({ after: want[0]!, limit: 1 }), want.slice(1, 2));
      assert.deepEqual(await ids({ after: `${want[0]!} ` }), want.slice(1), 'after an id that is not there');
      assert.deepEqual(await ids({ after: want.at(-1)! }), []);
      assert.deepEqual(await ids({ limit: 0 }), []);
      assert.deepEqual(await ids({ limit: 1_000 }), want);
      assert.deepEqual(await store.transact((tx) => list(tx, { after: want[0]!, limit: 1 })), [
        (await list(store.view))[1],
      ]);
    });
  }

  test('a list of nothing is empty', async (t) => {
    const store = await open(t);
    for (const { name, list } of LISTS) assert.deepEqual(await list(store.view), [], name);
  });

  test('an object that refers to something else now is found there alone', async (t) => {
    const store = await open(t);
    const found = async (target: string) => idsOf(await store.view.referring('api-mapping', target));
    await write(store, (tx) => tx.put('api-mapping', mapping('a.example', '1')));
    assert.deepEqual(await found(reference.stage('api1', 'test')), ['a.example/1']);
    await write(store, (tx) => tx.put('api-mapping', mapping('a.example', '1', { apiId: 'api2', stage: 'test' })));
    assert.deepEqual(await found(reference.api('api1')), []);
    assert.deepEqual(await found(reference.stage('api1', 'test')), []);
    assert.deepEqual(await found(reference.api('api2')), ['a.example/1']);
    assert.deepEqual(await found(reference.stage('api2', 'test')), ['a.example/1']);
  });

  test('an object that has another parent or owner now is listed there alone', async (t) => {
    const store = await open(t);
    const { id } = record('Z1', 'a');
    await write(store, (tx) => tx.put('record-set', record('Z1', 'a')));
    await write(store, (tx) => tx.put('record-set', record('Z2', 'a', { id, account: OTHER_ACCOUNT })));
    assert.deepEqual(await store.view.children('record-set', 'Z1'), []);
    assert.deepEqual(idsOf(await store.view.children('record-set', 'Z2')), [id]);
    assert.deepEqual(await store.view.owned('record-set', ACCOUNT, REGION), []);
    assert.deepEqual(idsOf(await store.view.owned('record-set', OTHER_ACCOUNT, REGION)), [id]);
  });

  test('a store that is closed says so to whoever asks', async (t) => {
    const store = await open(t);
    await store.close();
    await assert.rejects(store.view.get('hosted-zone', 'Z1'), isFault('ServiceUnavailableException'));
    await assert.rejects(putZones(store, 'Z1'), isFault('ServiceUnavailableException'));
  });
}

function transactionTests(open: OpenStore): void {
  test('a transaction gives back what its work gives back', async (t) => {
    const store = await open(t);
    assert.equal(await store.transact(async () => 'result'), 'result');
  });

  test('work that throws leaves nothing behind, and its error arrives as it is', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    const before = await stateOf(store);
    const events = listen(store);
    const problem = new Error('no');
    const failing = store.transact(async (tx) => {
      tx.put('hosted-zone', zone('Z2'));
      tx.remove('hosted-zone', 'Z1');
      tx.putKeyPair(keyPair('key', 'a'));
      await tx.all('hosted-zone');
      throw problem;
    });
    await assert.rejects(failing, (error) => error === problem);
    assert.deepEqual(await stateOf(store), before);
    assert.deepEqual(events, []);
    assert.equal(store.certificateSource.read('key'), undefined);
  });

  test('the writes of one transaction are seen together or not at all', async (t) => {
    const store = await open(t);
    const seen = new Set<number>();
    const labels = Array.from({ length: 50 }, (_, n) => `r${n}`);
    const writing = write(store, (tx) => labels.forEach((label) => tx.put('record-set', record('Z1', label))));
    let isDone = false;
    void writing.then(() => (isDone = true));
    while (!isDone) seen.add((await store.view.children('record-set', 'Z1')).length);
    seen.add((await store.view.children('record-set', 'Z1')).length);
    assert.deepEqual(
      [...seen].filter((count) => count !== 0),
      [50],
    );
  });

  test('reads do not see the writes of their own transaction', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    await store.transact(async (tx) => {
      tx.put('hosted-zone', zone('Z1', { recordSetCount: 9 }));
      tx.put('hosted-zone', zone('Z2'));
      tx.remove('hosted-zone', 'Z1');
      assert.deepEqual(await tx.get('hosted-zone', 'Z1'), zone('Z1'));
      assert.deepEqual(idsOf(await tx.all('hosted-zone')), ['Z1']);
    });
    assert.deepEqual(idsOf(await store.view.all('hosted-zone')), ['Z2']);
  });

  const put = (count: number) => (tx: Transaction) => tx.put('hosted-zone', zone('Z1', { recordSetCount: count }));
  const remove = (tx: Transaction) => tx.remove('hosted-zone', 'Z1');
  const TWICE: readonly (readonly [name: string, writes: readonly ((tx: Transaction) => void)[], want?: number])[] = [
    ['put and put', [put(1), put(2)], 2],
    ['put and remove', [put(1), remove]],
    ['remove and put', [remove, put(2)], 2],
    ['put, remove and put', [put(1), remove, put(3)], 3],
  ];
  for (const [name, writes, want] of TWICE) {
    test(`of ${name} of one object the last counts, as one change`, async (t) => {
      const store = await open(t);
      await write(store, put(0));
      const events = listen(store);
      await write(store, (tx) => writes.forEach((one) => one(tx)));
      assert.equal((await store.view.get('hosted-zone', 'Z1'))?.recordSetCount, want);
      assert.deepEqual(events[0]!.changes, [
        { kind: 'hosted-zone', id: 'Z1', ...(want === undefined ? {} : { after: zone('Z1', { recordSetCount: want }) }) },
      ]);
    });
  }

  test('one transaction is one revision, and one that writes nothing is none', async (t) => {
    const store = await open(t);
    const events = listen(store);
    const first = await store.revision();
    await putZones(store, 'Z1', 'Z2', 'Z3');
    assert.equal(await store.revision(), first + 1);
    await store.transact(async (tx) => void (await tx.all('hosted-zone')));
    assert.equal(await store.revision(), first + 1);
    await write(store, (tx) => tx.remove('hosted-zone', 'Z2'));
    assert.equal(await store.revision(), first + 2);
    assert.deepEqual(
      events.map(({ revision }) => revision),
      [first + 1, first + 2],
    );
  });
}

interface CollisionRow {
  readonly name: string;
  readonly read: (view: View) => Promise<unknown>;
  readonly meanwhile: (transaction: Transaction) => void;
}

const putRecord = (value: RecordSet) => (tx: Transaction) => tx.put('record-set', value);
const putMapping = (value: ApiMapping) => (tx: Transaction) => tx.put('api-mapping', value);
const readZone = (view: View) => view.get('hosted-zone', 'Z1');
const readChildren = (view: View) => view.children('record-set', 'Z1');
const readOwned = (view: View) => view.owned('record-set', ACCOUNT, REGION);
const readReferring = (view: View) => view.referring('api-mapping', reference.api('api1'));
const readAll = (view: View) => view.all('record-set');
const HELD = record('Z1', 'held');
const removeHeld = (tx: Transaction) => tx.remove('record-set', HELD.id);
const MAPPED = mapping('a.example', 'held');

/** What is there: the zone Z1, the record set HELD in it, and the mapping MAPPED to api1. */
const COLLIDING: readonly CollisionRow[] = [
  { name: 'an object that was put', read: readZone, meanwhile: (tx) => tx.put('hosted-zone', zone('Z1')) },
  { name: 'an object that was removed', read: readZone, meanwhile: (tx) => tx.remove('hosted-zone', 'Z1') },
  {
    name: 'a missing object that came to be',
    read: (view) => view.get('hosted-zone', 'Z9'),
    meanwhile: (tx) => tx.put('hosted-zone', zone('Z9')),
  },
  { name: 'children that one joined', read: readChildren, meanwhile: putRecord(record('Z1', 'new')) },
  { name: 'children that one left', read: readChildren, meanwhile: removeHeld },
  { name: 'children of which one changed', read: readChildren, meanwhile: putRecord({ ...HELD, ttl: 1 }) },
  {
    name: 'children that one moved away from',
    read: readChildren,
    meanwhile: putRecord({ ...HELD, hostedZoneId: 'Z2' }),
  },
  {
    name: 'no children that one joined',
    read: (view) => view.children('record-set', 'Z9'),
    meanwhile: putRecord(record('Z9', 'new')),
  },
  { name: 'owned objects that one joined', read: readOwned, meanwhile: putRecord(record('Z2', 'new')) },
  { name: 'owned objects that one left', read: readOwned, meanwhile: removeHeld },
  { name: 'owned objects of which one changed', read: readOwned, meanwhile: putRecord({ ...HELD, ttl: 1 }) },
  {
    name: 'owned objects of which another account has one now',
    read: readOwned,
    meanwhile: putRecord({ ...HELD, account: OTHER_ACCOUNT }),
  },
  { name: 'referring objects that one joined', read: readReferring, meanwhile: putMapping(mapping('b.example', '1')) },
  {
    name: 'referring objects that one left',
    read: readReferring,
    meanwhile: (tx) => tx.remove('api-mapping', MAPPED.id),
  },
  {
    name: 'referring objects of which one turned away',
    read: readReferring,
    meanwhile: putMapping({ ...MAPPED, apiId: 'api2' }),
  },
  {
    name: 'referring objects of which one changed',
    read: readReferring,
    meanwhile: putMapping({ ...MAPPED, apiMappingKey: 'other' }),
  },
  { name: 'all objects that one joined', read: readAll, meanwhile: putRecord(record('Z2', 'new')) },
  { name: 'all objects that one left', read: readAll, meanwhile: removeHeld },
  {
    name: 'a first page whose rows changed',
    read: (view) => view.all('record-set', { limit: 1 }),
    meanwhile: putRecord({ ...HELD, ttl: 1 }),
  },
  {
    name: 'a later page that one joined',
    read: (view) => view.children('record-set', 'Z1', { after: HELD.id }),
    meanwhile: putRecord(record('Z1', 'held2')),
  },
];

const UNRELATED: readonly CollisionRow[] = [
  { name: 'nothing', read: async () => undefined, meanwhile: (tx) => tx.put('hosted-zone', zone('outcome')) },
  { name: 'another object', read: readZone, meanwhile: (tx) => tx.put('hosted-zone', zone('Z2')) },
  { name: 'an object of another kind', read: readZone, meanwhile: (tx) => tx.put('certificate', certificate('Z1')) },
  { name: 'the parent of what changed', read: readZone, meanwhile: putRecord({ ...HELD, ttl: 1 }) },
  { name: 'children of another parent', read: readChildren, meanwhile: putRecord(record('Z2', 'new')) },
  {
    name: 'objects of another account',
    read: readOwned,
    meanwhile: putRecord(record('Z1', 'new', { account: OTHER_ACCOUNT })),
  },
  {
    name: 'objects of another region',
    read: readOwned,
    meanwhile: putRecord(record('Z1', 'new', { region: OTHER_REGION })),
  },
  {
    name: 'objects that refer to something else',
    read: readReferring,
    meanwhile: putMapping(mapping('b.example', '1', { apiId: 'api2' })),
  },
  { name: 'all objects of another kind', read: readAll, meanwhile: putMapping(mapping('b.example', '1')) },
  { name: 'everything, but of key pairs', read: readAll, meanwhile: (tx) => tx.putKeyPair(keyPair('other', 'a')) },
];

/** How often a transaction that writes ran when `meanwhile` was committed between its read and its end. */
async function runsOf(store: Store, { read, meanwhile }: CollisionRow): Promise<number> {
  let runs = 0;
  await store.transact(async (tx) => {
    runs += 1;
    await read(tx);
    if (runs === 1) await write(store, meanwhile);
    tx.put('hosted-zone', zone('outcome', { comment: 'written' }));
  });
  assert.equal((await store.view.get('hosted-zone', 'outcome'))?.comment, 'written');
  return runs;
}

async function openHeld(open: OpenStore, owner: Owner): Promise<TestedStore> {
  const store = await open(owner);
  await write(store, (tx) => {
    tx.put('hosted-zone', zone('Z1'));
    tx.put('record-set', HELD);
    tx.put('api-mapping', MAPPED);
  });
  return store;
}

function collisionTests(open: OpenStore): void {
  for (const row of COLLIDING) {
    test(`a transaction that read ${row.name} meanwhile runs again`, async (t) => {
      assert.equal(await runsOf(await openHeld(open, t), row), 2);
    });
  }

  for (const row of UNRELATED) {
    test(`a transaction that read ${row.name} is not disturbed`, async (t) => {
      assert.equal(await runsOf(await openHeld(open, t), row), 1);
    });
  }

  test('a note disturbs no transaction', async (t) => {
    const store = await openHeld(open, t);
    let runs = 0;
    await store.transact(async (tx) => {
      runs += 1;
      await tx.get('hosted-zone', 'Z1');
      await store.note('hosted-zone', 'Z1', { tries: runs });
      tx.put('hosted-zone', zone('Z1'));
    });
    assert.equal(runs, 1);
  });

  test('the run that commits sees what the others wrote, and only its own writes count', async (t) => {
    const store = await openHeld(open, t);
    const events = listen(store);
    const seen: (number | undefined)[] = [];
    const result = await store.transact(async (tx) => {
      seen.push((await tx.get('hosted-zone', 'Z1'))?.recordSetCount);
      if (seen.length === 1) await write(store, (other) => other.put('hosted-zone', zone('Z1', { recordSetCount: 5 })));
      tx.put('hosted-zone', zone(`run${seen.length}`));
      tx.putKeyPair(keyPair(`run${seen.length}`, 'a'));
      return seen.length;
    });
    assert.equal(result, 2);
    assert.deepEqual(seen, [0, 5]);
    assert.deepEqual(idsOf(await store.view.all('hosted-zone')), ['Z1', 'run2']);
    assert.equal(store.certificateSource.read('run1'), undefined);
    assert.notEqual(store.certificateSource.read('run2'), undefined);
    assert.equal(events.length, 2);
  });

  test('a transaction that only reads never mixes two revisions', async (t) => {
    const store = await open(t);
    const both = (count: number) => (tx: Transaction) => {
      tx.put('hosted-zone', zone('Z1', { recordSetCount: count }));
      tx.put('hosted-zone', zone('Z2', { recordSetCount: count }));
    };
    await write(store, both(1));
    let runs = 0;
    const counts = await store.transact(async (tx) => {
      runs += 1;
      const first = await tx.get('hosted-zone', 'Z1');
      if (runs === 1) await write(store, both(2));
      const second = await tx.get('hosted-zone', 'Z2');
      return [first?.recordSetCount, second?.recordSetCount];
    });
    assert.equal(counts[0], counts[1]);
  });

  test('every one of several increments counts', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    const writers = limit('transactionAttemptsMax');
    const increment = () =>
      store.transact(async (tx) => {
        const found = await tx.get('hosted-zone', 'Z1');
        tx.put('hosted-zone', { ...found!, recordSetCount: found!.recordSetCount + 1 });
      });
    await Promise.all(Array.from({ length: writers }, increment));
    assert.equal((await store.view.get('hosted-zone', 'Z1'))?.recordSetCount, writers);
  });

  test('two transactions cannot each take what only one may have (write skew over objects)', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1', 'Z2');
    const leave = (own: string) =>
      store.transact(async (tx) => {
        const [one, two] = [await tx.get('hosted-zone', 'Z1'), await tx.get('hosted-zone', 'Z2')];
        if (one && two) tx.remove('hosted-zone', own);
      });
    await Promise.all([leave('Z1'), leave('Z2')]);
    assert.equal((await store.view.all('hosted-zone')).length, 1);
  });

  test('two transactions cannot each add what only one may add (write skew over ranges)', async (t) => {
    const store = await open(t);
    const add = (label: string) =>
      store.transact(async (tx) => {
        if ((await tx.children('record-set', 'Z1')).length === 0) tx.put('record-set', record('Z1', label));
      });
    await Promise.all(['a', 'b', 'c', 'd'].map(add));
    assert.equal((await store.view.children('record-set', 'Z1')).length, 1);
  });

  test('a transaction that keeps colliding gives up at the bound and leaves nothing behind', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    let runs = 0;
    const hopeless = store.transact(async (tx) => {
      runs += 1;
      await tx.get('hosted-zone', 'Z1');
      await write(store, (other) => other.put('hosted-zone', zone('Z1', { recordSetCount: runs })));
      tx.put('hosted-zone', zone('never'));
      tx.putKeyPair(keyPair('never', 'a'));
    });
    await assert.rejects(hopeless, isFault('ConflictException'));
    assert.equal(runs, limit('transactionAttemptsMax'));
    assert.deepEqual(await store.view.all('hosted-zone'), [zone('Z1', { recordSetCount: runs })]);
    assert.equal(store.certificateSource.read('never'), undefined);
  });

  test('a transaction that is older than the change log runs again instead of guessing', async (t) => {
    const store = await open(t, { changeLogRowsMax: SHORT_LOG_ROWS });
    await putZones(store, 'Z1');
    let runs = 0;
    await store.transact(async (tx) => {
      runs += 1;
      const found = await tx.get('hosted-zone', 'Z1');
      if (runs === 1) {
        await write(store, (other) => other.put('hosted-zone', zone('Z1', { recordSetCount: 5 })));
        await outrunLog(store);
      }
      tx.put('hosted-zone', { ...found!, comment: 'mine' });
    });
    assert.equal(runs, 2);
    assert.deepEqual(await store.view.get('hosted-zone', 'Z1'), zone('Z1', { recordSetCount: 5, comment: 'mine' }));
  });
}

const SHORT_LOG_ROWS = 20;

/** Enough commits that a log of SHORT_LOG_ROWS no longer reaches back to where it stood. */
async function outrunLog(store: Store): Promise<void> {
  for (let n = 0; n < SHORT_LOG_ROWS * 2; n += 1) await putZones(store, 'busy');
}

function changeTests(open: OpenStore): void {
  test('an event holds each change of the commit: what is there now, or that it is gone', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1', 'Z2');
    const [one, two] = [listen(store), listen(store)];
    await write(store, (tx) => {
      tx.put('record-set', record('Z1', 'a'));
      tx.remove('hosted-zone', 'Z2');
      tx.put('hosted-zone', zone('Z1', { recordSetCount: 1 }));
    });
    assert.deepEqual(one, [
      {
        revision: await store.revision(),
        changes: [
          { kind: 'record-set', id: record('Z1', 'a').id, after: record('Z1', 'a') },
          { kind: 'hosted-zone', id: 'Z2' },
          { kind: 'hosted-zone', id: 'Z1', after: zone('Z1', { recordSetCount: 1 }) },
        ],
      },
    ]);
    assert.deepEqual(two, one, 'every listener is told the same');
  });

  test('an event shows exactly what a reader would see', async (t) => {
    const store = await open(t);
    const events = listen(store);
    const put = { ...zone('Z1'), comment: undefined, nameServers: ['a'] };
    await write(store, (tx) => {
      tx.put('hosted-zone', put as unknown as HostedZone);
      // A caller that goes on with its own object changes neither what is stored nor what is told.
      put.nameServers.push('late');
    });
    const [change] = events[0]!.changes;
    assert.deepEqual(change?.after, await store.view.get('hosted-zone', 'Z1'));
    assert.deepEqual(Object.keys(change!.after!).includes('comment'), false);
  });

  test('events come in order of revision, each before its own promise resolves', async (t) => {
    const store = await open(t);
    const events = listen(store);
    const first = (await store.revision()) + 1;
    const count = 30;
    await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        await putZones(store, `Z${n}`);
        const isTold = events.some(({ changes }) => changes.some(({ id }) => id === `Z${n}`));
        assert.ok(isTold, `the commit of Z${n} was told before it was acknowledged`);
      }),
    );
    assert.deepEqual(
      events.map(({ revision }) => revision),
      Array.from({ length: count }, (_, n) => first + n),
    );
  });

  test('the change log tells what the listeners were told, from any revision on', async (t) => {
    const store = await open(t);
    const events = listen(store);
    const first = await store.revision();
    await putZones(store, 'Z1', 'Z2');
    await write(store, (tx) => tx.put('record-set', record('Z1', 'a')));
    await write(store, (tx) => {
      tx.put('api-mapping', mapping('a.example', '1'));
      tx.put('hosted-zone', zone('Z3'));
    });
    for (const done of [0, 1, 2, 3]) {
      assert.deepEqual(await store.changesSince(first + done), events.slice(done), `${done} commits later`);
    }
  });

  test('following the change log ends at the present state', async (t) => {
    const store = await open(t);
    const first = await store.revision();
    await putZones(store, 'Z1', 'Z2');
    await write(store, (tx) => tx.put('hosted-zone', zone('Z1', { recordSetCount: 3 })));
    await write(store, (tx) => tx.remove('hosted-zone', 'Z2'));
    const followed = new Map<string, unknown>();
    const changes = await store.changesSince(first);
    assert.ok(changes !== 'behind');
    for (const { id, after } of changes.flatMap((event) => event.changes)) {
      if (after) followed.set(id, after);
      else followed.delete(id);
    }
    assert.deepEqual([...followed.values()], await store.view.all('hosted-zone'));
    assert.deepEqual(
      changes.map(({ revision }) => revision),
      [first + 1, first + 2, first + 3],
    );
  });

  const QUIET: readonly (readonly [name: string, work: (tx: Transaction) => void])[] = [
    ['key pairs alone', (tx) => tx.putKeyPair(keyPair('key', 'a'))],
    ['the removal of what is not there', (tx) => tx.remove('hosted-zone', 'nothing')],
  ];
  for (const [name, work] of QUIET) {
    test(`a commit of ${name} does not put a reader behind`, async (t) => {
      const store = await open(t);
      const first = await store.revision();
      await write(store, work);
      assert.notEqual(await store.changesSince(first), 'behind', 'as the newest commit');
      await putZones(store, 'Z1');
      const changes = await store.changesSince(first);
      assert.ok(changes !== 'behind', 'with another after it');
      assert.deepEqual(changes.at(-1)?.changes, [{ kind: 'hosted-zone', id: 'Z1', after: zone('Z1') }]);
    });
  }

  test('a reader that the log no longer reaches is behind, and a recent one is not', async (t) => {
    const store = await open(t, { changeLogRowsMax: SHORT_LOG_ROWS });
    const first = await store.revision();
    await putZones(store, 'Z1');
    await outrunLog(store);
    assert.equal(await store.changesSince(first), 'behind');
    const newest = await store.revision();
    assert.deepEqual(await store.changesSince(newest), []);
    assert.deepEqual(await store.changesSince(newest - 1), [
      { revision: newest, changes: [{ kind: 'hosted-zone', id: 'busy', after: zone('busy') }] },
    ]);
    assert.deepEqual(await store.view.get('hosted-zone', 'Z1'), zone('Z1'), 'the object itself stays');
  });
}

function noteTests(open: OpenStore): void {
  test('a note reads back, the last one counts, and it belongs to one object of one kind', async (t) => {
    const store = await open(t);
    await write(store, (tx) => {
      tx.put('certificate', certificate('same'));
      tx.put('hosted-zone', zone('same'));
    });
    assert.equal(await store.noted('certificate', 'same'), undefined);
    await store.note('certificate', 'same', [{ attempts: 1 }]);
    await store.note('certificate', 'same', [{ attempts: 2, found: 'nothing' }]);
    assert.deepEqual(await store.noted('certificate', 'same'), [{ attempts: 2, found: 'nothing' }]);
    assert.equal(await store.noted('hosted-zone', 'same'), undefined);
  });

  test('a note makes no revision and no event', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    const before = await stateOf(store);
    const events = listen(store);
    await store.note('hosted-zone', 'Z1', 'noted');
    assert.deepEqual(await stateOf(store), before);
    assert.deepEqual(events, []);
  });

  test('a note stays when its object is put again', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    await store.note('hosted-zone', 'Z1', 'noted');
    await write(store, (tx) => tx.put('hosted-zone', zone('Z1', { recordSetCount: 1 })));
    assert.equal(await store.noted('hosted-zone', 'Z1'), 'noted');
  });

  test('a note goes with its object, and a new object of that id starts without', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1', 'Z2');
    await store.note('hosted-zone', 'Z1', 'one');
    await store.note('hosted-zone', 'Z2', 'two');
    await write(store, (tx) => tx.remove('hosted-zone', 'Z1'));
    assert.equal(await store.noted('hosted-zone', 'Z1'), undefined);
    assert.equal(await store.noted('hosted-zone', 'Z2'), 'two');
    await putZones(store, 'Z1');
    assert.equal(await store.noted('hosted-zone', 'Z1'), undefined);
  });

  test('a note on an object that is gone is not kept', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1');
    await write(store, (tx) => tx.remove('hosted-zone', 'Z1'));
    await store.note('hosted-zone', 'Z1', 'too late');
    assert.equal(await store.noted('hosted-zone', 'Z1'), undefined);
  });
}

function keyPairTests(open: OpenStore): void {
  const read = ({ certificateSource }: TestedStore, of: string) => {
    const row = certificateSource.read(of);
    return row && { chainPem: row.chainPem, sealedKey: [...row.sealedKey] };
  };
  const wanted = (text: string) => {
    const { chainPem, sealedKey } = keyPair('any', text);
    return { chainPem, sealedKey: [...sealedKey] };
  };

  test('a key pair is readable, byte for byte, when whoever is told of its certificate looks', async (t) => {
    const store = await open(t);
    const found: unknown[] = [];
    store.onChange(() => found.push(read(store, 'key1')));
    assert.equal(read(store, 'key1'), undefined);
    await write(store, (tx) => {
      tx.put('certificate', certificate('c1'));
      tx.putKeyPair(keyPair('key1', 'a'));
    });
    assert.deepEqual(found, [wanted('a')]);
    assert.equal(read(store, 'key2'), undefined);
  });

  test('a key pair is replaced, kept and removed with the commit that says so', async (t) => {
    const store = await open(t);
    await write(store, (tx) => {
      tx.putKeyPair(keyPair('key1', 'a'));
      tx.putKeyPair(keyPair('key2', 'b'));
      tx.putKeyPair(keyPair('key3', 'c'));
      tx.removeKeyPair('key3');
    });
    await write(store, (tx) => {
      tx.removeKeyPair('key1');
      tx.putKeyPair(keyPair('key1', 'renewed'));
    });
    assert.deepEqual(
      ['key1', 'key2', 'key3'].map((of) => read(store, of)),
      [wanted('renewed'), wanted('b'), undefined],
    );
    await write(store, (tx) => {
      tx.remove('certificate', 'c1');
      tx.removeKeyPair('key1');
    });
    assert.deepEqual(
      ['key1', 'key2'].map((of) => read(store, of)),
      [undefined, wanted('b')],
    );
  });
}
