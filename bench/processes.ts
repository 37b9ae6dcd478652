// Processes of a bench: how much processor time and memory one has taken, and programs of ours that are started, asked and ended.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The kernel counts processor time in hundredths of a second, whatever its own clock. */
export const TICK_SECONDS = 0.01;

/** User and system time of all threads of a process so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; user and system time are the 14th and 15th fields of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** The same of a process with all that it started, and of those of them that have ended. */
export function processTreeSeconds(root: number): number {
  const statOf = (pid: string) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      // Its parent; user and system time of its own, and of children that it has waited for.
      return { parent: fields[1]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! };
    } catch {
      // It has ended meanwhile.
      return undefined;
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = new Map(pids.map((pid) => [Number(pid), statOf(pid)] as const));
  const isOfTree = (pid: number): boolean => pid === root || (pid > 1 && isOfTree(found.get(pid)?.parent ?? 0));
  const ticks = [...found].filter(([pid]) => isOfTree(pid)).map(([, stat]) => stat?.ticks ?? 0);
  return ticks.reduce((sum, one) => sum + one, 0) * TICK_SECONDS;
}

/** Resident memory of a process. */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1_024;
}

/** A program of the bench in a process of its own: a base, a backend or a load. */
export interface Program<Ready, Question, Answer> {
  readonly pid: number;
  readonly ready: Ready;
  ask(question: Question): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts `file` (below bench/) with these settings; resolves when it says that it is ready. */
export async function startProgram<Ready, Question = never, Answer = never>(
  file: string,
  settings: unknown,
): Promise<Program<Ready, Question, Answer>> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(settings)], { execArgv: [] });
  const ready = await nextMessage<Ready>(child, file).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    pid: child.pid!,
    ready,
    async ask(question) {
      child.send(question as object);
      return nextMessage<Answer>(child, file);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

type Report = { readonly value: unknown } | { readonly problem: string };

function nextMessage<T>(child: ChildProcess, file: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`${file} ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (report: Report) => {
      child.off('exit', onExit);
      if ('problem' in report) reject(new Error(`${file}: ${report.problem}`));
      else resolve(report.value as T);
    });
  });
}

/** The other side of `startProgram`: what a program calls. `answer` is asked one question after another. */
export async function runProgram<Settings, Question = never>(
  start: (settings: Settings) => Promise<{ ready: unknown; answer?(question: Question): Promise<unknown> }>,
): Promise<void> {
  const report = (value: Report) => process.send!(value);
  const fail = (error: unknown) =>
    report({ problem: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.on('disconnect', () => process.exit());
  try {
    const { ready, answer } = await start(JSON.parse(process.argv[2]!) as Settings);
    process.on('message', (question) => {
      answer?.(question as Question).then((value) => report({ value: value ?? null }), fail);
    });
    report({ value: ready });
  } catch (error) {
    fail(error);
  }
}
