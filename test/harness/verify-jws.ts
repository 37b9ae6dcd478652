// The authority's half of signed requests (RFC 8555 6.2): written from the RFC, apart from the code that signs them.

import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';

export interface AccountJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

export interface VerifiedRequest {
  readonly jwk: AccountJwk;
  readonly kid: string | undefined;
  readonly nonce: string;
  /** Undefined for a POST that only reads. */
  readonly payload: Record<string, unknown> | undefined;
}

interface Header {
  readonly alg: string;
  readonly url: string;
  readonly nonce?: string;
  readonly kid?: string;
  readonly jwk?: AccountJwk;
}

/** Throws what is wrong with it, in words. `keyOf` gives the key of an account, or undefined. */
export function verifyRequest(
  body: string,
  url: string,
  keyOf: (kid: string) => AccountJwk | undefined,
): VerifiedRequest {
  const { protected: head, payload, signature } = JSON.parse(body) as Record<string, string>;
  const header = decode(head!) as unknown as Header;
  if (header.alg !== 'ES256') throw new Error(`the algorithm is ${header.alg}`);
  if (header.url !== url) throw new Error(`the URL that was signed is ${header.url}, and the request went to ${url}`);
  if (header.nonce === undefined) throw new Error('there is no nonce');
  if ((header.kid === undefined) === (header.jwk === undefined)) throw new Error('there must be one of kid and jwk');
  const jwk = header.jwk ?? keyOf(header.kid!);
  if (!jwk) throw new UnknownAccount(`there is no account ${header.kid}`);
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    { key: createPublicKey({ key: { ...jwk }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature!, 'base64url'),
  );
  if (!isSigned) throw new Error('the signature is not of that key');
  return { jwk, kid: header.kid, nonce: header.nonce, payload: payload === '' ? undefined : decode(payload!) };
}

export class UnknownAccount extends Error {}

/** True when the account elsewhere vouches for the key (RFC 8555 7.3.4). */
export function isBound(
  binding: unknown,
  { keyId, macKey }: { readonly keyId: string; readonly macKey: string },
  url: string,
  jwk: AccountJwk,
): boolean {
  if (typeof binding !== 'object' || binding === null) return false;
  const { protected: head, payload, signature } = binding as Record<string, string>;
  const header = decode(head!);
  const mac = createHmac('sha256', Buffer.from(macKey, 'base64url')).update(`${head}.${payload}`).digest();
  const given = Buffer.from(signature!, 'base64url');
  return (
    header['alg'] === 'HS256' &&
    header['kid'] === keyId &&
    header['url'] === url &&
    thumbprint(decode(payload!) as unknown as AccountJwk) === thumbprint(jwk) &&
    mac.length === given.length &&
    timingSafeEqual(mac, given)
  );
}

/** RFC 7638. */
export function thumbprint({ crv, kty, x, y }: AccountJwk): string {
  return createHash('sha256').update(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`).digest('base64url');
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
