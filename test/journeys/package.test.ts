// The published package: compiled, without the vendored Node, without tests, and it serves.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EPHEMERAL } from '../../demo/gateway-process.ts';
import { temporaryDirectory } from '../harness/gateway.ts';
import { WAIT_MS } from '../harness/eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = [
  'bin',
  'src',
  'scripts',
  'package.json',
  'README.md',
  'LICENSE',
  'tsconfig.json',
  'tsconfig.build.json',
];
const run = promisify(execFile);

test('npm pack makes a package that serves on the Node that its user has', async (t) => {
  const folder = temporaryDirectory({ after: (end) => t.after(end as () => void) });
  // Packed from a copy: packing rewrites package.json for a moment.
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  for (const source of SOURCES) cpSync(join(ROOT, source), join(copy, source), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: copy });
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  await run('tar', ['-xzf', join(folder, tarball!), '-C', folder]);

  const packed = join(folder, 'package');
  const manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(manifest['optionalDependencies'], undefined);
  assert.equal(manifest['devDependencies'], undefined);
  assert.deepEqual(
    JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')),
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')),
  );
  const files = readdirSync(packed, { recursive: true }).map(String);
  assert.ok(files.includes('dist/protocol/wire/model.json'));
  assert.deepEqual(
    files.filter((file) => /\.test\.|\.ts$|^src/.test(file)),
    [],
  );

  symlinkSync(join(ROOT, 'node_modules'), join(packed, 'node_modules'));
  const args = [join(packed, 'bin', 'sallyport.cjs'), 'serve', '--data-dir', join(folder, 'data'), ...EPHEMERAL];
  const gateway = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => gateway.once('exit', resolve));
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it did not become ready:\n${lines.join('\n')}`)), WAIT_MS);
    createInterface({ input: gateway.stderr }).on('line', (line) => {
      lines.push(line);
      if (!line.startsWith('{"ready":true')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  gateway.kill('SIGTERM');
  assert.equal(await exited, 0);
});
