import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPromtoolTakes, parseMetrics } from '../../../test/harness/metric-lines.ts';
import { missing } from '../../../test/harness/peers.ts';
import { writeExposition } from './exposition.ts';
import { Latency } from './latency.ts';
import type { MetricSource } from './readings.ts';

const SERVER = { account: undefined };
const HOSTILE = [
  'a"b',
  'a\\b',
  'a\nsallyport_connections 99',
  'a\\nb',
  'a"} 1\nsallyport_connections 99\n#',
  'ä😀',
  '{le="0"}',
  '\u2028\r\t',
];

void test('writes a counter, a gauge and a histogram', async () => {
  const latency = new Latency();
  for (const ms of [0.4, 1, 1.1, 40_000]) latency.add(ms);
  const source: MetricSource = (readings) => {
    readings.addLatency('sallyport_store_commit_seconds', {}, latency);
    readings.add('sallyport_domain_connections', { domain: '*.example.com' }, 3);
    readings.add('sallyport_store_failures_total', {}, 0);
  };
  const text = await writeExposition([source], SERVER);
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    '# HELP sallyport_domain_connections Open WebSocket connections under a custom domain name.',
    '# TYPE sallyport_domain_connections gauge',
    'sallyport_domain_connections{domain="*.example.com"} 3',
  ]);
  assert.ok(lines.includes('# TYPE sallyport_store_commit_seconds histogram'));
  assert.ok(lines.includes('sallyport_store_commit_seconds_bucket{le="0.001"} 2'));
  assert.ok(lines.includes('sallyport_store_commit_seconds_bucket{le="0.0025"} 3'));
  assert.ok(lines.includes('sallyport_store_commit_seconds_bucket{le="29"} 3'));
  assert.ok(lines.includes('sallyport_store_commit_seconds_bucket{le="+Inf"} 4'));
  assert.ok(lines.includes('sallyport_store_commit_seconds_count 4'));
  assert.ok(lines.includes('sallyport_store_commit_seconds_sum 40.0025'));
  assert.ok(lines.includes('sallyport_store_failures_total 0'));
});

void test('an empty label is left out, and no value breaks a line', { skip: missing('promtool') }, async () => {
  const text = await writeExposition(
    [
      (readings) => {
        for (const host of ['', ...HOSTILE])
          readings.add('sallyport_tenant_connections', { domain: '*.example.com', host }, 1);
      },
    ],
    SERVER,
  );
  const read = parseMetrics(text);
  assert.deepEqual(
    read.samples.map(({ labels }) => labels['host'] ?? ''),
    ['', ...HOSTILE],
  );
  assert.equal(read.sum('sallyport_connections'), 0);
  await assertPromtoolTakes(text);
});

void test('asks the sources in order, and waits for each', async () => {
  const asked: string[] = [];
  const slow: MetricSource = async (_, { account }) => {
    await Promise.resolve();
    asked.push(`slow ${account}`);
  };
  const text = await writeExposition([slow, () => void asked.push('quick')], { account: '111111111111' });
  assert.deepEqual(asked, ['slow 111111111111', 'quick']);
  assert.equal(text, '');
});
