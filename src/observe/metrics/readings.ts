// What rooms say when somebody reads the metrics: each gives what it has counted, as numbers with labels. How they are written is not
// theirs to know. Nothing here runs between two readings.

import type { Latency } from './latency.ts';
import type { METRICS, MetricName } from './metric-table.ts';

/** A value for each label of the metric, by its name. */
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof METRICS)[N]['labels'][number], string>>;

/** Metrics of one kind, by the type in the table. */
export type NamesOf<T extends 'counter' | 'gauge' | 'histogram'> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];

export interface Readings {
  /** Each metric has each set of labels once. */
  add<N extends NamesOf<'counter' | 'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void;
  addLatency<N extends NamesOf<'histogram'>>(name: N, labels: LabelsOf<N>, latency: LatencyCounts): void;
}

export type LatencyCounts = Pick<Latency, 'counts' | 'sumMs'>;

/** Whose numbers are wanted. */
export interface MetricReader {
  /** Undefined for the whole server; else what is an account's own, and nothing else. */
  readonly account: string | undefined;
}

/** Adds what one room has counted. It may wait, and must not throw. */
export type MetricSource = (readings: Readings, reader: MetricReader) => void | Promise<void>;
