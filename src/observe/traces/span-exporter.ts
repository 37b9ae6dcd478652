// Sends spans to a collector by OTLP over HTTP, in groups and one request at a time. Nobody waits for it: what a collector that is slow or
// away leaves behind is a bounded queue, then spans that are dropped, and one warning a minute that counts them.

import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { StartProblem } from '../../model/start-problem.ts';
import { limit } from '../../settings/limits.ts';
import type { TracingSetting } from '../../settings/tracing-setting.ts';
import type { Log } from '../log.ts';
import { encodeSpans, rejectedSpans, type Scope } from './otlp.ts';
import type { Span } from './span.ts';

export interface SpanExporter {
  /** Never blocks, never throws. */
  add(span: Span): void;
  /** Sends what is left, for `spansFlushMs` at most. */
  close(): Promise<void>;
}

/** What comes within this time goes in one request. */
const GROUP_MS = 1_000;
/** Waits before the same group is tried again; when all are over it is dropped. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000] as const;
/** A collector that says these may take the group later (OTLP/HTTP, "Retryable Response Codes"); any other refusal is its last word. */
const RETRYABLE: readonly number[] = [429, 502, 503, 504];
const RETRY_AFTER_MS_MAX = 60_000;
const SECOND_MS = 1_000;
const ANSWER_BYTES_MAX = 65_536;
const compress = promisify(gzip);

/** Throws StartProblem for a file of certificates that cannot be read. */
export function createSpanExporter(setting: TracingSetting, scope: Scope, log: Log): SpanExporter {
  return new Exporter(setting, scope, log);
}

class Exporter implements SpanExporter {
  readonly #setting: TracingSetting;
  readonly #scope: Scope;
  readonly #log: Log;
  readonly #post: Post;
  readonly #queue: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  /** Ends a wait before the next try. */
  #hurry: (() => void) | undefined;
  #isClosing = false;
  #lost = 0;
  #why = '';
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(setting: TracingSetting, scope: Scope, log: Log) {
    this.#setting = setting;
    this.#scope = scope;
    this.#log = log;
    this.#post = createPost(setting);
  }

  add(span: Span): void {
    if (this.#isClosing) return;
    if (this.#queue.length >= limit('spansQueuedMax'))
      return this.#lose(1, 'the queue is full: the collector is too slow, or away');
    this.#queue.push(span);
    if (this.#sending) return;
    if (this.#queue.length >= limit('spansPerRequestMax')) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), GROUP_MS).unref();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry?.();
    this.#send();
    let timer: NodeJS.Timeout | undefined;
    const soon = new Promise<void>((resolve) => (timer = setTimeout(resolve, limit('spansFlushMs'))));
    await Promise.race([this.#sending, soon]);
    clearTimeout(timer);
    if (this.#queue.length > 0) this.#lose(this.#queue.length, 'they were not sent before the end');
    if (this.#lost > 0) this.#tell();
    this.#post.close();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) await this.#sendGroup(this.#queue.splice(0, limit('spansPerRequestMax')));
  }

  /** Never rejects: what cannot be sent is counted. */
  async #sendGroup(spans: readonly Span[]): Promise<void> {
    try {
      const bytes = encodeSpans(spans, this.#setting.resource, this.#scope);
      const body = this.#setting.isCompressed ? await compress(bytes) : bytes;
      for (let tries = 0; ; tries += 1) {
        const outcome = await this.#post(body);
        if ('rejected' in outcome) {
          if (outcome.rejected > 0) this.#lose(outcome.rejected, 'the collector did not take all of a request');
          return;
        }
        const waitMs = RETRY_MS[tries];
        if (!outcome.isRetryable || waitMs === undefined || this.#isClosing)
          return this.#lose(spans.length, outcome.why);
        await this.#wait(Math.max(waitMs, Math.min(outcome.retryAfterMs, RETRY_AFTER_MS_MAX)));
      }
    } catch (error) {
      this.#lose(spans.length, `they could not be encoded: ${(error as Error).message}`);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #lose(count: number, why: string): void {
    this.#lost += count;
    this.#why = why;
    if (performance.now() - this.#toldAtMs >= limit('spansReportIntervalMs')) this.#tell();
  }

  #tell(): void {
    this.#toldAtMs = performance.now();
    // The path of a URL may hold a token.
    const { origin } = new URL(this.#setting.url);
    this.#log.warn('spans were dropped', { dropped: this.#lost, collector: origin, reason: this.#why });
    this.#lost = 0;
  }
}

type Outcome =
  | { readonly rejected: number }
  | { readonly why: string; readonly isRetryable: boolean; readonly retryAfterMs: number };

interface Post {
  /** Never rejects. */
  (body: Buffer): Promise<Outcome>;
  close(): void;
}

function createPost({ url, headers, timeoutMs, isCompressed, caFile }: TracingSetting): Post {
  const isTls = url.startsWith('https:');
  const ca = caFile === undefined ? {} : { ca: [...rootCertificates, readCertificates(caFile)] };
  const agent = isTls
    ? new HttpsAgent({ keepAlive: true, maxSockets: 1, ...ca })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const sent = {
    ...headers,
    'content-type': 'application/x-protobuf',
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  };
  const post = (body: Buffer) =>
    new Promise<Outcome>((resolve) => {
      const fail = (error: Error) => resolve({ why: error.message, isRetryable: true, retryAfterMs: 0 });
      const signal = AbortSignal.timeout(timeoutMs);
      const options = { method: 'POST', agent, signal, headers: { ...sent, 'content-length': body.length } };
      const request = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes <= ANSWER_BYTES_MAX) pieces.push(piece);
        });
        response.on('error', fail);
        response.on('end', () =>
          resolve(outcomeOf(response.statusCode ?? 0, response.headers['retry-after'], Buffer.concat(pieces))),
        );
      });
      request.on('error', fail).end(body);
    });
  return Object.assign(post, { close: () => agent.destroy() });
}

function outcomeOf(status: number, retryAfter: string | undefined, body: Buffer): Outcome {
  if (status >= 200 && status < 300) return { rejected: rejectedSpans(body) };
  const seconds = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  return {
    why: `the collector answered ${status}`,
    isRetryable: RETRYABLE.includes(status),
    retryAfterMs: seconds * SECOND_MS,
  };
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartProblem(
      `OTEL_EXPORTER_OTLP_CERTIFICATE ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
    );
  }
}
