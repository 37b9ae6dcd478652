// Readings → the text that Prometheus reads (exposition format 0.0.4). Knows the table and the grammar, and nothing of what is counted.

import { LATENCY_BOUNDS_MS } from './latency.ts';
import { METRICS, type MetricName } from './metric-table.ts';
import type { LatencyCounts, MetricReader, MetricSource, Readings } from './readings.ts';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const MS_PER_SECOND = 1_000;

/** Asks every source, one after the other, and writes what they say in the order of the table. */
export async function writeExposition(sources: readonly MetricSource[], reader: MetricReader): Promise<string> {
  const lines = new Map<MetricName, string[]>();
  const linesOf = (name: MetricName) => {
    let found = lines.get(name);
    if (!found) lines.set(name, (found = []));
    return found;
  };
  const readings: Readings = {
    add: (name, labels, value) => void linesOf(name).push(`${name}${labelText(name, labels)} ${numberText(value)}`),
    addLatency: (name, labels, latency) => void linesOf(name).push(...latencyLines(name, labels, latency)),
  };
  for (const source of sources) await source(readings, reader);
  const families = (Object.keys(METRICS) as MetricName[]).flatMap((name) => {
    const found = lines.get(name);
    const { type, help } = METRICS[name];
    return found ? [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...found] : [];
  });
  return families.map((line) => `${line}\n`).join('');
}

function latencyLines(name: MetricName, labels: object, { counts, sumMs }: LatencyCounts): string[] {
  let total = 0;
  const buckets = counts.map((count, place) => {
    total += count;
    const bound = LATENCY_BOUNDS_MS[place];
    const le = bound === undefined ? '+Inf' : String(bound / MS_PER_SECOND);
    return `${name}_bucket${labelText(name, labels, `le="${le}"`)} ${total}`;
  });
  const own = labelText(name, labels);
  return [...buckets, `${name}_sum${own} ${numberText(sumMs / MS_PER_SECOND)}`, `${name}_count${own} ${total}`];
}

/** An empty label is no label, by the data model of Prometheus: it is left out. */
function labelText(name: MetricName, labels: object, more?: string): string {
  const values = labels as Readonly<Record<string, string>>;
  const pairs = METRICS[name].labels.flatMap((label) => {
    const value = values[label];
    return value === undefined || value === '' ? [] : [`${label}="${escaped(value)}"`];
  });
  if (more !== undefined) pairs.push(more);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
