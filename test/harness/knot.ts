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

/** Serves the zone, at first with its name servers alone: `ns1.other.net`. */
export async function startKnot(owner: Owner, zone: string): Promise<Knot> {
  const directory = temporaryDirectory(owner);
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  for (const folder of ['run', 'db']) mkdirSync(join(directory, folder));
  let serial = 0;
  const write = (records: readonly string[]) => {
    serial += 1;
    const soa = `@ SOA ns1.other.net. hostmaster.other.net. ${serial} 3600 600 86400 60`;
    const lines = [`$ORIGIN ${zone}.`, '$TTL 60', soa, '@ NS ns1.other.net.', ...records];
    writeFileSync(join(directory, 'zone'), `${lines.join('\n')}\n`);
  };
  write([]);
  const configuration = [
    'server:',
    `    rundir: "${join(directory, 'run')}"`,
    `    listen: 127.0.0.1@${port}`,
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
    address: `127.0.0.1:${port}`,
    async serve(records) {
      write(records);
      const loaded = next(seen, `serial ${serial}`);
      child.kill('SIGHUP');
      await Promise.race([loaded, failed]);
    },
  };
}
