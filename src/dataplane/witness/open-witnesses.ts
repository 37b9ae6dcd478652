// Who is told of everything that happens: one line each. What a start does not need is loaded when it is first asked for.

import type { Undo } from '../../ambient/undo.ts';
import type { MetricSource } from '../../observe/metrics/readings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DataWorld } from '../world.ts';
import type { LiveView } from './live-view.ts';
import { openLogs } from './open-logs.ts';

export interface Watching {
  readonly logMetrics: MetricSource;
  /** Made for the first who watches. */
  live(): Promise<LiveView>;
}

export function openWitnesses(world: DataWorld, settings: Settings, undo: Undo): Watching {
  const logMetrics = openLogs(settings, world, undo);
  let live: Promise<LiveView> | undefined;
  return {
    logMetrics,
    live: () => (live ??= import('./live-view.ts').then(({ createLiveView }) => createLiveView(world))),
  };
}
