// The data of an A record, which has a way of its own to octets: it takes what the parser takes, and nothing else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecordData } from './record-data-octets.ts';

const GOOD: readonly (readonly [value: string, octets: readonly number[]])[] = [
  ['192.0.2.1', [192, 0, 2, 1]],
  ['0.0.0.0', [0, 0, 0, 0]],
  ['255.255.255.255', [255, 255, 255, 255]],
  ['10.20.30.40', [10, 20, 30, 40]],
];
for (const [value, octets] of GOOD) {
  test(`${value} is four octets`, () => assert.deepEqual(encodeRecordData('A', value), [Uint8Array.from(octets)]));
}

const NONE = [
  '092.0.2.1',
  '00.0.0.0',
  '1.2.3.01',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.',
  '1..2.3',
  '1.2.3.4.5',
  '1.2.3.4 ',
  '',
  '::',
];
for (const value of NONE) {
  test(`${JSON.stringify(value)} is no address`, () =>
    assert.throws(() => encodeRecordData('A', value), /IllegalIPv4Address|Unsupported/));
}
