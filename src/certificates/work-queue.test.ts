// The queue of what is to be looked at against a plain table: the earliest first, each name once, with the time it was given last.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WorkQueue } from './work-queue.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
type Act = readonly ['set', string, number] | readonly ['delete', string] | readonly ['take', number];
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(fc.constant('set' as const), fc.constantFrom(...NAMES), fc.nat(50)),
  fc.tuple(fc.constant('delete' as const), fc.constantFrom(...NAMES)),
  fc.tuple(fc.constant('take' as const), fc.nat(60)),
);

void test('agrees with a table that is looked through', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const queue = new WorkQueue();
      const table = new Map<string, number>();
      for (const [what, first, second] of acts) {
        if (what === 'set') {
          queue.set(first, second);
          table.set(first, second);
        } else if (what === 'delete') {
          queue.delete(first);
          table.delete(first);
        } else {
          const earliest = Math.min(...table.values());
          const taken = queue.take(first);
          if (table.size === 0 || earliest > first) assert.equal(taken, undefined);
          else {
            assert.ok(taken !== undefined && table.get(taken) === earliest, `${taken} at ${earliest}`);
            table.delete(taken);
          }
        }
        assert.equal(queue.size, table.size);
        assert.equal(queue.nextAtMs(), table.size === 0 ? undefined : Math.min(...table.values()));
      }
    }),
    { numRuns: 2_000 },
  );
});

void test('a name that is set again and again costs no more than a name', () => {
  const queue = new WorkQueue();
  for (let at = 0; at < 100_000; at += 1) queue.set('a', 100_000 - at);
  assert.equal(queue.take(1), 'a');
  assert.equal(queue.take(1_000_000), undefined);
});
