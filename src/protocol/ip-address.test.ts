// One spelling for each address, the IPv4 addresses inside of IPv6 ones, and ranges of both.

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressRanges, embeddedIpv4, ipv6Text, plainAddress } from './ip-address.ts';

const PLAIN: readonly (readonly [text: string, plain: string | undefined])[] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
  ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
  ['2001:0db8::0007', '2001:db8::7'],
  ['::', '::'],
  ['::1', '::1'],
  ['fe80::1%lo', undefined],
  ['192.0.2.07', undefined],
  ['192.0.2', undefined],
  ['3221225991', undefined],
  ['[::1]', undefined],
  ['localhost', undefined],
  ['', undefined],
];
for (const [text, plain] of PLAIN) {
  test(`the address '${text}' is ${plain ?? 'none'}`, () => assert.equal(plainAddress(text), plain));
}

test('every address has one spelling, which is its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const text = ipv6Text(octets);
      assert.notEqual(isIP(text), 0);
      assert.equal(plainAddress(text), text);
      assert.equal(plainAddress(text.toUpperCase()), text);
    }),
  );
});

const EMBEDDED: readonly (readonly [address: string, within: readonly string[]])[] = [
  ['64:ff9b::c000:207', ['192.0.2.7']],
  ['::c000:207', ['192.0.2.7']],
  ['::ffff:0:c000:207', ['192.0.2.7']],
  ['2002:c000:207::1', ['192.0.2.7']],
  ['2001:0:c000:207:0:0:34ff:8ef8', ['192.0.2.7', '203.0.113.7']],
  ['2001:db8::200:5efe:c000:207', ['192.0.2.7']],
  ['2001:db8::1', []],
  ['::1', []],
  ['::', []],
  ['192.0.2.7', []],
];
for (const [address, within] of EMBEDDED) {
  test(`in ${address} there is ${within.join(' and ') || 'no other address'}`, () => {
    assert.deepEqual(embeddedIpv4(address), within);
  });
}

test('a range holds what begins like it, of its own family', () => {
  const ranges = addressRanges(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7/32']);
  for (const inside of ['10.0.0.0', '10.255.255.255', '2001:db8:ffff::1', '192.0.2.7']) {
    assert.ok(ranges.has(inside), inside);
  }
  for (const outside of ['9.255.255.255', '11.0.0.0', '2001:db9::', '192.0.2.6', '192.0.2.8', '::a00:1']) {
    assert.ok(!ranges.has(outside), outside);
  }
  assert.ok(!addressRanges([]).has('10.0.0.1'));
});
