// What the process says of itself: the event loop, memory, garbage collection. Loaded with the first reading, so that a server whose
// metrics nobody reads pays for none of it.

import {
  constants,
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type PerformanceEntry,
} from 'node:perf_hooks';
import type { MetricSource } from './readings.ts';

const MS_PER_SECOND = 1_000;
const NS_PER_SECOND = 1_000_000_000;
const US_PER_SECOND = 1_000_000;
/** How often it is looked how late the loop is: it costs a turn of the loop each time. */
const DELAY_RESOLUTION_MS = 50;
const PERCENTILES: readonly number[] = [50, 90, 99, 100];

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak',
};

/** What the types of Node leave out of such an entry. */
type Collection = PerformanceEntry & { readonly detail?: { readonly kind?: number } };

/** Of the whole server alone: an account has no process of its own. */
export function createProcessReadings(version: string): MetricSource {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const gcMs: Record<string, number> = Object.fromEntries(Object.values(GC_KINDS).map((kind) => [kind, 0]));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = GC_KINDS[(entry as Collection).detail?.kind ?? 0];
      if (kind !== undefined) gcMs[kind]! += entry.duration;
    }
  }).observe({ entryTypes: ['gc'] });
  return (readings, { account }) => {
    if (account !== undefined) return;
    for (const percentile of PERCENTILES) {
      const seconds = Math.max(0, delayOf(delay, percentile) / NS_PER_SECOND - DELAY_RESOLUTION_MS / MS_PER_SECOND);
      readings.add('sallyport_event_loop_delay_seconds', { percentile: String(percentile) }, seconds);
    }
    delay.reset();
    const { active } = performance.eventLoopUtilization();
    readings.add('sallyport_event_loop_busy_seconds_total', {}, active / MS_PER_SECOND);
    for (const [kind, ms] of Object.entries(gcMs))
      readings.add('sallyport_gc_seconds_total', { kind }, ms / MS_PER_SECOND);
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
    readings.add('sallyport_heap_bytes', { state: 'used' }, heapUsed);
    readings.add('sallyport_heap_bytes', { state: 'reserved' }, heapTotal);
    readings.add('sallyport_external_bytes', {}, external);
    readings.add('process_resident_memory_bytes', {}, rss);
    const { user, system } = process.cpuUsage();
    readings.add('process_cpu_seconds_total', {}, (user + system) / US_PER_SECOND);
    readings.add('process_start_time_seconds', {}, performance.timeOrigin / MS_PER_SECOND);
    readings.add('sallyport_build_info', { version, node: process.version }, 1);
  };
}

/** Nanoseconds; nothing was looked at yet where there are none. */
function delayOf(delay: ReturnType<typeof monitorEventLoopDelay>, percentile: number): number {
  return delay.count === 0 ? 0 : delay.percentile(percentile);
}
