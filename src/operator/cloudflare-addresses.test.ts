// Which addresses are those of Cloudflare's proxy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCloudflareProxy } from './cloudflare-addresses.ts';

for (const [address, isProxy] of [
  ['104.16.0.1', true],
  ['172.71.255.255', true],
  ['172.72.0.0', false],
  ['2606:4700:10::1', true],
  ['2606:4701::1', false],
  ['127.0.0.1', false],
] as const) {
  test(`${address} is ${isProxy ? 'one' : 'none'}`, () => assert.equal(isCloudflareProxy(address), isProxy));
}
