// `sallyport doctor` as somebody types it: on a machine where nothing runs yet, beside a gateway that is well, beside one that is broken
// in one way after the other, and with a key that may not be told everything.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { sallyport, type RunOptions } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { coverReadOnly, mountProblem, mountSmallDisk } from '../harness/small-disk.ts';
import { makeApi, mock } from '../harness/sockets.ts';

interface Told {
  readonly code: number;
  readonly findings: readonly Finding[];
  /** What a check found, joined. */
  of(check: string): string;
}

async function doctor(args: readonly string[], options: RunOptions = {}): Promise<Told> {
  const { code, stdout, stderr } = await sallyport(['doctor', '--json', ...args], options);
  assert.equal(stderr, '');
  const { isWell, findings } = JSON.parse(stdout) as { isWell: boolean; findings: Finding[] };
  assert.equal(code, isWell ? 0 : 1);
  assert.equal(isWell, !findings.some(({ state }) => state === 'problem'));
  for (const { state, next, found } of findings) assert.equal(next !== undefined, state !== 'well', found);
  const of = (check: string) =>
    findings
      .filter((finding) => finding.check === check)
      .map(({ state, found }) => `${state}: ${found}`)
      .join('\n');
  return { code, findings, of };
}

const beside = ({ endpoint, dataDir }: TestGateway) => ['--endpoint', endpoint, '--data-dir', dataDir];
const resolver = ({ dnsServer }: TestGateway): RunOptions => ({ env: { SALLYPORT_RESOLVER: dnsServer } });

test('before the first start', async (t) => {
  const cwd = temporaryDirectory(t);
  const env = { SALLYPORT_CONTROL: '127.0.0.1:0', SALLYPORT_TLS: '127.0.0.1:0', SALLYPORT_DNS: '127.0.0.1:0' };
  const { code, of } = await doctor([], { cwd, env });
  assert.equal(code, 0);
  assert.match(of('gateway'), /^well: none has run here yet/);
  assert.match(of('data'), /can be made$/);
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  await once(socket, 'listening');
  const taken = await doctor([], { cwd, env: { ...env, SALLYPORT_DNS: `127.0.0.1:${socket.address().port}` } });
  assert.equal(taken.code, 1);
  assert.match(taken.of('ports'), /problem: --dns \S+ over UDP is taken by /);
});

const isKept = existsSync('/run/systemd/timesync/synchronized');
test(
  'a clock that nobody keeps',
  { skip: isKept && 'not shown: systemd-timesyncd keeps the clock of this machine' },
  async (t) => {
    const cwd = temporaryDirectory(t);
    writeFileSync(join(cwd, 'timedatectl'), '#!/bin/sh\necho no\n', { mode: 0o755 });
    const env = { SALLYPORT_CONTROL: '127.0.0.1:0', SALLYPORT_TLS: '127.0.0.1:0', SALLYPORT_DNS: 'off' };
    const { of } = await doctor([], { cwd, env: { ...env, PATH: `${cwd}:${process.env['PATH']}` } });
    assert.match(of('time'), /^note: the clock of this machine is not kept by NTP$/);
  },
);

test('somebody else answers at the control port', async (t) => {
  const other = createServer((_, response) => void response.end('<html>')).listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const cwd = temporaryDirectory(t);
  const told = await doctor(['--endpoint', `http://127.0.0.1:${(other.address() as AddressInfo).port}`], { cwd });
  assert.match(told.of('gateway'), /^problem: http:\S+ answers, and is no sallyport of this version$/m);
  assert.match(told.of('disk'), /^well/, 'the rest is looked at all the same');
});

test('settings that cannot be read are an error of the command: 2', async (t) => {
  const cwd = temporaryDirectory(t);
  writeFileSync(join(cwd, 'sallyport.yaml'), 'no-such-setting: 7\n');
  const { code, stdout, stderr } = await sallyport(['doctor'], { cwd });
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^sallyport: sallyport\.yaml: there is no setting 'no-such-setting'/);
});

test('beside a gateway that is well, then broken in one way after the other', async (t) => {
  const gateway = await startTestGateway(t, ['--clock', 'movable']);
  const { clients } = gateway;
  const zone = await makeHostedZone(clients, 'doctor.localhost');
  const api = await makeApi(clients, { $default: { target: mock('ok') } });
  const authority = await foreignAuthority(t);
  const arn = await importCertificate(
    clients,
    await authority.leaf(['ws.doctor.localhost', 'bare.doctor.localhost'], { days: 90 }),
  );
  const made = await createDomain(clients, 'ws.doctor.localhost', arn);
  await putRecord(clients, zone, aliasRecord('ws.doctor.localhost', made));
  await mapDomain(clients, 'ws.doctor.localhost', '', api);

  const well = await doctor(beside(gateway), resolver(gateway));
  // A certificate of nobody's authority is not trusted, and that is told as what a client would see; all else is well.
  const others = well.findings.filter(({ state, check }) => state === 'problem' && check !== 'tls');
  assert.deepEqual(others, []);
  assert.match(well.of('tls'), /^problem: the certificate that is shown for ws\.doctor\.localhost is not trusted: /);
  assert.match(well.of('certificates'), /^well: 1 certificate, the next ends in \d+ days \(ws\.doctor\.localhost/);
  assert.match(well.of('domains'), /^well: 1 domain name: /);
  assert.match(well.of('zones'), /^well: 1 hosted zone/);
  assert.match(well.of('dns'), /^well: --dns \S+ answers over UDP and TCP$/);
  assert.match(well.of('resolver'), /^note: --resolver \S+ answers, and refuses what is not its own/);
  assert.match(well.of('parts'), /^well: all \d+ parts/);
  assert.match(well.of('schema'), /^well/);
  assert.match(well.of('master key'), /^well/);
  assert.match(well.of('trust'), /^note: this machine does not trust Sallyport local CA \w+$/);

  const lines = await sallyport(['doctor', ...beside(gateway)], resolver(gateway));
  assert.match(lines.stdout, /^✓ gateway {7}http\S+ answers, version /m);
  assert.match(lines.stdout, /^✗ tls {11}the certificate .*\n {16}→ sallyport explain --endpoint \S+ wss:/m);
  assert.match(lines.stdout, /\n\n1 problem, \d+ notes?, \d+ well\n$/);

  await t.test(
    'without --endpoint it is found by its data directory; Node that is given the root trusts it',
    async () => {
      const root = join(temporaryDirectory(t), 'root.pem');
      writeFileSync(root, gateway.ca);
      const told = await doctor(['--data-dir', gateway.dataDir], { env: { NODE_EXTRA_CA_CERTS: root } });
      assert.ok(told.of('gateway').startsWith(`well: ${gateway.endpoint} answers`), told.of('gateway'));
      assert.match(
        told.of('trust'),
        /^well: Node on this machine trusts Sallyport local CA \w+ \(NODE_EXTRA_CA_CERTS\)$/,
      );
    },
  );

  await t.test('a domain name has no mapping', async () => {
    await createDomain(clients, 'bare.doctor.localhost', arn);
    const told = await doctor(beside(gateway), resolver(gateway));
    assert.match(told.of('domains'), /^problem: bare\.doctor\.localhost: /);
  });

  await t.test('a certificate that nobody renews has ended', async () => {
    await gateway.advance('120d');
    const told = await doctor(beside(gateway), resolver(gateway));
    assert.match(told.of('certificates'), /problem: ws\.doctor\.localhost: .*(ended|expired)/i);
    assert.match(told.of('tls'), /problem: the certificate that is shown for ws\.doctor\.localhost ended on /);
    assert.doesNotMatch(told.of('tls'), /default endpoints/, 'theirs was made anew');
    assert.match(told.of('domains'), /problem: ws\.doctor\.localhost: /);
  });

  await t.test('it is killed: nobody answers', async () => {
    await gateway.stop('SIGKILL');
    const told = await doctor(beside(gateway), resolver(gateway));
    assert.match(told.of('gateway'), /^note: nobody answers at /);
    assert.match(told.of('resolver'), /^problem: --resolver \S+ does not answer: E/);
  });
});

test('a key is told of its own account alone, and who has none is told how to get one', async (t) => {
  const file = join(temporaryDirectory(t), 'accounts.yaml');
  writeFileSync(
    file,
    `accounts:
  - { id: "111122223333", operator: true, keys: [{ id: AKIDOPERATOR, secret: secret-of-the-operator }] }
  - { id: "444455556666", keys: [{ id: AKIDSOMEBODY, secret: secret-of-somebody }] }
`,
    { mode: 0o600 },
  );
  const gateway = await startTestGateway(t, ['--accounts', file]);
  const as = (AWS_ACCESS_KEY_ID: string, AWS_SECRET_ACCESS_KEY: string): RunOptions => ({
    env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, SALLYPORT_ACCOUNTS: file },
  });
  const operator = await doctor(beside(gateway), as('AKIDOPERATOR', 'secret-of-the-operator'));
  assert.equal(operator.code, 0, JSON.stringify(operator.findings));
  assert.match(operator.of('accounts'), /^well: \S+: 2 accounts, 2 keys$/);
  const somebody = await doctor(beside(gateway), as('AKIDSOMEBODY', 'secret-of-somebody'));
  assert.match(somebody.of('gateway'), /note: told less than an operator is: .*444455556666/);
  const nobody = await doctor(beside(gateway), as('AKIDSOMEBODY', 'not-the-secret'));
  for (const check of ['certificates', 'domains', 'zones']) assert.match(nobody.of(check), /^note: not told: /);
  assert.ok(!JSON.stringify(nobody.findings).includes('not-the-secret'));

  writeFileSync(file, 'accounts: [', { mode: 0o600 });
  const broken = await doctor(beside(gateway), as('AKIDOPERATOR', 'secret-of-the-operator'));
  assert.match(broken.of('accounts'), /^problem: --accounts /);
});

const skip = mountProblem('a data directory that is full or read-only takes root to mount');
test(
  'a disk that is full, the certificate that could not be made anew, and a mount that is read-only',
  { skip },
  async (t) => {
    const dataDir = mountSmallDisk(t, 8);
    const fresh = ['--limit', 'readyKeptMs=1'];
    const gateway = await startTestGateway(t, ['--data-dir', dataDir, '--clock', 'movable', ...fresh]);
    const full = await doctor(beside(gateway));
    assert.match(full.of('disk'), /^problem: 0\.00\d GiB \(\d+ %\) free at /);
    assert.match(full.of('parts'), /^problem: disk is degraded: [\d.]+ MiB are free/);
    const file = openSync(join(dataDir, 'ballast'), 'w');
    assert.throws(() => {
      for (const block = Buffer.alloc(4_096); ;) writeSync(file, block);
    }, /ENOSPC/);
    closeSync(file);
    await gateway.advance('400d');
    const ended = await doctor(beside(gateway));
    assert.match(ended.of('tls'), /^problem: the certificate that is shown for the default endpoints ended on /);
    assert.match(ended.of('parts'), /problem: certificate is degraded: that of the default endpoints ended at /);
    const uncover = coverReadOnly(dataDir);
    t.after(uncover);
    const readOnly = await doctor(beside(gateway));
    assert.match(readOnly.of('data'), /^problem: --data-dir \S+ is read-only/);
    uncover();
  },
);
