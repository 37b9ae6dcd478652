// PROXY headers byte by byte: what each one says, that its beginning says nothing yet, and what is none.

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { readProxyHeader } from './proxy-header.ts';

const BYTES_MAX = 1_024;
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const V4 = 'c0000207' + 'cb007105' + '1234' + '01bb';
const V6 = '20010db8000000000000000000000007' + '20010db8000000000000000000000001' + '1234' + '01bb';
const MAPPED = '00000000000000000000ffffc0000207' + '00000000000000000000000000000001' + '1234' + '01bb';
/** A TLV each: ALPN, and the checksum. */
const TLVS = '010002' + '6832' + '03000400000000';

const line = (text: string) => Buffer.from(text, 'latin1');
const binary = (versionAndCommand: string, family: string, content: string, length = content.length / 2) =>
  Buffer.from(`${SIGNATURE}${versionAndCommand}${family}${length.toString(16).padStart(4, '0')}${content}`, 'hex');

const LONGEST = `PROXY UNKNOWN ${'f'.repeat(107 - 16)}\r\n`;

const HEADERS: readonly (readonly [name: string, bytes: Buffer, source: string | undefined])[] = [
  ['a line of IPv4', line('PROXY TCP4 192.0.2.7 203.0.113.5 56324 443\r\n'), '192.0.2.7'],
  ['ports at their ends', line('PROXY TCP4 192.0.2.7 203.0.113.5 0 65535\r\n'), '192.0.2.7'],
  ['a line of IPv6', line('PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 56324 443\r\n'), '2001:db8::7'],
  ['a line of IPv6 that is IPv4', line('PROXY TCP6 ::ffff:192.0.2.7 ::1 56324 443\r\n'), '192.0.2.7'],
  ['a line that does not know', line('PROXY UNKNOWN\r\n'), undefined],
  ['a line that does not know, and goes on', line('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'), undefined],
  ['the longest line', line(LONGEST), undefined],
  ['a binary header of IPv4', binary('21', '11', V4), '192.0.2.7'],
  ['a binary header of IPv6', binary('21', '21', V6), '2001:db8::7'],
  ['a binary header of IPv6 that is IPv4', binary('21', '21', MAPPED), '192.0.2.7'],
  ['a binary header with more behind the addresses', binary('21', '11', V4 + TLVS), '192.0.2.7'],
  ['a check of the proxy’s own', binary('20', '00', ''), undefined],
  ['a check of the proxy’s own that names somebody', binary('20', '11', V4), undefined],
  ['a check of the proxy’s own of no family there is', binary('20', 'f7', TLVS), undefined],
  ['a binary header that does not know', binary('21', '00', ''), undefined],
  ['a binary header of a Unix socket', binary('21', '31', '00'.repeat(216)), undefined],
];

for (const [name, bytes, source] of HEADERS) {
  test(`${name} is read to its end and no further`, () => {
    const want = { source, length: bytes.length };
    assert.deepEqual(readProxyHeader(bytes, BYTES_MAX), want);
    assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from([22, 3, 1])]), BYTES_MAX), want);
  });

  test(`${name} that is not all there asks for more, and never for more than there is`, () => {
    for (let end = 0; end < bytes.length; end += 1) {
      const wanted = readProxyHeader(bytes.subarray(0, end), BYTES_MAX);
      assert.equal(typeof wanted, 'number', `${end} bytes`);
      assert.ok((wanted as number) > end && (wanted as number) <= bytes.length, `${end} bytes: ${String(wanted)}`);
    }
  });
}

const PROBLEMS: readonly (readonly [name: string, bytes: Buffer, problem: RegExp])[] = [
  ['a client hello', Buffer.from('160301020001', 'hex'), /no PROXY header/],
  ['HTTP', line('GET / HTTP/1.1\r\n'), /no PROXY header/],
  ['another case', line('proxy TCP4 192.0.2.7 203.0.113.5 1 2\r\n'), /no PROXY header/],
  ['a wrong octet in the signature', Buffer.from(SIGNATURE.replace('51', '52'), 'hex'), /no PROXY header/],
  ['a line one too long', line(LONGEST.replace('\r\n', 'f\r\n')), /does not end within 107 bytes/],
  ['a line without an end', line('PROXY UNKNOWN '.padEnd(107, 'x')), /does not end within 107 bytes/],
  ['an unknown protocol', line('PROXY UDP4 192.0.2.7 203.0.113.5 1 2\r\n'), /malformed/],
  ['no protocol', line('PROXY \r\n'), /malformed/],
  ['IPv6 called IPv4', line('PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n'), /malformed/],
  ['IPv4 called IPv6', line('PROXY TCP6 192.0.2.7 203.0.113.5 1 2\r\n'), /malformed/],
  ['one family each', line('PROXY TCP4 192.0.2.7 2001:db8::1 1 2\r\n'), /malformed/],
  ['a name for an address', line('PROXY TCP4 localhost 203.0.113.5 1 2\r\n'), /malformed/],
  ['an address with leading zeros', line('PROXY TCP4 192.000.002.007 203.0.113.5 1 2\r\n'), /malformed/],
  ['an address with a zone', line('PROXY TCP6 fe80::1%lo ::1 1 2\r\n'), /malformed/],
  ['a destination with a zone', line('PROXY TCP6 ::1 fe80::1%lo 1 2\r\n'), /malformed/],
  ['a port that is too high', line('PROXY TCP4 192.0.2.7 203.0.113.5 65536 2\r\n'), /malformed/],
  ['a port with a leading zero', line('PROXY TCP4 192.0.2.7 203.0.113.5 1 02\r\n'), /malformed/],
  ['a port that is none', line('PROXY TCP4 192.0.2.7 203.0.113.5 1 -2\r\n'), /malformed/],
  ['no ports', line('PROXY TCP4 192.0.2.7 203.0.113.5\r\n'), /malformed/],
  ['a word too many', line('PROXY TCP4 192.0.2.7 203.0.113.5 1 2 3\r\n'), /malformed/],
  ['two spaces', line('PROXY TCP4  192.0.2.7 203.0.113.5 1 2\r\n'), /malformed/],
  ['a space at the end', line('PROXY TCP4 192.0.2.7 203.0.113.5 1 2 \r\n'), /malformed/],
  ['a tab', line('PROXY TCP4 192.0.2.7\t203.0.113.5 1 2\r\n'), /malformed/],
  ['an octet that is no letter', line('PROXY TCP4 192.0.2.7\0 203.0.113.5 1 2\r\n'), /malformed/],
  ['a header of version 1 in the form of 2', binary('11', '11', V4), /version 1/],
  ['a header of version 3', binary('31', '11', V4), /version 3/],
  ['a command that is none', binary('22', '11', V4), /command 2/],
  ['datagrams', binary('21', '12', V4), /family 18/],
  ['a family that is none', binary('21', '41', V4), /family 65/],
  ['addresses that are cut off', binary('21', '11', V4.slice(2)), /shorter than its addresses/],
  ['IPv4 in the place of IPv6', binary('21', '21', V4), /shorter than its addresses/],
  ['a length over the bound', binary('21', '11', V4, BYTES_MAX - 15), /of 1025 bytes exceeds 1024/],
  ['the greatest length', binary('21', '11', V4, 65_535), /exceeds 1024/],
];

for (const [name, bytes, problem] of PROBLEMS) {
  test(`${name} is a problem`, () => {
    const found = readProxyHeader(bytes, BYTES_MAX);
    assert.ok(typeof found === 'object' && 'problem' in found, JSON.stringify(found));
    assert.match(found.problem, problem);
  });
}

test('a header of the greatest length that is read asks for all of it', () => {
  assert.equal(readProxyHeader(binary('21', '11', V4, BYTES_MAX - 16), BYTES_MAX), BYTES_MAX);
});

test('whatever follows a signature is more to come, a problem, or a header that is there', () => {
  const starts = [line('PROXY '), line('PROXY TCP4 '), line('PROXY TCP6 ::1 '), Buffer.from(SIGNATURE, 'hex')];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const bytes = Buffer.concat([start, rest]);
      const found = readProxyHeader(bytes, BYTES_MAX);
      if (typeof found === 'number') return assert.ok(found > bytes.length && found <= BYTES_MAX, String(found));
      if ('problem' in found) return assert.ok(found.problem.length < 100);
      assert.ok(found.length <= bytes.length);
      assert.ok(found.source === undefined || isIP(found.source) > 0, found.source);
    }),
    { numRuns: 2_000 },
  );
});
