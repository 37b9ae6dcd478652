// When the authority wants a certificate renewed (RFC 9773): by which name it knows the certificate, and what it answered, held to
// what can be believed. Real time.

import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../ambient/clock.ts';
import type { RenewalWindow } from '../issuer.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Where the authority does not say when to ask again. */
const ASK_AGAIN_MS = 21_600_000;

/**
 * `{key identifier of the authority}.{serial number}`, both in base64url (RFC 9773 4.1). Undefined for a certificate that does not
 * name its authority's key, or that cannot be read.
 */
export async function certificateIdentifier(pem: string): Promise<string | undefined> {
  // The library of certificates wants its ground laid first.
  await import('reflect-metadata');
  const { AuthorityKeyIdentifierExtension, X509Certificate: ParsedCertificate } = await import('@peculiar/x509');
  try {
    const { raw, serialNumber } = new X509Certificate(pem);
    const { keyId } = new ParsedCertificate(raw).getExtension(AuthorityKeyIdentifierExtension) ?? {};
    if (keyId === undefined) return undefined;
    return `${Buffer.from(keyId, 'hex').toString('base64url')}.${derInteger(serialNumber).toString('base64url')}`;
  } catch {
    // What cannot be read has no identifier.
    return undefined;
  }
}

/** A positive INTEGER has a leading zero where its first bit is set. */
function derInteger(hex: string): Buffer {
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

/** Undefined for a window that is none: with an end before its start, or without either. */
export function readWindow(
  said: { readonly start?: unknown; readonly end?: unknown; readonly retryAtMs?: number | undefined },
  realClock: Clock,
): RenewalWindow | undefined {
  const [startMs, endMs] = [said.start, said.end].map((text) =>
    typeof text === 'string' && DATE_TIME.test(text) ? Date.parse(text) : Number.NaN,
  ) as [number, number];
  if (!(startMs <= endMs)) return undefined;
  const now = realClock.now();
  // RFC 9773 4.3.2: not more often than every minute, and every day at least.
  const wantedMs = said.retryAtMs ?? now + ASK_AGAIN_MS;
  return { startMs, endMs, askAgainAtMs: Math.min(Math.max(wantedMs, now + MINUTE_MS), now + DAY_MS) };
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}/;
