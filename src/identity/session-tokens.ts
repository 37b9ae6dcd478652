// Temporary credentials (STS GetSessionToken), without a row anywhere: the token is a sealed envelope that names the access key it was
// made from and its end, and the secret is derived from it. A key that is disabled takes its sessions with it.

import { randomBytes } from 'node:crypto';
import { HmacSha256 } from '../protocol/hmac-sha256.ts';
import { deriveKey, open, seal, type SealingKey } from '../protocol/sealed-envelope.ts';
import type { Identities } from './identities.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken: string;
}

export interface SessionTokens {
  /** Credentials of the caller behind `accessKeyId`, which end at `untilMs` in real time. */
  issue(accessKeyId: string, untilMs: number): SessionCredentials;
  /** Undefined for a token that was not made here, or not for this access key id. */
  read(accessKeyId: string, sessionToken: string): SessionFacts | undefined;
}

export interface SessionFacts {
  readonly parentKeyId: string;
  readonly untilMs: number;
  readonly secret: string;
}

const ACCESS_KEY_ID = /^ASIA[A-Z2-7]{16}$/;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_CHARACTERS = 16;
const SECRET_CHARACTERS = 40;

export function createSessionTokens(keyBytes: Uint8Array): SessionTokens {
  const sealing: SealingKey = { id: 1, bytes: deriveKey(keyBytes, 'session tokens') };
  const secrets = new HmacSha256(deriveKey(keyBytes, 'session secrets'));
  const secretOf = (sessionToken: string) =>
    secrets.digest(sessionToken).toString('base64').slice(0, SECRET_CHARACTERS);
  return {
    issue(parentKeyId, untilMs) {
      const accessKeyId = `ASIA${[...randomBytes(ID_CHARACTERS)].map((byte) => BASE32[byte % BASE32.length]).join('')}`;
      const facts = Buffer.from(JSON.stringify([parentKeyId, untilMs]));
      const sessionToken = seal(sealing, facts, accessKeyId).toString('base64');
      return { accessKeyId, secret: secretOf(sessionToken), sessionToken };
    },
    read(accessKeyId, sessionToken) {
      if (!ACCESS_KEY_ID.test(accessKeyId)) return undefined;
      try {
        const facts = open(sealing, Buffer.from(sessionToken, 'base64'), accessKeyId).toString();
        const [parentKeyId, untilMs] = JSON.parse(facts) as [string, number];
        return { parentKeyId, untilMs, secret: secretOf(sessionToken) };
      } catch {
        // Another server's, or nobody's: a token proves itself or it is none.
        return undefined;
      }
    },
  };
}

/**
 * The same table, which knows sessions too. A permanent key that comes with a token is nobody's, as at AWS; on the development
 * credentials, which tools send with any token, it is taken for what it is.
 */
export function withSessions(identities: Identities, tokens: SessionTokens): Identities {
  return {
    ...identities,
    find(accessKeyId, sessionToken) {
      if (sessionToken === undefined) return identities.find(accessKeyId);
      const session = tokens.read(accessKeyId, sessionToken);
      if (!session) return identities.isDevelopment ? identities.find(accessKeyId) : undefined;
      const parent = identities.find(session.parentKeyId);
      if (!parent) return undefined;
      const untilMs = Math.min(session.untilMs, parent.untilMs ?? Infinity);
      return { ...parent, accessKeyId, secret: session.secret, untilMs, isSession: true };
    },
  };
}
