// How inputs that nobody chose are tried: with a seed that can be had again, a count of cases that can be raised, and a bound on the
// work that one of them may cost. Without variables every run tries the same cases; FUZZ_SEED tries others, and FUZZ_SECONDS goes on
// for so long with each property.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { tellSafety } from '../harness/safety-line.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_126);
const SECONDS = process.env['FUZZ_SECONDS'] === undefined ? undefined : Number(process.env['FUZZ_SECONDS']);
const RUNS = 500;
/** Time of the processor, not of the clock: a thousand times what a case costs, and far below what one that hangs does. */
const WORK_MS_MAX = 2_000;
const MICROSECONDS = 1_000;

export interface Fuzzing {
  /** Fails with the case, and the seed that has it again, when `check` throws or works too long. */
  property<T>(name: string, inputs: fc.Arbitrary<T>, check: (input: T) => void | Promise<void>, runs?: number): void;
  /** For what is counted elsewhere than by a property. */
  count(cases: number): void;
}

/** One for each file. Says at its end, on stdout, how much was tried. */
export function fuzz(what: string): Fuzzing {
  let cases = 0;
  let crashes = 0;
  after(() => tellSafety(`fuzz ${what}`, { cases, crashes }));
  return {
    count(more) {
      cases += more;
    },
    property(name, inputs, check, runs = RUNS) {
      void test(name, async (t) => {
        t.diagnostic(`FUZZ_SEED=${SEED}`);
        const tried = fc.asyncProperty(inputs, async (input) => {
          cases += 1;
          const before = process.cpuUsage();
          await check(input);
          const { user, system } = process.cpuUsage(before);
          assert.ok((user + system) / MICROSECONDS <= WORK_MS_MAX, `one case worked for more than ${WORK_MS_MAX} ms`);
        });
        try {
          await fc.assert(tried, {
            seed: SEED,
            numRuns: SECONDS === undefined ? runs : Number.MAX_SAFE_INTEGER,
            ...(SECONDS !== undefined && { interruptAfterTimeLimit: SECONDS * 1_000, markInterruptAsFailure: false }),
          });
        } catch (error) {
          crashes += 1;
          throw error;
        }
      });
    },
  };
}

/** Runs `work`; fails when it throws what is not one of its own problems, or a problem that is not one line. */
export function throwsOnly(problems: readonly (abstract new (...args: never[]) => Error)[], work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assertOwn(problems, error);
  }
}

export async function rejectsOnly(
  problems: readonly (abstract new (...args: never[]) => Error)[],
  work: () => Promise<unknown>,
): Promise<void> {
  await work().catch((error: unknown) => assertOwn(problems, error));
}

function assertOwn(problems: readonly (abstract new (...args: never[]) => Error)[], error: unknown): void {
  const isOwn = problems.some((problem) => error instanceof problem);
  assert.ok(isOwn, `threw ${(error as Error)?.stack ?? String(error)}`);
  assert.ok((error as Error).message.length > 0, 'a problem says something');
}

/** Texts that mean something to somebody, whole or in pieces, among those that mean nothing. */
export function textOf(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  );
  return fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(''));
}

/** Octets that were good before some of them were changed, left out, put in or doubled. */
export function changed(...good: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    kind: fc.constantFrom('flip', 'set', 'cut', 'insert', 'double'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    octets: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  });
  return fc.tuple(fc.constantFrom(...good), fc.array(change, { maxLength: 5 })).map(([whole, changes]) =>
    changes.reduce<Buffer>((bytes, { kind, at, octets }) => {
      const place = Math.floor(at * bytes.length);
      const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
      if (kind === 'insert') return Buffer.concat([head, octets, tail]);
      if (kind === 'cut') return Buffer.concat([head, tail.subarray(octets.length)]);
      if (kind === 'double') return Buffer.concat([bytes, tail]);
      if (tail.length === 0) return bytes;
      return Buffer.concat(
        [head, [kind === 'flip' ? tail[0]! ^ (1 << (octets[0]! % 8)) : octets[0]!], tail.subarray(1)].map((one) =>
          Buffer.from(one as Uint8Array),
        ),
      );
    }, Buffer.from(whole)),
  );
}

/** JSON with the names and values that have undone others. */
export const HOSTILE_JSON: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, '', 'a', '__proto__', 0, -0, 1e308, 1.234e19, '\ud800', '$'),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(fc.constantFrom('a', 'b', 'action', '__proto__', 'constructor', 'toString', '', '0'), tie('value')),
        { maxLength: 4 },
      )
      // As JSON.parse makes it: `__proto__` is a member like any other.
      .map(
        (entries) =>
          JSON.parse(
            `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`,
          ) as unknown,
      ),
  ),
})).value;
