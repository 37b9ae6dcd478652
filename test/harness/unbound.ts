// A recursive resolver as clients have one: Debian's unbound, which keeps what it was told for as long as it may. It is sent to the servers
// of the named zones; of anything else it knows nothing.

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { next } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { freeAddress } from './knot.ts';
import { PEERS } from './peers.ts';

export interface Unbound {
  /** `127.0.0.1:port` */
  readonly address: string;
}

/** `servers`: where each zone is asked for, as `127.0.0.1:port`; `isForgetful`: it keeps nothing. */
export async function startUnbound(
  owner: Owner,
  servers: Readonly<Record<string, string>>,
  isForgetful = false,
): Promise<Unbound> {
  const directory = temporaryDirectory(owner);
  const address = await freeAddress();
  const zones = Object.entries(servers);
  const configuration = [
    'server:',
    `    interface: ${address.replace(':', '@')}`,
    '    username: ""',
    '    chroot: ""',
    '    pidfile: ""',
    `    directory: "${directory}"`,
    '    use-syslog: no',
    '    verbosity: 1',
    '    do-daemonize: no',
    '    do-ip6: no',
    '    do-not-query-localhost: no',
    '    module-config: "iterator"',
    '    local-zone: "test." nodefault',
    ...zones.flatMap(([zone, server]) => [
      'stub-zone:',
      `    name: "${zone}"`,
      `    stub-addr: ${server.replace(':', '@')}`,
      `    stub-no-cache: ${isForgetful ? 'yes' : 'no'}`,
    ]),
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
  const lines: string[] = [];
  const seen = new EventEmitter();
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line);
    if (line.includes('start of service')) seen.emit('started');
  });
  const failed = exited.then(() => {
    throw new Error(`unbound ended:\n${lines.join('\n')}`);
  });
  failed.catch(() => {});
  await Promise.race([next(seen, 'started'), failed]);
  return { address };
}
