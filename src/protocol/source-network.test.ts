// Which addresses count as one source.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceNetwork } from './source-network.ts';

const ROWS: readonly (readonly [address: string, network: string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.2', '192.0.2.2'],
  ['2001:db8:a:1::1', '20010db8000a0001/64'],
  ['2001:db8:a:1:ffff:ffff:ffff:ffff', '20010db8000a0001/64'],
  ['2001:db8:a:2::1', '20010db8000a0002/64'],
  ['::1', '0000000000000000/64'],
  ['fe80::1%eth0', 'fe80000000000000/64'],
  ['', ''],
];

for (const [address, network] of ROWS) {
  test(`${address || 'nothing'} counts as ${network || 'nothing'}`, () =>
    assert.equal(sourceNetwork(address), network));
}
