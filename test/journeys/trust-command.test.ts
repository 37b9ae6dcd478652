// `sallyport trust`: the root is printed for whoever asks, and installed for a gateway alone that has accounts of its own; each store
// then trusts the real listener, by the word of its own program, and not any more when it was uninstalled.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { LAUNCHER, paste, sallyport } from '../harness/command-line.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';

const KEY = { AWS_ACCESS_KEY_ID: 'AKIAOPERATOR', AWS_SECRET_ACCESS_KEY: 'secret of the operator' };
const DEVELOPMENT_KEY = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
const keys = [{ id: KEY.AWS_ACCESS_KEY_ID, secret: KEY.AWS_SECRET_ACCESS_KEY }];
writeFileSync(accounts, JSON.stringify({ accounts: [{ id: '111122223333', keys }] }), { mode: 0o600 });

const gateway = await startTestGateway({ after }, ['--accounts', accounts, '--control-host', '0.0.0.0']);
const root = new X509Certificate(gateway.ca);
const fingerprint = root.fingerprint256.replaceAll(':', '').toLowerCase();
const name = `sallyport-${fingerprint.slice(0, 6)}`;

const trust = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  sallyport(['trust', ...args, '--endpoint', gateway.endpoint], { env: { ...KEY, ...env } });

/** Home and configuration of nobody else. */
function home(t: TestContext) {
  const HOME = join(temporaryDirectory(t), "a home that isn't ours");
  mkdirSync(HOME);
  return { HOME, XDG_CONFIG_HOME: join(HOME, 'configuration') };
}

test('the root is printed to be kept, and beside it what it is and how clients are given it', async () => {
  const { code, stdout, stderr } = await sallyport(['trust', '--endpoint', gateway.endpoint], {
    env: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
  });
  assert.equal(code, 0, stderr);
  assert.equal(new X509Certificate(stdout).fingerprint256, root.fingerprint256);
  assert.match(stdout, /^-----BEGIN CERTIFICATE-----\n[^-]*-----END CERTIFICATE-----\n$/);
  assert.match(stderr, /^\nSallyport local CA \w+, valid 20\d\d-\d\d-\d\d until 20\d\d-\d\d-\d\d\n/);
  const hints = ['> sallyport-ca.pem', '--install system|browsers|node|all'];
  const again = hints.map((hint) => `sallyport trust --endpoint ${gateway.endpoint} ${hint}`);
  for (const part of [root.fingerprint256, 'NODE_EXTRA_CA_CERTS=', 'curl --cacert', 'Python', ...again]) {
    assert.ok(stderr.includes(part), part);
  }
});

test('it is not installed from a gateway that accepts the development credentials', async (t) => {
  const own = home(t);
  const expected = (endpoint: string) =>
    `sallyport: ${endpoint} accepts the development credentials, so anybody who reaches it could get certificates that this machine would trust. ` +
    'Start it with --accounts FILE, and sign with a key of that file (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).\n';
  const { endpoint } = await startTestGateway(t);
  for (const dryRun of [[], ['--dry-run']]) {
    const args = ['trust', '--install', 'node', ...dryRun, '--endpoint', endpoint];
    const { code, stdout, stderr } = await sallyport(args, { env: { ...own, ...DEVELOPMENT_KEY } });
    assert.deepEqual([code, stdout, stderr], [2, '', expected(endpoint)]);
  }
  assert.deepEqual(readdirSync(own.HOME), []);
});

const REFUSED: readonly (readonly [what: string, args: readonly string[], env: NodeJS.ProcessEnv, why: RegExp])[] = [
  [
    'a key that the gateway does not know',
    ['--install', 'node'],
    DEVELOPMENT_KEY,
    /answered 403: .* \(signed with the access key test\)\n$/,
  ],
  ['two acts at once', ['--install', 'node', '--uninstall', 'node'], {}, /exclude each other/],
  ['no act to try', ['--dry-run'], {}, /--dry-run goes with --install or --uninstall/],
  ['a store that there is not', ['--install', 'phone'], {}, /Allowed choices are system, browsers, node, all/],
  ['what is no fingerprint', ['--install', 'node', '--fingerprint', 'abc'], {}, /expected a SHA-256, 64 hex digits/],
  [
    'another root than the one that was meant',
    ['--install', 'node', '--fingerprint', '0'.repeat(64)],
    {},
    new RegExp(`has the SHA-256 ${fingerprint}, not the one of --fingerprint\\.`),
  ],
];
for (const [what, args, env, why] of REFUSED) {
  test(`${what} is refused, and nothing is written`, async (t) => {
    const own = home(t);
    const { code, stdout, stderr } = await trust(args, { ...own, ...env });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, why);
    assert.deepEqual(readdirSync(own.HOME), []);
  });
}

test('over plain HTTP to another machine the fingerprint must be known', async (t) => {
  const own = home(t);
  // An address that is not loopback by its name, and leads to this machine all the same.
  const endpoint = gateway.endpoint.replace('127.0.0.1', '0.0.0.0');
  const install = (...args: string[]) =>
    sallyport(['trust', '--install', 'node', ...args, '--endpoint', endpoint], { env: { ...own, ...KEY } });
  const refused = await install();
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /could have been changed on its way\. .* give its SHA-256 with --fingerprint\.\n$/);
  assert.deepEqual(readdirSync(own.HOME), []);
  const { code, stderr } = await install('--fingerprint', root.fingerprint256);
  assert.equal(code, 0, stderr);
});

test('Node: shown, then written, then used by the line that is printed; uninstalled without a trace', async (t) => {
  const own = home(t);
  const file = join(own.XDG_CONFIG_HOME, 'sallyport', `${name}.pem`);
  const planned = await trust(['--install', 'node', '--dry-run'], own);
  assert.equal(planned.code, 0, planned.stderr);
  assert.ok(planned.stdout.startsWith(`root  SHA-256 ${fingerprint}\nwill  write ${file}\nnote  `), planned.stdout);
  assert.deepEqual(readdirSync(own.HOME), [], 'a dry run changes nothing');

  const { stdout } = await trust(['--install', 'node'], own);
  assert.ok(stdout.includes(`will  write ${file}\ndone  write ${file}\n`), stdout);
  const line = /(export NODE_EXTRA_CA_CERTS=.*)$/m.exec(stdout)?.[1];
  const program = `require('https').get('https://localhost:${gateway.tlsPort}/', (r) => r.destroy(console.log(r.socket.authorized))).on('error', (e) => console.log(e.code))`;
  const run = (before: string) => paste(`${before}; '${process.execPath}' -e "${program}"`);
  assert.equal((await run(line!)).stdout, 'true\n');
  assert.match((await run('unset NODE_EXTRA_CA_CERTS')).stdout, /^[A-Z_]*(SIGNATURE|SELF_SIGNED)[A-Z_]*\n$/);

  assert.match((await trust(['--install', 'node'], own)).stdout, /^nothing is to be done$/m);
  // The gateway is gone: the fingerprint is enough.
  const gone = ['trust', '--uninstall', 'node', '--endpoint', 'http://127.0.0.1:9'];
  const lost = await sallyport(gone, { env: own });
  assert.match(lost.stderr, /no gateway answers at .* Or name the root by its SHA-256 with --fingerprint\.\n$/);
  const removed = await sallyport([...gone, '--fingerprint', root.fingerprint256], { env: own });
  assert.ok(removed.stdout.includes(`done  remove ${file}\nnote  node: take out the line`), removed.stdout);
  assert.ok(!existsSync(join(own.XDG_CONFIG_HOME, 'sallyport')));
  assert.match((await trust(['--uninstall', 'node'], own)).stdout, /^nothing to undo$/m);
});

test('a file of that name that holds something else is left alone', async (t) => {
  const own = home(t);
  await trust(['--install', 'node'], own);
  const file = join(own.XDG_CONFIG_HOME, 'sallyport', `${name}.pem`);
  writeFileSync(file, 'something else');
  const { code, stderr } = await trust(['--uninstall', 'node'], own);
  assert.equal(code, 2);
  assert.match(stderr, /holds another certificate than .*: look at it, and remove it by hand\.\n$/);
  assert.equal(readFileSync(file, 'utf8'), 'something else');
});

test('browsers: every database of theirs, in real NSS', { skip: missing('certutil') }, async (t) => {
  const own = home(t);
  assert.match(
    (await trust(['--install', 'browsers'], own)).stdout,
    /note {2}browsers: no database of a browser below .*: start the browser once first$/m,
  );
  assert.match(
    (await trust(['--uninstall', 'browsers'], own)).stdout,
    /^nothing to undo\nnote {2}browsers: no database of a browser below \S.* isn't ours$/m,
  );
  const databases = ['.pki/nssdb', '.mozilla/firefox/abc.default', 'snap/firefox/common/.mozilla/firefox/x.y'];
  const paths = databases.map((path) => join(own.HOME, path));
  for (const path of paths) {
    mkdirSync(path, { recursive: true });
    assert.equal((await runPeer('certutil', ['-d', `sql:${path}`, '-N', '--empty-password'])).code, 0);
  }
  const list = async (path: string) => (await runPeer('certutil', ['-d', `sql:${path}`, '-L'])).stdout;
  const planned = await trust(['--install', 'browsers', '--dry-run'], own);
  assert.equal(planned.stdout.match(/^will {2}run certutil /gm)?.length, 3);
  assert.ok(!(await list(paths[0]!)).includes('Sallyport'));

  const { code, stderr } = await trust(['--install', 'browsers'], own);
  assert.equal(code, 0, stderr);
  for (const path of paths) {
    assert.match(await list(path), new RegExp(`^Sallyport local CA ${name} +C,, *$`, 'm'));
    // As a certificate that may sign for TLS servers, by NSS's own judgement.
    const judged = await runPeer('certutil', [
      '-d',
      `sql:${path}`,
      '-V',
      '-u',
      'L',
      '-n',
      `Sallyport local CA ${name}`,
    ]);
    assert.equal(judged.code, 0, judged.stdout + judged.stderr);
  }
  assert.match((await trust(['--install', 'browsers'], own)).stdout, /^nothing is to be done\nnote .* 3 of 3 /m);
  await trust(['--uninstall', 'browsers'], own);
  for (const path of paths) assert.ok(!(await list(path)).includes('Sallyport'));
});

test('browsers: without certutil nothing is done, and it is told what to install', async (t) => {
  const own = home(t);
  const database = join(own.HOME, '.pki/nssdb');
  mkdirSync(database, { recursive: true });
  writeFileSync(join(database, 'cert9.db'), '');
  const { code, stderr } = await trust(['--install', 'browsers'], { ...own, PATH: own.HOME });
  assert.equal(code, 2);
  assert.match(stderr, /^sallyport: browsers: certutil is not installed\. Install libnss3-tools /);
});

const isDebian = existsSync('/usr/sbin/update-ca-certificates');
const isRoot = process.getuid?.() === 0;

test(
  'system: only root may, and `all` then leaves the other stores alone, too',
  { skip: isDebian ? false : 'not shown: this is no Debian system' },
  async (t) => {
    const { HOME } = home(t);
    const nobody = isRoot ? 'setpriv --reuid=65534 --clear-groups ' : '';
    for (const store of ['system', 'all']) {
      const line = `${nobody}'${process.execPath}' '${LAUNCHER}' trust --install ${store} --endpoint ${gateway.endpoint}`;
      const { code, stdout, stderr } = await paste(line, { env: { ...KEY, HOME, XDG_CONFIG_HOME: HOME } });
      assert.deepEqual([code, stdout], [2, '']);
      const again = `sudo -E sallyport trust --endpoint ${gateway.endpoint} --install system`;
      assert.ok(stderr.includes(`only root may change what this machine trusts. Run the same with: ${again}`), stderr);
    }
    assert.deepEqual(readdirSync(HOME), []);
  },
);

/** The store of this machine is left as it is: what is changed is a copy of it, mounted over it for these commands alone. */
const canMount = isDebian && isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;
const STORE = '/etc/ssl/certs';
const LOCAL = '/usr/local/share/ca-certificates';

test(
  'system: the real store trusts the listener without a word, and not any more afterwards',
  { skip: canMount ? false : 'not shown: needs Debian, root, and a mount namespace of its own (unshare --mount)' },
  async (t) => {
    const copies = temporaryDirectory(t);
    cpSync(STORE, join(copies, 'store'), { recursive: true, verbatimSymlinks: true });
    cpSync(LOCAL, join(copies, 'local'), { recursive: true });
    const command = `'${process.execPath}' '${LAUNCHER}' trust --endpoint ${gateway.endpoint}`;
    const script = `
    set -euo pipefail
    mount --bind '${copies}/store' ${STORE}
    mount --bind '${copies}/local' ${LOCAL}
    unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
    look() {
      curl -s --noproxy '*' -o /dev/null https://localhost:${gateway.tlsPort}/ && echo "$1 curl trusts" || echo "$1 curl $?"
      openssl s_client -connect 127.0.0.1:${gateway.tlsPort} -servername localhost -verify_hostname localhost \\
        -verify_return_error </dev/null >/dev/null 2>&1 && echo "$1 openssl trusts" || echo "$1 openssl does not"
    }
    look before
    ${command} --install system --dry-run
    look planned
    ${command} --install system
    ${command} --install system
    look installed
    ${command} --uninstall system
    look uninstalled
    ${command} --uninstall system`;
    const { code, stdout, stderr } = await paste(
      `exec unshare --mount --propagation private bash <<'SCRIPT'\n${script}\nSCRIPT`,
      {
        env: KEY,
      },
    );
    assert.equal(code, 0, stderr);
    const lines = stdout.split('\n');
    const looks = lines.filter((line) => /^\w+ (curl|openssl) /.test(line));
    assert.deepEqual(looks, [
      'before curl 60',
      'before openssl does not',
      'planned curl 60',
      'planned openssl does not',
      'installed curl trusts',
      'installed openssl trusts',
      'uninstalled curl 60',
      'uninstalled openssl does not',
    ]);
    const file = `${LOCAL}/${name}.crt`;
    const acts = lines.filter((line) => /^(will|done|note {2}system: there is no|nothing)/.test(line));
    const update = 'run update-ca-certificates';
    assert.deepEqual(acts, [
      `will  write ${file}`,
      `will  ${update}`,
      `will  write ${file}`,
      `will  ${update}`,
      `done  write ${file}`,
      `done  ${update}`,
      `will  ${update}`,
      `done  ${update}`,
      `will  remove ${file}`,
      `will  ${update} --fresh`,
      `done  remove ${file}`,
      `done  ${update} --fresh`,
      'nothing to undo',
      `note  system: there is no ${file}`,
    ]);
    assert.ok(!existsSync(file), 'the machine itself was left alone');
  },
);

test('--help shows examples', async () => {
  assert.match((await sallyport(['trust', '--help'])).stdout, /Examples:\n {2}sallyport trust > sallyport-ca\.pem\n/);
});
