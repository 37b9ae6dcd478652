// What is remembered of handshakes is bounded, however many hosts are named.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limit } from '../../settings/limits.ts';
import { createHandshakeFacts } from './handshake-facts.ts';

test('the host heard of longest ago is forgotten, and no more than that', () => {
  const facts = createHandshakeFacts();
  const bound = limit('handshakeFactsMax');
  for (let at = 0; at < bound; at += 1) facts.opened(`host-${at}`, at);
  facts.opened('host-0', bound);
  facts.opened('one-more', bound);
  assert.equal(facts.of('host-1'), undefined);
  for (const kept of ['host-0', 'host-2', `host-${bound - 1}`, 'one-more']) assert.ok(facts.of(kept), kept);
});

test('a reason is told without the secrets that it repeats', () => {
  const facts = createHandshakeFacts();
  const reason = 'the authorizer answered 500: no session for Bearer 0123456789abcdef';
  facts.opened('ws.example.com', 1);
  facts.refused('ws.example.com', {
    atMs: 2,
    step: 'authorize',
    code: 'AuthorizerFailure',
    reason,
    requestId: 'r',
    stage: undefined,
  });
  const told = facts.of('ws.example.com')!;
  assert.equal(told.openedAtMs, 1);
  assert.equal(told.refusal!.reason, 'the authorizer answered 500: no session for Bearer [REDACTED]');
});
