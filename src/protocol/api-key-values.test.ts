// Values of API keys at rest: what is sealed opens for its own key alone, and a fingerprint is one of a place, too.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiKeyValues } from './api-key-values.ts';

const VALUE = 'a-value-of-twenty-characters';
const values = createApiKeyValues(Buffer.alloc(32, 1));
const others = createApiKeyValues(Buffer.alloc(32, 2));

void test('a sealed value opens for its own key, and for no other', () => {
  const sealed = values.seal(VALUE, 'one');
  assert.equal(values.unseal(sealed, 'one'), VALUE);
  assert.throws(() => values.unseal(sealed, 'two'));
  assert.throws(() => others.unseal(sealed, 'one'));
  assert.ok(!Buffer.from(sealed, 'base64').includes(VALUE));
});

void test('a fingerprint is of one account, region, value and server', () => {
  const one = values.fingerprint('111111111111', 'us-east-1', VALUE);
  assert.equal(values.fingerprint('111111111111', 'us-east-1', VALUE), one);
  const different = [
    values.fingerprint('222222222222', 'us-east-1', VALUE),
    values.fingerprint('111111111111', 'eu-west-1', VALUE),
    values.fingerprint('111111111111', 'us-east-1', `${VALUE}x`),
    others.fingerprint('111111111111', 'us-east-1', VALUE),
  ];
  assert.equal(new Set([one, ...different]).size, 5);
});
