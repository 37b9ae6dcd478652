// Who is told of everything that happens on the data plane, each by one line: opened once, when there is a world to tell of.

import type { Undo } from '../../ambient/undo.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DataWorld } from '../world.ts';
import { openLogs } from './open-logs.ts';

export function openWitnesses(world: DataWorld, settings: Settings, undo: Undo): void {
  openLogs(settings, world, undo);
}
