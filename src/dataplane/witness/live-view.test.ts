// The live view costs nothing while nobody watches, and has room for a bounded number of watchers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../observe/log.ts';
import { SnapshotTable } from '../../snapshot/snapshot.ts';
import { lowerLimit } from '../../../test/harness/lowered-limit.ts';
import { createWitnesses } from '../happening.ts';
import { createLiveView } from './live-view.ts';

const quiet = () => {};
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet, with: () => log };

function world() {
  const witnesses = createWitnesses(log);
  return { witnesses, live: createLiveView({ witnesses, snapshot: new SnapshotTable() }) };
}

const watcher = (account: string) => ({ account, filter: { isErrorsOnly: false }, hasBodies: false, take: () => {} });

test('it listens while somebody watches, and not a moment longer', () => {
  const { witnesses, live } = world();
  assert.equal(witnesses.isWatched, false);
  const ends = [live.watch(watcher('1')), live.watch(watcher('2'))];
  ends[0]!();
  assert.equal(witnesses.isWatched, true);
  ends[1]!();
  assert.equal(witnesses.isWatched, false);
  // Whoever ends twice ends nothing of somebody else's.
  const end = live.watch(watcher('1'));
  ends[1]!();
  assert.equal(witnesses.isWatched, true);
  end();
});

test('there is room for so many of an account, and for so many at all', (t) => {
  t.after(lowerLimit('eventWatchersMax', 3));
  t.after(lowerLimit('eventWatchersPerAccountMax', 2));
  const { live } = world();
  const ends = ['1', '1'].map((account) => live.watch(watcher(account)));
  assert.match(live.crowded('1')!, /^Account 1 has 2 watchers already/);
  assert.equal(live.crowded('2'), undefined);
  ends.push(live.watch(watcher('2')));
  assert.match(live.crowded('3')!, /^The server has 3 watchers already/);
  ends[0]!();
  assert.equal(live.crowded('1'), undefined);
});
