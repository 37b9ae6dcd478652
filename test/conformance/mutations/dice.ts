// Chance that can be had again: the same seed makes the same choices, on every machine.

/** What is tried when nobody asks for another seed (`SALLYPORT_TEST_SEED`). */
export const SEED = Number(process.env['SALLYPORT_TEST_SEED'] ?? 20_260_925);

export interface Dice {
  /** A whole number from 0, below `bound`. */
  below(bound: number): number;
  pick<T>(choices: readonly T[]): T;
  octets(count: number): Buffer;
}

export function rollDice(seed: number): Dice {
  let state = seed >>> 0;
  // mulberry32.
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number) => roll() % bound;
  return {
    below,
    pick: (choices) => choices[below(choices.length)]!,
    octets: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}

/** Runs `attempt` for each seed, some at a time. The first failure names its seed, and how to have it again. */
export async function attemptAll(
  count: number,
  atOnce: number,
  attempt: (seed: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const seed = SEED + next;
      next += 1;
      await attempt(seed).catch((error: Error) => {
        next = count;
        throw new Error(`seed ${seed} (SALLYPORT_TEST_SEED=${seed} tries it first): ${error.message}`, {
          cause: error,
        });
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
