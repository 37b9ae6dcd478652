// How requests of ACME are signed: flattened JSON web signatures by the account's key (RFC 8555 6.2), the binding to an account
// elsewhere (7.3.4), and the key authorization that challenges are answered with (8.1). Bytes only; nothing is sent from here.

import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  sign,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

export interface AccountKey {
  /** PKCS#8, in the clear. */
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
}

/** Who signs: an account by its URL, or a key that has none yet. */
export interface Signer {
  readonly key: AccountKey;
  readonly accountUrl?: string;
}

const signInPool = promisify(sign);

export async function newAccountKey(): Promise<AccountKey> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return accountKeyOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

export function accountKeyOf(pem: string): AccountKey {
  const privateKey = createPrivateKey(pem);
  const { crv, kty, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { pem, privateKey, jwk: { crv: crv!, kty: kty!, x: x!, y: y! } };
}

/** The body of a request. `payload` undefined: a POST that only reads (RFC 8555 6.3). */
export async function signedBody(
  { key, accountUrl }: Signer,
  target: { readonly url: string; readonly nonce: string },
  payload: object | undefined,
): Promise<string> {
  const identity = accountUrl === undefined ? { jwk: key.jwk } : { kid: accountUrl };
  const header = encode({ alg: 'ES256', ...identity, ...target });
  const body = payload === undefined ? '' : encode(payload);
  const signature = await signInPool('sha256', Buffer.from(`${header}.${body}`), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return JSON.stringify({ protected: header, payload: body, signature: signature.toString('base64url') });
}

/** The word of an account elsewhere, by its MAC key, that our key may have an account here. */
export function externalBinding(
  key: AccountKey,
  eab: { readonly keyId: string; readonly macKey: string },
  newAccountUrl: string,
): object {
  const header = encode({ alg: 'HS256', kid: eab.keyId, url: newAccountUrl });
  const payload = encode(key.jwk);
  const mac = createHmac('sha256', Buffer.from(eab.macKey, 'base64url')).update(`${header}.${payload}`);
  return { protected: header, payload, signature: mac.digest('base64url') };
}

/** The members of an EC key in the order and form that its thumbprint is taken of (RFC 7638 3.2). */
export function keyAuthorization({ jwk }: AccountKey, token: string): string {
  const canonical = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
  return `${token}.${createHash('sha256').update(canonical).digest('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
