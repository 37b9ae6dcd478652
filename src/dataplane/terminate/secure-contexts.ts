// Which certificate a TLS client sees: the server name → key pair reference by the snapshot → a ready context. Contexts are made
// on first use and kept in a bounded cache; a new certificate is a new reference, so the next full handshake sees it. No handshake
// makes anything that lasts: a name that nobody registered is shown the default certificate and counted, in one number.

import { createSecureContext, type SecureContext } from 'node:tls';
import type { Log } from '../../observe/log.ts';
import { normalizeName } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import { isServerNameOurs, keyPairFor } from '../../snapshot/resolve.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';

/**
 * Chain and private key by reference, from this node's own memory or disk, at once.
 * @port key-pairs
 */
export interface KeyPairs {
  read(reference: string): { readonly chainPem: string; readonly keyPem: string } | undefined;
}

export interface SecureContexts {
  /** The context for a server name; undefined when not even the default one can be made. */
  contextFor(serverName: string): SecureContext | undefined;
  /** Where the default certificate lies, which a client without a server name is shown. */
  fallbackReference(): string | undefined;
  /** The same, with its chain and key. Throws when they cannot be read. */
  fallback(): { readonly reference: string; readonly cert: string; readonly key: string } | undefined;
  /** How many full handshakes named something that is not ours. */
  unknownServerNames(): number;
}

const ANY_SUITE = 'ECDHE-ECDSA-AES128-GCM-SHA256';

/**
 * Gives the native memory back at once, some 30 KiB: the collector sees only the small object in front of it, and would let
 * thousands of them wait. A handshake under way holds on to its own.
 */
function release({ context }: SecureContext): void {
  (context as { close(): void }).close();
}

export function createSecureContexts(snapshot: Snapshot, keyPairs: KeyPairs, log: Log): SecureContexts {
  // A Map keeps order of insertion: what is used again moves to the end, what is first is the longest unused.
  const cache = new Map<string, SecureContext>();
  let unknown = 0;
  const make = (reference: string): SecureContext | undefined => {
    try {
      const pair = keyPairs.read(reference);
      // Nobody's certificate is verified here, so no context needs the roots of the world; and which suites are spoken is the
      // listener's to say, so one is enough for a context that is made in a handshake.
      return pair && createSecureContext({ cert: pair.chainPem, key: pair.keyPem, ca: [], ciphers: ANY_SUITE });
    } catch (error) {
      log.error('a certificate cannot be served', { step: 'terminate', reference, error: (error as Error).message });
      return undefined;
    }
  };
  const evictOldest = () => {
    const [oldest] = cache;
    if (!oldest) return;
    const [reference, context] = oldest;
    cache.delete(reference);
    release(context);
  };
  const contextOf = (reference: string): SecureContext | undefined => {
    const found = cache.get(reference) ?? make(reference);
    if (!found) return undefined;
    cache.delete(reference);
    cache.set(reference, found);
    if (cache.size > limit('secureContextsMax')) evictOldest();
    return found;
  };
  return {
    contextFor(serverName) {
      const name = normalizeName(serverName);
      if (!isServerNameOurs(snapshot, name)) unknown += 1;
      const reference = keyPairFor(snapshot, name);
      const own = reference === undefined ? undefined : contextOf(reference);
      if (own) return own;
      const fallback = snapshot.keyPairOfListener('');
      return fallback === undefined ? undefined : contextOf(fallback);
    },
    fallbackReference: () => snapshot.keyPairOfListener(''),
    fallback() {
      const reference = snapshot.keyPairOfListener('');
      const pair = reference === undefined ? undefined : keyPairs.read(reference);
      return pair && { reference: reference!, cert: pair.chainPem, key: pair.keyPem };
    },
    unknownServerNames: () => unknown,
  };
}
