// What every store keeps of its contract (src/store/contract.ts): reads and pages, transactions and their collisions, change
// events and the change log, notes and key pairs, and what chance finds. Each implementation runs all of it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Certificate } from '../../src/model/certificate.ts';
import type { HostedZone } from '../../src/model/hosted-zone.ts';
import { reference } from '../../src/model/kinds.ts';
import { eventually } from '../harness/eventually.ts';
import type { DueWindow, Page, Store, Transaction, View } from '../../src/store/contract.ts';
import { collisionTests } from './store-collisions.ts';
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
import { modelTests } from './store-model.ts';
import { vaultTests } from './store-vault.ts';

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

export function storeContract(name: string, open: OpenStore): void {
  describe(`${name} keeps what it is given`, () => readTests(open));
  describe(`${name} applies transactions whole`, () => transactionTests(open));
  describe(`${name} notices collisions`, () => collisionTests(open));
  describe(`${name} tells what changed`, () => changeTests(open));
  describe(`${name} keeps notes beside the objects`, () => noteTests(open));
  describe(`${name} keeps key pairs with the objects`, () => keyPairTests(open));
  describe(`${name} keeps what lies sealed`, () => vaultTests(open));
  describe(`${name} knows what is due`, () => dueTests(open));
  describe(`${name} holds against a model`, () => modelTests(open));
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
    name: 'belonging',
    list: (view, page) => view.belonging('hosted-zone', ACCOUNT, page),
    want: ['Z', 'Z1', 'Z10', 'Z2', 'Z3'],
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
    assert.equal(await store.view.countOwned('record-set', ACCOUNT, REGION), 0);
    assert.equal(await store.view.countOwned('record-set', OTHER_ACCOUNT, REGION), 1);
    assert.equal(await store.view.countOwned('record-set', OTHER_ACCOUNT, 'elsewhere'), 0);
    assert.deepEqual(idsOf(await store.view.owned('record-set', OTHER_ACCOUNT, REGION)), [id]);
    assert.deepEqual(await store.view.belonging('record-set', ACCOUNT), []);
    assert.deepEqual(idsOf(await store.view.belonging('record-set', OTHER_ACCOUNT)), [id]);
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
        {
          kind: 'hosted-zone',
          id: 'Z1',
          ...(want === undefined ? {} : { after: zone('Z1', { recordSetCount: want }) }),
        },
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

  test('many notes are written at once, and those on objects that are gone are left out', async (t) => {
    const store = await open(t);
    await putZones(store, 'Z1', 'Z2', 'Z3');
    await store.note('hosted-zone', 'Z1', 'before');
    const values = [
      ['Z1', { text: 'quotes " and ☂' }],
      ['gone', 1],
      ['Z3', [3]],
    ] as const;
    await store.noteAll('hosted-zone', new Map<string, unknown>(values));
    assert.deepEqual(await store.noted('hosted-zone', 'Z1'), { text: 'quotes " and ☂' });
    assert.equal(await store.noted('hosted-zone', 'Z2'), undefined);
    assert.deepEqual(await store.noted('hosted-zone', 'Z3'), [3]);
    assert.equal(await store.noted('hosted-zone', 'gone'), undefined);
    await store.noteAll('hosted-zone', new Map());
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

function dueTests(open: OpenStore): void {
  const reviewedAt = (id: string, reviewAtMs: number): Certificate => ({
    ...certificate(id),
    status: 'ISSUED',
    issued: {
      keyPairReference: 'key1',
      serial: '',
      notBeforeMs: 0,
      notAfterMs: 1_000,
      issuedAtMs: 0,
      renewAtMs: 900,
      reviewAtMs,
    },
  });
  const dueIds = async (store: Store, window: Partial<DueWindow>) =>
    (await store.due('certificate', { afterMs: 0, untilMs: 100, limit: 10, ...window })).map(({ id }) => id);

  test('what is due comes first by its time, then by its id, up to a moment and a number', async (t) => {
    const store = await open(t);
    await write(store, (tx) => {
      for (const [id, at] of [
        ['c', 30],
        ['b', 20],
        ['a', 20],
        ['d', 40],
      ] as const)
        tx.put('certificate', reviewedAt(id, at));
      tx.put('certificate', certificate('pending'));
      tx.put('hosted-zone', zone('Z1'));
    });
    assert.deepEqual(await dueIds(store, { untilMs: 19 }), []);
    assert.deepEqual(await dueIds(store, { untilMs: 30 }), ['a', 'b', 'c']);
    assert.deepEqual(await dueIds(store, { limit: 2 }), ['a', 'b']);
    assert.deepEqual(await dueIds(store, { afterMs: 20 }), ['c', 'd'], 'later than the moment');
    assert.deepEqual(await dueIds(store, { afterMs: 20, afterId: 'a', limit: 2 }), ['b', 'c'], 'a page goes on');
    assert.equal(await store.nextDue('certificate', 0), 20);
    assert.equal(await store.nextDue('certificate', 20), 30);
    assert.equal(await store.nextDue('certificate', 40), undefined);
    assert.equal(await store.nextDue('hosted-zone', 0), undefined);
  });

  test('an object that is changed or removed is due when it says now, or never', async (t) => {
    const store = await open(t);
    await write(store, (tx) => {
      for (const id of ['a', 'b', 'c']) tx.put('certificate', reviewedAt(id, 10));
    });
    await write(store, (tx) => {
      tx.put('certificate', reviewedAt('a', 50));
      tx.put('certificate', { ...reviewedAt('b', 10), status: 'EXPIRED' });
      tx.remove('certificate', 'c');
    });
    assert.deepEqual(await dueIds(store, {}), ['a']);
    assert.equal(await store.nextDue('certificate', 0), 50);
    const [found] = await store.due('certificate', { afterMs: 0, untilMs: 100, limit: 10 });
    assert.equal(found?.issued?.reviewAtMs, 50);
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
    assert.deepEqual([await store.chainOf('key1'), await store.chainOf('key2')], [wanted('a').chainPem, undefined]);
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
    await eventually('the removed key is gone', () => (read(store, 'key1') === undefined ? true : undefined));
    assert.deepEqual(read(store, 'key2'), wanted('b'));
  });
}
