// The form of a backup: a plain tar (POSIX ustar), so that `tar xf` and `sqlite3` read it where Sallyport is not at hand. Its last
// member holds the SHA-256 of all the others. What is read here is read strictly: every octet is one that this file would write.

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

/** A backup that cannot be made or read; the message is one line that names the file and the way out. */
export class BackupProblem extends Error {}

/** The members by name, in the order in which they lie. */
export const MEMBERS = {
  manifest: 'manifest.json',
  salt: 'master.salt',
  database: 'sallyport.db',
  sums: 'SHA256SUMS',
} as const;

type MemberName = (typeof MEMBERS)[keyof typeof MEMBERS];

const BLOCK_BYTES = 512;
const CHUNK_BYTES = 2 ** 20;
/** Eleven octal digits: more than a change log that is cut can ever fill. */
const MEMBER_BYTES_MAX = 8 ** 11 - 1;
/** What is read whole: manifest, salt and sums are some hundred octets each. */
const TEXT_BYTES_MAX = 65_536;
const END = Buffer.alloc(2 * BLOCK_BYTES);

export interface Member {
  readonly name: MemberName;
  /** Where its octets begin in the archive. */
  readonly start: number;
  readonly bytes: number;
  readonly sha256: string;
  /** What a small one holds. */
  readonly text: string;
}

/** Told as octets go by; `total` is of this step. */
export type Progress = (done: number, total: number) => void;

/** Writes members one after another; nothing is under the archive's final name before all of it is on the disk. */
export class ArchiveWriter {
  readonly #file: number;
  readonly #mtimeS: number;
  readonly #sums: string[] = [];

  /** `path` must not be there. */
  constructor(path: string, createdAtMs: number) {
    this.#file = openSync(path, 'wx', 0o600);
    this.#mtimeS = Math.floor(createdAtMs / 1_000);
  }

  addText(name: MemberName, text: string): void {
    const content = Buffer.from(text);
    writeAll(this.#file, memberHeader(name, content.length, this.#mtimeS));
    writeAll(this.#file, content);
    this.#end(name, content.length, createHash('sha256').update(content).digest('hex'));
  }

  addFile(name: MemberName, path: string, progress: Progress): void {
    const source = openSync(path, 'r');
    try {
      const bytes = fstatSync(source).size;
      writeAll(this.#file, memberHeader(name, bytes, this.#mtimeS));
      const sum = createHash('sha256');
      for (const { chunk, end } of chunksOf(source, 0, bytes)) {
        sum.update(chunk);
        writeAll(this.#file, chunk);
        progress(end, bytes);
      }
      this.#end(name, bytes, sum.digest('hex'));
    } finally {
      closeSync(source);
    }
  }

  /** Adds the sums, and returns when all is on the disk. */
  finish(): void {
    this.addText(MEMBERS.sums, this.#sums.join(''));
    writeAll(this.#file, END);
    fsyncSync(this.#file);
    this.close();
  }

  close(): void {
    closeSync(this.#file);
  }

  #end(name: MemberName, bytes: number, sum: string): void {
    writeAll(this.#file, Buffer.alloc(paddingOf(bytes)));
    this.#sums.push(sumLine(sum, name));
  }
}

/** As `sha256sum` writes it, so that `sha256sum -c` reads it. */
const sumLine = (sum: string, name: string) => `${sum}  ${name}\n`;

/** Reads all of it and resolves nothing by halves: throws a BackupProblem unless every octet is as it was written. */
export function readArchive(file: number, path: string, progress: Progress): ReadonlyMap<MemberName, Member> {
  const { size } = fstatSync(file);
  const members = new Map<MemberName, Member>();
  let at = 0;
  while (!members.has(MEMBERS.sums)) {
    const member = readMember(file, at, size, path, progress);
    at = member.start + member.bytes;
    const padding = readExactly(file, at, paddingOf(member.bytes));
    if (padding?.every((octet) => octet === 0) !== true)
      throw damaged(path, `${member.name} does not end as it should`);
    at += padding.length;
    if (members.has(member.name)) throw damaged(path, `it has two members ${member.name}`);
    members.set(member.name, member);
  }
  const sums = [...members.values()].filter(({ name }) => name !== MEMBERS.sums);
  if (members.get(MEMBERS.sums)!.text !== sums.map(({ sha256, name }) => sumLine(sha256, name)).join(''))
    throw damaged(path, `what is in it does not agree with its ${MEMBERS.sums}`);
  if (readExactly(file, at, END.length)?.equals(END) !== true || size !== at + END.length)
    throw damaged(path, `it does not end behind its ${MEMBERS.sums}`);
  return members;
}

function readMember(file: number, at: number, size: number, path: string, progress: Progress): Member {
  const header = readExactly(file, at, BLOCK_BYTES);
  const name = Object.values(MEMBERS).find((one) => header?.toString('latin1', 0, 100) === one.padEnd(100, '\0'));
  if (at === 0 && name !== MEMBERS.manifest) throw new BackupProblem(`${path} is not a backup that sallyport made.`);
  if (!header) throw damaged(path, 'it ends too early');
  const bytes = Number.parseInt(header.toString('latin1', 124, 135), 8);
  const mtimeS = Number.parseInt(header.toString('latin1', 136, 147), 8);
  if (name === undefined || !memberHeader(name, bytes, mtimeS).equals(header))
    throw damaged(path, `there is no member of a backup at octet ${at}`);
  const start = at + BLOCK_BYTES;
  if (start + bytes > size) throw damaged(path, 'it ends too early');
  if (name !== MEMBERS.database && bytes > TEXT_BYTES_MAX) throw damaged(path, `${name} is too large`);
  const sum = createHash('sha256');
  let text = '';
  for (const { chunk, end } of chunksOf(file, start, bytes)) {
    sum.update(chunk);
    if (name !== MEMBERS.database) text += chunk.toString();
    progress(start + end, size);
  }
  return { name, start, bytes, sha256: sum.digest('hex'), text };
}

/** Writes a member's octets to a file that must not be there, onto the disk; throws a BackupProblem when they are others by now. */
export function extractMember(file: number, path: string, member: Member, to: string, progress: Progress): void {
  const target = openSync(to, 'wx', 0o600);
  try {
    const sum = createHash('sha256');
    for (const { chunk, end } of chunksOf(file, member.start, member.bytes)) {
      sum.update(chunk);
      writeAll(target, chunk);
      progress(end, member.bytes);
    }
    if (sum.digest('hex') !== member.sha256) throw damaged(path, 'it changed while it was read');
    fsyncSync(target);
  } finally {
    closeSync(target);
  }
}

function damaged(path: string, how: string): BackupProblem {
  return new BackupProblem(`${path} is damaged: ${how}. Nothing was restored; take another backup.`);
}

function* chunksOf(file: number, start: number, bytes: number): Generator<{ chunk: Buffer; end: number }> {
  for (let done = 0; done < bytes;) {
    const chunk = readExactly(file, start + done, Math.min(CHUNK_BYTES, bytes - done));
    if (!chunk) throw new BackupProblem('a file became shorter while it was read. Try again.');
    done += chunk.length;
    yield { chunk, end: done };
  }
}

function readExactly(file: number, at: number, bytes: number): Buffer | undefined {
  const content = Buffer.alloc(bytes);
  for (let done = 0; done < bytes;) {
    const read = readSync(file, content, done, bytes - done, at + done);
    if (read === 0) return undefined;
    done += read;
  }
  return content;
}

function writeAll(file: number, content: Uint8Array): void {
  for (let done = 0; done < content.length;) done += writeSync(file, content, done);
}

const paddingOf = (bytes: number) => (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;

/** A header of ustar: for its owner alone, and nobody's in particular. */
function memberHeader(name: MemberName, bytes: number, mtimeS: number): Buffer {
  if (bytes > MEMBER_BYTES_MAX) throw new BackupProblem(`${name} has ${bytes} octets, more than a backup can hold.`);
  const octal = (number: number, digits: number) => `${number.toString(8).padStart(digits, '0')}\0`;
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 'latin1');
  header.write(octal(0o600, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1');
  header.write(octal(0, 7), 116, 'latin1');
  header.write(octal(bytes, 11), 124, 12, 'latin1');
  header.write(octal(mtimeS, 11), 136, 12, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(octal(0, 7), 329, 'latin1');
  header.write(octal(0, 7), 337, 'latin1');
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.write(`${octal(sum, 6)} `, 148, 'latin1');
  return header;
}
