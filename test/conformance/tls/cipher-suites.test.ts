// What the TLS listener agrees to, by openssl and testssl.sh: protocol versions, exactly the suites of the policy TLS_1_2 for each
// kind of key (custom-domains 3.1), and a chain that verifies.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../../harness/gateway.ts';
import { missing, PEERS, runPeer } from '../../harness/peers.ts';
import { hello, outcome, shake } from './raw-hello.ts';
import { makeLandlord, reach } from './tenants.ts';

const RSA = 'rsa.example.com';
const EC = 'ec.example.com';

/** In the server's order of preference, with their numbers. */
const SUITES = {
  [RSA]: [
    ['ECDHE-RSA-AES128-GCM-SHA256', 0xc02f],
    ['ECDHE-RSA-AES128-SHA256', 0xc027],
    ['ECDHE-RSA-AES256-GCM-SHA384', 0xc030],
    ['ECDHE-RSA-AES256-SHA384', 0xc028],
    ['AES128-GCM-SHA256', 0x009c],
    ['AES128-SHA256', 0x003c],
    ['AES256-GCM-SHA384', 0x009d],
    ['AES256-SHA256', 0x003d],
  ],
  [EC]: [
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 0xc02b],
    ['ECDHE-ECDSA-AES128-SHA256', 0xc023],
    ['ECDHE-ECDSA-AES256-GCM-SHA384', 0xc02c],
    ['ECDHE-ECDSA-AES256-SHA384', 0xc024],
  ],
} as const;
const SUITES_OF_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
/** Whatever openssl can do, and would do for nobody else. */
const EVERYTHING = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';
/** Lets openssl offer the suites that need a secret both sides know. */
const SECRETS = ['-psk', '00', '-srpuser', 'nobody', '-srppass', 'pass:nothing'];

async function makeWorld(args: readonly string[]): Promise<TestGateway> {
  const gateway = await startTestGateway({ after }, args);
  const makeTenant = await makeLandlord(gateway);
  await makeTenant('111122223333', RSA, 'RSA_2048');
  await makeTenant('222233334444', EC, 'EC_prime256v1');
  return gateway;
}

const gateway = await makeWorld([]);
const newer = await makeWorld(['--tls-max', '1.3']);
const folder = temporaryDirectory({ after });
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, gateway.ca);

/** What openssl agreed to, or `refused`. It must have been refused by the server, and not have failed by itself. */
async function agreed(on: TestGateway, servername: string, args: readonly string[]): Promise<string> {
  const target = ['-connect', `127.0.0.1:${on.tlsPort}`, '-servername', servername];
  const { stdout, stderr } = await runPeer('openssl', ['s_client', ...target, ...args]);
  const [, protocol, suite] = /^(?:New|Reused), (\S+), Cipher is (\S+)$/m.exec(stdout) ?? [];
  if (suite !== undefined && suite !== '(NONE)') return `${protocol} ${suite}`;
  assert.match(stderr, /alert (?:handshake failure|protocol version)/, stdout + stderr);
  return 'refused';
}

function offering(suites: readonly string[]): string[] {
  return ['-tls1_2', '-cipher', [...suites, '@SECLEVEL=0'].join(':')];
}

/** Every suite of TLS 1.2 and below that openssl can offer. */
async function everySuite(): Promise<string[]> {
  const { stdout } = await runPeer('openssl', ['ciphers', '-s', '-psk', '-srp', '-tls1_2', EVERYTHING]);
  return stdout.trim().split(':');
}

for (const name of [RSA, EC] as const) {
  describe(name, () => {
    const mine = SUITES[name].map(([suite]) => suite as string);

    test('each suite of its key is accepted when it alone is offered', { skip: missing('openssl') }, async () => {
      for (const suite of mine) assert.equal(await agreed(gateway, name, offering([suite])), `TLSv1.2 ${suite}`);
    });

    test('when all are offered, backwards, the server’s order decides', { skip: missing('openssl') }, async () => {
      let left = mine.toReversed();
      for (const suite of mine) {
        assert.equal(await agreed(gateway, name, offering(left)), `TLSv1.2 ${suite}`);
        left = left.filter((one) => one !== suite);
      }
    });

    test('every other suite that openssl knows is refused', { skip: missing('openssl') }, async () => {
      const others = (await everySuite()).filter((suite) => !mine.includes(suite));
      // Among them those of other keys, of TLS 1.0, with secrets, without authentication and without encryption.
      for (const known of [
        'AES128-SHA',
        'PSK-AES128-GCM-SHA256',
        'SRP-AES-128-CBC-SHA',
        'ADH-AES128-SHA',
        'NULL-SHA256',
      ]) {
        assert.ok(others.includes(known), known);
      }
      // A server that took one of them would take it from this offer.
      assert.equal(await agreed(gateway, name, [...offering(others), ...SECRETS]), 'refused');
    });

    test('of all 65536 numbers of suites, exactly its own are accepted', async () => {
      const found: number[] = [];
      const CHUNK = 8_192;
      for (let start = 0; start < 65_536; start += CHUNK) {
        // 0x5600 says that the client fell back from a higher version, and is no suite (RFC 7507).
        let left = Array.from({ length: CHUNK }, (_, at) => start + at).filter((suite) => suite !== 0x5600);
        for (;;) {
          const flight = await shake(gateway.tlsPort, [hello({ name, suites: left })]);
          if (flight.suite === undefined) {
            assert.equal(outcome(flight), 'alert 40');
            break;
          }
          assert.equal(outcome(flight), name);
          found.push(flight.suite);
          left = left.filter((suite) => suite !== flight.suite);
        }
      }
      const numbers = SUITES[name].map(([, number]) => number as number);
      assert.deepEqual(found.toSorted(), numbers.toSorted());
    });

    test('the chain leads to the root, which is not in it, and verifies', { skip: missing('openssl') }, async () => {
      const target = ['-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', name];
      const verify = ['-verify_hostname', name, '-verify_return_error', '-CAfile', caFile, '-showcerts'];
      const { code, stdout, stderr } = await runPeer('openssl', ['s_client', ...target, ...verify]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^Verif(?:y return code: 0 \(ok\)|ication: OK)/m);
      const chain = stdout.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
      assert.equal(chain.length, 1, 'the root signs leaves, and whoever trusts it has it');
    });
  });
}

describe('versions', { skip: missing('openssl') }, () => {
  /** With every suite, so that the version alone decides. */
  const speak = (on: TestGateway, name: string, version: string) => agreed(on, name, [version, '-cipher', EVERYTHING]);

  for (const name of [RSA, EC] as const) {
    for (const version of ['-tls1', '-tls1_1', '-tls1_3']) {
      test(`${version} is refused by default for ${name}`, async () =>
        assert.equal(await speak(gateway, name, version), 'refused'));
    }
    for (const version of ['-tls1', '-tls1_1']) {
      test(`${version} is refused with --tls-max 1.3 for ${name}`, async () =>
        assert.equal(await speak(newer, name, version), 'refused'));
    }

    test(`-tls1_2 is spoken for ${name}, with --tls-max 1.3 too`, async () => {
      const first = `TLSv1.2 ${SUITES[name][0][0]}`;
      assert.deepEqual([await speak(gateway, name, '-tls1_2'), await speak(newer, name, '-tls1_2')], [first, first]);
    });

    test(`with --tls-max 1.3 its three suites are accepted for ${name}, and no other`, async () => {
      for (const suite of SUITES_OF_1_3) {
        assert.equal(await agreed(newer, name, ['-tls1_3', '-ciphersuites', suite]), `TLSv1.3 ${suite}`);
      }
      for (const suite of ['TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256']) {
        assert.equal(await agreed(newer, name, ['-tls1_3', '-ciphersuites', suite]), 'refused');
      }
    });
  }
});

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

const TESTSSL_TIMEOUT_MS = 300_000;
const CHECKS = ['--protocols', '--server-preference'];
/** Those that neither the versions nor the suites rule out already. */
const VULNERABILITIES = [
  '--heartbleed',
  '--ccs-injection',
  '--ticketbleed',
  '--robot',
  '--renegotiation',
  '--crime',
  '--tls-fallback',
];

describe('testssl.sh', { skip: missing('testssl') }, () => {
  let findings: Finding[] = [];
  const finding = (id: string) => findings.find((one) => one.id === id)?.finding;

  before(async () => {
    const file = join(folder, 'testssl.json');
    const quiet = ['--quiet', '--color', '0', '--warnings', 'batch', '--ip', '127.0.0.1', '--nodns', 'none'];
    const args = [...quiet, '--openssl', PEERS.openssl.path, '--add-ca', caFile, '--jsonfile', file];
    const timeout = TESTSSL_TIMEOUT_MS;
    await promisify(execFile)(
      PEERS.testssl.path,
      [...args, ...CHECKS, ...VULNERABILITIES, `${RSA}:${gateway.tlsPort}`],
      {
        timeout,
      },
    );
    findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
  });

  for (const [id, expected] of [
    ['SSLv2', /^not offered/],
    ['SSLv3', /^not offered/],
    ['TLS1', /^not offered/],
    ['TLS1_1', /^not offered/],
    ['TLS1_2', /^offered/],
    ['TLS1_3', /^not offered/],
    ['ALPN', /^http\/1\.1$/],
    ['cipher_order', /^server$/],
    ['secure_renego', /^supported/],
    ['fallback_SCSV', /^no protocol below TLS 1\.2 offered/],
  ] as const) {
    test(`${id}: ${expected.source}`, () => assert.match(finding(id) ?? 'not found', expected));
  }

  test('the suites and their order', () => {
    assert.equal(finding('cipherorder_TLSv1_2'), SUITES[RSA].map(([suite]) => suite).join(' '));
  });

  test('it finds nothing vulnerable', () => {
    for (const id of ['heartbleed', 'CCS', 'ticketbleed', 'ROBOT', 'secure_client_renego', 'CRIME_TLS']) {
      assert.match(finding(id) ?? 'not found', /^not vulnerable/, id);
    }
    const vulnerable = findings.filter((one) => /(?<!not )vulnerable/i.test(one.finding));
    assert.deepEqual(vulnerable, []);
    assert.deepEqual(
      findings.filter(({ severity }) => ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'].includes(severity)),
      [],
    );
  });
});

test('clients still reach both, and no error was logged', async () => {
  for (const on of [gateway, newer]) {
    assert.deepEqual([await reach(on, RSA), await reach(on, EC)], [`${RSA} alpha`, `${EC} alpha`]);
    assert.deepEqual(
      on.logged().filter(({ level }) => level === 'error'),
      [],
    );
  }
});
