// One process of a function: started in a process group of its own with a clean environment, watched for memory, and ended whole. Beside
// it in the group waits a shell on a pipe that this gateway holds: when the gateway is gone, however it ended, the pipe closes and the
// group is killed.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { limit } from '../settings/limits.ts';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** All that it finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** Gets stdout and stderr, and has to read them. */
  readonly onOutput: (stream: Readable) => void;
}

/** How it ended, in Lambda's words: `exit status 1`, `signal: killed`; undefined for 0. */
export interface ProcessEnd {
  readonly status: string | undefined;
  /** Megabytes at which it was ended. */
  readonly exceededMb?: number;
}

export interface FunctionProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Kills it with everything that it started. */
  kill(): void;
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
const WRAPPER = '(read -r _ <&3; kill -9 0) >/dev/null 2>&1 & exec "$@" 3<&-';

export function startProcess(options: ProcessOptions): FunctionProcess {
  const { command, args, directory: cwd, environment: env } = options;
  const child = spawn('/bin/sh', ['-c', WRAPPER, 'sh', command, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let exceededMb: number | undefined;
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
  const pipe = child.stdio[3]!;
  // A group that is gone does not read.
  pipe.on('error', () => {});
  const watch = setInterval(() => {
    void memoryMbOf(child.pid).then((usedMb) => {
      if (usedMb <= options.memoryMb || exceededMb !== undefined) return;
      exceededMb = Math.round(usedMb);
      kill();
    });
  }, limit('functionMemoryWatchMs')).unref();
  const ended = new Promise<ProcessEnd>((resolve) => {
    const end = (status: string | undefined) => {
      clearInterval(watch);
      // What it has left behind goes with it.
      kill();
      pipe.destroy();
      resolve({ status, ...(exceededMb !== undefined && { exceededMb }) });
    };
    child.once('exit', (code, signal) => {
      if (signal !== null) return end(`signal: ${SIGNAL_WORDS[signal] ?? signal}`);
      // A shell that could not start the program says so on stderr.
      end(code === 0 ? undefined : `exit status ${code}`);
    });
    child.once('error', (error) => end(error.message));
  });
  return { ended, kill };
}

const KB_PER_MB = 1_024;

/** Memory of its own, in megabytes, that a process holds, as the system counts it; 0 where it does not say. */
async function memoryMbOf(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / KB_PER_MB;
  } catch {
    // It has ended, or this system has no /proc: then the runtime's own bound is all.
    return 0;
  }
}
