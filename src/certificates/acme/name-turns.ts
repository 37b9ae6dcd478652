// Orders that have a name in common take turns: the authority may give both the same authorization, and a TLS listener shows one
// answer for a host.

export interface NameTurns {
  /** Runs the work when nobody else's with one of these names is under way, in the order of asking. */
  take<T>(names: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createNameTurns(): NameTurns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(names, work) {
      const before = names.map((name) => last.get(name));
      const turn = Promise.all(before).then(work);
      const ended = turn.then(
        () => {},
        () => {},
      );
      for (const name of names) last.set(name, ended);
      try {
        return await turn;
      } finally {
        for (const name of names) if (last.get(name) === ended) last.delete(name);
      }
    },
  };
}
