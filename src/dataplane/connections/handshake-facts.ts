// What became of the last handshakes, by domain name (by host where none answers): the last one that was opened and the last one
// that was refused. Counted at the Host, because a resumed TLS handshake names none. Bounded, in memory, for whoever asks why a
// client cannot connect.

import { redactText } from '../../protocol/redaction.ts';
import { limit } from '../../settings/limits.ts';

export interface HandshakeFact {
  readonly openedAtMs?: number;
  readonly refusal?: {
    readonly atMs: number;
    readonly step: string;
    readonly code: string;
    readonly reason: string;
    readonly requestId: string;
    /** `{apiId}/{stageName}`, when the handshake came that far. */
    readonly stage: string | undefined;
  };
}

export interface HandshakeFacts {
  opened(name: string, atMs: number): void;
  refused(name: string, refusal: NonNullable<HandshakeFact['refusal']>): void;
  /** A reason may repeat what a client or a function said: without its secrets. */
  of(name: string): HandshakeFact | undefined;
}

export function createHandshakeFacts(): HandshakeFacts {
  // A Map keeps order of insertion, so the first is the one that was heard of longest ago.
  const facts = new Map<string, HandshakeFact>();
  const put = (name: string, fact: HandshakeFact) => {
    const known = facts.get(name);
    facts.delete(name);
    facts.set(name, { ...known, ...fact });
    if (facts.size > limit('handshakeFactsMax')) facts.delete(facts.keys().next().value!);
  };
  return {
    opened: (name, openedAtMs) => put(name, { openedAtMs }),
    refused: (name, refusal) => put(name, { refusal }),
    of(name) {
      const fact = facts.get(name);
      const { refusal } = fact ?? {};
      return refusal ? { ...fact, refusal: { ...refusal, reason: redactText(refusal.reason) } } : fact;
    },
  };
}
