// Somebody else's DNS: Debian's knot as the authoritative server of a zone, for names that are kept elsewhere than with us.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { next } from './eventually.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';
import { PEERS } from './peers.ts';

const START_TRIES = 3;

export interface Knot {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Replaces every record of the zone but its SOA; resolves when they are served. */
  serve(records: readonly string[]): Promise<void>;
}

/** Below the ports that the system gives to clients, of which others take many at any time. */
const [PORT_MIN, PORT_MAX] = [10_000, 32_000];
const PORT_TRIES = 50;

/** An address of this machine at which nothing listens, over UDP or TCP. Rejects where such a port may not be bound. */
export async function freeAddress(host = '127.0.0.1', wanted?: number): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const port = wanted ?? randomInt(PORT_MIN, PORT_MAX);
    try {
      await probe(host, port);
      return `${host}:${port}`;
    } catch (error) {
      if (wanted !== undefined || tries === PORT_TRIES) throw error;
    }
  }
}

async function probe(host: string, port: number): Promise<void> {
  const udp = createSocket('udp4').bind(port, host);
  await once(udp, 'listening');
  await new Promise<void>((resolve) => udp.close(() => resolve()));
  const tcp = createServer().listen(port, host);
  await once(tcp, 'listening');
  await new Promise<void>((resolve) => tcp.close(() => resolve()));
}

export interface KnotOptions {
  readonly nameServers?: readonly string[];
  readonly address?: string;
}

/** Serves the zone, at first with its name servers alone: `ns1.other.net`, unless others are named. */
export async function startKnot(owner: Owner, zone: string, options: KnotOptions = {}): Promise<Knot> {
  const { nameServers = ['ns1.other.net.'] } = options;
  let serial = 0;
  const text = (records: readonly string[]) => {
    serial += 1;
    const soa = `@ SOA ns1.other.net. hostmaster.other.net. ${serial} 3600 600 86400 60`;
    return [`$ORIGIN ${zone}.`, '$TTL 60', soa, ...nameServers.map((name) => `@ NS ${name}`), ...records].join('\n');
  };
  const knot = await startZones(owner, { [zone]: text([]) }, options.address);
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
  address?: string,
): Promise<ServedZones> {
  return startZones(owner, zones, address);
}

interface Zones extends ServedZones {
  fileOf(zone: string): string;
  /** Resolves when a zone is served from its file again, with this serial. */
  reload(serial: number): Promise<void>;
}

/** Somebody else may take a free port before it does: then it is given another. */
async function startZones(
  owner: Owner,
  zones: Readonly<Record<string, string>>,
  wanted?: string,
  tries = START_TRIES,
): Promise<Zones> {
  try {
    return await startZonesAt(owner, zones, wanted ?? (await freeAddress()));
  } catch (error) {
    if (tries === 1 || wanted !== undefined || !/cannot bind/.test((error as Error).message)) throw error;
    return startZones(owner, zones, wanted, tries - 1);
  }
}

async function startZonesAt(owner: Owner, zones: Readonly<Record<string, string>>, address: string): Promise<Zones> {
  const directory = temporaryDirectory(owner);
  for (const folder of ['run', 'db']) mkdirSync(join(directory, folder));
  const fileOf = (zone: string) => join(directory, `zone-${Object.keys(zones).indexOf(zone)}`);
  for (const [zone, text] of Object.entries(zones)) writeFileSync(fileOf(zone), `${text}\n`);
  const configuration = [
    'server:',
    `    rundir: "${join(directory, 'run')}"`,
    `    listen: ${address.replace(':', '@')}`,
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
  return { address, fileOf, ...(await startProcess(owner, join(directory, 'knot.conf'))) };
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
