// Somebody's resolver: Debian's unbound, from an empty cache and a root of the test's own, as strict as it can be told to be.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { next } from './eventually.ts';
import type { Owner } from './gateway.ts';
import { PEERS } from './peers.ts';

/** The names of servers are looked up at port 53 and nowhere else, so a test of resolving needs addresses that have it to give. */
export async function whyNoPort53(address: string): Promise<string | false> {
  const probe = createSocket('udp4').bind(53, address);
  try {
    await once(probe, 'listening');
    return false;
  } catch (error) {
    return `not shown: port 53 of ${address} cannot be listened on (${(error as Error).message}); run as root`;
  } finally {
    probe.close();
  }
}

/** Starts a resolver whose only root server has this address. Resolves to its own, `127.0.0.1:port`. */
export async function startUnbound(
  owner: Owner,
  rootServer: string,
  settings: readonly string[] = [],
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-unbound-'));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  writeFileSync(join(directory, 'root.hints'), `. 3600 NS root.example.\nroot.example. 3600 A ${rootServer}\n`);
  const configuration = [
    'server:',
    `  directory: "${directory}"`,
    '  username: ""',
    '  chroot: ""',
    '  pidfile: ""',
    '  do-daemonize: no',
    '  use-syslog: no',
    '  verbosity: 1',
    `  interface: 127.0.0.1@${port}`,
    '  do-ip6: no',
    '  do-not-query-localhost: no',
    '  num-threads: 1',
    '  root-hints: "root.hints"',
    // Nothing here is signed.
    '  module-config: "iterator"',
    '  qname-minimisation: yes',
    '  harden-glue: yes',
    '  harden-below-nxdomain: yes',
    '  harden-referral-path: yes',
    '  harden-short-bufsize: yes',
    '  harden-large-queries: yes',
    '  use-caps-for-id: yes',
    ...settings.map((line) => `  ${line}`),
    'remote-control:',
    '  control-enable: no',
  ];
  writeFileSync(join(directory, 'unbound.conf'), `${configuration.join('\n')}\n`);
  const child = spawn(PEERS.unbound.path, ['-c', join(directory, 'unbound.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  owner.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines: string[] = [];
  const seen = new EventEmitter();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (line.includes('start of service')) seen.emit('started');
  });
  const failed = exited.then(() => {
    throw new Error(`unbound ended:\n${lines.join('\n')}`);
  });
  failed.catch(() => {});
  await Promise.race([next(seen, 'started'), failed]);
  return `127.0.0.1:${port}`;
}
