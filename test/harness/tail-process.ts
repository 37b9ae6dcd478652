// `sallyport tail` as a user runs it: its lines as they come, what it says beside them, and how it ends.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';
import type { Owner } from './gateway.ts';
import { LAUNCHER } from './command-line.ts';

export interface TailProcess {
  readonly child: ChildProcess;
  /** Of stdout so far. */
  readonly lines: readonly string[];
  /** Of stderr so far. */
  readonly notes: readonly string[];
  /** The first line so far, or to come, that fits. */
  line(what: RegExp): Promise<string>;
  /** The same, of an event that was asked for with --json. */
  event(what: string, fits: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  note(what: RegExp): Promise<string>;
  /** Resolves to the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

/** Resolves when it watches. */
export async function startTail(
  owner: Owner,
  endpoint: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<TailProcess> {
  const child = spawn(process.execPath, [LAUNCHER, 'tail', '--endpoint', endpoint, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  owner.after(() => child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [lines, notes]: [string[], string[]] = [[], []];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => notes.push(line));
  const first = (list: readonly string[], what: RegExp) =>
    eventually(`a line fits ${what} among:\n${list.join('\n')}`, () => list.find((line) => what.test(line)));
  const tail: TailProcess = {
    child,
    lines,
    notes,
    ended,
    line: (what) => first(lines, what),
    note: (what) => first(notes, what),
    event: (what, fits) =>
      eventually(`there is ${what}`, () =>
        lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((event) => fits(event)),
      ),
    end(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
  };
  await tail.note(/watching/);
  return tail;
}
