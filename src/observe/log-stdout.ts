// Access and execution logs on stdout, for whoever collects the lines of a container: each one is a JSON object that says which log it
// belongs to. Written like a file, so that a reader that stops reading stops nobody else.

import { write } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from './log.ts';
import { createLogQueue, type Appended, type LogOutlet, type LogTarget } from './log-queue.ts';

const STDOUT = 1;
const AGAIN_AFTER_MS = 50;

export function createStdoutLogs(log: Log): LogOutlet {
  const queue = createLogQueue(() => stdout, log);
  return {
    write(path, line) {
      const message = typeof line === 'string' ? line : Buffer.from(line).toString();
      queue.write('stdout', JSON.stringify({ log: path.replace(/\.log$/, ''), message }));
    },
    close: () => queue.close(),
    metricSource: queue.metricSource,
  };
}

const stdout: LogTarget = {
  async append(bytes): Promise<Appended> {
    let written = 0;
    while (written < bytes.length) {
      const result = await writeSome(bytes, written);
      if (typeof result === 'number') written += result;
      // Somebody made it non-blocking, and the reader is slow.
      else if (result.code === 'EAGAIN') await wait(AGAIN_AFTER_MS);
      else return { bytes: written, error: result };
    }
    return { bytes: written };
  },
  close: () => Promise.resolve(),
};

function writeSome(bytes: Buffer, from: number): Promise<number | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    write(STDOUT, bytes, from, bytes.length - from, null, (error, written) => resolve(error ?? written));
  });
}
