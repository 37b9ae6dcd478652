// Access and execution logs: where their lines go, and that they are made as long as any stage asks for them. While none does, nobody
// listens, and nothing is made.

import { join } from 'node:path';
import { realClock } from '../../ambient/clock.ts';
import type { Undo } from '../../ambient/undo.ts';
import { createLogFile } from '../../observe/log-file.ts';
import { createLogQueue } from '../../observe/log-queue.ts';
import { createStdoutLogs } from '../../observe/log-stdout.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DataWorld } from '../world.ts';
import { createAccessLog } from './access-log.ts';

const FOLDER = 'logs';

export function openLogs({ dataDir, accessLog }: Settings, world: DataWorld, undo: Undo): void {
  const { log, snapshot, witnesses } = world;
  const folder = join(dataDir, FOLDER);
  const lines =
    accessLog === 'stdout' ? createStdoutLogs(log) : createLogQueue((path) => createLogFile(folder, path), log);
  undo.push(() => lines.close());
  const access = createAccessLog({ lines, port: world.domainNamePort, realClock });
  let unwatch: (() => void) | undefined;
  snapshot.onLogging((isAny) => {
    unwatch?.();
    unwatch = isAny ? witnesses.watch(access) : undefined;
  });
}
