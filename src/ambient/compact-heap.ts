// Gives back to the system what a start left behind, and, beside a large heap, keeps it from being taken again. The engine would keep
// that memory for a next load, which never comes: a start reads everything once.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Beside a large heap that never changes, this much of it in garbage is enough to collect; the engine would wait for several times it. */
const GARBAGE_PERCENT = 30;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** Collects and compacts the whole heap, and waits for it: for the time before the server is ready, and only then. */
export function compactHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** For a heap of which most is there to stay. */
export function collectSooner(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}
