// Counts the processes of functions, and finds those that have left their group, by looking through /proc: a part of it at a time, so that
// nobody waits. Where there is no /proc nothing is counted, and only groups are ended.

import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { limit } from '../settings/limits.ts';

/** How many are looked at before others have their turn. */
const AT_ONCE = 64;
/** One that starts others while it is looked for may have to be looked for again. */
const ROUNDS_MAX = 5;

const groups = new Map<number, (count: number) => void>();
let timer: NodeJS.Timeout | undefined;
let isCounting = false;

/** Calls `exceeded` when the group has more processes than functionProcessesMax. Returns what ends the counting. */
export function countGroup(pgid: number | undefined, exceeded: (count: number) => void): () => void {
  if (pgid === undefined) return () => {};
  groups.set(pgid, exceeded);
  timer ??= setInterval(() => void count(), limit('functionProcessesWatchMs')).unref();
  return () => {
    groups.delete(pgid);
    if (groups.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

async function count(): Promise<void> {
  if (isCounting) return;
  isCounting = true;
  const counts = new Map<number, number>();
  await forEachProcess((pid) => {
    const group = groupOf(pid);
    if (groups.has(group)) counts.set(group, (counts.get(group) ?? 0) + 1);
  });
  isCounting = false;
  const max = limit('functionProcessesMax');
  for (const [group, processes] of counts) if (processes > max) groups.get(group)?.(processes);
}

/** Kills every process outside of the group whose environment has the marker; resolves to how many there were. */
export async function endStragglers(pgid: number | undefined, marker: string): Promise<number> {
  const found = new Set<number>();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = found.size;
    await forEachProcess((pid) => {
      if (!isMarked(readFileSync(`/proc/${pid}/environ`, 'latin1'), marker) || groupOf(pid) === pgid) return;
      process.kill(pid, 'SIGKILL');
      found.add(pid);
    });
    if (found.size === before) break;
  }
  return found.size;
}

function groupOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // Behind the name, which may hold anything: its state, its parent, its group.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3)[2]);
}

function isMarked(environment: string, marker: string): boolean {
  const at = environment.indexOf(marker);
  return (
    at >= 0 && (at === 0 || environment[at - 1] === '\0') && [undefined, '\0'].includes(environment[at + marker.length])
  );
}

/** Those that end meanwhile, and those of other users, are passed over. */
async function forEachProcess(look: (pid: number) => void): Promise<void> {
  let pids: number[];
  try {
    pids = readdirSync('/proc').map(Number).filter(Boolean);
  } catch {
    // This system has none.
    return;
  }
  for (const [at, pid] of pids.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await setImmediate();
    try {
      look(pid);
    } catch {
      // It is gone, or somebody else's.
    }
  }
}
