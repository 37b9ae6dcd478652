// Where traces are made: the one who begins them, and the witness that sends what has happened as spans. Loaded only where there is an
// endpoint to send them to.

import type { Undo } from '../../ambient/undo.ts';
import type { Log } from '../../observe/log.ts';
import { createSpanExporter } from '../../observe/traces/span-exporter.ts';
import type { TracingSetting } from '../../settings/tracing-setting.ts';
import { readVersion } from '../../settings/version.ts';
import type { Witnesses } from '../happening.ts';
import { createTracing, type Tracing } from '../tracing.ts';
import { spansOf } from './spans-of.ts';

const SCOPE_NAME = 'sallyport';

/** Throws StartProblem for a certificate of the collector that cannot be read. */
export function openTraces(setting: TracingSetting, witnesses: Witnesses, log: Log, undo: Undo): Tracing {
  const version = readVersion();
  const resource = { 'service.version': version, ...setting.resource };
  const exporter = createSpanExporter({ ...setting, resource }, { name: SCOPE_NAME, version }, log);
  undo.push(() => exporter.close());
  const unwatch = witnesses.watch((happening) => {
    for (const span of spansOf(happening)) exporter.add(span);
  });
  undo.push(unwatch);
  return createTracing(setting.sampler);
}
