// The lines of access and execution logs on their way to a file each: kept in memory, written in groups, one file after the other, by a
// single call at a time. Whoever hands over a line never waits for a disk, and a disk that is full or slow costs lines and nothing
// else: they are counted, and told of once a minute.

import { monotonicMs } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import { BLOCK_BYTES, createBlocks, LINE_END, type Block, type LogLine } from './log-blocks.ts';
import type { Log } from './log.ts';
import type { MetricSource } from './metrics/readings.ts';

/** Where the lines of one path end up. */
export interface LogTarget {
  /**
   * Never rejects: resolves to how many bytes were written, and why not all of them were. Until then nobody changes `bytes`, and
   * afterwards its memory is used for others.
   */
  append(bytes: Buffer): Promise<Appended>;
  /** Never rejects. It may be appended to again. */
  close(): Promise<void>;
}

export interface Appended {
  readonly bytes: number;
  readonly error?: Error;
}

export interface LogLines {
  /** `path`: `logPathOf` of a place. Never waits and never throws; of bytes nothing is kept. */
  write(path: string, line: LogLine): void;
}

/** Lines with an end. */
export interface LogOutlet extends LogLines {
  /** Writes what is waiting, as long as `logFlushAtEndMs` allows; what comes afterwards is dropped. */
  close(): Promise<void>;
  readonly metricSource: MetricSource;
}

export function createLogQueue(targetOf: (path: string) => LogTarget, log: Log): LogOutlet {
  return new LogQueue(targetOf, log);
}

interface Waiting {
  readonly target: LogTarget;
  /** Whole lines, in order. */
  blocks: Block[];
  /** Of all of it. */
  bytes: number;
  /** What was written of it last. */
  written: number;
}

type Named = readonly [path: string, file: Waiting];

class LogQueue implements LogOutlet {
  readonly #targetOf: (path: string) => LogTarget;
  readonly #losses: Losses;
  /** The one that was written longest ago first. */
  readonly #files = new Map<string, Waiting>();
  readonly #blocks = createBlocks();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** The time of what waits came while something was written. */
  #isDue = false;
  #isClosed = false;

  constructor(targetOf: (path: string) => LogTarget, log: Log) {
    this.#targetOf = targetOf;
    this.#losses = new Losses(log);
  }

  write(path: string, line: LogLine): void {
    let file = this.#files.get(path);
    if (!file) this.#files.set(path, (file = { target: this.#targetOf(path), blocks: [], bytes: 0, written: 0 }));
    // No line has fewer bytes than that.
    const least = line.length + 1;
    const isFull =
      file.bytes + least > limit('logFileWaitingBytesMax') || this.#bytes + least > limit('logWaitingBytesMax');
    if (isFull || this.#isClosed) return this.#losses.add(1, path, 'lines come faster than they are written');
    const bytes = this.#blocks.add(file.blocks, line, file.written);
    file.bytes += bytes;
    this.#bytes += bytes;
    if (file.bytes >= BLOCK_BYTES && !this.#writing) this.#writeNow([[path, file]]);
    else this.#writeSoon();
  }

  readonly metricSource: MetricSource = (readings, { account }) => {
    if (account !== undefined) return;
    readings.add('sallyport_log_lines_lost_total', {}, this.#losses.total);
    readings.add('sallyport_log_waiting_bytes', {}, this.#bytes);
  };

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
    await this.#writeAll([...this.#files]);
    for (const { target } of this.#files.values()) await target.close();
  }

  #writeSoon(): void {
    if (this.#timer || this.#isDue) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#writing) this.#isDue = true;
      else this.#writeNow([...this.#files]);
    }, limit('logWriteAfterMs')).unref();
  }

  /** Not while anything is written. */
  #writeNow(files: readonly Named[]): void {
    this.#writing = this.#writeAll(files).then(() => {
      this.#writing = undefined;
      // Else a file with always more to write would keep the others waiting for ever.
      if (this.#isDue && !this.#isClosed) {
        this.#isDue = false;
        this.#writeNow([...this.#files]);
      }
    });
  }

  /** One after the other, so that a disk that hangs holds one thread of the process and no more. */
  async #writeAll(files: readonly Named[]): Promise<void> {
    for (const [path, file] of files) {
      if (file.bytes === 0) continue;
      this.#files.delete(path);
      this.#files.set(path, file);
      await this.#writeOut(path, file);
    }
    await this.#closeIdle();
  }

  async #writeOut(path: string, file: Waiting): Promise<void> {
    const { target, blocks, bytes: waiting } = file;
    file.blocks = [];
    file.bytes = 0;
    file.written = waiting;
    for (const block of blocks) {
      const bytes = block.bytes.subarray(0, block.used);
      const appended = await target.append(bytes);
      if (appended.error) this.#losses.add(linesIn(bytes.subarray(appended.bytes)), path, appended.error.message);
      this.#blocks.giveBack(block);
    }
    this.#bytes -= waiting;
  }

  /** Those that are written are put last, so that what is first is what nobody needs. */
  async #closeIdle(): Promise<void> {
    for (const [path, file] of this.#files) {
      if (this.#files.size <= limit('logFilesOpenMax')) return;
      if (file.bytes > 0) continue;
      this.#files.delete(path);
      await file.target.close();
    }
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) lines += 1;
  return lines;
}

/** Lines that nobody will read: told of when the first is lost, and from then on once in `logReportIntervalMs`. */
class Losses {
  /** Ever. */
  total = 0;
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
    this.total += lines;
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
