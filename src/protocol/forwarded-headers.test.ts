// What X-Forwarded-… of a trusted proxy says, and what it can be made to say by a client that wrote some of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readForwarded } from './forwarded-headers.ts';
import { addressRanges } from './ip-address.ts';

const PEER = '10.0.0.5';
const TRUSTED = addressRanges(['10.0.0.0/8', '2001:db8:1::/48']);
const read = (headers: Record<string, string | string[]>) => readForwarded(headers, PEER, TRUSTED);

const SOURCES: readonly (readonly [name: string, list: string | undefined, source: string])[] = [
  ['one address', '192.0.2.7', '192.0.2.7'],
  ['none: the proxy’s own request', undefined, PEER],
  ['an empty list', ' ', PEER],
  ['what the client claimed on the left', '127.0.0.1, 192.0.2.7', '192.0.2.7'],
  ['a trusted proxy that the client claimed', '10.0.0.9, 192.0.2.7', '192.0.2.7'],
  ['a further trusted proxy', '192.0.2.7, 10.0.0.9', '192.0.2.7'],
  ['two further ones', '203.0.113.1, 192.0.2.7,10.0.0.9 ,2001:DB8:1::9', '192.0.2.7'],
  ['an untrusted one between', '192.0.2.7, 203.0.113.1, 10.0.0.9', '203.0.113.1'],
  ['nobody but trusted ones', '10.0.0.8, 10.0.0.9', '10.0.0.8'],
  ['IPv6', '2001:DB8::7', '2001:db8::7'],
  ['IPv6 that is IPv4', '::ffff:192.0.2.7', '192.0.2.7'],
  ['a trusted one as IPv6', '192.0.2.7, ::ffff:10.0.0.9', '192.0.2.7'],
  ['a port', '192.0.2.7:56324', '192.0.2.7'],
  ['IPv6 with a port', '[2001:db8::7]:56324', '2001:db8::7'],
  ['IPv6 in brackets', '[2001:db8::7]', '2001:db8::7'],
];
for (const [name, list, sourceIp] of SOURCES) {
  test(`the source of ${name} is ${sourceIp}`, () => {
    const headers = list === undefined ? {} : { 'x-forwarded-for': list };
    assert.deepEqual(read({ 'x-forwarded-proto': 'https', ...headers }), { sourceIp, isSecure: true });
  });
}

test('lists in several headers are one list', () => {
  const headers = { 'x-forwarded-for': ['192.0.2.7', '203.0.113.1'], 'x-forwarded-proto': 'wss' };
  assert.deepEqual(read(headers), { sourceIp: '203.0.113.1', isSecure: true });
});

test('only what came over TLS is secure', () => {
  for (const scheme of ['http', 'ws', 'HTTP', ''])
    assert.deepEqual(read({ 'x-forwarded-proto': scheme }), { sourceIp: PEER, isSecure: false });
  for (const scheme of ['https', 'WSS', ' https '])
    assert.deepEqual(read({ 'x-forwarded-proto': scheme }), { sourceIp: PEER, isSecure: true });
  assert.deepEqual(read({}), { sourceIp: PEER, isSecure: false });
});

const MALFORMED: readonly (readonly [name: string, value: string])[] = [
  ['for', 'unknown'],
  ['for', '192.0.2.7,'],
  ['for', ',192.0.2.7'],
  ['for', '192.0.2.7,,203.0.113.1'],
  ['for', 'localhost, 192.0.2.7'],
  ['for', '192.0.2.7 203.0.113.1'],
  ['for', '192.0.2.256'],
  ['for', '192.0.2.07'],
  ['for', '[192.0.2.7]'],
  ['for', '[2001:db8::7'],
  ['for', '192.0.2.7:'],
  ['for', 'fe80::1%lo'],
  ['for', 'for=192.0.2.7'],
  ['proto', 'https, http'],
  ['proto', 'tls'],
  ['proto', 'https;'],
  ['port', '0'],
  ['port', '65536'],
  ['port', '443, 80'],
  ['port', '0443'],
  ['port', 'https'],
];
for (const [name, value] of MALFORMED) {
  test(`X-Forwarded-${name}: ${value} is a problem`, () => {
    const found = read({ 'x-forwarded-proto': 'https', [`x-forwarded-${name}`]: value });
    assert.ok('problem' in found, JSON.stringify(found));
    assert.match(found.problem, new RegExp(`^X-Forwarded-${name} `, 'i'));
  });
}
