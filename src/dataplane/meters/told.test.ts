import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Busiest, busiestOf, foldTold, type Counted } from './told.ts';

const RANKED_MS = 60_000;

class One implements Counted {
  readonly name: string;
  count = 0;
  told?: never;
  constructor(name: string) {
    this.name = name;
  }
  numbers(): number[] {
    return [this.count];
  }
}

const first = ([count = 0]: readonly number[]) => count;

function watch(all: One[], shownMax: number) {
  const busiest = new Busiest<One>(shownMax, RANKED_MS, first);
  return {
    all,
    /** Name → number, and what the others come to. */
    tell(nowMs: number): Record<string, number> {
      const { shown, others } = busiest.tell(all, nowMs);
      const series = shown.map(([{ name }, [count]]) => [name, count!] as const);
      return Object.fromEntries([...series, ...(others ? [['others', others[0]!] as const] : [])]);
    },
  };
}

void test('shows everybody while there is room, and no others', () => {
  const [a, b] = [new One('a'), new One('b')];
  const watched = watch([a, b], 2);
  a.count = 3;
  assert.deepEqual(watched.tell(0), { a: 3, b: 0 });
  a.count = 5;
  b.count = 1;
  assert.deepEqual(watched.tell(1), { a: 5, b: 1 });
});

void test('who becomes the busiest takes along nothing that was told among the others, and no sum goes back', () => {
  const [a, b, c] = [new One('a'), new One('b'), new One('c')];
  const watched = watch([a, b, c], 1);
  a.count = 10;
  b.count = 4;
  c.count = 1;
  assert.deepEqual(watched.tell(0), { a: 10, others: 5 });
  b.count += 100;
  // Before it is ranked anew all is as it was.
  assert.deepEqual(watched.tell(RANKED_MS - 1), { a: 10, others: 105 });
  b.count += 100;
  assert.deepEqual(watched.tell(RANKED_MS), { b: 100, others: 105 });
  a.count += 7;
  b.count += 1;
  assert.deepEqual(watched.tell(RANKED_MS + 1), { b: 101, others: 112 });
});

void test('who is shown stays before an equal', () => {
  const [a, b] = [new One('a'), new One('b')];
  const watched = watch([b, a], 1);
  b.count = 1;
  assert.deepEqual(watched.tell(0), { b: 1, others: 0 });
  watched.all.reverse();
  a.count = 1;
  assert.deepEqual(watched.tell(2 * RANKED_MS), { a: 1, others: 0 });
  b.count += 1;
  a.count += 0;
  // Half of a's past, against b's whole present and a quarter of its past.
  assert.deepEqual(watched.tell(4 * RANKED_MS), { b: 1, others: 0 });
});

void test('who is gone makes room for the next at once', () => {
  const [a, b] = [new One('a'), new One('b')];
  const watched = watch([a, b], 1);
  a.count = 2;
  b.count = 1;
  assert.deepEqual(watched.tell(0), { a: 2, others: 1 });
  watched.all.shift();
  b.count += 5;
  assert.deepEqual(watched.tell(1), { b: 5, others: 1 });
});

void test('what was told of one that is folded into another is not told again', () => {
  const [a, b] = [new One('a'), new One('b')];
  const watched = watch([a, b], 1);
  a.count = 10;
  assert.deepEqual(watched.tell(0), { a: 10, others: 0 });
  a.count += 2;
  b.count += 1;
  foldTold(a, b);
  b.count += a.count;
  watched.all.shift();
  // Two of a's and one of its own.
  assert.deepEqual(watched.tell(1), { b: 3, others: 0 });
});

void test('a single look shows the greatest, sums the others, and leaves no trace', () => {
  const all = [1, 5, 3].map((count, place) => Object.assign(new One(String(place)), { count }));
  const { shown, others, leftOut } = busiestOf(all, 1, first);
  assert.deepEqual(
    shown.map(([{ name }, numbers]) => [name, ...numbers]),
    [['1', 5]],
  );
  assert.deepEqual(others, [4]);
  assert.deepEqual(
    leftOut.map(({ name }) => name),
    ['2', '0'],
  );
  assert.ok(all.every(({ told }) => told === undefined));
});
