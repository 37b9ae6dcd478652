// Tokens as JWT has them, signed with HMAC-SHA256: who it is, the rooms that are open to them, and until when.

import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Claims {
  readonly sub: string;
  readonly rooms: readonly string[];
  /** In seconds. */
  readonly exp: number;
}

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signatureOf(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

export function makeToken(claims: Claims, secret: string): string {
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, secret).toString('base64url')}`;
}

/** What the token claims; nothing, unless it was signed with the secret and its time is not over. */
export function readToken(token: string, secret: string): Claims | undefined {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  // No other algorithm is taken: not even for a look.
  if (header !== HEADER || more.length > 0) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const expected = signatureOf(`${header}.${payload}`, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
  return claims.exp > Date.now() / 1_000 ? claims : undefined;
}
