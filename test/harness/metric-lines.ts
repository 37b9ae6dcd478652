// The metrics page as a test reads it: lines of its grammar, strictly, and Debian's promtool as the judge of the whole.

import assert from 'node:assert/strict';
import { runPeer } from './peers.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricLines {
  readonly text: string;
  readonly samples: readonly Sample[];
  /** The sum of those of a name that have these labels; 0 where there are none, as for Prometheus. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The values that a label has among those of a name. */
  values(name: string, label: string): string[];
}

const SAMPLE = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\S+)$/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

/** Fails for a line that is neither a comment nor a sample, and where two samples are of one series. */
export function parseMetrics(text: string): MetricLines {
  const samples = text
    .trimEnd()
    .split('\n')
    .filter((line) => !/^# (HELP|TYPE) /.test(line))
    .map((line): Sample => {
      const [, name, labels = '', value] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
      const pairs = [...labels.matchAll(LABEL)].map(([, label, escaped]) => [
        label!,
        escaped!.replaceAll(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one)),
      ]);
      return { name: name!, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
  const series = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).toSorted()]));
  assert.equal(new Set(series).size, series.length, 'a series is there twice');
  return {
    text,
    samples,
    sum: (name, labels = {}) =>
      samples
        .filter(
          (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
        )
        .reduce((sum, { value }) => sum + value, 0),
    values: (name, label) => [
      ...new Set(samples.filter((one) => one.name === name).map(({ labels }) => labels[label] ?? '')),
    ],
  };
}

/** What the machine itself reads, unsigned. */
export async function readMetrics(endpoint: string): Promise<MetricLines> {
  const response = await fetch(`${endpoint}/_sallyport/metrics`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return parseMetrics(text);
}

/** Fails where promtool finds anything to say about the page. */
export async function assertPromtoolTakes(text: string): Promise<void> {
  const { code, stdout, stderr } = await runPeer('promtool', ['check', 'metrics'], {}, text);
  assert.equal(`${stdout}${stderr}`, '');
  assert.equal(code, 0);
}
