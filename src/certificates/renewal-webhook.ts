// Tells the operator's webhook of renewals that do not succeed, and of their end: a POST of JSON each, in order, tried a few times.
// Nothing waits for it. The URL may hold a secret, so it is in no log line.

import { daysUntil, type Certificate } from '../model/certificate.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';

/**
 * `renewal-failing`: the last tries did not succeed, or the end comes closer. `renewal-recovered`: after that, it did succeed.
 * `expiring`: an imported certificate that somebody has to import again. `expired`: it is over.
 */
export type Trouble = 'renewal-failing' | 'renewal-recovered' | 'expiring' | 'expired';

export interface Teller {
  tell(event: Trouble, certificate: Certificate, details: TroubleDetails): void;
  stop(): void;
}

export interface TroubleDetails {
  readonly nowMs: number;
  readonly reason?: string;
  readonly nextTryAtMs?: number;
}

/** `url` undefined: it is only logged. */
export function createTeller(url: string | undefined, log: Log): Teller {
  const waiting: string[] = [];
  const stopping = new AbortController();
  let isSending = false;
  const send = async () => {
    isSending = true;
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift())
      await post(url!, body, stopping.signal, log);
    isSending = false;
  };
  return {
    tell(event, certificate, details) {
      const fields = fieldsOf(event, certificate, details);
      if (event === 'renewal-recovered') log.info('a renewal succeeded after trouble', fields);
      else log.warn(WORDS[event], fields);
      if (url === undefined || stopping.signal.aborted) return;
      // The newest matter most.
      if (waiting.length >= limit('webhookQueueMax')) waiting.shift();
      waiting.push(JSON.stringify(fields));
      if (!isSending) void send();
    },
    stop: () => stopping.abort(),
  };
}

const WORDS: Readonly<Record<Exclude<Trouble, 'renewal-recovered'>, string>> = {
  'renewal-failing': 'a certificate could not be renewed yet',
  expiring: 'an imported certificate ends soon; import its successor',
  expired: 'a certificate has expired',
};

function fieldsOf(event: Trouble, certificate: Certificate, { nowMs, reason, nextTryAtMs }: TroubleDetails) {
  const { arn, account, region, subjectAlternativeNames, issued } = certificate;
  const notAfterMs = issued?.notAfterMs ?? nowMs;
  return {
    event,
    certificateArn: arn,
    account,
    region,
    names: subjectAlternativeNames,
    at: new Date(nowMs).toISOString(),
    notAfter: new Date(notAfterMs).toISOString(),
    daysLeft: daysUntil(nowMs, notAfterMs),
    ...(reason !== undefined && { reason }),
    ...(nextTryAtMs !== undefined && { nextTryAt: new Date(nextTryAtMs).toISOString() }),
  };
}

const TRIES_MS = [0, 1_000, 4_000] as const;

async function post(url: string, body: string, stopping: AbortSignal, log: Log): Promise<void> {
  let problem = '';
  for (const waitMs of TRIES_MS) {
    if (waitMs > 0) await pause(waitMs, stopping);
    if (stopping.aborted) return;
    try {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(limit('webhookTimeoutMs'))]);
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      await response.body?.cancel();
      if (response.ok) return;
      problem = `it answered ${response.status}`;
    } catch (error) {
      const { cause, name } = error as { cause?: { code?: string }; name: string };
      problem = cause?.code ?? name;
    }
  }
  log.error('the renewal webhook could not be told', { problem });
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    stopping.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
