// At most so many at once. Whoever waits is taken in turns of their owners, and among those of one owner in the order in which they
// came, so that nobody who asks for much makes the others wait for all of it.

export interface Slots {
  run<T>(owner: string, work: () => Promise<T>): Promise<T>;
}

export function createSlots(count: number): Slots {
  let free = count;
  // The owner whose turn is next stands first.
  const waiting = new Map<string, (() => void)[]>();
  const next = (): (() => void) | undefined => {
    const [first] = waiting;
    if (!first) return undefined;
    const [owner, queue] = first;
    const begin = queue.shift();
    waiting.delete(owner);
    if (queue.length > 0) waiting.set(owner, queue);
    return begin;
  };
  return {
    async run(owner, work) {
      if (free > 0) free -= 1;
      else {
        await new Promise<void>((resolve) => {
          const queue = waiting.get(owner) ?? [];
          queue.push(resolve);
          waiting.set(owner, queue);
        });
      }
      try {
        return await work();
      } finally {
        const begin = next();
        if (begin) begin();
        else free += 1;
      }
    },
  };
}
