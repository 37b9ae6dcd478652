// Asks the signing thread: starts it on first use, ends it when nothing was asked for a while.

import { Worker } from 'node:worker_threads';
import { threadFile } from '../ambient/thread-file.ts';
import type { IssuableAlgorithm } from '../model/certificate.ts';

export interface AuthorityJob {
  readonly make: 'authority';
  readonly commonName: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface LeafJob {
  readonly make: 'leaf';
  readonly names: readonly string[];
  readonly keyAlgorithm: IssuableAlgorithm;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly authorityPem: string;
  readonly authorityKeyPem: string;
}

/** What a handshake of tls-alpn-01 shows: signed by its own key, and worth nothing to anybody else (RFC 8737 3). */
export interface ChallengeCertificateJob {
  readonly make: 'challenge-certificate';
  readonly name: string;
  readonly keyAlgorithm: IssuableAlgorithm;
  /** SHA-256 of the key authorization, in hex. */
  readonly digest: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export type CertificateJob = AuthorityJob | LeafJob | ChallengeCertificateJob;

/** A new key, and the request for a certificate of these names that it signs (RFC 2986). */
export interface RequestJob {
  readonly make: 'csr';
  readonly names: readonly string[];
  readonly keyAlgorithm: IssuableAlgorithm;
}

export type SigningJob = CertificateJob | RequestJob;

export interface SignedCertificate {
  readonly certificatePem: string;
  /** PKCS#8, in the clear: sealed by whoever asked before it goes anywhere. */
  readonly keyPem: string;
  /** Lower-case hex pairs with colons. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface SignedRequest {
  /** DER, in base64url: as ACME takes it. */
  readonly csr: string;
  /** PKCS#8, in the clear: sealed by whoever asked before it goes anywhere. */
  readonly keyPem: string;
}

export type SigningReply =
  | { readonly number: number; readonly made: SignedCertificate | SignedRequest }
  | { readonly number: number; readonly problem: string };

export interface Signing {
  sign(job: CertificateJob): Promise<SignedCertificate>;
  request(job: RequestJob): Promise<SignedRequest>;
  close(): Promise<void>;
}

const IDLE_MS = 5_000;
/** The thread makes little garbage; the default would reserve several times as much. */
const YOUNG_GENERATION_MB = 4;

export function createSigning(): Signing {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastNumber = 0;
  const waiting = new Map<number, { resolve: (made: never) => void; reject: (error: Error) => void }>();

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
    else waiter?.resolve(reply.made as never);
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

  const ask = <T>(job: SigningJob): Promise<T> => {
    clearTimeout(idle);
    worker ??= start();
    lastNumber += 1;
    const number = lastNumber;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      worker?.postMessage({ number, job });
    });
  };

  return { sign: (job) => ask(job), request: (job) => ask(job), close };
}
