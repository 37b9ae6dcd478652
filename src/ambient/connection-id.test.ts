// Connection ids prove themselves: what was issued names its node, and nothing else does.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { createConnectionIds } from './connection-id.ts';

const KEY = Buffer.alloc(32, 1);
const NOW = Date.UTC(2026, 0, 2);
const API = 'a1b2c3d4e5';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const macOf = (key: Uint8Array) => ({
  digest: (message: Uint8Array) => createHmac('sha256', key).update(message).digest(),
});
const create = (key: Uint8Array = KEY, node = 7) => createConnectionIds(macOf(key), node, () => NOW);

void test('an id has 20 characters of the alphabet and ends in ==', () => {
  assert.match(create().issue(API), /^[A-Za-z0-9_-]{18}==$/);
});

void test('an id names the node that issued it, also after a restart', () => {
  const id = create().issue(API);
  assert.equal(create().nodeOf(id, API), 7);
  assert.equal(create(KEY, 8).nodeOf(id, API), 7);
});

void test('an id says when it was issued, to the second', () => {
  const bytes = Buffer.from(create().issue(API), 'base64url');
  assert.equal(bytes.readUInt32BE(0), NOW / 1_000);
});

void test('ids of one moment differ', () => {
  const ids = create();
  const issued = new Set(Array.from({ length: 10_000 }, () => ids.issue(API)));
  assert.equal(issued.size, 10_000);
});

void test('the sequence goes on from its end', () => {
  const ids = create();
  const first = Buffer.from(ids.issue(API), 'base64url').readUIntBE(4, 3);
  const second = Buffer.from(ids.issue(API), 'base64url').readUIntBE(4, 3);
  assert.equal(second, (first + 1) % 2 ** 24);
});

void test('an id of another API, or under another key, is none', () => {
  const id = create().issue(API);
  assert.equal(create().nodeOf(id, 'a1b2c3d4e6'), undefined);
  assert.equal(create().nodeOf(id, ''), undefined);
  assert.equal(create(Buffer.alloc(32, 2)).nodeOf(id, API), undefined);
});

void test('an id with any bit changed is none', () => {
  const ids = create();
  const bytes = Buffer.from(ids.issue(API), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const forged = Buffer.from(bytes);
    forged[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(ids.nodeOf(`${forged.toString('base64url')}==`, API), undefined, `bit ${bit}`);
  }
});

void test('only one spelling of an id is the id', () => {
  const ids = create();
  const id = ids.issue(API);
  const accepted = [...ALPHABET].filter((letter) => ids.nodeOf(`${id.slice(0, 17)}${letter}==`, API) !== undefined);
  assert.deepEqual(accepted, [id[17]]);
});

const MALFORMED: readonly (readonly [name: string, change: (id: string) => string])[] = [
  ['nothing', () => ''],
  ['no padding', (id) => id.slice(0, 18)],
  ['half the padding', (id) => id.slice(0, 19)],
  ['encoded padding', (id) => id.replaceAll('=', '%3D')],
  ['a character less', (id) => id.slice(1)],
  ['a character more', (id) => `A${id}`],
  ['a line break at the end', (id) => `${id}\n`],
  ['the other base64 alphabet', (id) => `+/${id.slice(2)}`],
  ['a letter beyond ASCII', (id) => `é${id.slice(1)}`],
  ['the same twice', (id) => id + id],
];

for (const [name, change] of MALFORMED) {
  void test(`an id with ${name} is none`, () => {
    const ids = create();
    assert.equal(ids.nodeOf(change(ids.issue(API)), API), undefined);
  });
}

void test('every node, API, key and time: an id names its node there, and only there', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const time = fc.integer({ min: 0, max: 2 ** 32 * 1_000 });
  fc.assert(
    fc.property(
      bytes,
      fc.integer({ min: 0, max: 65_535 }),
      fc.string(),
      fc.string(),
      time,
      (key, node, api, other, now) => {
        const id = createConnectionIds(macOf(key), node, () => now).issue(api);
        const reader = createConnectionIds(macOf(key), 0, () => 0);
        assert.equal(reader.nodeOf(id, api), node);
        assert.equal(reader.nodeOf(id, other), other === api ? node : undefined);
      },
    ),
  );
});

void test('no text that was not issued is an id', () => {
  const ids = create();
  const spelled = fc
    .string({ unit: fc.constantFrom(...ALPHABET), minLength: 18, maxLength: 18 })
    .map((text) => `${text}==`);
  fc.assert(fc.property(fc.oneof(fc.string(), spelled), (text) => ids.nodeOf(text, API) === undefined));
});
