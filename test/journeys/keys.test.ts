// Keys at rest, on the real process: a copy of the database gives no private key, keys rotate while clients connect, a kill at any
// moment of it loses nothing, and the operator alone may ask for it.

import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { createClients } from '../../demo/chain.ts';
import { fetchCa } from '../../demo/client-side.ts';
import { EPHEMERAL, startGatewayProcess, type GatewayProcess } from '../../demo/gateway-process.ts';
import { realClock } from '../../src/ambient/clock.ts';
import { openKeyRing, type KeyRing } from '../../src/certificates/key-ring.ts';
import { createLog } from '../../src/observe/log.ts';
import type { CertificateSource, Store } from '../../src/store/contract.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { readMasterKey } from '../../src/store/embedded/master-key.ts';
import { foreignAuthority, type ForeignLeaf } from '../harness/certificates.ts';
import { sallyport } from '../harness/command-line.ts';
import { createDomain, importCertificate, mapDomain, requestCertificate } from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { endWith, REGION, startTestGateway, temporaryDirectory, type Owner } from '../harness/gateway.ts';
import { mustNotBeLogged } from '../harness/log-secrets.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const OWNER = { account: '000000000000', region: REGION } as const;
const authority = await foreignAuthority({ after });

/** Rounds and moments of the kills; a seed that failed is given again. */
const KILLS = 12;
const SEED = Number(process.env['SALLYPORT_KILL_SEED'] ?? Date.now() % 1_000_000);
const KEY_PAIRS = 400;

interface Page {
  readonly masterKey: { readonly name: string; readonly isReplacedByRotation: boolean };
  readonly keys: readonly { readonly id: string; readonly purpose: string; readonly keyPairs?: number }[];
  readonly rotation?: { readonly isRunning: boolean; readonly left: number; readonly problem?: string };
}

async function keysOf(endpoint: string): Promise<Page> {
  const { stdout, stderr } = await sallyport(['keys', '--json', '--endpoint', endpoint]);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Page;
}

async function startOn(owner: Owner, dataDir: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const gateway = await startGatewayProcess(['--data-dir', dataDir, ...EPHEMERAL, ...args], { env });
  endWith(owner, gateway, { dataDir, args, env });
  return { ...gateway, clients: createClients(gateway.endpoint, REGION) };
}

/** The certificate that a new client is shown for a name, by a handshake without resumption. */
async function shownFor(gateway: GatewayProcess, servername: string): Promise<PeerCertificate> {
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port: gateway.tlsPort,
    servername,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const shown = socket.getPeerCertificate();
  socket.destroy();
  return shown;
}

const isShown = (shown: PeerCertificate, leaf: ForeignLeaf) =>
  shown.serialNumber?.toLowerCase() === leaf.serial.replaceAll(':', '').toLowerCase();

/** How a private key may stand in a file: each part long enough not to be there by chance. */
function spellingsOf(keyPem: string): Buffer[] {
  const key = createPrivateKey(keyPem);
  const scalar = Buffer.from(key.export({ format: 'jwk' })['d'] as string, 'base64url');
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const body = keyPem.split('\n').filter((line) => line.length > 40 && !line.startsWith('-----'));
  return [scalar, der, ...body.map((line) => Buffer.from(line)), Buffer.from(scalar.toString('hex'))];
}

/** What lies in a data directory that no gateway holds. */
async function openDirectory<T>(
  dataDir: string,
  work: (parts: { ring: KeyRing; store: Store; source: CertificateSource }) => Promise<T>,
): Promise<T> {
  const directory = openDataDirectory(dataDir);
  const log = createLog('error', false);
  const store = await openEmbeddedStore(directory.databasePath, log);
  const certificateSource = directory.openCertificateSource();
  try {
    const master = readMasterKey(undefined, { dataDir, environment: {}, flag: 'master-key' });
    const { vault } = store;
    const ring = await openKeyRing({ vault, certificateSource, master, previous: undefined, dataDir, realClock, log });
    return await work({ ring, store, source: certificateSource });
  } finally {
    certificateSource.close();
    await store.close();
    directory.release();
  }
}

const textOf = (at: number) => `the private key ${at}`;
const referenceOf = (at: number) => `many-${String(at).padStart(4, '0')}`;

/** Adds many key pairs, which the API would take long for; resolves to the secret that must never change. */
function addKeyPairs(dataDir: string): Promise<string> {
  return openDirectory(dataDir, async ({ ring, store }) => {
    await store.transact(async (tx) => {
      for (let at = 0; at < KEY_PAIRS; at += 1) {
        const reference = referenceOf(at);
        tx.putKeyPair({ ...OWNER, reference, chainPem: `chain ${at}`, sealedKey: ring.seal(textOf(at), reference) });
      }
    });
    return Buffer.from(ring.tokenKey).toString('base64');
  });
}

function assertAllThere(dataDir: string, tokenKey: string): Promise<void> {
  return openDirectory(dataDir, async ({ ring, source }) => {
    for (let at = 0; at < KEY_PAIRS; at += 1) {
      const row = source.read(referenceOf(at));
      assert.ok(row, `${referenceOf(at)} is there`);
      assert.equal(ring.open(row.sealedKey, referenceOf(at)), textOf(at));
    }
    assert.equal(Buffer.from(ring.tokenKey).toString('base64'), tokenKey, 'the secrets stay');
  });
}

describe('a copy of the database without its key', () => {
  test('holds no private key, not even in its log, and serves nobody', async (t) => {
    const gateway = await startTestGateway(t);
    const leaves = await Promise.all(['a', 'b', 'c'].map((label) => authority.leaf([`${label}.copied.test`])));
    for (const leaf of leaves) await importCertificate(gateway.clients, leaf);
    const thief = join(temporaryDirectory(t), 'data');
    mkdirSync(thief);
    const names = readdirSync(gateway.dataDir).filter((name) => name.startsWith('sallyport.db'));
    assert.ok(names.includes('sallyport.db-wal'), 'the log is copied, too');
    for (const name of names) copyFileSync(join(gateway.dataDir, name), join(thief, name));
    const content = Buffer.concat(names.map((name) => readFileSync(join(thief, name))));
    for (const leaf of leaves) {
      assert.ok(content.includes('c.copied.test'), 'the copy is one');
      assert.ok(content.includes(leaf.certificatePem.split('\n')[1]!), 'and has the certificates');
      for (const part of spellingsOf(leaf.keyPem))
        assert.equal(content.includes(part), false, 'a private key lies bare');
    }
    assert.equal(content.includes('PRIVATE KEY'), false);

    const refused = (args: string[]) =>
      sallyport(['serve', '--data-dir', thief, ...EPHEMERAL, ...args], {
        env: { OTHER: Buffer.alloc(32, 1).toString('base64') },
      });
    const without = await refused([]);
    assert.equal(without.code, 2);
    assert.match(
      without.stderr,
      /^sallyport: the master key \S+master\.key is not there, and the private keys in --data-dir .*\n$/,
    );
    assert.equal(existsSync(join(thief, 'master.key')), false);
    const other = await refused(['--master-key', 'env:OTHER']);
    assert.equal(other.code, 2);
    assert.match(
      other.stderr,
      /^sallyport: the master key --master-key env:OTHER does not open the private keys in --data-dir \S+\. No key was changed\. Give the one .*\n$/,
    );
    copyFileSync(join(gateway.dataDir, 'master.key'), join(thief, 'master.key'));
    const restored = await startOn(t, thief);
    assert.equal(await fetchCa(restored.endpoint), gateway.ca, 'with its key it is the same gateway');
  });
});

describe('sallyport keys', () => {
  test('lists every key with what lies under it, and rotates them, in words and as JSON', async (t) => {
    const gateway = await startTestGateway(t);
    await importCertificate(gateway.clients, await authority.leaf(['keys.test']));
    const command = (...args: string[]) => sallyport(['keys', ...args, '--endpoint', gateway.endpoint]);
    const file = join(gateway.dataDir, 'master.key');
    const before = readFileSync(file, 'utf8').trim();
    mustNotBeLogged(before);
    const day = /20\d\d-\d\d-\d\d/.source;
    const listed = (number: number) =>
      new RegExp(
        `^master key  ${file} \\(sallyport keys rotate replaces it\\)\naccess-keys +access keys +${day}\napprovals +approvals +${day}\nconnection-ids +connection ids +${day}\n` +
          `private-keys-${number} +private keys +${day}  3 key pairs\ntokens +tokens +${day}\n$`,
      );
    assert.match((await command()).stdout, listed(1));
    const rotated = await command('rotate');
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.match(rotated.stdout, /done: 3 private keys are sealed under a new data key, and the old one is gone\n/);
    assert.match(rotated.stdout, new RegExp(`\n${file} is a new one, too: back it up, `));
    assert.match((await command()).stdout, listed(2));
    assert.notEqual(readFileSync(file, 'utf8').trim(), before);
    const { code, stdout } = await command('rotate', '--json');
    assert.equal(code, 0);
    const page = JSON.parse(stdout) as Page;
    assert.deepEqual(
      page.keys.map(({ id, keyPairs }) => [id, keyPairs]),
      [
        ['access-keys', undefined],
        ['approvals', undefined],
        ['connection-ids', undefined],
        ['private-keys-3', 3],
        ['tokens', undefined],
      ],
    );
    assert.deepEqual([page.rotation?.isRunning, page.rotation?.left], [false, 0]);
    const logged = JSON.stringify(gateway.logged());
    assert.match(logged, /private keys are sealed under the new data key; the old one is gone/);
    assert.match(
      (await sallyport(['keys', '--help'])).stdout,
      /Examples:\n {2}sallyport keys\n {2}sallyport keys --json\n/,
    );
  });

  test('is for accounts that the accounts file calls operator', async (t) => {
    const accounts = join(temporaryDirectory(t), 'accounts.yaml');
    const account = (id: string, operator: boolean) => ({
      id,
      operator,
      keys: [{ id: `AKIA${id}`, secret: `secret of ${id}` }],
    });
    writeFileSync(
      accounts,
      JSON.stringify({ accounts: [account('111111111111', true), account('222222222222', false)] }),
      { mode: 0o600 },
    );
    const gateway = await startTestGateway(t, ['--accounts', accounts]);
    const as = (id: string, ...args: string[]) =>
      sallyport(['keys', ...args, '--endpoint', gateway.endpoint], {
        env: { AWS_ACCESS_KEY_ID: `AKIA${id}`, AWS_SECRET_ACCESS_KEY: `secret of ${id}` },
      });
    for (const args of [[], ['rotate']]) {
      const refused = await as('222222222222', ...args);
      assert.deepEqual([refused.code, refused.stdout], [2, '']);
      assert.match(
        refused.stderr,
        /^sallyport: \S+ answered 403: This is for the operator of the server, and account 222222222222 is none\. /,
      );
    }
    const listed = await as('111111111111', '--json');
    assert.deepEqual(
      (JSON.parse(listed.stdout) as Page).keys.map(({ id }) => id),
      ['access-keys', 'approvals', 'connection-ids', 'private-keys-1', 'tokens'],
    );
    assert.equal((await as('111111111111', 'rotate')).code, 0);
    for (const [path, method] of [
      ['keys', 'GET'],
      ['keys/rotate', 'POST'],
    ] as const) {
      const unsigned = await fetch(`${gateway.endpoint}/_sallyport/${path}`, { method });
      assert.equal(unsigned.status, 403, 'and for nobody who does not sign');
    }
  });
});

describe('a rotation', () => {
  test('is noticed by no client: sockets stay, and every handshake shows its own certificate', async (t) => {
    const dataDir = join(temporaryDirectory(t), 'data');
    await addKeyPairs(dataDir);
    const gateway = await startTestGateway(t, ['--data-dir', dataDir]);
    const { clients } = gateway;
    const names = Array.from({ length: 24 }, (_, at) => `n${at}.rotated.test`);
    const leaves = await Promise.all(names.map((name) => authority.leaf([name])));
    const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });
    for (const [at, name] of names.entries())
      await createDomain(clients, name, await importCertificate(clients, leaves[at]!));
    await mapDomain(clients, names[0]!, 'chat', api);
    const url = `wss://localhost:${gateway.tlsPort}/chat`;
    const options = { servername: names[0]!, headers: { Host: names[0]! }, rejectUnauthorized: false };
    const client = await openSocket(gateway, url, options);

    const rotating = sallyport(['keys', 'rotate', '--endpoint', gateway.endpoint]);
    let isDone = false;
    void rotating.finally(() => (isDone = true));
    let handshakes = 0;
    for (let at = 1; !isDone || at < names.length; at = at + 1 < names.length || isDone ? at + 1 : 1) {
      assert.ok(isShown(await shownFor(gateway, names[at]!), leaves[at]!), `${names[at]} shows its certificate`);
      assert.equal(await ask(client, 'still there'), 'hello');
      handshakes += 1;
    }
    const { code, stdout, stderr } = await rotating;
    assert.equal(code, 0, stderr);
    assert.ok(handshakes >= names.length - 1);
    assert.match(stdout, /^sealing private keys anew, data key 1 → 2: \d+ of \d+\n/);
    const second = await openSocket(gateway, url, options);
    assert.equal(await ask(second, 'a new one'), 'hello');
    assert.equal(await ask(client, 'the old one'), 'hello');
    for (const { socket } of [client, second]) socket.terminate();
  });

  test('leaves validation CNAMEs as they are, across a restart', async (t) => {
    const dataDir = join(temporaryDirectory(t), 'data');
    const recordOf = async (gateway: Awaited<ReturnType<typeof startOn>>) => {
      const CertificateArn = await requestCertificate(gateway.clients, 'ws.example.com');
      const { Certificate } = await gateway.clients.acm.send(new DescribeCertificateCommand({ CertificateArn }));
      return Certificate!.DomainValidationOptions![0]!.ResourceRecord;
    };
    const first = await startOn(t, dataDir);
    const before = await recordOf(first);
    const ca = await fetchCa(first.endpoint);
    assert.equal((await sallyport(['keys', 'rotate', '--endpoint', first.endpoint])).code, 0);
    assert.deepEqual(await recordOf(first), before);
    assert.equal(await first.stop(), 0);
    const second = await startOn(t, dataDir);
    assert.deepEqual(await recordOf(second), before);
    assert.equal(await fetchCa(second.endpoint), ca);
  });

  test(`that is killed ${KILLS} times loses nothing, and goes on by itself`, async (t) => {
    t.diagnostic(`SALLYPORT_KILL_SEED=${SEED}`);
    const dataDir = join(temporaryDirectory(t), 'data');
    const tokenKey = await addKeyPairs(dataDir);
    // Mulberry32, as far as a few moments need it.
    let state = SEED;
    const random = () => {
      state = (state + 0x6d2b79f5) | 0;
      const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    let ca: string | undefined;
    let interrupted = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const gateway = await startOn(t, dataDir);
      ca ??= await fetchCa(gateway.endpoint);
      assert.equal(await fetchCa(gateway.endpoint), ca, 'the local authority stays');
      const rotating = sallyport(['keys', 'rotate', '--json', '--endpoint', gateway.endpoint]);
      // Killed at a line of its log, or some of the work later.
      await eventually('the rotation has begun', () =>
        gateway.lines.some((line) => line.includes('are being sealed under a new data key')) ? true : undefined,
      );
      const until = performance.now() + random() * 60;
      while (performance.now() < until);
      await gateway.stop('SIGKILL');
      await rotating;
      if (round % 2 === 0) {
        await assertAllThere(dataDir, tokenKey);
        const dataKeys = await openDirectory(dataDir, async ({ ring }) =>
          (await ring.report()).keys.filter(({ purpose }) => purpose === 'private keys'),
        );
        if (dataKeys.length === 2) interrupted += 1;
      }
    }
    const last = await startOn(t, dataDir);
    await eventually('what was begun is done', async () => {
      const { keys, rotation } = await keysOf(last.endpoint);
      const isDone = keys.filter(({ purpose }) => purpose === 'private keys').length === 1;
      return isDone && rotation?.isRunning !== true ? true : undefined;
    });
    assert.equal(await fetchCa(last.endpoint), ca);
    assert.equal(await last.stop(), 0);
    await assertAllThere(dataDir, tokenKey);
    t.diagnostic(`${interrupted} of ${KILLS / 2} looked at were in the middle of it`);
  });
});

describe('the master key', () => {
  test('moves from its file to a passphrase by one start, and every certificate stays', async (t) => {
    const dataDir = join(temporaryDirectory(t), 'data');
    const first = await startOn(t, dataDir);
    const leaf = await authority.leaf(['moved.test']);
    await createDomain(first.clients, 'moved.test', await importCertificate(first.clients, leaf));
    const ca = await fetchCa(first.endpoint);
    assert.equal(await first.stop(), 0);

    const passphrase = join(temporaryDirectory(t), 'passphrase');
    writeFileSync(passphrase, 'a horse, a battery and a staple\n', { mode: 0o600 });
    const moved = ['--master-key', `passphrase-file:${passphrase}`];
    const previous = ['--previous-master-key', join(dataDir, 'master.key')];
    for (const [args, said] of [
      [[...moved, ...previous], /all keys are wrapped under the new master key: --previous-master-key is not needed/],
      [[...moved, ...previous], /the master key opens everything: --previous-master-key is not needed any more/],
      [moved, /"ready":true/],
    ] as const) {
      const gateway = await startOn(t, dataDir, [...args]);
      assert.match(gateway.lines.join('\n'), said);
      assert.equal(await fetchCa(gateway.endpoint), ca);
      assert.ok(isShown(await shownFor(gateway, 'moved.test'), leaf));
      assert.equal(await gateway.stop(), 0);
    }
    chmodSync(passphrase, 0o444);
    const exposed = await sallyport(['serve', '--data-dir', dataDir, ...EPHEMERAL, ...moved]);
    assert.equal(exposed.code, 2);
    assert.match(
      exposed.stderr,
      /^sallyport: --master-key \S+passphrase can be read by others \(mode 0444\): chmod 600 /,
    );
    const old = await sallyport(['serve', '--data-dir', dataDir, ...EPHEMERAL]);
    assert.equal(old.code, 2);
    assert.match(old.stderr, /^sallyport: the master key \S+master\.key does not open the private keys in --data-dir /);
  });

  test('of a variable stays the operator’s in a rotation', async (t) => {
    const dataDir = join(temporaryDirectory(t), 'data');
    const env = { GATEWAY_MASTER: Buffer.alloc(32, 9).toString('base64') };
    const args = ['--master-key', 'env:GATEWAY_MASTER'];
    const first = await startOn(t, dataDir, args, env);
    const ca = await fetchCa(first.endpoint);
    const { stdout } = await sallyport(['keys', 'rotate', '--endpoint', first.endpoint]);
    assert.match(
      stdout,
      /the master key is yours and stays: to replace it, start with the new one and --previous-master-key\n$/,
    );
    assert.equal(existsSync(join(dataDir, 'master.key')), false);
    assert.equal(await first.stop(), 0);
    assert.equal(await fetchCa((await startOn(t, dataDir, args, env)).endpoint), ca);
  });
});
