// `sallyport clock`: lifecycle time is shown beside real time, and moved forward where it may be.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sallyport } from '../harness/command-line.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';

const movable = await startTestGateway({ after }, ['--clock', 'movable']);
const real = await startTestGateway({ after });

const clock = (endpoint: string, ...args: string[]) => sallyport(['clock', ...args, '--endpoint', endpoint]);

test('it is shown, moved by days, and shown as far ahead', async () => {
  const before = await clock(movable.endpoint);
  assert.equal(before.code, 0, before.stderr);
  assert.match(before.stdout, /^lifecycle {2}20\S+Z {2}\(not moved\)\nreal {7}20\S+Z\n$/);
  const moved = await clock(movable.endpoint, 'advance', '45d');
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stdout, /^lifecycle {2}20\S+Z {2}\(45d ahead\)\n/);
  assert.match((await clock(movable.endpoint, 'advance', '90m')).stdout, /\(45d 1h ahead\)/);
  const { stdout } = await clock(movable.endpoint, '--json');
  const times = JSON.parse(stdout) as { now: string; real: string; aheadMs: number; isMovable: boolean };
  assert.deepEqual([times.aheadMs, times.isMovable], [45 * 86_400_000 + 5_400_000, true]);
  assert.equal(Date.parse(times.now) - Date.parse(times.real), times.aheadMs);
});

test('a real clock says that it is, and is not moved', async () => {
  assert.match((await clock(real.endpoint)).stdout, /\(real: --clock movable lets it be moved\)/);
  const { code, stderr } = await clock(real.endpoint, 'advance', '1h');
  assert.equal(code, 2);
  assert.match(stderr, /answered 400: The clock is real\. Start with --clock movable to move it\.\n$/);
});

test('with accounts the clock is an operator’s to move', async (t) => {
  const file = join(temporaryDirectory(t), 'accounts.yaml');
  const account = (id: string, operator: boolean) => ({
    id,
    operator,
    keys: [{ id: `AK${id}`, secret: `secret of ${id}` }],
  });
  writeFileSync(file, JSON.stringify({ accounts: [account('111111111111', true), account('222222222222', false)] }), {
    mode: 0o600,
  });
  const { endpoint } = await startTestGateway(t, ['--accounts', file, '--clock', 'movable']);
  const as = (id: string) => ({ env: { AWS_ACCESS_KEY_ID: `AK${id}`, AWS_SECRET_ACCESS_KEY: `secret of ${id}` } });
  const refused = await sallyport(['clock', 'advance', '1d', '--endpoint', endpoint], as('222222222222'));
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /account 222222222222 is none/);
  const moved = await sallyport(['clock', 'advance', '1d', '--endpoint', endpoint], as('111111111111'));
  assert.match(moved.stdout, /\(1d ahead\)/);
});

const REFUSED: readonly (readonly [what: string, duration: string, why: RegExp])[] = [
  [
    'no duration',
    '1week',
    /^sallyport: clock advance: the duration '1week' is none\. Give .*: 90s, 10m, 72h or 45d\.\n$/,
  ],
  ['a step back', '-5d', /^sallyport: clock advance -5d: the clock only goes forward\.\n$/],
  ['a step beyond all dates', '99999999999d', /99999999999d is more than 3650 days, the most at a time\./],
  ['a step beyond all numbers', `${'9'.repeat(400)}d`, /is more than 3650 days, the most at a time\./],
];
for (const [what, duration, why] of REFUSED) {
  test(`${what} is refused, and the clock goes on`, async () => {
    const { code, stderr } = await clock(movable.endpoint, 'advance', duration);
    assert.equal(code, 2);
    assert.match(stderr, why);
    assert.match((await clock(movable.endpoint)).stdout, /^lifecycle {2}20/);
  });
}

test('what is no command is called so', async () => {
  const { code, stderr } = await clock(real.endpoint, 'forward', '5d');
  assert.equal(code, 2);
  assert.match(stderr, /^error: unknown command 'forward'\n/);
});

test('every command has help with examples of itself', async () => {
  for (const [command, example] of [
    [[], 'sallyport clock\n'],
    [['show'], 'sallyport clock\n'],
    [['advance'], 'sallyport clock advance 45d\n'],
  ] as const) {
    const { stdout } = await sallyport(['clock', ...command, '--help']);
    assert.deepEqual(stdout.match(/^Examples:\n {2}.*\n/gm), [`Examples:\n  ${example}`]);
    assert.match(stdout, /--endpoint <URL>[^]*--json/);
  }
});
