// The life of a connection: every state with every event, and that a closed one stays closed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextLifeState, type LifeEvent, type LifeState } from './life.ts';

const EVENTS: readonly LifeEvent[] = ['closeRequested', 'peerClosed', 'gone'];
const ORDER: readonly LifeState[] = ['open', 'closing', 'closed'];

const rows: readonly [state: LifeState, event: LifeEvent, expected: LifeState][] = [
  ['open', 'closeRequested', 'closing'],
  ['open', 'peerClosed', 'closing'],
  ['open', 'gone', 'closed'],
  ['closing', 'closeRequested', 'closing'],
  ['closing', 'peerClosed', 'closing'],
  ['closing', 'gone', 'closed'],
  ['closed', 'closeRequested', 'closed'],
  ['closed', 'peerClosed', 'closed'],
  ['closed', 'gone', 'closed'],
];
for (const [state, event, expected] of rows) {
  test(`${state} → ${event} → ${expected}`, () => assert.equal(nextLifeState(state, event), expected));
}

test('whatever happens, a connection never goes back, and is closed once its socket is gone', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS)), (events) => {
      let state: LifeState = 'open';
      for (const event of events) {
        const next = nextLifeState(state, event);
        assert.ok(ORDER.indexOf(next) >= ORDER.indexOf(state));
        state = next;
      }
      assert.equal(state === 'closed', events.includes('gone'));
    }),
  );
});
