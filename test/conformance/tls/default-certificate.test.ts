// The certificate for clients that send no server name follows the configuration of a running gateway, and nothing else about TLS
// changes with it. And what unknown names leave behind: a number.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import { ALL_KINDS } from '../../../src/model/kinds.ts';
import { foreignAuthority } from '../../harness/certificates.ts';
import { importCertificate } from '../../harness/domains.ts';
import { eventually, next } from '../../harness/eventually.ts';
import { startGatewayHere, type GatewayHere } from '../../harness/gateway-here.ts';
import { REGION, startTestGateway } from '../../harness/gateway.ts';
import { missing, runPeer } from '../../harness/peers.ts';
import { makeApi, mock, openSocket, pathForm } from '../../harness/sockets.ts';

const authority = await foreignAuthority({ after });
const skip = missing('openssl');

/** The common name and serial of what openssl is shown when it names nothing. */
async function shownToNobody(tlsPort: number, options: readonly string[] = []): Promise<string> {
  const to = ['-connect', `127.0.0.1:${tlsPort}`, '-noservername', ...options];
  const { stdout, stderr } = await runPeer('openssl', ['s_client', ...to]);
  const [pem] = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(stdout) ?? [];
  assert.ok(pem, `no certificate was shown:\n${stdout}${stderr}`);
  return (await runPeer('openssl', ['x509', '-noout', '-subject', '-serial'], {}, pem)).stdout;
}

interface Handshake {
  readonly name: string;
  readonly serial: string;
  readonly facts: readonly unknown[];
  readonly isReused: boolean;
  readonly session: Buffer;
}

async function shake({ tlsPort: port }: GatewayHere, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  let session: Buffer | undefined;
  socket.on('session', (kept) => (session = kept));
  await next(socket, 'secureConnect');
  socket.end('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.resume();
  const { subject, serialNumber: serial } = socket.getPeerCertificate();
  const isReused = socket.isSessionReused();
  const facts = [socket.alpnProtocol, socket.getProtocol(), socket.getCipher().name];
  await next(socket, 'close');
  return { name: String(subject?.CN), serial, facts, isReused, session: session! };
}

/** Puts another certificate where the default one was. */
async function replaceDefault(gateway: GatewayHere, name: string, algorithm: 'EC_prime256v1' | 'RSA_2048') {
  const arn = await importCertificate(gateway.clients, await authority.leaf([name], { algorithm }));
  const { keyPairReference } = (await gateway.store.view.get('certificate', arn))!.issued!;
  await putDefault(gateway, keyPairReference);
}

async function putDefault({ store }: GatewayHere, keyPairReference: string): Promise<void> {
  await store.transact(async (tx) => {
    const row = (await tx.get('listener-certificate', REGION))!;
    tx.put('listener-certificate', { ...row, keyPairReference });
  });
}

for (const tlsMax of ['1.2', '1.3']) {
  describe(`up to TLS ${tlsMax}`, async () => {
    const gateway = await startGatewayHere({ after }, { 'tls-max': tlsMax });
    const offers = { ALPNProtocols: ['h2', 'http/1.1'] };

    test('a client that names nothing is shown the new default certificate at once', { skip }, async () => {
      const before = await shownToNobody(gateway.tlsPort);
      const api = await makeApi(gateway.clients, { $default: { target: mock('still here'), isTwoWay: true } });
      const held = await openSocket(gateway, pathForm(gateway, api));
      for (const [name, algorithm] of [
        ['first.example.net', 'RSA_2048'],
        ['second.example.net', 'EC_prime256v1'],
      ] as const) {
        await replaceDefault(gateway, name, algorithm);
        const after = await shownToNobody(gateway.tlsPort);
        assert.notEqual(after, before);
        assert.match(after, new RegExp(`CN = ${name}`));
        assert.equal((await shake(gateway, { servername: 'nobody.test' })).name, name, 'and whoever names a stranger');
      }
      held.socket.send('{}');
      assert.equal(await held.receive(), 'still here');
      held.socket.terminate();
    });

    test('versions, suites, protocols and tickets stay as they were', async () => {
      const first = await shake(gateway, offers);
      assert.equal(first.facts[0], 'http/1.1');
      await replaceDefault(gateway, 'third.example.net', 'EC_prime256v1');
      const second = await shake(gateway, offers);
      assert.equal(second.name, 'third.example.net');
      assert.notEqual(second.serial, first.serial);
      assert.deepEqual(second.facts, first.facts);
      for (const session of [first.session, second.session]) {
        assert.equal((await shake(gateway, { ...offers, session })).isReused, true);
      }
      const refused: ConnectionOptions[] = [
        { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
        { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305' },
        ...(tlsMax === '1.2' ? [{ minVersion: 'TLSv1.3' } as const] : []),
      ];
      // By an alert of the server's, not by the client's own doubts.
      for (const options of refused) await assert.rejects(shake(gateway, options), /SSL alert number (40|70)/);
    });

    test('a default certificate that cannot be read leaves the one before', async () => {
      const before = await shake(gateway);
      await putDefault(gateway, 'no such key');
      assert.equal((await shake(gateway)).serial, before.serial);
      await replaceDefault(gateway, 'fourth.example.net', 'EC_prime256v1');
      assert.equal((await shake(gateway)).name, 'fourth.example.net');
    });
  });
}

describe('server names that are not ours', async () => {
  const gateway = await startTestGateway({ after });
  const here = await startGatewayHere({ after });
  const ready = async ({ endpoint }: { endpoint: string }) =>
    (await (await fetch(`${endpoint}/_sallyport/ready`)).json()) as { unknownServerNames: number; revision: number };
  const name = async (tlsPort: number, servername: string) => {
    const socket = connect({ host: '127.0.0.1', port: tlsPort, servername, rejectUnauthorized: false });
    await next(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };

  test('a thousand of them issue nothing, store nothing, and leave a number', async () => {
    const { store } = here;
    const rows = async () => {
      const counts = ALL_KINDS.map(async (kind) => [kind, (await store.view.all(kind)).length] as const);
      return { revision: await store.revision(), counts: Object.fromEntries(await Promise.all(counts)) };
    };
    const before = await rows();
    const { unknownServerNames } = await ready(here);
    for (let batch = 0; batch < 50; batch += 1) {
      const names = Array.from({ length: 20 }, () => `${randomBytes(8).toString('hex')}.example.com`);
      const shown = await Promise.all(names.map((stranger) => name(here.tlsPort, stranger)));
      assert.deepEqual([...new Set(shown)], [`*.execute-api.${REGION}.localhost`]);
    }
    const after = await ready(here);
    assert.equal(after.unknownServerNames, unknownServerNames + 1_000);
    assert.deepEqual(await rows(), before);
  });

  test('names of ours are not among them', async () => {
    const { unknownServerNames: before } = await ready(gateway);
    const { apiId } = await makeApi(gateway.clients, { $default: { target: mock('here') } });
    const own = [
      'localhost',
      `${apiId}.execute-api.${REGION}.localhost`,
      `d-0123456789.execute-api.${REGION}.localhost`,
    ];
    for (const servername of own) await name(gateway.tlsPort, servername);
    assert.equal((await ready(gateway)).unknownServerNames, before);
    for (const servername of ['example.com', `a.execute-api.eu-north-1.localhost`, 'a.b.localhost', 'host']) {
      await name(gateway.tlsPort, servername);
    }
    await eventually('four were counted', async () =>
      (await ready(gateway)).unknownServerNames === before + 4 ? true : undefined,
    );
  });
});
