// The README's first command does what it says: every link ticked, exit 0, nothing left behind.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TITLES = [
  'hosted zone',
  'certificate request',
  'validation CNAME',
  'certificate issued',
  'WebSocket API',
  'integration, routes',
  'deployment, stage',
  'custom domain name',
  'API mapping',
  'alias record',
  'client connects',
  'message, reply',
  'backend pushes',
  'client leaves',
];

test('npm run demo ticks every link of the chain and ends by itself', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const demo = spawn('npm', ['run', '--silent', 'demo'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    text(demo.stdout),
    text(demo.stderr),
    new Promise((resolve) => demo.once('exit', resolve)),
  ]);
  assert.equal(code, 0, stdout + stderr);
  const ticked = [...stdout.matchAll(/^✓ (.{20})/gm)].map((match) => match[1]!.trim());
  assert.deepEqual(ticked, TITLES);
  assert.match(stdout, /TLSv1\.2, certificate of ws\.example\.com verified/);
  assert.match(stdout, /aws --endpoint-url http:\/\/127\.0\.0\.1:\d+ /);
});
