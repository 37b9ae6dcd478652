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
  let serial = 0;
  const text = (records: readonly string[]) => {
    serial += 1;
    const soa = `@ SOA ns1.other.net. hostmaster.other.net. ${serial} 3600 600 86400 60`;
    return [`$ORIGIN ${zone}.`, '$TTL 60', soa, '@ NS ns1.other.net.', ...records].join('\n');
  };
  const knot = await startZones(owner, { [zone]: text([]) });
  return {
    address: knot.address,
    async serve(records) {
      writeFileSync(knot.fileOf(zone), `${text(records)}\n`);
      await knot.reload(serial);
    },
  };
}

export interface ServedZones {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly pid: number;
}

/** Serves zones from the text of their files, by name without a dot at the end. */
export function serveZones(
  owner: Owner,
  zones: Readonly<Record<string, string>>,
  port?: number,
  host = '127.0.0.1',
): Promise<ServedZones> {
  return startZones(owner, zones, port, host);
}

interface Zones extends ServedZones {
  fileOf(zone: string): string;
  /** Resolves when a zone is served from its file again, with this serial. */
  reload(serial: number): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

async function startZones(
  owner: Owner,
  zones: Readonly<Record<string, string>>,
  port?: number,
  host = '127.0.0.1',
): Promise<Zones> {
  const directory = temporaryDirectory(owner);
  for (const folder of ['run', 'db']) mkdirSync(join(directory, folder));
  const fileOf = (zone: string) => join(directory, `zone-${Object.keys(zones).indexOf(zone)}`);
  for (const [zone, text] of Object.entries(zones)) writeFileSync(fileOf(zone), `${text}\n`);
  const bound = port ?? (await freePort());
  const configuration = [
    'server:',
    `    rundir: "${join(directory, 'run')}"`,
    `    listen: ${host}@${bound}`,
    // One thread is enough, and leaves the others their processor.
    '    udp-workers: 1',
    '    tcp-workers: 1',
    '    background-workers: 1',
    'log:',
    '  - target: stderr',
    '    any: info',
    'database:',
    `    storage: "${join(directory, 'db')}"`,
    'zone:',
    ...Object.keys(zones).flatMap((zone) => [
      `  - domain: "${zone}"`,
      `    storage: "${directory}"`,
      `    file: "${fileOf(zone)}"`,
    ]),
  ];
  writeFileSync(join(directory, 'knot.conf'), `${configuration.join('\n')}\n`);
  return { address: `${host}:${bound}`, fileOf, ...(await startProcess(owner, join(directory, 'knot.conf'))) };
}

/** Resolves once it serves. */
async function startProcess(owner: Owner, configuration: string): Promise<Pick<Zones, 'pid' | 'reload'>> {
  const child = spawn(PEERS.knot.path, ['-c', configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
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
    pid: child.pid!,
    async reload(serial) {
      const loaded = next(seen, `serial ${serial}`);
      child.kill('SIGHUP');
      await Promise.race([loaded, failed]);
    },
  };
}
