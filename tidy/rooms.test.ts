// The import table itself: who is in it, and where a path belongs.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ROOMS, roomOf } from './rooms.ts';

void test('names only rooms of the table, and none twice', () => {
  for (const [room, allowed] of ROOMS) {
    assert.equal(new Set(allowed).size, allowed.length, room);
    for (const other of allowed) assert.ok(ROOMS.has(other) && other !== room, `${room}: ${other}`);
  }
});

void test('lets main know every room but the command line, and only the command line know main', () => {
  const others = [...ROOMS.keys()].filter((room) => room !== 'main.ts' && room !== 'cli');
  assert.deepEqual(ROOMS.get('main.ts'), others);
  const knowing = [...ROOMS].filter(([, allowed]) => allowed.includes('main.ts')).map(([room]) => room);
  assert.deepEqual(knowing, ['cli']);
});

void test('keeps the two halves of the control plane apart', () => {
  assert.ok(!ROOMS.get('controlplane/wire')?.includes('controlplane/operations'));
  assert.ok(!ROOMS.get('controlplane/operations')?.includes('controlplane/wire'));
});

const PLACES: readonly (readonly [path: string, room: string | undefined])[] = [
  ['src/main.ts', 'main.ts'],
  ['src/main.test.ts', 'main.ts'],
  ['src/main/ground.ts', 'main.ts'],
  ['src/other.ts', undefined],
  ['src/dns', undefined],
  ['src/dns/server.ts', 'dns'],
  ['src/dataplane/route/select.ts', 'dataplane'],
  ['src/controlplane/wire/json.ts', 'controlplane/wire'],
  ['src/controlplane/operations/acm/x.ts', 'controlplane/operations'],
  ['src/controlplane/operation.ts', 'controlplane/operations'],
  ['src/controlplane/else/x.ts', undefined],
  ['src/cellar/x.ts', undefined],
  ['test/dns/x.ts', undefined],
];

for (const [path, room] of PLACES) {
  void test(`puts ${path} into ${room ?? 'no room'}`, () => assert.equal(roomOf(path), room));
}
