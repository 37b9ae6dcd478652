// The parts of the server that `/ready` tells of, and how each of them is found out: from memory, but for the store and the disk, which
// are asked. Nothing is mended or written here.

import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import type { Clock } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import type { CertificateWork, Parts, Trouble } from './readiness.ts';

/** Who is asked, each by the little that is needed of it. */
export interface ServerPartsOptions {
  readonly shutdown: { readonly isBegun: boolean };
  /** Its `revision` rejects when it is away, and is slow when it is slow. */
  readonly store: { revision(): Promise<unknown> };
  /** By the setting that they are listeners of. */
  readonly listeners: Readonly<Record<string, { isListening(): boolean }>>;
  /** By server name; that of the default endpoints by the empty one. Times are lifecycle milliseconds. */
  readonly certificateFor: (serverName: string) => { readonly notAfterMs: number } | undefined;
  readonly reconciler: { state(): CertificateWork };
  readonly dataDir: string;
  readonly disconnects: Troubled;
  readonly accounts: Troubled;
  readonly clock: Clock;
}

export interface Troubled {
  /** What is the matter with it; undefined for nothing. */
  trouble(): string | undefined;
}

/** Without it there is nothing to serve; the others leave sockets alone. */
const VITAL_LISTENER = 'tls';
const DAY_MS = 86_400_000;
const MEBIBYTE = 2 ** 20;

export function createServerParts(options: ServerPartsOptions): Parts {
  const { shutdown, store, certificateFor, reconciler, dataDir, disconnects, accounts, clock } = options;
  const listeners = Object.entries(options.listeners).map(
    ([flag, listener]) => [flag, () => listenerTrouble(flag, listener.isListening())] as const,
  );
  return {
    server: () =>
      shutdown.isBegun ? { why: 'is shutting down', next: 'wait for the next one', isFatal: true } : undefined,
    store: () => storeTrouble(store),
    ...Object.fromEntries(listeners),
    certificate: () => certificateTrouble(certificateFor('')?.notAfterMs, clock.now()),
    'certificate work': () => workTrouble(reconciler.state(), clock.now()),
    disk: () => diskTrouble(dataDir),
    journal: () => journalTrouble(disconnects.trouble()),
    accounts: () => accountsTrouble(accounts.trouble()),
  };
}

async function storeTrouble(store: ServerPartsOptions['store']): Promise<Trouble | undefined> {
  try {
    await store.revision();
    return undefined;
  } catch (error) {
    const why = `is away: ${(error as Error).message}`;
    return { why, next: 'sockets are served, changes are refused: look at the disk, then restart the gateway' };
  }
}

function listenerTrouble(flag: string, isListening: boolean): Trouble | undefined {
  if (isListening) return undefined;
  return { why: 'does not listen any more', next: 'restart the gateway', isFatal: flag === VITAL_LISTENER };
}

function certificateTrouble(endsAtMs: number | undefined, nowMs: number): Trouble | undefined {
  const next = 'it is made anew by itself: if it is not, the log of the gateway says why';
  if (endsAtMs === undefined) return { why: 'there is none for the default endpoints', next };
  const date = new Date(endsAtMs).toISOString();
  if (endsAtMs <= nowMs) return { why: `that of the default endpoints ended at ${date}`, next };
  if (endsAtMs - nowMs > limit('listenerCertificateWarnedMs')) return undefined;
  return {
    why: `that of the default endpoints ends in ${Math.floor((endsAtMs - nowMs) / DAY_MS)} days, at ${date}`,
    next,
  };
}

function workTrouble(work: CertificateWork, nowMs: number): Trouble | undefined {
  const boundMs = limit('certificateWorkStuckMs');
  const next = 'sallyport certificates says what each waits for; the log says what failed';
  if (work.withoutProgressMs > boundMs) {
    const minutes = Math.floor(work.withoutProgressMs / 60_000);
    return { why: `${work.underWay} under way, and none has ended for ${minutes} minutes`, next };
  }
  const overdueMs = nowMs - (work.nextLookAtMs ?? nowMs);
  if (work.underWay > 0 || overdueMs <= boundMs) return undefined;
  return { why: `one has been due for ${Math.floor(overdueMs / 60_000)} minutes, and nobody looks at it`, next };
}

async function diskTrouble(dataDir: string): Promise<Trouble | undefined> {
  try {
    // What is mounted read-only is told even to root.
    await access(dataDir, constants.W_OK);
    const { bavail, bsize } = await statfs(dataDir);
    const freeBytes = bavail * bsize;
    if (freeBytes >= limit('diskFreeBytesMin')) return undefined;
    const free = `${(freeBytes / MEBIBYTE).toFixed(1)} MiB are free in ${dataDir}`;
    return { why: free, next: 'make room there: without any, changes are refused' };
  } catch (error) {
    const { code = (error as Error).message } = error as NodeJS.ErrnoException;
    const why = code === 'EROFS' ? `${dataDir} is read-only` : `${dataDir} cannot be written: ${code}`;
    return { why, next: 'changes are refused until it can be written: look at the mount and its rights' };
  }
}

function journalTrouble(why: string | undefined): Trouble | undefined {
  if (why === undefined) return undefined;
  return { why, next: 'make room, or give the rights back: a kill -9 now would lose $disconnect calls' };
}

function accountsTrouble(why: string | undefined): Trouble | undefined {
  if (why === undefined) return undefined;
  return {
    why,
    next: 'mend the file and read it anew (sallyport accounts, or SIGHUP): the accounts are as they were before',
  };
}
