// What became of the last handshakes, by host: the last one that was opened and the last one that was refused. Bounded, in
// memory, for whoever asks why a client cannot connect.

import { limit } from '../../settings/limits.ts';

export interface HandshakeFact {
  readonly openedAtMs?: number;
  readonly refusal?: { readonly atMs: number; readonly step: string; readonly code: string; readonly reason: string };
}

export interface HandshakeFacts {
  opened(host: string, atMs: number): void;
  refused(host: string, refusal: NonNullable<HandshakeFact['refusal']>): void;
  of(host: string): HandshakeFact | undefined;
}

export function createHandshakeFacts(): HandshakeFacts {
  // A Map keeps order of insertion, so the first is the one that was heard of longest ago.
  const facts = new Map<string, HandshakeFact>();
  const put = (host: string, fact: HandshakeFact) => {
    const known = facts.get(host);
    facts.delete(host);
    facts.set(host, { ...known, ...fact });
    if (facts.size > limit('handshakeFactsMax')) facts.delete(facts.keys().next().value!);
  };
  return {
    opened: (host, openedAtMs) => put(host, { openedAtMs }),
    refused: (host, refusal) => put(host, { refusal }),
    of: (host) => facts.get(host),
  };
}
