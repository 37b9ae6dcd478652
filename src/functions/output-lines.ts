// What a process prints, as log lines: each bounded in length, and so many a second. A function that prints a gigabyte costs the log one
// line that says how much was left out.

import type { Readable } from 'node:stream';
import { realClock } from '../ambient/clock.ts';
import { TokenBucket } from '../ambient/token-bucket.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';

export interface OutputLines {
  /** Follows a stream to its end. */
  follow(stream: Readable): void;
  /** Tells of the lines that were left out since it was asked last. */
  report(): void;
}

const NEWLINE = 0x0a;

/** `about`: which invocation prints, at this moment. `seen` gets all that is read, as it comes. */
export function createOutputLines(
  log: Log,
  about: () => Readonly<Record<string, unknown>>,
  seen: (chunk: Buffer) => void,
): OutputLines {
  const perSecond = limit('functionLogLinesPerSecondMax');
  const bucket = new TokenBucket({ perSecond, burst: perSecond }, realClock);
  const bytesMax = limit('functionLogLineBytesMax');
  let leftOutBytes = 0;

  const write = (bytes: Buffer, isCut: boolean) => {
    if (bytes.length === 0) return;
    bucket.take();
    const text = bytes.toString().replace(/\r$/, '');
    log.info('function output', { ...about(), line: isCut ? `${text}…` : text });
  };

  return {
    follow(stream) {
      let kept: Buffer = Buffer.alloc(0);
      let isSkipping = false;
      // A pipe that breaks has ended.
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => {
        seen(chunk);
        let rest = chunk;
        while (rest.length > 0) {
          if (!bucket.hasToken()) {
            // Not looked at: a gigabyte must cost no more than reading it.
            leftOutBytes += kept.length + rest.length;
            kept = Buffer.alloc(0);
            isSkipping = rest.at(-1) !== NEWLINE;
            return;
          }
          const end = rest.indexOf(NEWLINE);
          const piece = end < 0 ? rest : rest.subarray(0, end);
          rest = rest.subarray(piece.length + 1);
          if (!isSkipping) kept = kept.length > 0 ? Buffer.concat([kept, piece]) : piece;
          if (end < 0 && kept.length <= bytesMax) return;
          write(kept.subarray(0, bytesMax), kept.length > bytesMax);
          kept = Buffer.alloc(0);
          // What a line has over the bound is read, and nothing is kept of it.
          isSkipping = end < 0;
        }
      });
      stream.on('end', () => write(kept.subarray(0, bytesMax), false));
    },
    report() {
      if (leftOutBytes === 0) return;
      const bound = `functionLogLinesPerSecondMax (${perSecond})`;
      log.warn(`a function prints more lines than ${bound}: the others are left out`, { ...about(), leftOutBytes });
      leftOutBytes = 0;
    },
  };
}
