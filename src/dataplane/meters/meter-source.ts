// What the data plane says when the metrics are read, as a source: what says it is loaded with the first reading.

import { fromFirstRead } from '../../observe/metrics/first-read.ts';
import type { MetricSource } from '../../observe/metrics/readings.ts';
import type { MeteredWorld } from './meter-readings.ts';

export function meterSource(
  { meters, delivery, realClock }: Omit<MeteredWorld, 'unknownServerNames'>,
  { unknownServerNames }: Pick<MeteredWorld, 'unknownServerNames'>,
): MetricSource {
  const world = { meters, delivery, realClock, unknownServerNames };
  return fromFirstRead(async () => (await import('./meter-readings.ts')).createMeterReadings(world));
}
