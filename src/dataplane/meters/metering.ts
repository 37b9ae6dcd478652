// What the meters give to others: to the metrics a source, which is loaded with the first reading, and to the operator the hosts.

import { fromFirstRead } from '../../observe/metrics/first-read.ts';
import type { MetricSource } from '../../observe/metrics/readings.ts';
import type { HostTable } from './host-meters.ts';
import type { MeteredWorld } from './meter-readings.ts';

export function meteringOf(
  { meters, delivery, realClock }: Omit<MeteredWorld, 'unknownServerNames'>,
  { unknownServerNames }: Pick<MeteredWorld, 'unknownServerNames'>,
): { readonly metricSource: MetricSource; readonly tenantCounts: HostTable } {
  const world = { meters, delivery, realClock, unknownServerNames };
  const metricSource = fromFirstRead(async () => (await import('./meter-readings.ts')).createMeterReadings(world));
  return { metricSource, tenantCounts: meters.hosts };
}
