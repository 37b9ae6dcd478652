// `sallyport backup` and `restore`, as an operator types them: a gateway that takes changes all the while is copied, its machine is
// lost, and what was acknowledged before the copy began is served from another directory; a run that is killed leaves nothing under
// the name; and what is refused is refused on one line.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CreateApiCommand, GetApiCommand, UpdateApiCommand } from '@aws-sdk/client-apigatewayv2';
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { ApiGatewayManagementApiClient, GetConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { Clients } from '../../demo/chain.ts';
import { LAUNCHER, sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const ZONE = 'kept.example';
const BEFORE = 15;

interface Written {
  /** Ids of APIs and names of records that were acknowledged. */
  readonly apiIds: string[];
  readonly records: string[];
  version: number;
  end(): Promise<void>;
}

/** Three writers, each with one change under way at any time, until they are ended. */
function write(clients: Clients, zoneId: string, versionedId: string): Written {
  let isOver = false;
  const written = { apiIds: [] as string[], records: [] as string[], version: 0 };
  const repeat = async (change: () => Promise<void>) => {
    while (!isOver) await change();
  };
  const running = [
    repeat(async () => {
      const api = { Name: 'x', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' } as const;
      written.apiIds.push((await clients.gateway.send(new CreateApiCommand(api))).ApiId!);
    }),
    repeat(async () => {
      const Name = `r${written.records.length}.${ZONE}.`;
      await putRecord(clients, zoneId, { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] });
      written.records.push(Name);
    }),
    repeat(async () => {
      const Version = String(written.version + 1);
      await clients.gateway.send(new UpdateApiCommand({ ApiId: versionedId, Version }));
      written.version += 1;
    }),
  ];
  const end = async () => {
    isOver = true;
    await Promise.all(running);
  };
  return Object.assign(written, { end });
}

const hasEnough = ({ apiIds, records, version }: Written) => Math.min(apiIds.length, records.length, version) >= BEFORE;

async function recordNames({ route53 }: Clients, HostedZoneId: string): Promise<Set<string>> {
  const page = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId, MaxItems: 300 }));
  assert.notEqual(page.IsTruncated, true);
  return new Set(page.ResourceRecordSets!.map(({ Name }) => Name!));
}

test('a gateway that is lost comes back from the backup that was taken while it was busy', async (t) => {
  const lost = await startTestGateway(t);
  const zoneId = await makeHostedZone(lost.clients, ZONE);
  const arn = await issueCertificate(lost.clients, zoneId, `ws.${ZONE}`);
  const api = await makeApi(lost.clients, { $default: { target: mock('$context.connectionId'), isTwoWay: true } });
  const domain = await createDomain(lost.clients, `ws.${ZONE}`, arn);
  await mapDomain(lost.clients, `ws.${ZONE}`, 'chat', api);
  await putRecord(lost.clients, zoneId, aliasRecord(`ws.${ZONE}`, domain));
  const earlier = await openSocket(lost, `wss://ws.${ZONE}:${lost.tlsPort}/chat`);
  const connectionId = await ask(earlier, 'who am I?');

  const file = join(temporaryDirectory(t), 'backup.tar');
  const written = write(lost.clients, zoneId, api.apiId);
  await eventually('there is something to lose', () => (hasEnough(written) ? true : undefined));
  const before = { apiIds: [...written.apiIds], records: [...written.records], version: written.version };
  const made = await sallyport(['backup', file, '--data-dir', lost.dataDir]);
  assert.deepEqual([made.code, made.stderr], [0, '']);
  assert.match(made.stdout, /holds --data-dir \S+ as of \S+Z: revision \d+, \d+\.\d MB\n/);
  const masterKey = join(lost.dataDir, 'master.key');
  assert.ok(
    made.stdout.includes(`the master key is not in it: keep a copy of ${masterKey} apart from it`),
    made.stdout,
  );
  assert.ok(!readFileSync(file, 'latin1').includes(readFileSync(masterKey, 'latin1').trim()));
  assert.equal(await ask(earlier, 'still served?'), connectionId);
  const during = written.apiIds.length;
  await eventually('changes go on', () => (written.apiIds.length > during ? true : undefined));
  await written.end();
  await lost.stop('SIGKILL');

  const dataDir = join(temporaryDirectory(t), 'data');
  const restored = await sallyport(['restore', file, '--data-dir', dataDir]);
  assert.deepEqual([restored.code, restored.stderr], [0, '']);
  assert.match(
    restored.stdout,
    /the master key was not in it: it was \S+master\.key, and no private key opens without it\n/,
  );
  assert.match(
    restored.stdout,
    /next {2}cp YOUR-COPY \S+master\.key && chmod 600 \S+master\.key, and then sallyport serve/,
  );
  await assert.rejects(
    startTestGateway(t, ['--data-dir', dataDir]),
    /the master key \S+master\.key is not there, and the private keys .* No key was changed\./,
  );
  copyFileSync(masterKey, join(dataDir, 'master.key'));
  const found = await startTestGateway(t, ['--data-dir', dataDir]);
  for (const ApiId of before.apiIds)
    assert.equal((await found.clients.gateway.send(new GetApiCommand({ ApiId }))).ApiId, ApiId);
  const { Version } = await found.clients.gateway.send(new GetApiCommand({ ApiId: api.apiId }));
  assert.ok(Number(Version) >= before.version && Number(Version) <= written.version, `version ${Version}`);
  const names = await recordNames(found.clients, zoneId);
  for (const name of before.records) assert.ok(names.has(name), name);
  // The same authority, the same certificate: whoever trusted the lost gateway trusts this one.
  assert.equal(found.ca, lost.ca);
  const client = await openSocket(found, `wss://ws.${ZONE}:${found.tlsPort}/chat`);
  assert.notEqual(await ask(client, 'who am I now?'), connectionId);
  client.socket.close();
  // A backend that keeps the id of a socket of then is told that it is gone, and can clear it away.
  const callbacks = new ApiGatewayManagementApiClient({
    endpoint: pathForm(found, api).replace('wss:', 'https:'),
    requestHandler: { httpsAgent: new Agent({ ca: found.ca, keepAlive: false }) },
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await assert.rejects(callbacks.send(new GetConnectionCommand({ ConnectionId: connectionId })), {
    name: 'GoneException',
  });
});

test('a directory whose key is made from a passphrase comes back with the same passphrase, and a key that lies there is used', async (t) => {
  const env = { SALLYPORT_MASTER_KEY: 'passphrase-env:WORDS', WORDS: 'correct horse battery staple' };
  const first = await startTestGateway(t, [], env);
  const file = join(temporaryDirectory(t), 'backup.tar');
  const made = await sallyport(['backup', file, '--data-dir', first.dataDir], { env });
  assert.match(made.stdout, /keep a copy of --master-key passphrase-env:WORDS apart from it/);
  assert.ok(!`${made.stdout}${readFileSync(file, 'latin1')}`.includes('horse'));
  await first.stop();
  const dataDir = join(temporaryDirectory(t), 'data');
  const restored = await sallyport(['restore', file, '--data-dir', dataDir]);
  assert.match(
    restored.stdout,
    /next {2}sallyport serve .*, with the same master key as then: it was --master-key passphrase-env:WORDS\n/,
  );
  assert.equal((await startTestGateway(t, ['--data-dir', dataDir], env)).ca, first.ca);

  const own = await startTestGateway(t);
  const other = join(temporaryDirectory(t), 'other.tar');
  assert.equal((await sallyport(['backup', other, '--data-dir', own.dataDir])).code, 0);
  const prepared = temporaryDirectory(t);
  copyFileSync(join(own.dataDir, 'master.key'), join(prepared, 'master.key'));
  const again = await sallyport(['restore', other, '--data-dir', prepared]);
  assert.match(
    again.stdout,
    /next {2}sallyport serve --data-dir \S+ \(with \S+master\.key, which was there already\)\n/,
  );
  assert.equal((await startTestGateway(t, ['--data-dir', prepared])).ca, own.ca);
});

const NOTES = 40_000;
const KILLS = 4;

/** A directory whose database takes a while to copy. */
async function largeDirectory(owner: { after(end: () => unknown): void }): Promise<string> {
  const dataDir = join(temporaryDirectory(owner), 'data');
  const gateway = await startTestGateway(owner, ['--data-dir', dataDir]);
  await gateway.stop();
  const database = new DatabaseSync(join(dataDir, 'sallyport.db'));
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${NOTES})`;
  database.exec(`${numbers} INSERT INTO note SELECT 'filler', i, hex(randomblob(300)) FROM n`);
  database.close();
  return dataDir;
}

test('a backup that is killed leaves nothing under its name, and the next run is not in its way', async (t) => {
  const dataDir = await largeDirectory(t);
  const folder = temporaryDirectory(t);
  const file = join(folder, 'backup.tar');
  // Each draft of a run is seen as it comes to be: the copy of the database, and the archive.
  for (const draft of Array.from({ length: KILLS }, (_, at) =>
    at % 2 === 0 ? '.sallyport-draft.db' : '.sallyport-draft',
  )) {
    const watcher = watch(folder);
    const child = spawn(process.execPath, [LAUNCHER, 'backup', file, '--data-dir', dataDir], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    watcher.on('change', (_, name) => {
      if (name === `backup.tar${draft}`) child.kill('SIGKILL');
    });
    await exited;
    watcher.close();
    // A launcher passes what it runs no SIGKILL: its child ends when it is gone.
    assert.equal(child.signalCode, 'SIGKILL', `killed at ${draft}`);
    assert.equal(existsSync(file), false, `nothing is under the name when it is killed at ${draft}`);
  }
  const left = readdirSync(folder).length;
  assert.ok(left > 0, 'the kill came in the middle');
  const made = await sallyport(['backup', file, '--data-dir', dataDir, '--json']);
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(readdirSync(folder), ['backup.tar']);
  const told = JSON.parse(made.stdout) as { file: string; bytes: number; revision: number; masterKey: string };
  assert.equal(told.file, file);
  assert.equal(told.masterKey, join(dataDir, 'master.key'));
  const target = join(folder, 'target');
  const restored = await sallyport(['restore', file, '--data-dir', target, '--json']);
  assert.equal(restored.code, 0, restored.stderr);
  const said = JSON.parse(restored.stdout) as { dataDir: string; revision: number; hasMasterKey: boolean };
  assert.deepEqual(
    { dataDir: said.dataDir, revision: said.revision, hasMasterKey: said.hasMasterKey },
    { dataDir: target, revision: told.revision, hasMasterKey: false },
  );
});

test('what cannot be done is told on one line, with exit code 2, and changes nothing', async (t) => {
  const gateway = await startTestGateway(t);
  const folder = temporaryDirectory(t);
  const file = join(folder, 'backup.tar');
  assert.equal((await sallyport(['backup', file], { env: { SALLYPORT_DATA_DIR: gateway.dataDir } })).code, 0);
  const accounts = ['backup', file, '--force', '--data-dir', gateway.dataDir];
  const told = await sallyport(accounts, { env: { SALLYPORT_ACCOUNTS: './accounts.yaml' } });
  assert.match(told.stdout, /\n\.\/accounts\.yaml is not in it either: /);
  const whole = readFileSync(file);
  const cut = join(folder, 'cut.tar');
  writeFileSync(cut, whole.subarray(0, whole.length - 2_000));
  const rows: readonly [args: string[], line: RegExp][] = [
    [['backup', file, '--data-dir', gateway.dataDir], /backup\.tar is there already\. .*--force/],
    [['backup', join(folder, 'b.tar'), '--data-dir', folder], /holds no sallyport\.db/],
    [['backup', join(folder, 'no', 'b.tar'), '--data-dir', gateway.dataDir], /cannot be written: ENOENT/],
    [['restore', file, '--data-dir', gateway.dataDir], /is in use by another sallyport\. Stop it/],
    [['restore', file, '--data-dir', folder], /is not empty: it holds \w+\.tar\. .*choose another/],
    [['restore', cut, '--data-dir', join(folder, 'target')], /cut\.tar is damaged: .* Nothing was restored/],
    [['restore', join(folder, 'none.tar'), '--data-dir', join(folder, 'target')], /none\.tar cannot be read: ENOENT/],
    [['restore', LAUNCHER, '--data-dir', join(folder, 'target')], /sallyport\.cjs is not a backup that sallyport made/],
  ];
  for (const [args, line] of rows) {
    const { code, stdout, stderr } = await sallyport(args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, line);
    assert.match(stderr, /^sallyport: [^\n]+\n$/, args.join(' '));
  }
  assert.deepEqual(readFileSync(file), whole);
  assert.deepEqual(readdirSync(folder).toSorted(), ['backup.tar', 'cut.tar']);
  assert.equal((await sallyport(['backup', file, '--force', '--data-dir', gateway.dataDir])).code, 0);
});
