// What docs/metrics.md tells people to paste into Prometheus is taken by it, and asks for metrics that there are.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { METRICS } from '../../src/observe/metrics/metric-table.ts';
import { missing, runPeer } from '../harness/peers.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/metrics.md', import.meta.url)), 'utf8');
/** By the name in its first line. */
const files = new Map(
  [...page.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => [name!, text!] as const),
);

test('promtool takes the configuration and its rules', { skip: missing('promtool') }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  assert.deepEqual([...files.keys()], ['prometheus.yml', 'sallyport.rules.yml']);
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
  const { code, stdout, stderr } = await runPeer('promtool', ['check', 'config', join(directory, 'prometheus.yml')]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /SUCCESS: 6 rules found/);
});

test('every metric that the page names is there', () => {
  const known = new Set(Object.keys(METRICS));
  // A rule has a name of its own, and a histogram has three series.
  const text = page.replaceAll(/record: \S+|\bstage:\S+/g, '').replaceAll(/(?<=_seconds)_(?:bucket|sum|count)\b/g, '');
  const named = new Set(text.match(/\b(?:aws_apigateway|sallyport|process)_\w*[a-z]\b/g));
  assert.deepEqual([...named].toSorted(), [...known].toSorted());
});
