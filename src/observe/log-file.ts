// One file of access or execution logs: appended to, begun anew when it is as long as it may be (`.log` → `.log.1` → `.log.2` …), and
// opened again when somebody else moved it away, so that logrotate needs no signal. The account's oldest files give way to new ones.

import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { monotonicMs } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import { LINE_END } from './log-blocks.ts';
import type { Appended, LogTarget } from './log-queue.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const LOG_FILE = /\.log(?:\.\d+)?$/;
/** A link would lead out of the directory; what is no file may block whoever opens it. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** `path`: as of `logPathOf`, its first part is the account. */
export function createLogFile(directory: string, path: string): LogTarget {
  return new LogFile(join(directory, path), join(directory, path.split('/', 1)[0]!));
}

interface Opened {
  readonly handle: FileHandle;
  readonly inode: number;
  bytes: number;
  /** Whoever wrote it last was stopped within a line. */
  isTorn: boolean;
}

class LogFile implements LogTarget {
  readonly #path: string;
  readonly #accountFolder: string;
  #opened: Opened | undefined;
  /** When it was at its place. */
  #seenAtMs = -Infinity;

  constructor(path: string, accountFolder: string) {
    this.#path = path;
    this.#accountFolder = accountFolder;
  }

  async append(bytes: Buffer): Promise<Appended> {
    let written = 0;
    try {
      const opened = await this.#ready(bytes.length);
      if (opened.isTorn) await opened.handle.write('\n');
      opened.isTorn = false;
      while (written < bytes.length) {
        const { bytesWritten } = await opened.handle.write(bytes, written);
        written += bytesWritten;
        opened.bytes += bytesWritten;
      }
      return { bytes: written };
    } catch (error) {
      await this.close();
      return { bytes: written, error: error as Error };
    }
  }

  async close(): Promise<void> {
    const handle = this.#opened?.handle;
    this.#opened = undefined;
    await handle?.close().catch(() => {
      // Nothing is held any more either way.
    });
  }

  /** Open, at its place, and with room for so many bytes. */
  async #ready(bytes: number): Promise<Opened> {
    const nowMs = monotonicMs();
    const isLong = (size: number) => size > 0 && size + bytes > limit('logFileBytesMax');
    // Each look wakes a thread. Of a file that is written all the time a few are left out: its lines have waited no less for their group.
    const isKnown = nowMs - this.#seenAtMs < limit('logWriteAfterMs');
    if (this.#opened && isKnown && !isLong(this.#opened.bytes)) return this.#opened;
    const there = await stat(this.#path).catch(() => undefined);
    if (this.#opened && there?.ino !== this.#opened.inode) await this.close();
    const isFull = there !== undefined && isLong(there.size);
    if (!there || isFull) await this.#makeRoom();
    if (isFull) await this.#rotate();
    this.#seenAtMs = nowMs;
    return (this.#opened ??= await this.#open());
  }

  async #open(): Promise<Opened> {
    await mkdir(dirname(this.#path), { recursive: true, mode: FOLDER_MODE });
    const handle = await open(this.#path, FLAGS, FILE_MODE);
    try {
      const { ino, size } = await handle.stat();
      const last = size === 0 ? undefined : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
      return { handle, inode: ino, bytes: size, isTorn: last !== undefined && last !== LINE_END };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #rotate(): Promise<void> {
    await this.close();
    const kept = limit('logFilesPerGroupMax') - 1;
    // Removed and not renamed over: some file systems write what replaces a file to the disk at once.
    await rm(kept === 0 ? this.#path : `${this.#path}.${kept}`, { force: true });
    if (kept === 0) return;
    for (let number = kept - 1; number >= 1; number -= 1) {
      await rename(`${this.#path}.${number}`, `${this.#path}.${number + 1}`).catch(ignoreAbsent);
    }
    return rename(this.#path, `${this.#path}.1`);
  }

  /** For one file more. */
  async #makeRoom(): Promise<void> {
    const found = await readdir(this.#accountFolder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = found.filter((entry) => entry.isFile() && LOG_FILE.test(entry.name));
    const excess = files.length + 1 - limit('logFilesPerAccountMax');
    if (excess <= 0) return;
    const aged = await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        return { path, atMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity };
      }),
    );
    const oldest = aged.filter(({ path }) => path !== this.#path).toSorted((a, b) => a.atMs - b.atMs);
    for (const { path } of oldest.slice(0, excess)) await rm(path, { force: true });
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
