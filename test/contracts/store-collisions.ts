// When a transaction runs again: something that it read has changed meanwhile. And when not: something else has.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiMapping } from '../../src/model/domain-name.ts';
import type { RecordSet } from '../../src/model/hosted-zone.ts';
import { reference } from '../../src/model/kinds.ts';
import { limit } from '../../src/settings/limits.ts';
import type { Store, Transaction, View } from '../../src/store/contract.ts';
import type { Owner } from '../harness/gateway.ts';
import {
  ACCOUNT,
  OTHER_ACCOUNT,
  OTHER_REGION,
  REGION,
  SHORT_LOG_ROWS,
  certificate,
  idsOf,
  isFault,
  keyPair,
  listen,
  mapping,
  outrunLog,
  putZones,
  record,
  write,
  zone,
  type OpenStore,
  type TestedStore,
} from './store-entities.ts';

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
const readBelonging = (view: View) => view.belonging('record-set', ACCOUNT);
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
  {
    name: 'objects of an account that one joined in another region',
    read: readBelonging,
    meanwhile: putRecord(record('Z2', 'new', { region: OTHER_REGION })),
  },
  { name: 'objects of an account that one left', read: readBelonging, meanwhile: removeHeld },
  {
    name: 'objects of an account of which another account has one now',
    read: readBelonging,
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

/** Changes that have nothing to do with what was read. */
const UNRELATED: readonly CollisionRow[] = [
  {
    name: 'a change of what it writes but did not read',
    read: readChildren,
    meanwhile: (tx) => tx.put('hosted-zone', zone('outcome')),
  },
  { name: 'a change of another object', read: readZone, meanwhile: (tx) => tx.put('hosted-zone', zone('Z2')) },
  {
    name: 'a change of an object of another kind',
    read: readZone,
    meanwhile: (tx) => tx.put('certificate', certificate('Z1')),
  },
  { name: 'a change of a part of what it read', read: readZone, meanwhile: putRecord({ ...HELD, ttl: 1 }) },
  { name: 'a new child of another parent', read: readChildren, meanwhile: putRecord(record('Z2', 'new')) },
  {
    name: 'a new object of another account',
    read: readOwned,
    meanwhile: putRecord(record('Z1', 'new', { account: OTHER_ACCOUNT })),
  },
  {
    name: 'a new object of another region',
    read: readOwned,
    meanwhile: putRecord(record('Z1', 'new', { region: OTHER_REGION })),
  },
  {
    name: 'a new object of an account that was not asked for',
    read: readBelonging,
    meanwhile: putRecord(record('Z1', 'new', { account: OTHER_ACCOUNT })),
  },
  {
    name: 'a new object that refers to something else',
    read: readReferring,
    meanwhile: putMapping(mapping('b.example', '1', { apiId: 'api2' })),
  },
  { name: 'a new object of another kind', read: readAll, meanwhile: putMapping(mapping('b.example', '1')) },
  { name: 'a new key pair', read: readAll, meanwhile: (tx) => tx.putKeyPair(keyPair('other', 'a')) },
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

export function collisionTests(open: OpenStore): void {
  for (const row of COLLIDING) {
    test(`a transaction that read ${row.name} meanwhile runs again`, async (t) => {
      assert.equal(await runsOf(await openHeld(open, t), row), 2);
    });
  }

  for (const row of UNRELATED) {
    test(`a transaction is not disturbed by ${row.name}`, async (t) => {
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
