// Sources that are not there until the metrics are read: what says the numbers is loaded by whoever asks for them first.

import type { MetricSource } from './readings.ts';

export function fromFirstRead(load: () => Promise<MetricSource>): MetricSource {
  let loading: Promise<MetricSource> | undefined;
  return async (readings, reader) => (await (loading ??= load()))(readings, reader);
}
