// Access and execution logs: where their lines go, and that they are made as long as any stage asks for them. While none does, nobody
// listens, and nothing is made.

import { join } from 'node:path';
import { realClock } from '../../ambient/clock.ts';
import type { Undo } from '../../ambient/undo.ts';
import { createLogFile } from '../../observe/log-file.ts';
import { createLogQueue } from '../../observe/log-queue.ts';
import { createStdoutLogs } from '../../observe/log-stdout.ts';
import type { MetricSource } from '../../observe/metrics/readings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DataWorld } from '../world.ts';
import type { Witness } from '../happening.ts';
import { createAccessLog } from './access-log.ts';
import { createExecutionLog } from './execution-log.ts';
import { createLogLeave } from './log-leave.ts';

const FOLDER = 'logs';

export function openLogs({ dataDir, accessLog }: Settings, world: DataWorld, undo: Undo): MetricSource {
  const { log, snapshot, witnesses } = world;
  const folder = join(dataDir, FOLDER);
  const lines =
    accessLog === 'stdout' ? createStdoutLogs(log) : createLogQueue((path) => createLogFile(folder, path), log);
  undo.push(() => lines.close());
  const isTold = createLogLeave(realClock);
  const access = createAccessLog(lines);
  const execution = createExecutionLog({ lines, realClock });
  const both: Witness = (happening) => {
    const logs = happening.stage?.logs;
    if (!logs || !isTold(happening, logs)) return;
    access(happening);
    execution(happening);
  };
  let unwatch: (() => void) | undefined;
  snapshot.onLogging((isAny) => {
    unwatch?.();
    unwatch = isAny ? witnesses.watch(both) : undefined;
  });
  return lines.metricSource;
}
