// Identifiers in AWS's alphabets and lengths (websocket-apis 1.3). Random ones come from the system's generator.

import { randomBytes, randomUUID } from 'node:crypto';

const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const ALPHANUMERIC = `${LOWER_ALPHANUMERIC}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

function randomText(alphabet: string, length: number): string {
  let text = '';
  // Bytes at or above the largest multiple of the alphabet are thrown away, so that no letter is likelier than another.
  const bound = 256 - (256 % alphabet.length);
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < bound && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}

export const ids = {
  api: () => randomText(LOWER_ALPHANUMERIC, 10),
  route: () => randomText(LOWER_ALPHANUMERIC, 7),
  integration: () => randomText(LOWER_ALPHANUMERIC, 7),
  deployment: () => randomText(LOWER_ALPHANUMERIC, 6),
  authorizer: () => randomText(LOWER_ALPHANUMERIC, 6),
  apiKey: () => randomText(LOWER_ALPHANUMERIC, 10),
  usagePlan: () => randomText(LOWER_ALPHANUMERIC, 6),
  /** A secret: what clients send in `x-api-key`. */
  apiKeyValue: () => randomText(ALPHANUMERIC, 40),
  part: () => randomText(LOWER_ALPHANUMERIC, 6),
  regionalName: () => `d-${randomText(LOWER_ALPHANUMERIC, 10)}`,
  hostedZone: () => `Z${randomText(UPPER_ALPHANUMERIC, 20)}`,
  /** Stands for one key pair for ever: a new key has a new one. */
  keyPair: () => randomText(LOWER_ALPHANUMERIC, 16),
  letters: (length: number) => randomText(LETTERS, length),
  hex: (bytes: number) => randomBytes(bytes).toString('hex'),
  uuid: () => randomUUID(),
} as const;

const POOL_BYTES = 8192;
let pool = Buffer.alloc(0);
let poolOffset = 0;

/** Random bytes as text, from a pool: asking the system for a few bytes at a time would cost more than all the rest. */
function pooled(bytes: number, encoding: 'base64url' | 'hex'): string {
  if (poolOffset + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    poolOffset = 0;
  }
  const text = pool.toString(encoding, poolOffset, poolOffset + bytes);
  poolOffset += bytes;
  return text;
}

/** Request id of the data plane: 16 characters, base64url, ending in `=`. */
export function requestId(): string {
  return `${pooled(11, 'base64url')}=`;
}

/** Message id: 20 characters, base64url, ending in `==`. Nobody looks anything up by it, so it proves nothing. */
export function messageId(): string {
  return `${pooled(13, 'base64url')}==`;
}

/** 32 hex digits that begin with the seconds: a trace id that has a name in both of its forms. */
export function traceDigits(atMs: number): string {
  return secondsOf(atMs) + pooled(12, 'hex');
}

const secondsOf = (atMs: number) => Math.floor(atMs / 1_000).toString(16);

/** 16 hex digits. */
export function spanId(): string {
  return pooled(8, 'hex');
}

/** The value of X-Amzn-Trace-Id for a request of this moment: `Root=1-{seconds}-{24 hex digits}`. */
export function traceId(atMs: number): string {
  return `Root=1-${secondsOf(atMs)}-${pooled(12, 'hex')}`;
}
