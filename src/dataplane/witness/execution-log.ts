// The execution log of each stage (websocket-apis 8.2): what became of a request step by step, in the log group of the stage, at the level
// of its route. Each line begins with the id that its client and its backend were told, too.

import type { Clock } from '../../ambient/clock.ts';
import { executionLogGroup } from '../../model/log-destination.ts';
import { logPathOf } from '../../observe/log-place.ts';
import type { LogLines } from '../../observe/log-queue.ts';
import { escapeLine } from '../../protocol/log-format.ts';
import { wholeCharacters } from '../../protocol/whole-characters.ts';
import { limit } from '../../settings/limits.ts';
import { routeLoggingOf, type ExecutionLogEntry } from '../../snapshot/stage-logs.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import type { Witness } from '../happening.ts';
import { executionLines } from './execution-lines.ts';

export interface ExecutionLogParts {
  readonly lines: LogLines;
  readonly realClock: Clock;
}

const CUT = '[TRUNCATED]';

export function createExecutionLog({ lines, realClock }: ExecutionLogParts): Witness {
  const paths = new WeakMap<ExecutionLogEntry, string>();
  return (happening) => {
    const { stage, routeKey, requestId } = happening;
    const execution = stage?.logs?.execution;
    const logging = execution && routeLoggingOf(execution, routeKey);
    if (!logging) return;
    let path = paths.get(execution);
    if (path === undefined) paths.set(execution, (path = pathOf(stage)));
    const at = new Date(realClock.now()).toISOString();
    for (const text of executionLines(happening, logging)) {
      lines.write(path, `${at} ${bounded(escapeLine(`(${requestId}) ${text}`))}`);
    }
  };
}

function pathOf({ api, stageName }: StageEntry): string {
  const { account, region, apiId } = api;
  return logPathOf({ account, region, kind: 'logGroup', name: executionLogGroup(apiId, stageName) });
}

/** At most so many bytes, and whole characters. */
function bounded(line: string): string {
  const max = limit('executionLogLineBytesMax');
  // No character has more than three bytes for each of its code units.
  if (line.length * 3 <= max || Buffer.byteLength(line) <= max) return line;
  return `${wholeCharacters(Buffer.from(line.slice(0, max)), max - CUT.length).toString()}${CUT}`;
}
