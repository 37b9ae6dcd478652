// What is written is what a client of the RFC reads: the frames at every border of the three forms of a length, and any message in any
// size of frames.

import fc from 'fast-check';
import assert from 'node:assert/strict';
import test from 'node:test';
import { textFrames } from './text-frames.ts';

/** Reads frames by RFC 6455 5.2, on its own. */
function framesIn(bytes: Buffer): { first: number; payload: Buffer }[] {
  const frames = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const short = bytes[at + 1]!;
    assert.ok(short < 0x80, 'a server masks nothing');
    let length = short;
    at += 2;
    if (short === 126) [length, at] = [bytes.readUInt16BE(at), at + 2];
    else if (short === 127) [length, at] = [Number(bytes.readBigUInt64BE(at)), at + 8];
    if (short === 126) assert.ok(length > 125, 'the shortest form of a length is used');
    if (short === 127) assert.ok(length > 65_535, 'the shortest form of a length is used');
    frames.push({ first, payload: bytes.subarray(at, at + length) });
    at += length;
  }
  assert.equal(at, bytes.length, 'the last frame is whole');
  return frames;
}

for (const [length, head] of [
  [0, '8100'],
  [1, '8101'],
  [125, '817d'],
  [126, '817e007e'],
  [65_535, '817effff'],
  [65_536, '817f0000000000010000'],
] as const) {
  void test(`a message of ${length} bytes begins with ${head}`, () => {
    const bytes = textFrames(Buffer.alloc(length, 0x61), 1_000_000);
    assert.equal(bytes.subarray(0, head.length / 2).toString('hex'), head);
    assert.equal(bytes.length, head.length / 2 + length);
  });
}

void test('a message that is longer than a frame goes on in continuations, and only the last one is final', () => {
  const message = Buffer.from('abcdefghij');
  const of = (payloadBytesMax: number) =>
    framesIn(textFrames(message, payloadBytesMax)).map(({ first, payload }) => [first, payload.toString()]);
  assert.deepEqual(of(4), [
    [0x01, 'abcd'],
    [0x00, 'efgh'],
    [0x80, 'ij'],
  ]);
  assert.deepEqual(of(5), [
    [0x01, 'abcde'],
    [0x80, 'fghij'],
  ]);
  assert.deepEqual(of(10), [[0x81, 'abcdefghij']]);
});

void test('any message arrives whole, in as few frames as there can be', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000 }), fc.integer({ min: 1, max: 40_000 }), (message, max) => {
      fc.pre(message.length / max < 500);
      const frames = framesIn(textFrames(message, max));
      assert.deepEqual(Buffer.concat(frames.map(({ payload }) => payload)), Buffer.from(message));
      assert.equal(frames.length, Math.max(1, Math.ceil(message.length / max)));
    }),
  );
});
