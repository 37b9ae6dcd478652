// Who listens, and what one that fails costs: a line of the log, and nobody else anything.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../observe/log.ts';
import { createWitnesses, type Happening } from './happening.ts';

const told: unknown[] = [];
const quiet = () => {};
const log: Log = {
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: (message, fields) => told.push([message, fields!['requestId'], String(fields!['error']).split('\n')[0]]),
  with: () => log,
};
const HAPPENING = { eventType: 'MESSAGE', requestId: 'one' } as Happening;

test('a witness that throws is told of, and the others are told all the same', () => {
  const witnesses = createWitnesses(log);
  const seen: string[] = [];
  witnesses.watch(({ requestId }) => seen.push(`before ${requestId}`));
  const stop = witnesses.watch(() => {
    throw new Error('cannot write it down');
  });
  witnesses.watch(({ requestId }) => seen.push(`after ${requestId}`));
  witnesses.tell(HAPPENING);
  assert.deepEqual(seen, ['before one', 'after one']);
  assert.deepEqual(told, [['a witness failed', 'one', 'Error: cannot write it down']]);
  stop();
  witnesses.tell(HAPPENING);
  assert.equal(told.length, 1);
});
