// Keeps a load awake while it is at work: on one machine the server would else pay for waking the process that it answers, again
// and again when it is slow, hardly ever when it is fast. A client at the other end of a wire never costs it that.

/** Runs `work` in a process whose event loop never sleeps. */
export async function awake<T>(work: () => Promise<T>): Promise<T> {
  let isAtWork = true;
  const turn = () => void (isAtWork && setImmediate(turn));
  turn();
  try {
    return await work();
  } finally {
    isAtWork = false;
  }
}
