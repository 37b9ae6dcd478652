// Ports that are free, taken and refused; a DNS server that answers over one transport alone; and a gateway that is away, another
// version, off by its clock or in trouble.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { adjustLimits } from '../../settings/limits.ts';
import { readSettings, type FlagValues } from '../../settings/read-settings.ts';
import { readVersion } from '../../settings/version.ts';
import { certificatesCheck } from './check-certificates.ts';
import { dnsListenerCheck, resolverCheck, zonesCheck } from './check-dns.ts';
import { clockCheck, gatewayCheck } from './check-gateway.ts';
import { descriptorsCheck, memoryCheck, nodeCheck } from './check-machine.ts';
import { collectorCheck, portsCheck } from './check-ports.ts';
import type { Check } from './finding.ts';
import type { GatewayStatus, AskedGateway } from './asked-gateway.ts';

const OFF = { control: '127.0.0.1:0', tls: '127.0.0.1:0', dns: 'off' };
const STATUS: GatewayStatus = {
  version: readVersion(),
  node: process.version,
  addresses: { pid: process.pid },
  parts: [],
  openConnections: 0,
  memoryBytes: 1,
};
const GATEWAY: AskedGateway = {
  version: readVersion(),
  parts: [{ part: 'store', state: 'ok' }],
  aheadMs: 0,
  status: STATUS,
  untold: undefined,
};

async function look(check: Check, flags: FlagValues, gateway?: Partial<AskedGateway>) {
  const settings = await readSettings({ ...OFF, ...flags }, {});
  const whole = gateway && { ...GATEWAY, ...gateway };
  const found = await check.look({ settings, options: { endpoint: 'http://127.0.0.1:1' }, gateway: whole });
  return found.map(({ state, found: words, next }) => ({ state, words, next: next ?? '' }));
}

async function takeTcp(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const listening = (flag: string, port: number): Partial<AskedGateway> => ({
  status: { ...STATUS, addresses: { ...STATUS.addresses, [flag]: [`127.0.0.1:${port}`] } },
});

test('a port that another program has is told with that program', async (t) => {
  const port = await takeTcp(t);
  const found = await look(portsCheck, { tls: `127.0.0.1:${port}` });
  const taken = found.find(({ state }) => state === 'problem')!;
  assert.match(taken.words, new RegExp(`^--tls 127\\.0\\.0\\.1:${port} is taken by `));
  if (process.platform === 'linux') assert.ok(taken.words.endsWith(`(process ${process.pid})`), taken.words);
  assert.equal(found.filter(({ state }) => state === 'well').length, 1);
});

test('a UDP port that another program has is no port for DNS', async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  await once(socket, 'listening');
  const { port } = socket.address();
  const found = await look(portsCheck, { dns: `127.0.0.1:${port}` });
  const taken = found.find(({ state }) => state === 'problem')!;
  assert.match(taken.words, /^--dns 127\.0\.0\.1:\d+ over UDP is taken by /);
});

test('an address that this machine does not have is a problem', async () => {
  const found = await look(portsCheck, { tls: '192.0.2.1:0', 'dev-credentials': true });
  assert.match(found.find(({ state }) => state === 'problem')!.words, /this machine has no such address$/);
});

test('a listener of a gateway that runs is connected to', async (t) => {
  const [open, closed] = [await takeTcp(t), await freePort()];
  assert.equal((await look(portsCheck, {}, listening('tls', open)))[0]!.state, 'well');
  const [refused] = await look(portsCheck, {}, listening('tls', closed));
  assert.match(refused!.words, /ECONNREFUSED/);
  assert.equal(refused!.state, 'problem');
});

test('a collector of traces must answer, where there is one', async (t) => {
  assert.deepEqual(await look(collectorCheck, {}), []);
  const open = await look(collectorCheck, { 'otlp-endpoint': `http://127.0.0.1:${await takeTcp(t)}` });
  assert.equal(open[0]!.state, 'well');
  const closed = await look(collectorCheck, { 'otlp-endpoint': `http://127.0.0.1:${await freePort()}/secret` });
  assert.equal(closed[0]!.state, 'problem');
  assert.match(closed[0]!.words, /^the collector http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

/** Answers over UDP that a name is not there. */
async function answerUdp(t: TestContext): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  socket.on('message', (message, from) => {
    const answer = Buffer.from(message);
    answer.writeUInt16BE(0x8583, 2);
    socket.send(answer, from.port, from.address);
  });
  await once(socket, 'listening');
  return socket.address().port;
}

test('a DNS server that answers over UDP alone does not do, nor one that is dead', async (t) => {
  const port = await answerUdp(t);
  const [half] = await look(dnsListenerCheck, {}, listening('dns', port));
  assert.equal(half!.state, 'problem');
  assert.match(half!.words, /does not answer over TCP \(ECONNREFUSED\)$/);
  const [dead] = await look(dnsListenerCheck, {}, listening('dns', await freePort()));
  assert.match(dead!.words, /does not answer over UDP \(\w+\) and TCP \(ECONNREFUSED\)$/);
});

test('a resolver that was named must answer; that a name is not there is an answer', async (t) => {
  const good = await look(resolverCheck, { resolver: [`127.0.0.1:${await answerUdp(t)}`] });
  assert.deepEqual([good[0]!.state, good.length], ['well', 1]);
  const dead = await look(resolverCheck, { resolver: [`127.0.0.1:${await freePort()}`] });
  assert.equal(dead[0]!.state, 'problem');
  assert.match(dead[0]!.words, /^--resolver 127\.0\.0\.1:\d+ does not answer: E\w+$/);
});

test('a gateway that is well, another version, or in trouble', async () => {
  const states = async (gateway: Partial<AskedGateway>) =>
    (await look(gatewayCheck, {}, gateway)).map(({ state, words }) => [state, words] as const);
  assert.ok((await states({})).every(([state]) => state === 'well'));
  assert.match((await states({ version: '9.9.9' }))[0]!.join(' '), /^note .* answers with version 9\.9\.9/);
  const untold = await states({ status: undefined, untold: 'account 1 is none' });
  assert.match(untold[1]!.join(' '), /^note told less than an operator is: account 1 is none/);
  const parts = [{ part: 'disk', state: 'degraded', why: 'is full', next: 'empty it' }];
  assert.deepEqual((await states({ parts })).at(-1), ['problem', 'disk is degraded: is full']);
});

test('a gateway that holds its directory and does not answer is a problem; one that ended is a note', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const lock = new DatabaseSync(join(path, 'lock.db'));
  lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  const [held] = await look(gatewayCheck, { 'data-dir': path });
  assert.equal(held!.state, 'problem');
  assert.match(held!.words, /^nobody answers at \S+, and a gateway holds /);
  lock.close();
  assert.equal((await look(gatewayCheck, { 'data-dir': path }))[0]!.state, 'note');
});

test('a clock that is off is a note, and one that signatures are refused by a problem', async () => {
  const stateOf = async (aheadMs: number) => (await look(clockCheck, {}, { aheadMs }))[0]!.state;
  assert.deepEqual(
    [await stateOf(900), await stateOf(-60_000), await stateOf(400_000), await stateOf(-400_000)],
    ['well', 'note', 'problem', 'problem'],
  );
});

test('too little memory, too few files, another Node', async (t) => {
  assert.equal((await look(memoryCheck, {}))[0]!.state, 'well');
  const status = { ...STATUS, node: 'v24.15.0' };
  assert.equal((await look(nodeCheck, {}, { status }))[0]!.state, 'note');
  assert.equal((await look(nodeCheck, {}, {}))[0]!.state, 'well');
  assert.equal(adjustLimits({ memoryAvailableBytesMin: 2 ** 52, descriptorsMin: 2 ** 52 }), undefined);
  t.after(() => adjustLimits({ memoryAvailableBytesMin: 134_217_728, descriptorsMin: 1_024 }));
  assert.equal((await look(memoryCheck, {}))[0]!.state, 'problem');
  if (process.platform === 'linux') {
    const [own] = await look(descriptorsCheck, {}, {});
    assert.match(own!.words, /^the gateway may open \w+ files, of which \d+ are open/);
    assert.equal(own!.state, 'problem');
  }
});

/** A control port that lists what it is told to, on two pages. */
async function listingServer(t: TestContext, member: string, items: readonly unknown[]): Promise<string> {
  const server = createHttpServer((request, response) => {
    const isSecond = String(request.url).includes('after=');
    const page = { [member]: isSecond ? items.slice(1) : items.slice(0, 1), ...(isSecond ? {} : { after: 'x' }) };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(page));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('of zones and certificates all pages are read, and each that needs a hand is told with what the gateway says', async (t) => {
  const patient = async (member: string, items: readonly unknown[]) => ({
    settings: await readSettings(OFF, {}),
    options: { endpoint: await listingServer(t, member, items) },
    gateway: GATEWAY,
  });
  const good = { name: 'a.example', id: 'Z1', isWell: true };
  const bad = { name: 'b.example', id: 'Z2', isWell: false, cause: 'nobody asks it', next: 'delegate it' };
  assert.equal((await zonesCheck.look(await patient('zones', [good, good])))[0]!.state, 'well');
  assert.deepEqual(await zonesCheck.look(await patient('zones', [good, bad])), [
    { check: 'zones', state: 'problem', found: 'b.example: nobody asks it', next: 'delegate it' },
  ]);
  const certificate = { names: ['a.example'], isWell: true, notAfter: '2027-01-01T00:00:00.000Z', daysLeft: 7 };
  const failing = { names: ['b.example'], isWell: false, cause: 'renewal fails', next: 'look' };
  const [told] = await certificatesCheck.look(await patient('certificates', [certificate, certificate]));
  assert.equal(told!.found, '2 certificates, the next ends in 7 days (a.example, 2027-01-01)');
  const [needy] = await certificatesCheck.look(await patient('certificates', [certificate, failing]));
  assert.deepEqual([needy!.state, needy!.found], ['problem', 'b.example: renewal fails']);
});
