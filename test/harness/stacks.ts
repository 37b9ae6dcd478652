// A directory with a template and the code of its functions, as a developer has it, and the real `sallyport up` in it.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createLookup, fetchCa } from '../../demo/client-side.ts';
import { createClients } from '../../demo/chain.ts';
import { EPHEMERAL, type Ready } from '../../demo/gateway-process.ts';
import { LAUNCHER, sallyport } from './command-line.ts';
import { eventually } from './eventually.ts';
import { endWith, REGION, temporaryDirectory, type Owner, type ReachableGateway } from './gateway.ts';
import type { PeerResult } from './peers.ts';

const EXECUTABLE = 0o755;

export interface Project {
  readonly directory: string;
  write(path: string, text: string): void;
  /** Runs a command of the CLI in the directory, to its end. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<PeerResult>;
}

/** JSON is YAML. */
export function makeStackProject(
  owner: Owner,
  template: object | string,
  files: Readonly<Record<string, string>> = {},
): Project {
  const directory = temporaryDirectory(owner);
  const write = (path: string, text: string) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, EXECUTABLE);
  };
  write('template.yaml', typeof template === 'string' ? template : JSON.stringify(template, null, 2));
  for (const [path, text] of Object.entries(files)) write(path, text);
  return { directory, write, run: (args, env = {}) => sallyport(args, { cwd: directory, env }) };
}

export interface RunningUp extends ReachableGateway {
  readonly child: ChildProcess;
  readonly ready: Ready;
  /** Of stdout, so far. */
  readonly told: readonly string[];
  /** Resolves to the first line of stdout from here on that fits. */
  line(pattern: RegExp): Promise<string>;
  /** The same of stderr. */
  problem(pattern: RegExp): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** `sallyport up`, which starts a gateway and goes on. Resolves once it serves. */
export async function startUp(owner: Owner, { directory }: Project, args: readonly string[]): Promise<RunningUp> {
  const dataDir = join(directory, 'sallyport-data');
  const child = spawn(process.execPath, [LAUNCHER, 'up', ...EPHEMERAL, ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const told: string[] = [];
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => told.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return exited;
  };
  const readyLine = await eventually('up serves', () => lines.find((line) => line.startsWith('{"ready":true')));
  const ready = JSON.parse(readyLine) as Ready;
  const endpoint = `http://${ready.control[0]}`;
  const dnsServer = ready.dns[0]!;
  const tlsPort = Number(ready.tls[0]!.split(':').at(-1));
  endWith(owner, { child, ready, lines, endpoint, dnsServer, tlsPort, stop }, { dataDir, args, env: {} });
  return {
    child,
    ready,
    told,
    endpoint,
    dnsServer,
    tlsPort,
    stop,
    clients: createClients(endpoint, REGION),
    ca: await fetchCa(endpoint),
    lookup: createLookup(dnsServer),
    line: (pattern) => saidBy(told, pattern),
    problem: (pattern) => saidBy(lines, pattern),
  };
}

function saidBy(lines: readonly string[], pattern: RegExp): Promise<string> {
  const from = lines.length;
  return eventually(`up says ${pattern}`, () => lines.slice(from).find((line) => pattern.test(line)));
}

/** The revision of everything that the gateway keeps: no operation has changed a thing where it is the same. */
export async function revisionOf({ endpoint }: { readonly endpoint: string }): Promise<number> {
  const { revision } = (await (await fetch(`${endpoint}/_sallyport/ready`)).json()) as { revision: number };
  return revision;
}

/** The first URL of a WebSocket that a command printed. */
export function printedUrl(told: readonly string[]): string {
  const url = /wss:\/\/\S+/.exec(told.join('\n'))?.[0];
  if (url === undefined) throw new Error(`no URL was printed:\n${told.join('\n')}`);
  return url;
}
