// Attackers are processes of their own: what they cost is not the neighbour's, and there can be several. An attack goes on until it is
// told to stop, says once that it stands, and tells what it came to at its end.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Owner } from '../harness/gateway.ts';

export type Counts = Readonly<Record<string, number>>;

export interface Attack {
  /** Resolves when the attack has come to what it is about, with what it came to until then. */
  readonly standing: Promise<Counts>;
  /** Resolves when it has come to an end by itself. */
  readonly ended: Promise<Counts>;
  /** Ends it; resolves to what it came to in all. */
  stop(): Promise<Counts>;
}

/** What an attack is given beside its settings. */
export interface Orders {
  readonly isStopped: () => boolean;
  readonly stopped: Promise<void>;
  stand(counts: Counts): void;
}

type Report = { readonly standing: Counts } | { readonly ended: Counts } | { readonly problem: string };

const PROGRAMS = { network: './network-attacks.ts', sockets: './socket-attacks.ts', control: './control-attacks.ts' };

/** Starts an attack by name, in a process that ends with `owner`. */
export function startAttack(owner: Owner, program: keyof typeof PROGRAMS, name: string, settings: unknown): Attack {
  const path = fileURLToPath(new URL(PROGRAMS[program], import.meta.url));
  const child = fork(path, [name, JSON.stringify(settings)], { execArgv: [] });
  owner.after(() => child.kill('SIGKILL'));
  const standing = report(child, name, (told) => ('standing' in told ? told.standing : undefined));
  const ended = report(child, name, (told) => ('ended' in told ? told.ended : undefined));
  // Whoever waits for one of them is told; the other must not end the test for it.
  standing.catch(() => {});
  ended.catch(() => {});
  return {
    standing,
    ended,
    async stop() {
      if (child.connected) child.send('stop');
      const counts = await ended;
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return counts;
    },
  };
}

function report(child: ChildProcess, name: string, take: (told: Report) => Counts | undefined): Promise<Counts> {
  return new Promise((resolve, reject) => {
    child.on('message', (told: Report) => {
      if ('problem' in told) return reject(new Error(`the attack '${name}': ${told.problem}`));
      const counts = take(told);
      if (counts) resolve(counts);
    });
    // Not 'exit': its last words may still be on their way then.
    child.once('close', (code, signal) => reject(new Error(`the attack '${name}' ended with ${code ?? signal}`)));
  });
}

/** The other side: what a program of attacks calls. */
export async function runAttacks(
  attacks: Readonly<Record<string, (settings: never, orders: Orders) => Promise<Counts>>>,
): Promise<void> {
  const [name = '', settings = '{}'] = process.argv.slice(2);
  const tell = (told: Report) => new Promise<void>((resolve) => process.send!(told, () => resolve()));
  let isStopped = false;
  const stopped = new Promise<void>((resolve) => {
    process.once('message', () => {
      isStopped = true;
      resolve();
    });
  });
  process.on('disconnect', () => process.exit());
  try {
    const orders: Orders = { isStopped: () => isStopped, stopped, stand: (standing) => void tell({ standing }) };
    const ended = await attacks[name]!(JSON.parse(settings) as never, orders);
    await tell({ ended });
  } catch (error) {
    await tell({ problem: (error as Error).stack ?? String(error) });
  }
  process.exit();
}
