// What a client is shown that sends no server name: TLS has one certificate for it, set on the server before a handshake begins. This
// keeps it the one of the snapshot, as a new connection comes; everything else about the server stays, and so do open sockets.

import type { SecureContextOptions, Server } from 'node:tls';
import type { Log } from '../../observe/log.ts';
import type { SecureContexts } from './secure-contexts.ts';

/** Call what it returns before each handshake. `options` are those of the server's TLS besides certificate and key. */
export function followDefaultCertificate(
  server: Server,
  contexts: SecureContexts,
  options: SecureContextOptions,
  log: Log,
): () => void {
  let shown = contexts.fallback()?.reference;
  return () => {
    if (contexts.fallbackReference() === shown) return;
    try {
      const fallback = contexts.fallback();
      if (!fallback) return;
      const { reference, cert, key } = fallback;
      // Tickets that were given out before resume as they did.
      server.setSecureContext({ ...options, cert, key, ticketKeys: server.getTicketKeys() });
      shown = reference;
    } catch (error) {
      // The old one stays, which serves a client better than none; the next connection tries again.
      const reference = contexts.fallbackReference();
      log.error('a certificate cannot be served', { step: 'terminate', reference, error: (error as Error).message });
    }
  };
}
