// Somebody else's DNS: Debian's knot as the authoritative server of a zone, for names that are kept elsewhere than with us.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { next } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { PEERS } from './peers.ts';

export interface Knot {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Replaces every record of the zone but its SOA; resolves when they are served. */
  serve(records: readonly string[]): Promise<void>;
}

/** An address of this machine at which nothing listens. Rejects where such a port may not be bound. */
export async function freeAddress(host = '127.0.0.1', wanted = 0): Promise<string> {
  const probe = createSocket('udp4').bind(wanted, host);
  await once(probe, 'listening');
  const { address, port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return `${address}:${port}`;
}

export interface KnotOptions {
  readonly nameServers?: readonly string[];
  readonly address?: string;
}

/** Serves the zone, at first with its name servers alone: `ns1.other.net`, unless others are named. */
export async function startKnot(owner: Owner, zone: string, options: KnotOptions = {}): Promise<Knot> {
  const { nameServers = ['ns1.other.net.'] } = options;
  const address = options.address ?? (await freeAddress());
  const directory = temporaryDirectory(owner);
  for (const folder of ['run', 'db']) mkdirSync(join(directory, folder));
  let serial = 0;
  const write = (records: readonly string[]) => {
    serial += 1;
    const soa = `@ SOA ns1.other.net. hostmaster.other.net. ${serial} 3600 600 86400 60`;
    const lines = [`$ORIGIN ${zone}.`, '$TTL 60', soa, ...nameServers.map((name) => `@ NS ${name}`), ...records];
    writeFileSync(join(directory, 'zone'), `${lines.join('\n')}\n`);
  };
  write([]);
  const configuration = [
    'server:',
    `    rundir: "${join(directory, 'run')}"`,
    `    listen: ${address.replace(':', '@')}`,
    'log:',
    '  - target: stderr',
    '    any: info',
    'database:',
    `    storage: "${join(directory, 'db')}"`,
    'zone:',
    `  - domain: ${zone}`,
    `    storage: "${directory}"`,
    '    file: zone',
  ];
  writeFileSync(join(directory, 'knot.conf'), `${configuration.join('\n')}\n`);
  const child = spawn(PEERS.knot.path, ['-c', join(directory, 'knot.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  owner.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines: string[] = [];
  const seen = new EventEmitter();
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line);
    if (line.includes('server started')) seen.emit('started');
    const loaded = /loaded, serial .*?(\d+),/.exec(line);
    if (loaded) seen.emit(`serial ${loaded[1]}`);
  });
  const failed = exited.then(() => {
    throw new Error(`knot ended:\n${lines.join('\n')}`);
  });
  failed.catch(() => {});
  await Promise.race([next(seen, 'started'), failed]);
  return {
    address,
    async serve(records) {
      write(records);
      const loaded = next(seen, `serial ${serial}`);
      child.kill('SIGHUP');
      await Promise.race([loaded, failed]);
    },
  };
}
