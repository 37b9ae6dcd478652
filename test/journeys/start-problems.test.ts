// A start that cannot work ends before it listens, with one line on stderr that names the thing and the way out; a shutdown drains;
// and the launcher of an older Node passes on signals and exit codes, and leaves nothing behind.

import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClients } from '../../demo/chain.ts';
import { createLookup, fetchCa } from '../../demo/client-side.ts';
import { EPHEMERAL, type Ready } from '../../demo/gateway-process.ts';
import { SETTING_ROWS } from '../../src/settings/settings.ts';
import { WAIT_MS, eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory, type Owner, type TestGateway } from '../harness/gateway.ts';
import { assertNoSecrets, mustNotBeLogged, secretsOf } from '../harness/log-secrets.ts';
import { makeApi, mock, openSocket, type TestSocket } from '../harness/sockets.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/sallyport.cjs', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in an empty directory until it ends; one that starts after all is killed, and has no exit code. */
async function run(
  owner: Owner,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  node = process.execPath,
): Promise<Ended> {
  const cwd = temporaryDirectory(owner);
  const child = spawn(node, [LAUNCHER, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: WAIT_MS,
    killSignal: 'SIGKILL',
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('{"ready":true')) child.kill('SIGKILL');
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, stdout, stderr };
}

/** What a row adds to a start that would work. */
interface Given {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

interface Row {
  readonly name: string;
  readonly given: (owner: Owner) => Given | Promise<Given>;
  /** What follows `sallyport: ` on the only line. */
  readonly line: RegExp;
}

async function runServe(owner: Owner, { args = [], env = {} }: Given, node?: string): Promise<Ended> {
  const dataDir = join(temporaryDirectory(owner), 'data');
  const ended = await run(owner, ['serve', '--data-dir', dataDir, ...EPHEMERAL, ...args], env, node);
  assertNoSecrets(ended.stderr.split('\n'), secretsOf({ dataDir, args, env }));
  return ended;
}

function assertRefused({ code, stdout, stderr }: Ended, line: RegExp): void {
  assert.equal(code, 2, `the exit code; stderr was: ${stderr}`);
  assert.equal(stdout, '');
  const lines = stderr.split('\n');
  assert.equal(lines.pop(), '', 'the line is ended');
  assert.equal(lines.length, 1, `one line alone: ${stderr}`);
  assert.ok(lines[0]!.startsWith('sallyport: '), stderr);
  assert.match(lines[0]!.slice('sallyport: '.length), line);
}

/** Takes a TCP or UDP port of loopback for as long as its owner. */
async function takePort(owner: Owner, protocol: 'tcp' | 'udp'): Promise<string> {
  if (protocol === 'udp') {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    owner.after(() => socket.close());
    return `127.0.0.1:${socket.address().port}`;
  }
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  owner.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fileOf(owner: Owner, content: string | Buffer, name = 'file.yaml'): string {
  const path = join(temporaryDirectory(owner), name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** The same, which others can read. */
const withOpenFile = (flag: string, content: string) => (owner: Owner) => {
  const path = fileOf(owner, content);
  chmodSync(path, 0o644);
  return { args: [`--${flag}`, path] };
};
/** The flag with a file of this content. */
const withFile = (flag: string, content: string | Buffer) => (owner: Owner) => ({
  args: [`--${flag}`, fileOf(owner, content)],
});
const withArgs =
  (...args: string[]) =>
  () => ({ args });

const ACCOUNTS = 'accounts: [{ id: "111122223333", keys: [{ id: AKIDEXAMPLE, secret: long-enough }] }]\n';

const TAKEN: readonly Row[] = (
  [
    ['control', 'tcp'],
    ['tls', 'tcp'],
    ['dns', 'tcp'],
    ['dns', 'udp'],
  ] as const
).map(([flag, protocol]) => ({
  name: `a taken ${protocol.toUpperCase()} port of --${flag}`,
  given: async (owner) => ({ args: [`--${flag}`, await takePort(owner, protocol)] }),
  line: new RegExp(
    `^--${flag} 127\\.0\\.0\\.1:\\d+ is taken by another program\\. Stop it, or choose another with --${flag}\\.$`,
  ),
}));

const ADDRESSES: readonly Row[] = [
  ...['control', 'tls', 'dns', 'http'].flatMap((flag) => [
    {
      name: `--${flag} beyond loopback without accounts`,
      given: withArgs(`--${flag}`, '0.0.0.0:0'),
      line: new RegExp(
        `^--${flag} 0\\.0\\.0\\.0:0 is not a loopback address, .* Give --accounts FILE, or --dev-credentials `,
      ),
    },
    {
      name: `--${flag} with an address that this machine does not have`,
      given: (owner: Owner) => ({ args: ['--accounts', fileOf(owner, ACCOUNTS), `--${flag}`, '192.0.2.1:0'] }),
      line: new RegExp(`^--${flag} 192\\.0\\.2\\.1:0 cannot be listened on: .*EADDRNOTAVAIL`),
    },
  ]),
  ...['control', 'tls'].map((flag) => ({
    name: `--${flag} with a name that resolves to nothing`,
    given: (owner: Owner) => ({ args: ['--accounts', fileOf(owner, ACCOUNTS), `--${flag}`, 'no..name:0'] }),
    line: new RegExp(`^--${flag} no\\.\\.name:0 cannot be listened on: `),
  })),
];

const MASTER_KEY = randomBytes(32).toString('base64');
const PASSPHRASE = 'a horse and a battery';
for (const secret of [MASTER_KEY, PASSPHRASE, PASSPHRASE.slice(0, 11)]) mustNotBeLogged(secret);

const DATA: readonly Row[] = [
  {
    name: 'a data directory below a file',
    given: (owner) => ({ args: ['--data-dir', join(fileOf(owner, ''), 'data')] }),
    line: /^--data-dir \S+\/file\.yaml\/data cannot be made: .*\. Choose another with --data-dir\.$/,
  },
  {
    name: 'a data directory that is a file',
    given: withFile('data-dir', ''),
    line: /^--data-dir \S+\/file\.yaml cannot be made: .*\. Choose another with --data-dir\.$/,
  },
  {
    name: 'a data directory that another gateway uses',
    given: async (owner) => ({ args: ['--data-dir', (await startTestGateway(owner)).dataDir] }),
    line: /^--data-dir \S+ is in use by another sallyport\. Stop it, or choose another directory\.$/,
  },
  {
    name: 'a data directory whose store is no database',
    given: (owner) => ({ args: ['--data-dir', join(fileOf(owner, randomBytes(8_192), 'sallyport.db'), '..')] }),
    line: /^--data-dir \S+ holds no usable store: file is not a database\.$/,
  },
  {
    name: 'a master key of the wrong length',
    given: withFile('master-key', 'c2hvcnQ='),
    line: /^the master key \S+\/file\.yaml must be 32 bytes in base64, and has 5\.$/,
  },
  {
    name: 'a master key that others can read',
    given: withOpenFile('master-key', `${MASTER_KEY}\n`),
    line: /^--master-key (\S+) can be read by others \(mode 0644\): chmod 600 \1$/,
  },
  {
    name: 'a settings file with a secret that others can read',
    given: withOpenFile('config', 'acme-directory: https://ca.example.com/\nacme-eab: kid:c2VjcmV0\n'),
    line: /^--config (\S+) holds a secret \(acme-eab\), and can be read by others \(mode 0644\): chmod 600 \S+\/file\.yaml$/,
  },
  {
    name: 'a master key that is not there',
    given: withArgs('--master-key', '/nowhere/own.key'),
    line: /^the master key \/nowhere\/own\.key cannot be read: ENOENT/,
  },
  {
    name: 'a master key in the place of the file that holds it',
    given: () => ({ env: { SALLYPORT_MASTER_KEY: MASTER_KEY } }),
    line: /^--master-key: the file cannot be read: ENOENT\. Expected a FILE, env:NAME, /,
  },
  {
    name: 'a passphrase in the place of the variable that holds it',
    given: withArgs('--master-key', `passphrase:${PASSPHRASE}`),
    line: /^--master-key: expected a FILE, env:NAME, /,
  },
  {
    name: 'a passphrase that is too short',
    given: () => ({ args: ['--master-key', 'passphrase-env:WORDS'], env: { WORDS: PASSPHRASE.slice(0, 11) } }),
    line: /^--master-key passphrase-env:WORDS: the passphrase has 11 characters, at least 12 are needed\.$/,
  },
];

const VALUES: readonly Row[] = (
  [
    ['control', '4566', /expected HOST:PORT, for example/],
    ['tls', '127.0.0.1:65536', /a port is a number from 0 to 65535\.$/],
    ['dns', 'on', /expected HOST:PORT, for example/],
    ['public-port', 'https', /a port is a number from 0 to 65535\.$/],
    ['resolver', 'dns.example.com', /expected an address, for example 127\.0\.0\.1:53\.$/],
    ['resolver', '127.0.0.1:65536', /127\.0\.0\.1:65536/],
    ['public-address', 'gateway.example.com', /expected an IPv4 or IPv6 address\.$/],
    ['region', 'europe', /expected something like us-east-1\.$/],
    ['endpoint-suffix', 'Example.com', /expected something like gateway\.example\.com\.$/],
    ['egress-allow', '10.0.0.0', /expected a range, for example 10\.0\.0\.0\/8\.$/],
    ['tls-max', '1.4', /expected one of 1\.2, 1\.3\.$/],
    ['clock', 'fast', /expected one of real, movable\.$/],
    ['drain', 'soon', /expected a duration, for example 30s, 500ms or 10m\.$/],
    ['log-level', 'loud', /expected one of debug, info, warn, error\.$/],
    ['integration-ca', '/nowhere/ca.pem', /\/nowhere\/ca\.pem/],
  ] as const
).map(([flag, value, rest]) => ({
  name: `--${flag} ${value}`,
  given: withArgs(`--${flag}`, value),
  line: new RegExp(`^--${flag} .*${rest.source}`),
}));

const LATER: readonly Row[] = SETTING_ROWS.filter((row) => row.later).map(({ flag }) => ({
  name: `--${flag}, which is of a later version`,
  given: withArgs(`--${flag}`, '1'),
  line: new RegExp(`^--${flag} is not available in this version: .*\\. Start without it\\.$`),
}));

const FILES: readonly Row[] = [
  {
    name: 'a variable with a bad value',
    given: () => ({ env: { SALLYPORT_REGION: 'europe' } }),
    line: /^--region europe: expected something like us-east-1\.$/,
  },
  {
    name: 'a settings file with an unknown key',
    given: withFile('config', 'regoin: us-east-1\n'),
    line: /^\S+\/file\.yaml: there is no setting 'regoin'\. See sallyport serve --help\.$/,
  },
  {
    name: 'a settings file with a key of a later version',
    given: withFile('config', 'workers: 2\n'),
    line: /^--workers is not available in this version: /,
  },
  {
    name: 'a settings file that is not YAML',
    given: withFile('config', 'region: ['),
    line: /\/file\.yaml is not YAML: ./,
  },
  {
    name: 'a settings file that is not there',
    given: withArgs('--config', '/nowhere/sallyport.yaml'),
    line: /^--config \/nowhere\/sallyport\.yaml: there is no such file\.$/,
  },
  {
    name: 'an accounts file that is not there',
    given: withArgs('--accounts', '/nowhere/accounts.yaml'),
    line: /^--accounts \/nowhere\/accounts\.yaml: ENOENT/,
  },
  {
    name: 'an accounts file that is not YAML',
    given: withFile('accounts', 'accounts: ['),
    line: /^--accounts \S+\/file\.yaml: ./,
  },
  {
    name: 'an accounts file with an account id that is no text',
    given: withFile('accounts', ACCOUNTS.replaceAll('"', '')),
    line: /^--accounts \S+\/file\.yaml: .*accounts\[0\]\.id/,
  },
  {
    name: 'an accounts file with a key that is listed twice',
    given: withFile('accounts', ACCOUNTS.replace(/\{ id: A.*?\}/, '$&, $&')),
    line: /^--accounts \S+\/file\.yaml: the access key AKIDEXAMPLE is listed twice\.$/,
  },
  {
    name: 'an accounts file with a secret file that is not there',
    given: withFile('accounts', ACCOUNTS.replace('secret: long-enough', 'secretFile: gone')),
    line: /^--accounts \S+\/file\.yaml: the secret file \(not shown\) of \S+ cannot be read: ENOENT/,
  },
  {
    name: 'a file for --integration-ca that holds no certificate',
    given: withFile('integration-ca', 'no certificate\n'),
    line: /^--integration-ca \S+\/file\.yaml/,
  },
];

describe('a start is refused in one line', { concurrency: 2 }, () => {
  for (const { name, given, line } of [...TAKEN, ...ADDRESSES, ...DATA, ...VALUES, ...LATER, ...FILES]) {
    test(`for ${name}`, async (t) => assertRefused(await runServe(t, await given(t)), line));
  }

  test('for an unknown key in ./sallyport.yaml, which is read without being named', async (t) => {
    const folder = join(fileOf(t, 'regoin: us-east-1\n', 'sallyport.yaml'), '..');
    const child = spawn(process.execPath, [LAUNCHER, 'serve'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assertRefused({ code: code as number, stdout, stderr }, /^sallyport\.yaml: there is no setting 'regoin'\. /);
  });

  test('a start that was refused leaves the data directory to the next', async (t) => {
    const data = join(temporaryDirectory(t), 'data');
    const refused = await runServe(t, { args: ['--data-dir', data, '--control', await takePort(t, 'tcp')] });
    assertRefused(refused, /^--control /);
    const gateway = await startTestGateway(t, ['--data-dir', data]);
    assert.equal(gateway.ready.control.length, 1);
  });
});

describe('the command line', () => {
  for (const args of [['--help'], ['serve', '--help']]) {
    test(`sallyport ${args.join(' ')} shows examples`, async (t) => {
      const { code, stdout, stderr } = await run(t, args);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      assert.match(stdout, /^Examples:\n( {2}(\w+=\S+ )?sallyport serve.*\n)+/m);
    });
  }

  test('sallyport serve --help offers every flag that works, with its default, and none of later versions', async (t) => {
    const { stdout } = await run(t, ['serve', '--help']);
    const said = stdout.replace(/\s+/g, ' ');
    for (const { flag, later, fallback } of SETTING_ROWS) {
      assert.equal(said.includes(` --${flag} `), later !== true, `--${flag}`);
      if (fallback !== undefined) assert.ok(said.includes(`(default: ${fallback})`), `the default of --${flag}`);
    }
  });

  const TYPOS: readonly (readonly [args: readonly string[], suggestion: RegExp])[] = [
    [['sevre'], /unknown command 'sevre'\n\(Did you mean serve\?\)/],
    [['serve', '--data-dri', 'x'], /unknown option '--data-dri'\n\(Did you mean --data-dir\?\)/],
  ];
  for (const [args, suggestion] of TYPOS) {
    test(`sallyport ${args.join(' ')} is refused with what was probably meant`, async (t) => {
      const { code, stdout, stderr } = await run(t, args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, suggestion);
      assert.match(stderr, /--help/);
    });
  }
});

/** True while something accepts connections there, and be it only to break them off because it ends. */
async function isListening(address: string): Promise<boolean> {
  const socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    assert.ok(code === 'ECONNREFUSED' || code === 'ECONNRESET', code);
    return code === 'ECONNRESET';
  } finally {
    socket.destroy();
  }
}

/** Open sockets to an API of their own. */
async function openSockets(gateway: TestGateway, count: number): Promise<TestSocket[]> {
  const { apiId, stage } = await makeApi(gateway.clients, { $default: { target: mock('{}') } });
  const url = `wss://${apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${stage}`;
  const sockets: TestSocket[] = [];
  while (sockets.length < count) sockets.push(await openSocket(gateway, url));
  return sockets;
}

const RESTART = { code: 1012, reason: 'Service restart' };

describe('a shutdown', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`by ${signal} closes every socket with 1012 'Service restart' and ends with 0`, async (t) => {
      const gateway = await startTestGateway(t);
      const sockets = await openSockets(gateway, 3);
      const ended = gateway.stop(signal);
      for (const socket of sockets) assert.deepEqual(await socket.closed, RESTART);
      assert.equal(await ended, 0);
      for (const address of [...gateway.ready.control, ...gateway.ready.tls]) {
        assert.equal(await isListening(address), false, address);
      }
    });
  }

  test('does not wait any more once a second signal comes', async (t) => {
    const gateway = await startTestGateway(t, ['--drain', '1h']);
    // A client that reads nothing answers no close frame, so that there is something to wait for.
    const [{ socket }] = (await openSockets(gateway, 1)) as [TestSocket];
    socket.pause();
    t.after(() => socket.terminate());
    void gateway.stop('SIGTERM');
    await eventually('the first signal is taken', () => gateway.logged().find(({ signal }) => signal === 'SIGTERM'));
    assert.equal(await gateway.stop('SIGTERM'), 1);
  });
});

/** For `skip`: why a launcher on this Node would show nothing; false when it is there and older than what we need. */
function notOlder(node: string): false | string {
  if (process.platform !== 'linux') return 'not shown: it looks at /proc';
  if (!existsSync(node)) return `not shown: there is no ${node}`;
  const major = Number(/^v(\d+)/.exec(versionOf(node))?.[1]);
  return major < 24 ? false : `not shown: ${node} is new enough by itself`;
}

function versionOf(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}

const OLD_NODE = '/usr/bin/node';

interface Launched {
  readonly launcher: ChildProcess;
  readonly ready: Ready;
  /** What clients need to know of it. */
  readonly gateway: TestGateway;
  readonly exited: Promise<[code: number | null, signal: string | null]>;
}

/** Starts the launcher on the older Node, at the head of a process group of its own, as a terminal would. */
async function launch(owner: Owner, args: readonly string[] = []): Promise<Launched> {
  const cwd = temporaryDirectory(owner);
  const launcher = spawn(OLD_NODE, [LAUNCHER, 'serve', ...EPHEMERAL, ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(launcher, 'exit') as Launched['exited'];
  const lines: string[] = [];
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: launcher.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as Ready);
    });
    void exited.then(() => reject(new Error(`the launcher ended:\n${lines.join('\n')}`)));
  });
  owner.after(() => {
    try {
      process.kill(-launcher.pid!, 'SIGKILL');
    } catch (error) {
      // Nothing of it is left, which is what most tests want.
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
    }
  });
  const endpoint = `http://${ready.control[0]}`;
  const gateway = {
    clients: createClients(endpoint, REGION),
    ca: await fetchCa(endpoint),
    lookup: createLookup(ready.dns[0]!),
    tlsPort: ready.publicPort,
  } as unknown as TestGateway;
  return { launcher, ready, gateway, exited };
}

describe('the launcher on an older Node', { skip: notOlder('/usr/bin/node') }, () => {
  test('runs the gateway on Node 24', async (t) => {
    const { launcher, ready } = await launch(t);
    assert.notEqual(ready.pid, launcher.pid);
    assert.match(versionOf(readlinkSync(`/proc/${ready.pid}/exe`)), /^v24\./);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`passes ${signal} on, and the exit code of the drain back`, async (t) => {
      const { launcher, ready, gateway, exited } = await launch(t);
      const [socket] = await openSockets(gateway, 1);
      launcher.kill(signal);
      assert.deepEqual(await socket!.closed, RESTART);
      assert.deepEqual(await exited, [0, null]);
      assert.equal(await isListening(ready.control[0]!), false);
    });
  }

  test('drains once when Ctrl-C reaches it and the gateway alike', async (t) => {
    const { launcher, gateway, exited } = await launch(t, ['--drain', '300ms']);
    // A client that answers no close frame: the shutdown is still waiting when the signal comes a second time.
    const [{ socket }] = (await openSockets(gateway, 1)) as [TestSocket];
    socket.pause();
    t.after(() => socket.terminate());
    process.kill(-launcher.pid!, 'SIGINT');
    assert.deepEqual(await exited, [0, null]);
  });

  test('passes back the exit code and the one line of a start that is refused', async (t) => {
    assertRefused(await runServe(t, { args: ['--region', 'europe'] }, OLD_NODE), /^--region europe: /);
  });

  test('leaves nothing behind when it is killed', async (t) => {
    const { launcher, ready, exited } = await launch(t);
    launcher.kill('SIGKILL');
    assert.deepEqual(await exited, [null, 'SIGKILL']);
    for (const address of [...ready.control, ...ready.tls]) {
      await eventually(`${address} is free`, async () => ((await isListening(address)) ? undefined : true));
    }
  });
});
