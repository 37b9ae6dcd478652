// What makes `$disconnect` survive a kill -9: each connection is written down before its client reads the 101, and again when its
// `$disconnect` is done. What a process leaves undone, the next one delivers. Plain files in the data directory, by append alone;
// no handshake waits for a disk, and a disk that fails costs the guarantee and nothing else.

import { close, closeSync, fdatasync, mkdirSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requestId as newRequestId } from '../../ambient/ids.ts';
import type { Log } from '../../observe/log.ts';
import { limit } from '../../settings/limits.ts';
import type { CloseReason } from './close-reasons.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { JournalEntry, Segment } from './journal-entry.ts';
import { closedLine, deliveredLine, openedLine, readLines } from './journal-lines.ts';

export interface DisconnectJournal {
  /** Returns when the system has the line: from then on a kill of the process loses nothing. Never throws. */
  opened(facts: ConnectionFacts): JournalEntry;
  /** The socket is gone; its `$disconnect` is about to be called. */
  closed(entry: JournalEntry, ended: CloseReason): void;
  /** The `$disconnect` was called, whatever came of it, or nobody wants one. */
  delivered(entry: JournalEntry): void;
  /** What earlier processes owed, one file after the other. To be read once. */
  left(): AsyncGenerator<JournalEntry>;
  /** Why it cannot be written; undefined while it can. */
  trouble(): string | undefined;
  /** Writes what is waiting. What is not delivered now is left to the next process. */
  close(): void;
}

const FILE = /^(\d{8})\.journal$/;

/** `directory` is made when it is not there. One process at a time: the data directory's lock sees to that. */
export function openDisconnectJournal(directory: string, log: Log): DisconnectJournal {
  return new Journal(directory, log);
}

class Journal implements DisconnectJournal {
  readonly #directory: string;
  readonly #log: Log;
  /** Oldest first; the last one is written to. */
  readonly #segments: Segment[] = [];
  #file: number | undefined;
  #waiting = '';
  #isFlushDue = false;
  #isSyncDue = false;
  #isBroken = false;
  #trouble = '';
  #isClosed = false;

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const numbers = readdirSync(directory).flatMap((name) => FILE.exec(name)?.[1] ?? []);
      for (const number of numbers.map(Number).sort((a, b) => a - b)) this.#segments.push(this.#segment(number));
      this.#begin();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  opened(facts: ConnectionFacts): JournalEntry {
    const entry = { facts, requestId: newRequestId(), ended: undefined, segment: this.#current() };
    entry.segment.live!.add(entry);
    this.#waiting += openedLine(entry);
    this.#flush();
    return entry;
  }

  closed(entry: JournalEntry, ended: CloseReason): void {
    entry.ended = ended;
    this.#write(closedLine(entry.facts.connectionId, ended));
  }

  delivered(entry: JournalEntry): void {
    entry.segment.live?.delete(entry);
    this.#write(deliveredLine(entry.facts.connectionId));
  }

  async *left(): AsyncGenerator<JournalEntry> {
    // An end is written behind its beginning, often in a later file: all are read before any is believed.
    const owed = new Map<string, JournalEntry>();
    const past = this.#segments.filter(({ live }) => live === undefined);
    for (const segment of past) {
      const text = await readFile(segment.path, 'utf8').catch((error: Error) => {
        this.#log.error('a journal of $disconnect cannot be read', { path: segment.path, error: error.message });
        return '';
      });
      segment.bytes = Buffer.byteLength(text);
      readLines(text, owed, segment);
    }
    for (const segment of past) segment.live = new Set();
    for (const entry of owed.values()) entry.segment.live!.add(entry);
    this.#dropEmpty();
    yield* owed.values();
  }

  trouble(): string | undefined {
    return this.#isBroken ? this.#trouble : undefined;
  }

  close(): void {
    this.#flush();
    this.#isClosed = true;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    const last = this.#segments.at(-1);
    if (this.#segments.length === 1 && last?.live?.size === 0) this.#remove(last);
  }

  #segment(number: number): Segment {
    const path = join(this.#directory, `${String(number).padStart(8, '0')}.journal`);
    return { number, path, live: undefined, bytes: 0 };
  }

  /** Without a disk the entries still have a place to be in. */
  #current(): Segment {
    const last = this.#segments.at(-1);
    if (last?.live) return last;
    const segment = { ...this.#segment((last?.number ?? 0) + 1), live: new Set<JournalEntry>() };
    this.#segments.push(segment);
    return segment;
  }

  /** Begins a new file; the one before it is left to end by itself. */
  #begin(): void {
    const segment = this.#segment((this.#segments.at(-1)?.number ?? 0) + 1);
    const file = openSync(segment.path, 'a', 0o600);
    const before = this.#file;
    if (before !== undefined) fdatasync(before, () => close(before));
    this.#file = file;
    this.#segments.push({ ...segment, live: new Set() });
  }

  /** Goes out at the end of this turn, with all that comes meanwhile. */
  #write(line: string): void {
    this.#waiting += line;
    if (this.#isFlushDue || this.#isClosed) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.#flush();
      this.#dropEmpty();
    });
  }

  #flush(): void {
    if (this.#waiting === '' || this.#isClosed) return;
    // A line that was torn by a full disk must not swallow the next one.
    const bytes = Buffer.from(this.#isBroken ? `\n${this.#waiting}` : this.#waiting);
    this.#waiting = '';
    try {
      if (this.#file === undefined) this.#begin();
      for (let written = 0; written < bytes.length;) written += writeSync(this.#file!, bytes, written);
      if (this.#isBroken) this.#log.info('the journal of $disconnect is written again', { path: this.#directory });
      this.#isBroken = false;
      const segment = this.#segments.at(-1)!;
      segment.bytes += bytes.length;
      if (segment.bytes >= limit('disconnectJournalFileBytesMax')) this.#rotate();
      this.#syncSoon();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Once for each trouble, however many connections it is met by. */
  #fail(error: Error): void {
    if (!this.#isBroken) {
      this.#log.error(
        'the journal of $disconnect cannot be written; a kill -9 now would lose the $disconnect calls of open sockets',
        {
          path: this.#directory,
          error: error.message,
        },
      );
    }
    this.#isBroken = true;
    this.#trouble = `cannot be written: ${error.message}`;
  }

  /** Against a loss of power, in groups: the kernel keeps what was written when only the process dies. */
  #syncSoon(): void {
    if (this.#isSyncDue) return;
    this.#isSyncDue = true;
    setTimeout(() => {
      if (this.#file === undefined) this.#isSyncDue = false;
      else {
        fdatasync(this.#file, (error) => {
          this.#isSyncDue = false;
          // A file that ended meanwhile was synced by its end.
          if (error && error.code !== 'EBADF') this.#fail(error);
        });
      }
    }, limit('disconnectJournalSyncMs')).unref();
  }

  /** Keeps the files within three times what is owed: writes what the oldest ones still hold to the new one. */
  #rotate(): void {
    this.#begin();
    const target = this.#segments.at(-1)!;
    for (let cleaned = 0; cleaned < 2 && this.#isWasteful(); cleaned += 1) {
      const [oldest] = this.#segments;
      if (!oldest?.live || oldest === target) return;
      let lines = '';
      for (const entry of oldest.live) {
        entry.segment = target;
        target.live!.add(entry);
        lines += openedLine(entry);
        if (entry.ended) lines += closedLine(entry.facts.connectionId, entry.ended);
      }
      const bytes = Buffer.from(lines);
      for (let written = 0; written < bytes.length;) written += writeSync(this.#file!, bytes, written);
      target.bytes += bytes.length;
      oldest.live.clear();
      this.#dropEmpty();
    }
  }

  #isWasteful(): boolean {
    const files = this.#segments.length - 1;
    if (files < limit('disconnectJournalFilesMin')) return false;
    let owed = 0;
    for (const { live } of this.#segments) owed += live?.size ?? 0;
    return files * limit('disconnectJournalFileBytesMax') > 3 * owed * limit('disconnectJournalLineBytesTypical');
  }

  #dropEmpty(): void {
    while (this.#segments.length > 1 && this.#segments[0]!.live?.size === 0) this.#remove(this.#segments.shift()!);
  }

  #remove({ path }: Segment): void {
    try {
      unlinkSync(path);
    } catch (error) {
      // It was never written, or somebody was quicker: what is in it is done, and would be found done again.
      this.#log.debug('a journal of $disconnect was not removed', { path, error: (error as Error).message });
    }
  }
}
