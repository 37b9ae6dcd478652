// Asks the signing thread: starts it on first use, ends it when nothing was asked for a while.

import { Worker } from 'node:worker_threads';
import { threadFile } from '../ambient/thread-file.ts';
import type { IssuableAlgorithm } from '../model/certificate.ts';

export type SigningJob =
  | {
      readonly make: 'authority';
      readonly commonName: string;
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
    }
  | {
      readonly make: 'leaf';
      readonly names: readonly string[];
      readonly keyAlgorithm: IssuableAlgorithm;
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
      readonly authorityPem: string;
      readonly authorityKeyPem: string;
    };

export interface SignedCertificate {
  readonly certificatePem: string;
  /** PKCS#8, in the clear: sealed by whoever asked before it goes anywhere. */
  readonly keyPem: string;
  /** Lower-case hex pairs with colons. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export type SigningReply =
  | { readonly number: number; readonly signed: SignedCertificate }
  | { readonly number: number; readonly problem: string };

export interface Signing {
  sign(job: SigningJob): Promise<SignedCertificate>;
  close(): Promise<void>;
}

const IDLE_MS = 5_000;
/** The thread makes little garbage; the default would reserve several times as much. */
const YOUNG_GENERATION_MB = 4;

export function createSigning(): Signing {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastNumber = 0;
  const waiting = new Map<number, { resolve: (signed: SignedCertificate) => void; reject: (error: Error) => void }>();

  const close = async () => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  const settle = (reply: SigningReply) => {
    const waiter = waiting.get(reply.number);
    waiting.delete(reply.number);
    if ('problem' in reply) waiter?.reject(new Error(reply.problem));
    else waiter?.resolve(reply.signed);
    if (waiting.size === 0) idle = setTimeout(() => void close(), IDLE_MS).unref();
  };
  const failAll = (error: Error) => {
    worker = undefined;
    const waiters = [...waiting.values()];
    waiting.clear();
    for (const waiter of waiters) waiter.reject(error);
  };
  const start = () => {
    const started = new Worker(threadFile(import.meta.url, 'signing-thread'), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    // A thread that was ended on purpose is no longer the current one.
    const isCurrent = () => worker === started;
    started.on('message', settle);
    started.on('error', (error) => isCurrent() && failAll(error));
    started.on('exit', () => isCurrent() && failAll(new Error('the signing thread ended')));
    return started;
  };

  return {
    sign(job) {
      clearTimeout(idle);
      worker ??= start();
      lastNumber += 1;
      const number = lastNumber;
      return new Promise((resolve, reject) => {
        waiting.set(number, { resolve, reject });
        worker?.postMessage({ number, job });
      });
    },
    close,
  };
}
