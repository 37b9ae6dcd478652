// Which file the lines of a log group, or of a stream, lie in: `{account}/{region}/{name}.log` below the directory of logs. Whatever a
// name holds, its file lies below its account and region, and no two names of one kind share one (but `/a` and `a`).

import { createHash } from 'node:crypto';

export interface LogPlace {
  readonly account: string;
  readonly region: string;
  readonly kind: 'logGroup' | 'stream';
  readonly name: string;
}

const SEGMENT_CHARACTERS_MAX = 180;
const SAFE = /^[A-Za-z0-9_.-]+$/;

/** Relative, with `/` between its parts. */
export function logPathOf({ account, region, kind, name }: LogPlace): string {
  const segments = (name.startsWith('/') ? name.slice(1) : name).split('/').map(segmentOf);
  const last = segments.pop()!;
  // What ends like a file of logs would stand where one is written; `%` is in no name.
  const folders = segments.map((segment) => segment.replace(/\.(?=log(?:\.\d+)?$)/, '%2E'));
  const file = kind === 'stream' ? `${last}.stream` : last.replace(/\.(?=stream$)/, '%2E');
  return [segmentOf(account), segmentOf(region), ...folders, `${file}.log`].join('/');
}

function segmentOf(text: string): string {
  if (text === '') return '%';
  const safe = SAFE.test(text) ? text : encodeURIComponent(text.toWellFormed());
  // Neither here, nor above, nor hidden.
  const shown = safe.startsWith('.') ? `%2E${safe.slice(1)}` : safe;
  if (shown.length <= SEGMENT_CHARACTERS_MAX) return shown;
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${shown.slice(0, SEGMENT_CHARACTERS_MAX)}%${mark}`;
}
