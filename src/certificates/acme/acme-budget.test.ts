// What the authority allows is not exceeded: by orders, registered domain, set of names and failures, across restarts, with rows
// that are written before anything happens and removed when they are too old to count.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore, type TestStore } from '../../../test/harness/acme-issuer.ts';
import type { AcmeUse } from '../../model/certificate.ts';
import type { AcmeSettings } from '../../settings/settings.ts';
import { IssueProblem } from '../issuer.ts';
import { createAcmeBudget, type AcmeBudget } from './acme-budget.ts';

const DIRECTORY = 'https://acme.example/directory';
const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const BUDGET: AcmeSettings['budget'] = {
  orders: { count: 4, windowMs: 3 * HOUR_MS },
  certificates: { count: 3, windowMs: 7 * DAY_MS },
  duplicates: { count: 2, windowMs: 6 * DAY_MS },
  failures: { count: 2, windowMs: HOUR_MS },
};
const ISSUED = { isPlaced: true, mayBeIssued: true };

function open({ store }: TestStore, clock: { ms: number }, over: Partial<AcmeSettings> = {}): AcmeBudget {
  const settings: AcmeSettings = {
    directoryUrl: DIRECTORY,
    email: undefined,
    eab: undefined,
    caFile: undefined,
    areTermsAgreed: true,
    budget: BUDGET,
    ...over,
  };
  return createAcmeBudget({ store, settings, realClock: { now: () => clock.ms } });
}

async function issue(budget: AcmeBudget, ...names: string[]): Promise<void> {
  await (await budget.reserve(names, false)).settle(ISSUED);
}

function refuses(work: Promise<unknown>, words: RegExp, retryAtMs: number): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof IssueProblem);
    assert.match(error.message, words);
    assert.equal(error.retryAtMs, retryAtMs);
    assert.equal(error.failureReason, undefined);
    return true;
  });
}

test('orders are counted in a window that moves', async (t) => {
  const clock = { ms: START };
  const budget = open(await openTestStore(t), clock);
  for (const name of ['a.one.example', 'a.two.example', 'a.three.example', 'a.four.example']) {
    await issue(budget, name);
    clock.ms += 1_000;
  }
  await refuses(
    budget.reserve(['a.five.example'], false),
    /^a\.five\.example waits: the authority allows 4 orders in 3 hours; the next fits at 2026-01-01T03:00:00\.000Z$/,
    START + 3 * HOUR_MS,
  );
  assert.equal(await budget.earliest(['a.five.example'], false), START + 3 * HOUR_MS);
  clock.ms = START + 3 * HOUR_MS;
  assert.equal(await budget.earliest(['a.five.example'], false), clock.ms);
  await issue(budget, 'a.five.example');
});

test('certificates are counted for the registered domain, public suffixes of companies included', async (t) => {
  const clock = { ms: START };
  const budget = open(await openTestStore(t), clock);
  for (const name of ['a.example.co.uk', '*.example.co.uk', 'b.c.example.co.uk']) {
    await issue(budget, name);
    clock.ms += 3 * HOUR_MS;
  }
  const refused = /allows 3 certificates for example\.co\.uk in 7 days/;
  await refuses(budget.reserve(['d.example.co.uk', 'other.example'], false), refused, START + 7 * DAY_MS);
  await issue(budget, 'a.other.co.uk');
  for (const name of ['one.github.io', 'two.github.io', 'three.github.io', 'four.github.io']) {
    clock.ms += 3 * HOUR_MS;
    await issue(budget, `www.${name}`);
  }
});

test('certificates for exactly the same names are counted, in whatever order they stand', async (t) => {
  const clock = { ms: START };
  const budget = open(await openTestStore(t), clock);
  await issue(budget, 'a.example.com', 'b.example.com');
  await issue(budget, 'b.example.com', 'a.example.com');
  await refuses(
    budget.reserve(['a.example.com', 'b.example.com'], false),
    /^a\.example\.com with 1 more waits: the authority allows 2 certificates for exactly these names in 6 days/,
    START + 6 * DAY_MS,
  );
  await issue(budget, 'a.example.com');
});

test('a name that failed too often is left alone, with its wildcard', async (t) => {
  const clock = { ms: START };
  const budget = open(await openTestStore(t), clock);
  await budget.fail('a.example.com', false);
  await budget.fail('*.a.example.com', true);
  for (const name of ['a.example.com', '*.a.example.com']) {
    await refuses(
      budget.reserve([name], false),
      /allows 2 failed validations of a\.example\.com in 1 hour/,
      START + HOUR_MS,
    );
  }
  await refuses(budget.reserve(['a.example.com'], true), /failed validations/, START + HOUR_MS);
  await issue(budget, 'b.example.com');
  clock.ms += HOUR_MS;
  await issue(budget, 'a.example.com');
});

test('a renewal that replaces a certificate takes nothing, and needs no room', async (t) => {
  const clock = { ms: START };
  const on = await openTestStore(t);
  const budget = open(on, clock);
  for (let at = 0; at < 4; at += 1) await issue(budget, `${at}.site${at}.example`);
  const before = await budget.left();
  await (await budget.reserve(['0.site0.example'], true)).settle(ISSUED);
  assert.deepEqual(await budget.left(), before);
  assert.equal((await on.store.view.all('acme-use')).length, 8);
});

test('what did not happen is given back, in the rows, too', async (t) => {
  const clock = { ms: START };
  const on = await openTestStore(t);
  const budget = open(on, clock);
  const kinds = async () => (await on.store.view.all('acme-use')).map(({ what }) => what).sort();
  const unplaced = await budget.reserve(['a.example.com'], false);
  assert.deepEqual(await kinds(), ['certificate', 'order']);
  await unplaced.settle({ isPlaced: false, mayBeIssued: false });
  assert.deepEqual(await kinds(), []);
  const failed = await budget.reserve(['a.example.com'], false);
  await failed.settle({ isPlaced: true, mayBeIssued: false });
  assert.deepEqual(await kinds(), ['order']);
  const used = (await budget.left()).map((one) => one.used);
  assert.deepEqual(used, [1, 0, 0, 0]);
});

test('whoever asks while another is written is told of it', async (t) => {
  const budget = open(await openTestStore(t), { ms: START });
  const names = ['a.example.com'];
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => budget.reserve(names, false)));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'],
  );
});

test('a use that cannot be written is not made, and not counted', async (t) => {
  const on = await openTestStore(t);
  const budget = open(on, { ms: START });
  const before = await budget.left();
  await on.store.close();
  await assert.rejects(budget.reserve(['a.example.com'], false), { name: 'Fault' });
  assert.deepEqual(await budget.left(), before);
});

test('a restart forgets nothing, and another authority counts for itself', async (t) => {
  const clock = { ms: START };
  const on = await openTestStore(t);
  const budget = open(on, clock);
  await issue(budget, 'a.example.com');
  clock.ms += 60_000;
  // The process dies before it knows what became of this one.
  await budget.reserve(['a.example.com', 'c.example.com'], false);
  await budget.fail('b.example.com', false);
  clock.ms += 60_000;
  assert.deepEqual(await open(on, clock).left(), await budget.left());
  const elsewhere = open(on, clock, { directoryUrl: 'https://other.example/directory' });
  assert.deepEqual(
    (await elsewhere.left()).map(({ used }) => used),
    [0, 0, 0, 0],
  );
});

test('rows of a clock that was ahead count from now, and not for ever', async (t) => {
  const clock = { ms: START + 1_000 * DAY_MS };
  const on = await openTestStore(t);
  await issue(open(on, clock), 'a.example.com');
  clock.ms = START;
  const [orders] = await open(on, clock).left();
  assert.equal(orders!.used, 1);
  assert.equal(orders!.nextBackAtMs, START + 3 * HOUR_MS);
});

test('says what is left of each limit, and who used most', async (t) => {
  const clock = { ms: START };
  const budget = open(await openTestStore(t), clock);
  await issue(budget, 'a.one.example');
  clock.ms += 1_000;
  await issue(budget, 'b.one.example', 'b.two.example');
  await budget.fail('b.one.example', false);
  const [orders, certificates, duplicates, failures] = await budget.left();
  assert.deepEqual(orders, {
    limit: 'orders',
    countMax: 4,
    windowMs: 3 * HOUR_MS,
    window: '3 hours',
    used: 2,
    left: 2,
    nextBackAtMs: START + 3 * HOUR_MS,
    fullest: [],
  });
  assert.deepEqual([certificates!.used, certificates!.left], [2, 1]);
  assert.deepEqual(certificates!.fullest, [
    { name: 'one.example', used: 2, nextBackAtMs: START + 7 * DAY_MS },
    { name: 'two.example', used: 1, nextBackAtMs: START + 1_000 + 7 * DAY_MS },
  ]);
  assert.deepEqual([duplicates!.used, duplicates!.left], [1, 1]);
  assert.deepEqual(failures!.fullest, [{ name: 'b.one.example', used: 1, nextBackAtMs: START + 1_000 + HOUR_MS }]);
});

test('rows that are too old to count are removed along the way, and 100,000 in the window are no burden', async (t) => {
  const clock = { ms: START };
  const on = await openTestStore(t);
  const wide = { budget: { ...BUDGET, orders: { count: 200_000, windowMs: 8 * DAY_MS } } };
  for (let first = 0; first < 100_000; first += 10_000) {
    await on.store.transact(async (transaction) => {
      for (let at = first; at < first + 10_000; at += 1) transaction.put('acme-use', useAt(at));
    });
  }
  const budget = open(on, clock, wide);
  const [orders, certificates] = await budget.left();
  assert.equal(orders!.used, 50_000);
  assert.equal(certificates!.fullest.length, 5);
  // All that is asked of it here is synchronous once it is loaded: with a look through the rows for each, it would never end.
  const asked = Array.from({ length: 20_000 }, (_, at) => budget.earliest([`new${at}.example`], false));
  assert.equal(
    (await Promise.all(asked)).every((atMs) => atMs === START),
    true,
  );
  const stated = await Promise.all(Array.from({ length: 2_000 }, () => budget.left()));
  assert.equal(stated.at(-1)![0]!.used, 50_000);
  clock.ms = START + 9 * DAY_MS;
  await issue(budget, 'late.example.com');
  await issue(budget, 'later.example.com');
  assert.equal((await on.store.view.all('acme-use')).length, 100_000 - 1_000 + 4);
  assert.equal((await budget.left())[0]!.used, 2);
});

/** Half of them orders, half certificates, each for a registered domain of its own, all within the last day. */
function useAt(at: number): AcmeUse {
  return {
    id: `${String(START - DAY_MS + at).padStart(15, '0')}-${at}`,
    account: 'sallyport',
    region: 'local',
    directoryUrl: DIRECTORY,
    what: at % 2 === 0 ? 'order' : 'certificate',
    names: [`www.site${at}.example`],
    isReplacing: false,
    atMs: START - DAY_MS + at,
  };
}
