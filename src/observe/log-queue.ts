// The lines of access and execution logs on their way to a file each: kept in memory, written in groups, one file after the other, by a
// single call at a time. Whoever hands over a line never waits for a disk, and a disk that is full or slow costs lines and nothing
// else: they are counted, and told of once a minute.

import { monotonicMs } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import type { Log } from './log.ts';

/** Where the lines of one path end up. */
export interface LogTarget {
  /** Never rejects: resolves to how many bytes were written, and why not all of them were. */
  append(bytes: Buffer): Promise<Appended>;
  /** Never rejects. It may be appended to again. */
  close(): Promise<void>;
}

export interface Appended {
  readonly bytes: number;
  readonly error?: Error;
}

export interface LogLines {
  /** `path`: `logPathOf` of a place; `line`: without the end of a line in it. Never waits and never throws. */
  write(path: string, line: string): void;
  /** Writes what is waiting, as long as `logFlushAtEndMs` allows; what comes afterwards is dropped. */
  close(): Promise<void>;
}

export function createLogQueue(targetOf: (path: string) => LogTarget, log: Log): LogLines {
  return new LogQueue(targetOf, log);
}

interface Waiting {
  readonly target: LogTarget;
  /** What was gathered, in order; `text` comes behind it. */
  gathered: Buffer[];
  text: string;
  /** Characters of all of it, which are its bytes but for letters beyond ASCII. */
  size: number;
}

/** So much text is made bytes: small parts of strings that live long are what costs time later. */
const TEXT_CHARACTERS_MAX = 16_384;

const LINE_END = 0x0a;

class LogQueue implements LogLines {
  readonly #targetOf: (path: string) => LogTarget;
  readonly #losses: Losses;
  /** The one that was written longest ago first. */
  readonly #files = new Map<string, Waiting>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(targetOf: (path: string) => LogTarget, log: Log) {
    this.#targetOf = targetOf;
    this.#losses = new Losses(log);
  }

  write(path: string, line: string): void {
    let file = this.#files.get(path);
    if (!file) this.#files.set(path, (file = { target: this.#targetOf(path), gathered: [], text: '', size: 0 }));
    const size = line.length + 1;
    const isFull =
      file.size + size > limit('logFileWaitingBytesMax') || this.#size + size > limit('logWaitingBytesMax');
    if (isFull || this.#isClosed) return this.#losses.add(1, path, 'lines come faster than they are written');
    file.text += line;
    file.text += '\n';
    file.size += size;
    this.#size += size;
    if (file.text.length > TEXT_CHARACTERS_MAX) gather(file);
    this.#writeSoon();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (deadline = setTimeout(resolve, limit('logFlushAtEndMs'))));
    await Promise.race([this.#end(), late]);
    clearTimeout(deadline);
    this.#losses.end();
  }

  async #end(): Promise<void> {
    await this.#writing;
    await this.#writeAll();
    for (const { target } of this.#files.values()) await target.close();
  }

  #writeSoon(): void {
    if (this.#timer || this.#writing) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writeAll().then(() => {
        this.#writing = undefined;
        if (this.#size > 0 && !this.#isClosed) this.#writeSoon();
      });
    }, limit('logWriteAfterMs')).unref();
  }

  /** One after the other, so that a disk that hangs holds one thread of the process and no more. */
  async #writeAll(): Promise<void> {
    for (const [path, file] of this.#byAge()) {
      const { target, size } = file;
      if (size === 0) continue;
      this.#files.delete(path);
      this.#files.set(path, file);
      const bytes = take(file);
      const appended = await target.append(bytes);
      this.#size -= size;
      if (appended.error) this.#losses.add(linesIn(bytes.subarray(appended.bytes)), path, appended.error.message);
    }
    await this.#closeIdle();
  }

  /** A copy: those that are written are put last meanwhile. */
  #byAge(): (readonly [string, Waiting])[] {
    return Array.from(this.#files);
  }

  /** Those that are written are put last, so that what is first is what nobody needs. */
  async #closeIdle(): Promise<void> {
    for (const [path, file] of this.#files) {
      if (this.#files.size <= limit('logFilesOpenMax')) return;
      if (file.size > 0) continue;
      this.#files.delete(path);
      await file.target.close();
    }
  }
}

function gather(file: Waiting): void {
  file.gathered.push(Buffer.from(file.text));
  file.text = '';
}

function take(file: Waiting): Buffer {
  gather(file);
  const bytes = Buffer.concat(file.gathered);
  file.gathered = [];
  file.size = 0;
  return bytes;
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) lines += 1;
  return lines;
}

/** Lines that nobody will read: told of when the first is lost, and from then on once in `logReportIntervalMs`. */
class Losses {
  readonly #log: Log;
  readonly #files = new Set<string>();
  #lines = 0;
  #path = '';
  #error = '';
  #toldAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(lines: number, path: string, error: string): void {
    this.#lines += lines;
    // The number of them is told, and a stranger's names need not be kept for that.
    if (this.#files.size < limit('logFilesOpenMax')) this.#files.add(path);
    this.#path = path;
    this.#error = error;
    if (this.#timer) return;
    const waitMs = this.#toldAtMs + limit('logReportIntervalMs') - monotonicMs();
    if (waitMs <= 0) this.#tell();
    else this.#timer = setTimeout(() => this.#tell(), waitMs).unref();
  }

  end(): void {
    if (this.#lines > 0) this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAtMs = monotonicMs();
    const fields = { lines: this.#lines, files: this.#files.size, file: this.#path, error: this.#error };
    this.#lines = 0;
    this.#files.clear();
    this.#log.error('lines of access or execution logs were lost', fields);
  }
}
