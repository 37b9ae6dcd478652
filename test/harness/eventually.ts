// Waiting on what must become true, with a named limit; and on events of sockets. Tests never sleep.

import { once, type EventEmitter } from 'node:events';

/** How long a test waits for an event before it fails. Never a measure of speed. */
export const WAIT_MS = 20_000;
const LOOK_AGAIN_MS = 10;

/** Resolves to the first value that is not undefined. Fails with `what` when it does not come. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  waitMs = WAIT_MS,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`it never came true that ${what}`);
    // The one place that looks again after a while: what it waits for happens in another process and tells nobody.
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** The arguments of the next event, or a failure that names it. */
export async function next<T extends unknown[]>(emitter: EventEmitter, event: string): Promise<T> {
  return (await once(emitter, event, { signal: AbortSignal.timeout(WAIT_MS) })) as T;
}
