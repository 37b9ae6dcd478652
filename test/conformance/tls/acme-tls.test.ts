// tls-alpn-01 (RFC 8737) on the TLS listener: an authority is shown the challenge and nothing else; whoever else comes at the same
// time, for the same name, is served as ever; and no session leads from one to the other.

import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { after, describe, test } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { lowerLimit } from '../../harness/lowered-limit.ts';
import { eventually, next } from '../../harness/eventually.ts';
import { startGatewayHere } from '../../harness/gateway-here.ts';
import { missing, runPeer } from '../../harness/peers.ts';
import { openSocket } from '../../harness/sockets.ts';
import { openAlpnChallenge, type KeyType, type OpenChallenge } from './challenge-certificate.ts';
import { clientHello, hello, outcome, pieces, record, shake, type Flight } from './raw-hello.ts';
import { DEFAULT_NAME, makeLandlord, reach, replyOf } from './tenants.ts';

const EC = 'ec.example.com';
const RSA = 'rsa.example.com';
const BARE = 'not-yet.example.com';
const PROTOCOL = 'acme-tls/1';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const REQUEST = 'GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n';
/** How a client is restricted to certificates of one kind of key. */
const ONLY: Readonly<Record<KeyType, ConnectionOptions>> = {
  ec: { sigalgs: 'ECDSA+SHA256' },
  rsa: { sigalgs: 'RSA-PSS+SHA256:RSA+SHA256' },
};

const gateway = await startGatewayHere({ after }, { 'tls-max': '1.3' });
const makeTenant = await makeLandlord(gateway);
await makeTenant('111122223333', EC);
await makeTenant('222233334444', RSA, 'RSA_2048');

/** A connection from its handshake to its end. */
interface Visit {
  readonly protocol: string | false | null;
  readonly version: string | null;
  readonly certificate: Buffer;
  readonly name: string;
  readonly isReused: boolean;
  readonly said: string;
  readonly session: Buffer | undefined;
}

/** Shakes hands, asks for something by HTTP, and listens until the other side hangs up. Rejects when the handshake fails. */
async function visit(servername: string | undefined, options: ConnectionOptions = {}): Promise<Visit> {
  const to = { host: '127.0.0.1', port: gateway.tlsPort, rejectUnauthorized: false };
  const socket: TLSSocket = connect({ ...to, ...(servername === undefined ? {} : { servername }), ...options });
  let session: Buffer | undefined;
  let said = '';
  socket.on('session', (kept) => (session = kept));
  await next(socket, 'secureConnect');
  const { raw: certificate, subject } = socket.getPeerCertificate();
  const [protocol, version, isReused] = [socket.alpnProtocol, socket.getProtocol(), socket.isSessionReused()];
  // A side that has hung up already may reset what is sent to it.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => (said += String(chunk)));
  socket.write(REQUEST);
  if (!socket.closed) await next(socket, 'close');
  return { protocol, version, certificate, name: String(subject?.CN), isReused, said, session };
}

const asAuthority = (servername: string | undefined, options: ConnectionOptions = {}) =>
  visit(servername, { ALPNProtocols: [PROTOCOL], ...options });

async function isRefused(servername: string | undefined, options: ConnectionOptions = {}): Promise<void> {
  await assert.rejects(asAuthority(servername, options), { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
}

function assertShown(found: Visit, challenge: OpenChallenge, type: KeyType): void {
  assert.equal(found.protocol, PROTOCOL);
  assert.deepEqual(found.certificate, challenge.raw[type]);
  assert.ok(found.certificate.toString('hex').includes(challenge.extension), 'the critical acmeIdentifier');
  assert.equal(found.isReused, false);
  assert.equal(found.said, '', 'no HTTP');
}

function assertServed({ name, protocol, said }: Visit, wantName: string, wantProtocol: string | false): void {
  assert.deepEqual([name, protocol], [wantName, wantProtocol]);
  assert.match(said, /^HTTP\/1\.1 403 Forbidden\r\n/);
}

/** Runs with a challenge open for the name. */
async function withChallenge(name: string, run: (challenge: OpenChallenge) => Promise<void>): Promise<void> {
  const challenge = await openAlpnChallenge(gateway, name);
  try {
    await run(challenge);
  } finally {
    await challenge.close();
  }
}

const ORDINARY: readonly (readonly [offers: string[] | undefined, want: string | false])[] = [
  [undefined, false],
  [['http/1.1'], 'http/1.1'],
  [['h2', 'http/1.1'], 'http/1.1'],
  [[PROTOCOL, 'http/1.1'], 'http/1.1'],
  [['http/1.1', PROTOCOL], 'http/1.1'],
];
const NAMES = [
  ['an EC domain', EC, EC],
  ['an RSA domain', RSA, RSA],
  ['a name without a certificate', BARE, DEFAULT_NAME],
] as const;

for (const maxVersion of VERSIONS) {
  describe(maxVersion, () => {
    for (const [what, name, shown] of NAMES) {
      test(`${what}: an authority is shown the challenge, by either kind of key, and hung up on`, async () => {
        await isRefused(name, { maxVersion });
        await withChallenge(name, async (challenge) => {
          const found = await asAuthority(name, { maxVersion });
          assertShown(found, challenge, 'ec');
          assert.equal(found.version, maxVersion);
          for (const type of ['ec', 'rsa'] as const) {
            assertShown(await asAuthority(name, { maxVersion, ...ONLY[type] }), challenge, type);
          }
          assertShown(await asAuthority(name.toUpperCase(), { maxVersion }), challenge, 'ec');
        });
        await isRefused(name, { maxVersion });
      });

      test(`${what}: every other client is served as before, challenge or not`, async () => {
        const serves = async () => {
          for (const [ALPNProtocols, want] of ORDINARY) {
            assertServed(await visit(name, { maxVersion, ...(ALPNProtocols && { ALPNProtocols }) }), shown, want);
          }
        };
        await serves();
        await withChallenge(name, serves);
        await serves();
      });
    }

    test('a challenge is for its name alone', async () => {
      await withChallenge(EC, async () => {
        for (const other of [RSA, BARE, `x.${EC}`, undefined]) await isRefused(other, { maxVersion });
        assertServed(await visit(undefined, { maxVersion }), DEFAULT_NAME, false);
      });
    });

    test('of two challenges each name is shown its own, and of two for one name the later', async () => {
      await withChallenge(EC, (first) =>
        withChallenge(RSA, async (second) => {
          for (let turn = 0; turn < 3; turn += 1) {
            assertShown(await asAuthority(EC, { maxVersion }), first, 'ec');
            assertShown(await asAuthority(RSA, { maxVersion, ...ONLY.rsa }), second, 'rsa');
          }
          await withChallenge(EC, async (later) => assertShown(await asAuthority(EC, { maxVersion }), later, 'ec'));
          assertShown(await asAuthority(EC, { maxVersion }), first, 'ec');
        }),
      );
    });

    test('no session leads from an ordinary client to a challenge, nor back', async () => {
      const { session: ordinary } = await visit(EC, { maxVersion });
      assert.equal((await visit(EC, { maxVersion, session: ordinary })).isReused, true);
      await withChallenge(EC, async (challenge) => {
        assertShown(await asAuthority(EC, { maxVersion, session: ordinary }), challenge, 'ec');
        const { session } = await asAuthority(EC, { maxVersion });
        assertShown(await asAuthority(EC, { maxVersion, session }), challenge, 'ec');
        const resumed = await visit(EC, { maxVersion, session: ordinary });
        assert.equal(resumed.isReused, true, 'ordinary sessions go on meanwhile');
        const back = await visit(EC, { maxVersion, session });
        assert.equal(back.isReused, false);
        assertServed(back, EC, false);
      });
    });

    test('openssl is shown it, too', { skip: missing('openssl') }, async () => {
      await withChallenge(EC, async ({ extension }) => {
        const flag = maxVersion === 'TLSv1.2' ? '-tls1_2' : '-tls1_3';
        const to = ['-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', EC, flag];
        const { stdout } = await runPeer('openssl', ['s_client', ...to, '-alpn', PROTOCOL]);
        assert.match(stdout, /^ALPN protocol: acme-tls\/1$/m);
        const [pem] = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(stdout)!;
        const read = await runPeer('openssl', ['x509', '-noout', '-text'], {}, pem);
        assert.match(read.stdout, new RegExp(`Subject Alternative Name: *\\n *DNS:${EC}`));
        assert.match(read.stdout, /1\.3\.6\.1\.5\.5\.7\.1\.31: critical/);
        const der = await runPeer('openssl', ['asn1parse', '-dump'], {}, pem);
        const bytes = der.stdout.replace(/^\s*[0-9a-f]{4} - (.*?) {3,}.*$/gm, '$1').replace(/[^0-9a-f]/g, '');
        assert.ok(bytes.includes(extension.slice(-64)), 'the hash of the key authorization');
        const ordinary = await runPeer('openssl', ['s_client', ...to, '-alpn', 'h2,http/1.1']);
        assert.match(ordinary.stdout, /^ALPN protocol: http\/1\.1$/m);
      });
    });
  });
}

test('two hundred clients notice nothing while challenges come and go', async () => {
  let isOver = false;
  let shown = 0;
  const comeAndGo = async (name: string, maxVersion: 'TLSv1.2' | 'TLSv1.3') => {
    while (!isOver) {
      await withChallenge(name, async (challenge) => {
        assertShown(await asAuthority(name, { maxVersion }), challenge, 'ec');
        shown += 1;
      });
    }
  };
  const authorities = [comeAndGo(EC, 'TLSv1.3'), comeAndGo(RSA, 'TLSv1.2'), comeAndGo(BARE, 'TLSv1.3')];
  const held = await openSocket(gateway, `wss://${EC}:${gateway.tlsPort}/`);
  const client = async (_: unknown, at: number) => {
    const [, name, certificateName] = NAMES[at % NAMES.length]!;
    const [ALPNProtocols, protocol] = ORDINARY[at % ORDINARY.length]!;
    const options = { maxVersion: VERSIONS[at % 2]!, ...(ALPNProtocols && { ALPNProtocols }) };
    assertServed(await visit(name, options), certificateName, protocol);
  };
  try {
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, at) => client(_, batch * 20 + at)));
    }
    await eventually('all kinds of challenge were shown', () => (shown >= 6 ? true : undefined));
    assert.equal(await reach(gateway, RSA), `${RSA} alpha`, 'WebSocket, by verified TLS');
  } finally {
    isOver = true;
    await Promise.all(authorities);
  }
  assert.equal(await replyOf(held), `${EC} alpha`, 'a socket from before');
});

describe('a hello while a challenge is open', () => {
  /** Under TLS 1.2, where it travels in the clear. */
  const leafOf = ({ certificates: [leaf] }: Flight) => leaf?.raw;
  const asked = { name: EC, protocols: [PROTOCOL] };
  const ENDED = /^(alert \d+|closed|reset)$/;

  for (const size of [8, 64]) {
    test(`in records of ${size} octets, each a segment, is sorted all the same`, async () => {
      await withChallenge(EC, async ({ raw }) => {
        const inRecords = (parts: typeof asked) => pieces(clientHello(parts), size).map((piece) => record(piece));
        assert.deepEqual(leafOf(await shake(gateway.tlsPort, inRecords(asked))), raw.ec);
        assert.equal(outcome(await shake(gateway.tlsPort, inRecords({ ...asked, protocols: ['http/1.1'] }))), EC);
      });
    });
  }

  test('cut in two anywhere is sorted all the same', async () => {
    await withChallenge(EC, async ({ raw }) => {
      const whole = hello(asked);
      const taken = async () => void (await fetch(`${gateway.endpoint}/_sallyport/health`)).arrayBuffer();
      for (let cut = 1; cut < whole.length; cut += 7) {
        const halves = [whole.subarray(0, cut), whole.subarray(cut)];
        assert.deepEqual(leafOf(await shake(gateway.tlsPort, halves, { between: taken })), raw.ec, `cut at ${cut}`);
      }
    });
  });

  test('from a client that then sends no more is sorted all the same', async () => {
    await withChallenge(EC, async ({ raw }) => {
      assert.deepEqual(leafOf(await shake(gateway.tlsPort, [hello(asked)], { fin: true })), raw.ec);
      assert.equal(outcome(await shake(gateway.tlsPort, [hello({ name: EC })], { fin: true })), EC);
    });
  });

  test('that is none, or too long to be an authority’s, is left to TLS', async () => {
    const rows: readonly (readonly [bytes: Buffer, want: string | RegExp])[] = [
      [Buffer.from('GET / HTTP/1.1\r\nHost: ec.example.com\r\n\r\n'), ENDED],
      [Buffer.alloc(64), ENDED],
      [Buffer.from([22, 3, 1, 0, 4, 14, 0, 0, 0]), ENDED],
      [hello({ ...asked, protocols: [PROTOCOL, ...Array.from({ length: 100 }, () => 'x'.repeat(200))] }), 'alert 120'],
      [hello({ name: EC, protocols: ['http/1.1', ...Array.from({ length: 100 }, () => 'x'.repeat(200))] }), EC],
    ];
    const outcomes = async () => {
      const found: string[] = [];
      for (const [bytes] of rows) found.push(outcome(await shake(gateway.tlsPort, [bytes])));
      return found;
    };
    const before = await outcomes();
    await withChallenge(EC, async () => assert.deepEqual(await outcomes(), before));
    rows.forEach(([, want], at) => assert.match(before[at]!, new RegExp(want)));
  });

  test('of which half is sent: the client is waited for as long as for any handshake, and may leave', async () => {
    await withChallenge(EC, async () => {
      const half = hello(asked).subarray(0, 40);
      const left = connectTcp(gateway.tlsPort, '127.0.0.1');
      await new Promise<void>((resolve) => left.write(half, () => resolve()));
      left.resetAndDestroy();
      const restore = lowerLimit('handshakeTimeoutMs', 200);
      const slow = connectTcp(gateway.tlsPort, '127.0.0.1');
      slow.on('error', () => {}).resume();
      slow.write(half);
      await next(slow, 'close');
      restore();
    });
    assert.equal(await reach(gateway, EC), `${EC} alpha`);
  });
});

test('a challenge whose keys are gone is not shown, and its name is served', async () => {
  const keyPairReferences = { ec: 'no such key', rsa: 'none either' };
  const row = { id: 'keyless', account: '000000000000', region: 'us-east-1', value: '', keyPairReferences };
  await gateway.store.transact(async (tx) => tx.put('challenge', { ...row, type: 'tls-alpn-01', key: EC }));
  for (const maxVersion of VERSIONS) await isRefused(EC, { maxVersion });
  assertServed(await visit(EC), EC, false);
  await gateway.store.transact(async (tx) => tx.remove('challenge', row.id));
});
