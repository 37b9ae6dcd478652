// Letters without a mail server: files in the data directory, each a whole message (RFC 5322) that any mail program opens. Bounded:
// the oldest go. One process writes it, the one that holds the data directory.

import { open as openFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ambient/clock.ts';
import { limit } from '../../settings/limits.ts';
import type { Letter } from './letter.ts';
import { HEADERS, messageOf, PostProblem, type Post } from './post.ts';

export interface OutboxMail {
  /** Lifecycle time. */
  readonly atMs: number;
  readonly domainName: string;
  readonly to: string;
  readonly certificateArn: string;
  readonly link: string;
}

export interface Outbox extends Post {
  /** What was written for an account, the newest first, `max` at most. Reads the heads of files only. */
  list(account: string, max: number): Promise<OutboxMail[]>;
}

const ENDING = '.eml';
const DRAFT_ENDING = '.draft';
const NAME_CHARACTERS_MAX = 100;
/** More than all headers of a letter that was written here. */
const HEAD_BYTES = 16_384;

export function createOutbox(directory: string, realClock: Clock): Outbox {
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function write(letter: Letter): Promise<void> {
    const message = await render(letter);
    if (count === 0) await begin(directory);
    const path = join(directory, fileName(letter, realClock.now(), (count += 1)));
    await writeFile(`${path}${DRAFT_ENDING}`, message, { mode: 0o600, flag: 'wx', flush: true });
    await rename(`${path}${DRAFT_ENDING}`, `${path}${ENDING}`);
    const oldest = (await lettersIn(directory)).slice(limit('outboxFilesMax'));
    for (const name of oldest) await rm(join(directory, name), { force: true });
  }

  return {
    place: `the outbox ${directory}`,
    deliver(letter) {
      // One at a time, so that what is removed as the oldest is.
      const written = last.then(() => write(letter));
      last = written.catch(() => {});
      return written.catch((error: NodeJS.ErrnoException) => {
        throw new PostProblem(`${directory} could not be written: ${error.code ?? error.message}`);
      });
    },
    async list(account, max) {
      const found: OutboxMail[] = [];
      for (const name of await lettersIn(directory)) {
        const head = await readHead(join(directory, name));
        if (head?.get(HEADERS.account.toLowerCase()) === account) found.push(mailOf(head));
        if (found.length === max) break;
      }
      return found;
    },
    close() {},
  };
}

/** Makes the directory, and removes what a process that died left half written. */
async function begin(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const drafts = (await readdir(directory)).filter((name) => name.endsWith(DRAFT_ENDING));
  for (const name of drafts) await rm(join(directory, name), { force: true });
}

async function render(letter: Letter): Promise<Buffer> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const message = messageOf(letter);
  // As it is: a reader of headers must find the link whole.
  const headers = {
    ...message.headers,
    [HEADERS.link]: { prepared: true, value: letter.link },
    [HEADERS.sent]: new Date(letter.sentAtMs).toISOString(),
  };
  const { message: bytes } = await transport.sendMail({ ...message, headers });
  return bytes as Buffer;
}

/** `{time}-{name}-{n}`: names in order of time; `n` tells apart what is written in one millisecond. */
function fileName({ domainName }: Letter, atMs: number, n: number): string {
  const time = new Date(atMs).toISOString().replaceAll(/[-:.]/g, '');
  const name = domainName.replace(/^\*/, 'wildcard').replaceAll(/[^a-z0-9.-]/gi, '_');
  return `${time}-${name.slice(0, NAME_CHARACTERS_MAX)}-${String(n).padStart(6, '0')}`;
}

/** The names of the files, the newest first; none when there is no outbox yet. */
async function lettersIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const [time, n] = [
    (name: string) => name.slice(0, name.indexOf('-')),
    (name: string) => name.slice(-ENDING.length - 6),
  ];
  return names
    .filter((name) => name.endsWith(ENDING))
    .sort((a, b) => (time(a) === time(b) ? n(b).localeCompare(n(a)) : time(b).localeCompare(time(a))));
}

/** The headers by lower-case name. One that stands there twice is left out: nobody knows which is ours. */
async function readHead(path: string): Promise<Map<string, string> | undefined> {
  const file = await openFile(path).catch(() => undefined);
  // Removed as the oldest meanwhile.
  if (!file) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const [head = ''] = buffer.toString('utf8', 0, bytesRead).split('\r\n\r\n', 1);
    const headers = new Map<string, string>();
    const twice = new Set<string>();
    for (const line of head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      if (headers.has(name)) twice.add(name);
      headers.set(name, line.slice(colon + 1).trim());
    }
    for (const name of twice) headers.delete(name);
    return headers;
  } finally {
    await file.close();
  }
}

function mailOf(head: ReadonlyMap<string, string>): OutboxMail {
  const value = (name: string) => head.get(name.toLowerCase()) ?? '';
  return {
    atMs: Date.parse(value(HEADERS.sent) || value('Date')),
    domainName: value(HEADERS.domain),
    to: value('To'),
    certificateArn: value(HEADERS.certificate),
    link: value(HEADERS.link),
  };
}
