// The access log of each stage (websocket-apis 8.1): one line for each connect, message, disconnect and callback, in the stage's format.
// Made at the end of a path, in its turn; from there on only the line is kept.

import { logPathOf } from '../../observe/log-place.ts';
import type { LogLines } from '../../observe/log-queue.ts';
import { escapeValue, type LogEscape } from '../../protocol/log-format.ts';
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
  readonly parts: readonly (string | Variable)[];
  readonly escape: LogEscape;
}

interface Variable {
  readonly read: Read;
  readonly isWritten: boolean;
  /** The last value that was looked through, and what was written for it: most say the same line after line. */
  value: string;
  text: string;
}

function stageLog({ api }: StageEntry, access: AccessLogEntry): StageLog {
  const { parts, escape } = access.format;
  return {
    // The account and region of the API, whatever the ARN says.
    path: logPathOf({ ...access.destination, account: api.account, region: api.region }),
    parts: parts.map((part) => (typeof part === 'string' ? part : variable(part, escape))),
    escape,
  };
}

function variable(path: readonly string[], escape: LogEscape): Variable {
  const name = path.join('.');
  const isWritten = PLAIN_NAMES.has(name) || (name === QUOTED_NAME && escape === 'json');
  return { read: readerOf(path), isWritten, value: '', text: UNSET };
}

function lineOf({ parts, escape }: StageLog, happening: Happening): string {
  let line = '';
  for (const part of parts) line += typeof part === 'string' ? part : textOf(part, escape, happening);
  const max = limit('logLineCharactersMax');
  return line.length <= max ? line : line.slice(0, max);
}

function textOf(variable: Variable, escape: LogEscape, happening: Happening): string {
  const value = variable.read(happening);
  if (value === undefined || value === '') return UNSET;
  if (variable.isWritten) return value;
  if (value !== variable.value) {
    variable.value = value;
    variable.text = escapeValue(value, escape);
  }
  return variable.text;
}
