// Answers of the authoritative server over UDP against Debian's knot, with one name and with many; what records cost in memory; and
// how soon a change of one among many is answered.

import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClients, type Clients } from '../demo/chain.ts';
import { EPHEMERAL, startGatewayProcess } from '../demo/gateway-process.ts';
import { serveZones } from '../test/harness/knot.ts';
import { comparePerCpuSecond, median, type Claim, type Compared, type Row, type Settings, type Side } from './claim.ts';
import { addRecords, addressAt, recordNameAt, zoneFiles, zoneIdAt } from './many-records.ts';
import { residentBytes, startProgram } from './processes.ts';
import { withStarted } from './sides.ts';
import { REGION, wait } from './subject.ts';

const LATE_MS = 10_000;
const KIB = 1_024;

interface Measured {
  readonly names: number;
  readonly perCpuSecond: Compared;
  readonly gatewayBytes: number;
  readonly knotBytes: number;
  readonly changesMs: readonly number[];
}

export const claim: Claim = {
  title: 'DNS answers over UDP, against knot with the same zones',
  async measure(settings) {
    const few = await measureNames(1, settings);
    const many = await measureNames(settings.domainNames.at(-1)!, settings);
    return [...[few, many].map(answersRow), memoryRow(few, many), changeRow(many)];
  },
};

function measureNames(names: number, settings: Settings): Promise<Measured> {
  return withStarted(async (started) => {
    const owner = { after: (end: () => unknown) => void started({ stop: async () => void (await end()) }) };
    const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    owner.after(() => rmSync(dataDir, { recursive: true, force: true }));
    await addRecords(dataDir, names);
    const gateway = await startGatewayProcess(['--data-dir', dataDir, ...EPHEMERAL], { env: settings.gatewayEnv });
    owner.after(() => gateway.stop());
    const knot = await serveZones(owner, zoneFiles(names));
    await wait(settings.settleMs);
    const [gatewayBytes, knotBytes] = [residentBytes(gateway.ready.pid), residentBytes(knot.pid)];
    const side = async (pid: number, server: string): Promise<Side> => {
      const program = started(await startProgram<true, number, number>('./load/dns.ts', { server, names }));
      return { pid, prepare: async () => {}, load: (ms) => program.ask(ms) };
    };
    const perCpuSecond = await comparePerCpuSecond(
      await side(gateway.ready.pid, gateway.dnsServer),
      await side(knot.pid, knot.address),
      settings,
    );
    const clients = createClients(gateway.endpoint, REGION);
    const changesMs: number[] = [];
    for (let number = 0; number < settings.changes; number += 1) {
      changesMs.push(await changeUntilAnswered(clients, gateway.dnsServer, Math.floor(Math.random() * names), number));
    }
    return { names, perCpuSecond, gatewayBytes, knotBytes, changesMs };
  });
}

/** From the sending of a change to the first answer that shows it. */
async function changeUntilAnswered(
  { route53 }: Clients,
  dnsServer: string,
  at: number,
  number: number,
): Promise<number> {
  const address = addressAt(0x80_0000 + number);
  const ResourceRecordSet = {
    Name: recordNameAt(at),
    Type: 'A' as const,
    TTL: 300,
    ResourceRecords: [{ Value: address }],
  };
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: zoneIdAt(at),
    ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] },
  });
  const [host, port] = dnsServer.split(':') as [string, string];
  const socket = createSocket('udp4');
  const sentAt = performance.now();
  await route53.send(command);
  const wanted = Buffer.from(address.split('.').map(Number));
  for (;;) {
    socket.send(questionFor(recordNameAt(at)), Number(port), host);
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(LATE_MS) })) as [Buffer];
    if (answer.includes(wanted)) break;
  }
  socket.close();
  return performance.now() - sentAt;
}

function questionFor(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const header = Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

function answersRow({ names, perCpuSecond: { gateway, base, ratios } }: Measured): Row {
  const text = (value: number) => `${Math.round(value).toLocaleString('en')}/s`;
  const what = `DNS answers over UDP per CPU-second, ${names.toLocaleString('en')} ${names === 1 ? 'name' : 'names'}`;
  return { what, gateway: text(gateway), base: text(base), ratios };
}

function memoryRow(few: Measured, many: Measured): Row {
  const each = (bytes: number) => bytes / (many.names - few.names);
  const [ours, theirs] = [each(many.gatewayBytes - few.gatewayBytes), each(many.knotBytes - few.knotBytes)];
  const text = (bytes: number) => `${(bytes / KIB).toFixed(2)} KiB`;
  const what = `memory of a record, of ${many.names.toLocaleString('en')}`;
  return { what, gateway: text(ours), base: text(theirs), ratios: [ours / theirs] };
}

function changeRow({ names, changesMs }: Measured): Row {
  const sorted = changesMs.toSorted((a, b) => a - b);
  const p99 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))]!;
  const what = `a change of a record among ${names.toLocaleString('en')} to its answer, median and p99`;
  return { what, gateway: `${median(sorted).toFixed(1)} ms, ${p99.toFixed(1)} ms`, base: '', ratios: [] };
}
