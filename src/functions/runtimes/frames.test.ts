import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrameReader, frameOf } from './frames.ts';

const BOUNDS = { headBytesMax: 100, bodyBytesMax: 1_000 };

/** What is read of these bytes in pieces of so many. */
function read(bytes: Buffer, pieceBytes: number) {
  const frames: unknown[] = [];
  const take = createFrameReader(BOUNDS, (head, body) => frames.push([head, body?.toString()]));
  for (let at = 0; at < bytes.length; at += pieceBytes)
    if (!take(bytes.subarray(at, at + pieceBytes))) return { frames, isBroken: true };
  return { frames, isBroken: false };
}

const LONG = 'ö'.repeat(499);
const MANY = Buffer.concat([
  frameOf({ a: 'ä' }),
  frameOf({ b: 1 }, LONG),
  frameOf({ c: 1 }, Buffer.alloc(1_001, 'x')),
  frameOf({ d: 1 }, Buffer.alloc(70_000, 'x')),
  frameOf({ e: [] }, Buffer.from('end')),
]);
for (const pieceBytes of [1, 3, 7, 8, 64, 1_000, 65_536, MANY.length]) {
  void test(`frames are read in pieces of ${pieceBytes} bytes, those with too long a body without it`, () => {
    assert.deepEqual(read(MANY, pieceBytes), {
      frames: [
        [{ a: 'ä' }, ''],
        [{ b: 1 }, LONG],
        [{ c: 1 }, undefined],
        [{ d: 1 }, undefined],
        [{ e: [] }, 'end'],
      ],
      isBroken: false,
    });
  });
}

for (const [what, bytes] of [
  ['a head that is too long', frameOf({ head: 'x'.repeat(100) })],
  ['a head that is not JSON', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x7b])],
  ['a head that is no object', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x31])],
  ['text', Buffer.from('a line of somebody else\n')],
] as const) {
  void test(`${what} is no frame`, () => {
    assert.deepEqual(read(bytes, 5), { frames: [], isBroken: true });
  });
}
