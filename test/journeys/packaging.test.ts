// What packaging/ ships: the unit as systemd reads it, the image's recipe and the laptop's compose file held against this tree, and the
// package itself as both run it: somebody else's user, nothing to write to but the data directory.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { parse } from 'yaml';
import { EPHEMERAL, type Ready } from '../../demo/gateway-process.ts';
import { parseDurationMs, readSettings, SettingsProblem } from '../../src/settings/read-settings.ts';
import { SETTING_ROWS } from '../../src/settings/settings.ts';
import { next } from '../harness/eventually.ts';
import { temporaryDirectory } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const fileOf = (name: string) => readFileSync(join(ROOT, 'packaging', name), 'utf8');
const DRAIN_MS = parseDurationMs('drain', SETTING_ROWS.find(({ flag }) => flag === 'drain')!.fallback!);
/** In tenths: what `systemd-analyze security` calls OK, with a little to spare for a later systemd. */
const EXPOSURE_MAX = 20;

/** The flags of a command line, as `sallyport serve` would take them; throws for one that there is not. */
function flagsOf(args: readonly string[]): Record<string, string | boolean | string[]> {
  const options = Object.fromEntries(
    SETTING_ROWS.filter(({ later }) => !later).map(({ flag, value, repeats }) => [
      flag,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: repeats === true },
    ]),
  );
  const config = { type: 'string' as const };
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, config },
    allowPositionals: true,
  });
  assert.deepEqual(positionals, ['serve']);
  return { ...values } as Record<string, string | boolean | string[]>;
}

// ---- the service ----

describe('the unit', () => {
  const unit = fileOf('sallyport.service');
  const valueOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];

  test('is understood by systemd, and is not much exposed', { skip: missing('systemd') }, async (t) => {
    // The Node of the test is elsewhere.
    const file = join(temporaryDirectory(t), 'sallyport.service');
    writeFileSync(file, unit.replace('=/usr/bin/node ', `=${process.execPath} `));
    const verified = await runPeer('systemd', ['verify', '--man=no', file]);
    assert.deepEqual([verified.code, verified.stdout, verified.stderr], [0, '', '']);
    const looked = ['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE_MAX}`, file];
    const { code, stdout, stderr } = await runPeer('systemd', looked);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /Overall exposure level for sallyport\.service: \d\.\d OK/);
  });

  test('is found wanting when it is opened', { skip: missing('systemd') }, async (t) => {
    const file = join(temporaryDirectory(t), 'sallyport.service');
    writeFileSync(file, unit.replace(/^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem)=.*$/gm, ''));
    const looked = ['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE_MAX}`, file];
    assert.notEqual((await runPeer('systemd', looked)).code, 0);
  });

  test('starts with flags that there are, and waits longer than a drain', () => {
    const [, , ...args] = valueOf('ExecStart')!.split(' ');
    const { 'data-dir': dataDir, 'master-key': masterKey, config } = flagsOf(args);
    assert.equal(dataDir, `%S/${valueOf('StateDirectory')}`);
    assert.equal(masterKey, `%d/${valueOf('LoadCredential')!.split(':')[0]}`);
    assert.equal(config, '/etc/sallyport/sallyport.yaml');
    assert.ok(parseDurationMs('TimeoutStopSec', valueOf('TimeoutStopSec')!) > DRAIN_MS);
  });

  test('is not root, and its user is made by the file beside it', () => {
    assert.match(fileOf('sallyport.sysusers'), new RegExp(`^u ${valueOf('User')} - `, 'm'));
    assert.equal(valueOf('Group'), valueOf('User'));
    assert.equal(valueOf('AmbientCapabilities'), 'CAP_NET_BIND_SERVICE');
    assert.equal(valueOf('CapabilityBoundingSet'), 'CAP_NET_BIND_SERVICE');
    for (const name of ['NoNewPrivileges', 'PrivateDevices', 'ProtectHome', 'RestrictNamespaces']) {
      assert.equal(valueOf(name), 'yes', name);
    }
  });
});

test('the settings of the service can be read, and are those of an exposed server', async () => {
  const settings = await readSettings({ config: join(ROOT, 'packaging', 'sallyport.yaml') }, {});
  assert.deepEqual(
    settings.tls.map(({ port }) => port),
    [443, 443],
  );
  assert.equal(settings.accountsFile, '/etc/sallyport/accounts.yaml');
  assert.deepEqual([settings.devCredentials, settings.drainMs], [false, DRAIN_MS]);
});

// ---- the image ----

describe('the image', () => {
  // One instruction a line.
  const lines = fileOf('Containerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const of = (instruction: string) =>
    lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

  test('copies what is there, and what the build is sent', () => {
    const sent = new Set(
      fileOf('Containerfile.dockerignore')
        .split('\n')
        .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])),
    );
    const sources = of('COPY').flatMap((words) => (words.includes('--from=') ? [] : words.split(' ').slice(0, -1)));
    assert.ok(sources.length > 5);
    for (const source of sources) {
      assert.ok(existsSync(join(ROOT, source)), `${source} is not there`);
      assert.ok(sent.has(source), `${source} is not sent`);
    }
    assert.deepEqual([...sent].sort(), [...sources].sort());
  });

  test('is made in a stage of its own, from a Node of ours, by a command that there is', () => {
    assert.equal(of('FROM').length, 2);
    for (const from of of('FROM')) assert.match(from, /node(js)?:?24-/);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    for (const [, script] of of('RUN')
      .join(' ')
      .matchAll(/npm run (\w+)/g))
      assert.ok(script! in scripts, script);
    assert.deepEqual(of('ADD'), []);
  });

  test('runs as nobody, without a shell, and writes to a volume', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    assert.deepEqual(
      last.filter((line) => line.startsWith('RUN ')),
      [],
      'there is no shell to run anything',
    );
    assert.deepEqual(of('USER'), ['65532:65532']);
    assert.deepEqual(of('VOLUME'), ['/data']);
    const owned = of('COPY').filter((words) => words.includes('--chown='));
    assert.deepEqual(owned, ['--from=build --chown=65532:65532 /data /data'], 'nothing else is its own');
    const entry = JSON.parse(of('ENTRYPOINT')[0]!) as string[];
    assert.equal(entry.length, 2, 'no shell form');
    assert.ok(existsSync(join(ROOT, entry[1]!.replace('/sallyport/', ''))), entry[1]);
    assert.equal(flagsOf(JSON.parse(of('CMD')[0]!) as string[])['data-dir'], '/data');
  });

  test('is healthy when the server says so, by the command that it is asked by', async (t) => {
    const [, command] = /CMD (\[.*\])$/.exec(of('HEALTHCHECK')[0]!)!;
    const [, ...args] = JSON.parse(command!) as string[];
    let status = 200;
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(String(request.url));
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const check = async () => {
      const given = args.map((arg) => arg.replace('127.0.0.1:4566', `127.0.0.1:${port}`));
      return promisify(execFile)(process.execPath, given).then(
        () => 0,
        ({ code }: { code: number }) => code,
      );
    };
    assert.equal(await check(), 0);
    status = 503;
    assert.equal(await check(), 1);
    assert.deepEqual(asked, ['/_sallyport/health', '/_sallyport/health']);
    server.close();
    server.closeAllConnections();
    assert.equal(await check(), 1, 'nobody is there');
  });
});

interface Compose {
  readonly services: { readonly sallyport: Readonly<Record<string, unknown>> };
}

test('the compose file of the laptop is published to 127.0.0.1 alone, and starts with flags that there are', async () => {
  const { sallyport } = (parse(fileOf('laptop.compose.yaml')) as Compose).services;
  const ports = sallyport['ports'] as string[];
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+(\/udp|\/tcp)?$/);
  const flags = flagsOf(sallyport['command'] as string[]);
  const settings = await readSettings(flags, {});
  for (const { port } of [...settings.control, ...settings.tls, ...settings.dns]) {
    assert.ok(
      ports.some((published) => published.split('/')[0]!.endsWith(`:${port}`)),
      String(port),
    );
  }
  const { 'dev-credentials': _, ...without } = flags;
  await assert.rejects(readSettings(without, {}), SettingsProblem, 'it takes --dev-credentials');
  assert.deepEqual([sallyport['read_only'], sallyport['cap_drop']], [true, ['ALL']]);
  assert.deepEqual(sallyport['security_opt'], ['no-new-privileges:true']);
  assert.ok(parseDurationMs('stop_grace_period', sallyport['stop_grace_period'] as string) > DRAIN_MS);
  assert.ok(existsSync(join(ROOT, 'packaging', '..', (sallyport['build'] as { dockerfile: string }).dockerfile)));
});

// ---- the package, as somebody else's user ----

const NOBODY = 65_532;
const READABLE = 0o555;
const setpriv = '/usr/bin/setpriv';

/** For `skip`: the reason, unless this is root and there is setpriv. */
function unlessRoot(why: string): false | string {
  return process.geteuid?.() === 0 && existsSync(setpriv) ? false : `not shown: ${why}`;
}

/** What is installed for users of the package, which are those of the lock file that are neither for development nor optional. */
function installDependencies(to: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  for (const [path, { dev, optional }] of Object.entries(packages)) {
    if (path !== '' && !dev && !optional) cpSync(join(ROOT, path), join(to, path), { recursive: true });
  }
}

function everyPath(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name)));
  return [directory, ...names];
}

function stampOf(path: string): string {
  return `${path} ${statSync(path).mtimeMs}`;
}

/** Starts the package with an environment in which there is nothing to write to but `data`. */
async function serveAs(user: number, node: string, installed: string, data: string) {
  const rights = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
  const serve = [join(installed, 'bin', 'sallyport.cjs'), 'serve', '--data-dir', join(data, 'sallyport'), ...EPHEMERAL];
  const gateway = spawn(setpriv, [...rights, node, ...serve], {
    cwd: '/',
    env: { HOME: '/nonexistent', TMPDIR: '/nonexistent', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  const seen = new EventEmitter();
  createInterface({ input: gateway.stderr }).on('line', (line) => {
    said.push(line);
    if (line.startsWith('{"ready":true')) seen.emit('ready', JSON.parse(line));
  });
  const failed = once(gateway, 'exit').then(() => {
    throw new Error(`it ended:\n${said.join('\n')}`);
  });
  failed.catch(() => {});
  const [ready] = await Promise.race([next<[Ready]>(seen, 'ready'), failed]);
  return { gateway, ready, said };
}

test(
  'the package serves as a user of no rights who can write to the data directory alone',
  { skip: unlessRoot('it takes root to become another user') },
  async (t) => {
    const folder = temporaryDirectory(t);
    const [built, installed] = [join(folder, 'built'), join(folder, 'installed')];
    for (const part of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(join(ROOT, part), join(built, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(built, 'node_modules'));
    await promisify(execFile)(join(built, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], {
      cwd: built,
    });
    await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'copy-model.ts')], { cwd: built });
    for (const part of ['bin', 'package.json']) cpSync(join(ROOT, part), join(installed, part), { recursive: true });
    cpSync(join(built, 'dist'), join(installed, 'dist'), { recursive: true });
    installDependencies(installed);
    const node = join(folder, 'node');
    copyFileSync(process.execPath, node);
    for (const name of everyPath(installed)) chmodSync(name, READABLE);
    for (const name of [folder, node]) chmodSync(name, READABLE);
    const data = temporaryDirectory(t);
    chownSync(data, NOBODY, NOBODY);
    const before = everyPath(installed).map(stampOf);

    const { gateway, ready, said } = await serveAs(NOBODY, node, installed, data);
    t.after(() => gateway.kill('SIGKILL'));
    const health = await fetch(`http://${ready.control[0]}/_sallyport/health`);
    assert.equal(health.status, 200);
    assert.match(readFileSync(`/proc/${ready.pid}/status`, 'utf8'), /^Uid:\t65532\t65532\t65532\t65532$/m);
    assert.match(readFileSync(`/proc/${ready.pid}/status`, 'utf8'), /^CapBnd:\t0+$/m);
    const exited = once(gateway, 'exit');
    gateway.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null], said.join('\n'));
    assert.deepEqual(everyPath(installed).map(stampOf), before, 'nothing of the package was written to');
    assert.ok(readdirSync(join(data, 'sallyport')).includes('sallyport.db'));
    for (const name of everyPath(data)) assert.equal(statSync(name).uid, NOBODY, name);
  },
);
