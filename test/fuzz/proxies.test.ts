// What says of itself who it is: proxies in front of the gateway, tokens of sessions, sealed secrets. What was written by whoever is
// believed is read as it was meant, and nothing that was made up or changed is read as anything.

import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { createSealedSecrets } from '../../src/identity/sealed-secrets.ts';
import { createSessionTokens } from '../../src/identity/session-tokens.ts';
import { readForwarded } from '../../src/protocol/forwarded-headers.ts';
import { addressRanges, embeddedIpv4, plainAddress } from '../../src/protocol/ip-address.ts';
import { readProxyHeader } from '../../src/protocol/proxy-header.ts';
import { textFrames } from '../../src/protocol/text-frames.ts';
import { changed, fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('proxies');

const LINES = [
  Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 12345 443\r\nrest'),
  Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n'),
  Buffer.from('PROXY UNKNOWN what ever\r\n'),
];
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const BINARY = [
  Buffer.from(`${SIGNATURE}2111000cc0000201c6336401303901bb`, 'hex'),
  Buffer.from(`${SIGNATURE}21210024${'20010db8000000000000000000000001'.repeat(2)}303901bb`, 'hex'),
  Buffer.from(`${SIGNATURE}20000000`, 'hex'),
];
const HEADER_BYTES_MAX = 536;
const WHOLE = [...LINES, ...BINARY];

property(
  'a PROXY header is read whole or not at all, and ends where it says',
  fc.oneof(
    changed(...WHOLE),
    fc.uint8Array({ maxLength: 120 }).map((octets) => Buffer.from(octets)),
  ),
  (octets) => {
    const read = readProxyHeader(octets, HEADER_BYTES_MAX);
    if (typeof read === 'number') return assert.ok(read > octets.length, 'it asks for more than there is');
    if ('problem' in read) return assert.ok(read.problem.length > 0);
    assert.ok(read.length <= octets.length && read.length <= HEADER_BYTES_MAX);
    if (read.source !== undefined) assert.equal(plainAddress(read.source), read.source);
    // What is behind it says nothing, and without all of it there is none.
    assert.deepEqual(
      readProxyHeader(Buffer.concat([octets.subarray(0, read.length), Buffer.from('more')]), HEADER_BYTES_MAX),
      read,
    );
    for (let length = 0; length < read.length; length += 1) {
      const part = readProxyHeader(octets.subarray(0, length), HEADER_BYTES_MAX);
      assert.ok(
        typeof part === 'number' && part <= Math.max(read.length, length + 1),
        `${length} of ${read.length} octets`,
      );
    }
  },
);

const PROXIES = addressRanges(['10.0.0.0/8', '2001:db8:ffff::/48']);
const TRUSTED = fc.constantFrom('10.1.2.3', '10.255.0.1', '2001:db8:ffff::1');
const CLIENT = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map((address) => plainAddress(address) ?? '192.0.2.1')
  .filter((address) => !PROXIES.has(address));
const CLAIMED = fc.array(fc.oneof(CLIENT, TRUSTED), { maxLength: 3 });

property(
  'the address is the last that a trusted proxy saw, whatever was claimed before it',
  fc.tuple(CLAIMED, CLIENT, fc.array(TRUSTED, { maxLength: 2 }), TRUSTED),
  ([claimed, client, between, peer]) => {
    const list = [...claimed, client, ...between].join(', ');
    const forwarded = readForwarded({ 'x-forwarded-for': list, 'x-forwarded-proto': 'https' }, peer, PROXIES);
    assert.deepEqual(forwarded, { sourceIp: client, isSecure: true });
  },
);

property(
  'headers of any text are an address, or a problem',
  fc.record(
    {
      'x-forwarded-for': textOf(
        '10.0.0.1',
        '192.0.2.1',
        ',',
        ' ',
        '[',
        ']',
        ':',
        '::1',
        '::ffff:192.0.2.1',
        'unknown',
        '_x',
        '%eth0',
        ':443',
      ),
      'x-forwarded-proto': textOf('https', 'http', ',', ' '),
      'x-forwarded-port': textOf('443', '0', '99999', ','),
    },
    { requiredKeys: [] },
  ),
  (headers) => {
    const forwarded = readForwarded(headers, '10.0.0.9', PROXIES);
    if ('problem' in forwarded) assert.match(forwarded.problem, /^X-Forwarded-/);
    else assert.equal(plainAddress(forwarded.sourceIp), forwarded.sourceIp);
  },
);

property(
  'an address has one spelling, the one that Node has',
  fc.oneof(fc.ipV4(), fc.ipV6(), textOf('::', ':', 'ffff', '0', '1.2.3.4', '%1', '/')),
  (text) => {
    const plain = plainAddress(text);
    assert.equal(plain === undefined, isIP(text) === 0 || text.includes('%'));
    if (plain === undefined) return;
    assert.equal(plainAddress(plain), plain);
    if (isIP(plain) === 6) assert.equal(new SocketAddress({ address: text, family: 'ipv6' }).address, plain);
    assert.ok(embeddedIpv4(plain).every((address) => isIP(address) === 4));
  },
);

property(
  'a message is one text in frames, none longer than it may be',
  fc.tuple(fc.uint8Array({ maxLength: 700 }), fc.integer({ min: 1, max: 300 })),
  ([message, payloadMax]) => {
    const frames = textFrames(message, payloadMax);
    const payloads: Buffer[] = [];
    for (let at = 0; at < frames.length;) {
      const [first, second] = [frames[at]!, frames[at + 1]!];
      const length = second < 126 ? second : frames.readUInt16BE(at + 2);
      const start = at + (second < 126 ? 2 : 4);
      assert.ok(length <= payloadMax && second <= 126);
      assert.equal(first & 0x0f, payloads.length === 0 ? 1 : 0);
      payloads.push(frames.subarray(start, start + length));
      at = start + length;
      assert.equal((first & 0x80) !== 0, at === frames.length, 'the last, and no other, is final');
    }
    assert.deepEqual(Buffer.concat(payloads), Buffer.from(message));
  },
);

const tokens = createSessionTokens(Buffer.alloc(32, 1));
const sealed = createSealedSecrets(Buffer.alloc(32, 1));

property(
  'a token proves itself with its own key, and nothing that is like it does',
  fc.tuple(fc.string({ minLength: 1 }), fc.nat(), fc.nat(), fc.string()),
  ([parent, untilMs, place, text]) => {
    const { accessKeyId, sessionToken, secret } = tokens.issue(parent, untilMs);
    assert.deepEqual(tokens.read(accessKeyId, sessionToken), { parentKeyId: parent.toWellFormed(), untilMs, secret });
    const octets = Buffer.from(sessionToken, 'base64');
    const at = place % octets.length;
    const other = Buffer.from(octets.with(at, octets[at]! ^ 1)).toString('base64');
    assert.equal(tokens.read(accessKeyId, other), undefined);
    assert.equal(tokens.read(accessKeyId, text), undefined);
    assert.equal(tokens.read(tokens.issue(parent, untilMs).accessKeyId, sessionToken), undefined);
    assert.equal(createSessionTokens(Buffer.alloc(32, 2)).read(accessKeyId, sessionToken), undefined);
    const envelope = sealed.seal(text, parent);
    assert.equal(sealed.unseal(envelope, parent), text.toWellFormed());
    assert.throws(() => sealed.unseal(envelope, `${parent}x`));
    assert.throws(() => sealed.unseal(other, parent));
  },
  200,
);
