// Somebody's resolver: Debian's unbound, which keeps what it was told for as long as it may.

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { next } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { freeAddress } from './knot.ts';
import { PEERS } from './peers.ts';

const START_TRIES = 3;

export interface Unbound {
  /** `127.0.0.1:port` */
  readonly address: string;
}

/** The names of servers are looked up at port 53 and nowhere else, so a test of resolving needs addresses that have it to give. */
export async function whyNoPort53(address: string): Promise<string | false> {
  try {
    await freeAddress(address, 53);
    return false;
  } catch (error) {
    return `not shown: port 53 of ${address} cannot be listened on (${(error as Error).message}); run as root`;
  }
}

/**
 * A resolver that is sent to the servers of the named zones and knows nothing of anything else. `servers`: where each zone is asked for, as
 * `127.0.0.1:port`; `isForgetful`: it keeps nothing.
 */
export function startUnbound(
  owner: Owner,
  servers: Readonly<Record<string, string>>,
  isForgetful = false,
): Promise<Unbound> {
  const stubs = Object.entries(servers).flatMap(([zone, server]) => [
    'stub-zone:',
    `  name: "${zone}"`,
    `  stub-addr: ${server.replace(':', '@')}`,
    `  stub-no-cache: ${isForgetful ? 'yes' : 'no'}`,
  ]);
  return start(owner, ['  local-zone: "test." nodefault', ...stubs]);
}

/** A resolver from an empty cache and a root of the test's own, as strict as it can be told to be. */
export function startUnboundFrom(owner: Owner, rootServer: string, settings: readonly string[] = []): Promise<Unbound> {
  const hints = join(temporaryDirectory(owner), 'root.hints');
  writeFileSync(hints, `. 3600 NS root.example.\nroot.example. 3600 A ${rootServer}\n`);
  return start(owner, [
    `  root-hints: "${hints}"`,
    '  qname-minimisation: yes',
    '  harden-glue: yes',
    '  harden-below-nxdomain: yes',
    '  harden-referral-path: yes',
    '  harden-short-bufsize: yes',
    '  harden-large-queries: yes',
    '  use-caps-for-id: yes',
    ...settings.map((line) => `  ${line}`),
  ]);
}

/** `lines` go on with the section `server`. Somebody else may take a free port before it does: then it is given another. */
async function start(owner: Owner, lines: readonly string[], tries = START_TRIES): Promise<Unbound> {
  try {
    return await startOnce(owner, lines);
  } catch (error) {
    if (tries === 1 || !/Address already in use/.test((error as Error).message)) throw error;
    return start(owner, lines, tries - 1);
  }
}

async function startOnce(owner: Owner, lines: readonly string[]): Promise<Unbound> {
  const directory = temporaryDirectory(owner);
  const address = await freeAddress();
  const configuration = [
    'server:',
    `  interface: ${address.replace(':', '@')}`,
    `  directory: "${directory}"`,
    '  username: ""',
    '  chroot: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  verbosity: 1',
    '  do-daemonize: no',
    '  do-ip6: no',
    '  do-not-query-localhost: no',
    '  num-threads: 1',
    // Nothing here is signed.
    '  module-config: "iterator"',
    ...lines,
    'remote-control:',
    '  control-enable: no',
  ];
  writeFileSync(join(directory, 'unbound.conf'), `${configuration.join('\n')}\n`);
  const child = spawn(PEERS.unbound.path, ['-d', '-c', join(directory, 'unbound.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  owner.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const said: string[] = [];
  const seen = new EventEmitter();
  createInterface({ input: child.stderr! }).on('line', (line) => {
    said.push(line);
    if (line.includes('start of service')) seen.emit('started');
  });
  const failed = exited.then(() => {
    throw new Error(`unbound ended:\n${said.join('\n')}`);
  });
  failed.catch(() => {});
  await Promise.race([next(seen, 'started'), failed]);
  return { address };
}
