// One process of a function: started in a process group of its own with a clean environment, watched for memory, and ended whole. Beside
// it in the group waits a shell on a pipe that this gateway holds: when the gateway is gone, however it ended, the pipe closes and the
// group is killed.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { limit } from '../settings/limits.ts';
import { countGroup, endStragglers } from './process-census.ts';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** All that it finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** A variable of its environment with a value that no other process has: it tells what it has started from everything else. */
  readonly marker: string;
  /** Two sockets for a runtime of ours: its 4 and 5. */
  readonly hasChannels: boolean;
  /** Gets stdout and stderr, and has to read them. */
  readonly onOutput: (stream: Readable) => void;
}

/** How it ended, in Lambda's words: `exit status 1`, `signal: killed`; undefined for 0. */
export interface ProcessEnd {
  readonly status: string | undefined;
  /** Megabytes at which it was ended. */
  readonly exceededMb?: number;
  /** The number of processes at which it was ended. */
  readonly exceededProcesses?: number;
  /** Of the processes that it left behind, those that had gone into a group of their own, and were ended by themselves. */
  readonly stragglers: number;
}

export interface FunctionProcess {
  /** When it is gone, and what it has printed is read. */
  readonly ended: Promise<ProcessEnd>;
  /** Our ends of its sockets, where it has some: for invocations, and for names. */
  readonly channels: readonly [invocations: Duplex, names: Duplex] | undefined;
  /** The most memory of its own that it has held, in megabytes, as far as it was looked at; 0 where the system does not say. */
  usedMbMost(): number;
  /** Kills it with everything that it started. */
  kill(): void;
}

/** Resolves when all is read that processes have printed by now: the loop has looked at every pipe once more. */
export async function outputRead(): Promise<void> {
  // The first turn may be one that has looked already.
  await setImmediate();
  await setImmediate();
}

/** Go's names of signals, which Lambda uses. */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGINT: 'interrupt',
  SIGBUS: 'bus error',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
};

/** The pipe is 3. Nothing of it reaches the program. */
const WRAPPER = '(read -r _ <&3; kill -9 0) >/dev/null 2>&1 4<&- 5<&- & exec "$@" 3<&-';

export function startProcess(options: ProcessOptions): FunctionProcess {
  const { command, args, directory: cwd, environment: env } = options;
  const child = spawn('/bin/sh', ['-c', WRAPPER, 'sh', command, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(options.hasChannels ? (['pipe', 'pipe'] as const) : [])],
  });
  let exceededMb: number | undefined;
  let exceededProcesses: number | undefined;
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      // Gone already; macOS calls that EPERM.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  };
  options.onOutput(child.stdout!);
  options.onOutput(child.stderr!);
  const [, , , pipe, ...sockets] = child.stdio as unknown as Duplex[];
  // A group that is gone does not read.
  pipe!.on('error', () => {});
  const memory = openMemory(child.pid);
  const watch = setInterval(() => {
    const usedMb = memory.usedMb();
    if (usedMb <= options.memoryMb || exceededMb !== undefined) return;
    exceededMb = Math.round(usedMb);
    kill();
  }, limit('functionMemoryWatchMs')).unref();
  const uncount = countGroup(child.pid, (count) => {
    exceededProcesses ??= count;
    kill();
  });
  const ended = new Promise<ProcessEnd>((resolve) => {
    const end = (status: string | undefined) => {
      clearInterval(watch);
      uncount();
      memory.close();
      // What it has left behind goes with it.
      kill();
      pipe!.destroy();
      void Promise.all([endStragglers(child.pid, options.marker), outputRead()]).then(([stragglers]) =>
        resolve({
          status,
          stragglers,
          ...(exceededMb !== undefined && { exceededMb }),
          ...(exceededProcesses !== undefined && { exceededProcesses }),
        }),
      );
    };
    child.once('exit', (code, signal) => {
      if (signal !== null) return end(`signal: ${SIGNAL_WORDS[signal] ?? signal}`);
      // A shell that could not start the program says so on stderr.
      end(code === 0 ? undefined : `exit status ${code}`);
    });
    child.once('error', (error) => end(error.message));
  });
  const channels = options.hasChannels ? (sockets as [Duplex, Duplex]) : undefined;
  return { ended, channels, usedMbMost: memory.usedMbMost, kill };
}

const KB_PER_MB = 1_024;
const STATUS_BYTES_MAX = 4_096;
const status = Buffer.alloc(STATUS_BYTES_MAX);

interface ProcessMemory {
  /** Memory of its own, in megabytes, that the process holds, as the system counts it; 0 where it does not say. */
  usedMb(): number;
  usedMbMost(): number;
  close(): void;
}

/** The file stays open, and is memory of the system's: looking at it is one call that waits for nothing. */
function openMemory(pid: number | undefined): ProcessMemory {
  let file: number | undefined;
  let most = 0;
  try {
    file = openSync(`/proc/${pid}/status`, 'r');
  } catch {
    // It could not be started, or this system has no /proc: then the runtime's own bound is all.
  }
  const usedMb = () => {
    if (file === undefined) return 0;
    try {
      const text = status.toString('latin1', 0, readSync(file, status, 0, STATUS_BYTES_MAX, 0));
      const used = Number(/^RssAnon:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / KB_PER_MB;
      most = Math.max(most, used);
      return used;
    } catch {
      // It has ended.
      return 0;
    }
  };
  return {
    usedMb,
    usedMbMost() {
      usedMb();
      return most;
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
