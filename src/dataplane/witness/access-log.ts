// The access log of each stage (websocket-apis 8.1): one line for each connect, message, disconnect and callback, in the stage's format.
// Made at the end of a path, in its turn.

import { createLineBytes, type LineBytes } from '../../observe/line-bytes.ts';
import { logPathOf } from '../../observe/log-place.ts';
import type { LogLines } from '../../observe/log-queue.ts';
import { escapeValue, type LogEscape } from '../../protocol/log-format.ts';
import { wholeCharacters } from '../../protocol/whole-characters.ts';
import { limit } from '../../settings/limits.ts';
import type { AccessLogEntry } from '../../snapshot/stage-logs.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import type { Happening, Witness } from '../happening.ts';
import { readerOf, type Read } from './access-variables.ts';

const UNSET = '-';
/** A text that is written as it is, quotes and all, by AWS's own definition of it. */
const QUOTED_NAME = 'error.messageString';
/** Written by us, of letters and digits: nothing in them has to be escaped. */
const PLAIN_NAMES: ReadonlySet<string> = new Set([
  'requestId',
  'extendedRequestId',
  'requestTime',
  'requestTimeEpoch',
  'eventType',
  'status',
  'apiId',
  'stage',
  'messageId',
  'connectedAt',
  'integrationLatency',
]);

export function createAccessLog(lines: LogLines): Witness {
  const ready = new WeakMap<AccessLogEntry, StageLog>();
  return (happening) => {
    const { stage } = happening;
    const access = stage?.logs?.access;
    if (!access) return;
    let log = ready.get(access);
    if (!log) ready.set(access, (log = stageLog(stage, access)));
    lines.write(log.path, lineOf(log, happening));
  };
}

interface StageLog {
  readonly path: string;
  readonly variables: readonly Variable[];
  readonly escape: LogEscape;
  /** The line that was written last. */
  readonly line: LineBytes;
}

interface Variable {
  readonly read: Read;
  readonly isWritten: boolean;
  /** What stands in the line, before it was escaped. */
  value: string;
}

function stageLog({ api }: StageEntry, access: AccessLogEntry): StageLog {
  const { parts, escape } = access.format;
  return {
    // The account and region of the API, whatever the ARN says.
    path: logPathOf({ ...access.destination, account: api.account, region: api.region }),
    variables: parts.filter((part) => typeof part !== 'string').map((path) => variable(path, escape)),
    escape,
    line: createLineBytes(parts.map((part) => (typeof part === 'string' ? part : undefined))),
  };
}

function variable(path: readonly string[], escape: LogEscape): Variable {
  const name = path.join('.');
  const isWritten = PLAIN_NAMES.has(name) || (name === QUOTED_NAME && escape === 'json');
  return { read: readerOf(path), isWritten, value: '' };
}

function lineOf({ variables, escape, line }: StageLog, happening: Happening): Uint8Array {
  for (let place = 0; place < variables.length; place += 1) {
    const variable = variables[place]!;
    const value = variable.read(happening) || UNSET;
    if (value === variable.value) continue;
    line.set(place, variable.isWritten ? value : escapeValue(value, escape));
    variable.value = value;
  }
  return wholeCharacters(line.bytes, limit('logLineBytesMax'));
}
