// Every type's text, read and refused. Structured values are compared whole; a problem by AWS's code, or the words in it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../record-text.ts';
import { parseRecordData, RECORD_TYPES } from './record-data.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const SHA1 = '123456789abcdef67890123456789abcdef67890';
const SHA256 = `${SHA1}${SHA1}`.slice(0, 64);
const EXAMPLE = ['example', 'net'];
const binding = (priority: number, target: string[], ...parameters: (readonly [number, string])[]) => ({
  priority,
  target,
  parameters: parameters.map(([key, octets]) => ({ key, value: hex(octets) })),
});

const READ: readonly (readonly [type: string, value: string, data: object])[] = [
  ['A', '192.0.2.1', { octets: hex('c0000201') }],
  ['AAAA', '2001:db8::1', { octets: hex('20010db8000000000000000000000001') }],
  ['AAAA', '::', { octets: hex('00'.repeat(16)) }],
  ['AAAA', '1:2:3:4:5:6:7:8', { octets: hex('00010002000300040005000600070008') }],
  ['AAAA', '2001:DB8:0:0::', { octets: hex('20010db8000000000000000000000000') }],
  ['AAAA', '::ffff:192.0.2.1', { octets: hex('00000000000000000000ffffc0000201') }],
  ['CNAME', 'example.net', { name: EXAMPLE }],
  ['NS', 'Example.net.', { name: ['Example', 'net'] }],
  ['PTR', String.raw`a\052\056b.net`, { name: ['a*.b', 'net'] }],
  ['CNAME', '.', { name: [] }],
  ['CNAME', '_0/25.net', { name: ['_0/25', 'net'] }],
  ['TXT', '"a" "b"', { strings: ['a', 'b'] }],
  ['TXT', '"a""b"', { strings: ['a', 'b'] }],
  ['TXT', '""', { strings: [''] }],
  ['TXT', String.raw`"\"q\" \\ \303\251 \;"`, { strings: ['"q" \\ \u00c3\u00a9 ;'] }],
  ['TXT', `"${'x'.repeat(255)}"`, { strings: ['x'.repeat(255)] }],
  ['SPF', '"v=spf1 -all"', { strings: ['v=spf1 -all'] }],
  ['CAA', '0 issue "ca.example.net; a=b"', { flags: 0, tag: 'issue', value: 'ca.example.net; a=b' }],
  ['CAA', '128 iodef ""', { flags: 128, tag: 'iodef', value: '' }],
  ['MX', '10 mail.example.net', { preference: 10, exchange: ['mail', ...EXAMPLE] }],
  ['MX', '0 .', { preference: 0, exchange: [] }],
  ['SRV', '1 2 65535 example.net.', { priority: 1, weight: 2, port: 65_535, target: EXAMPLE }],
  [
    'SOA',
    'ns.example.net. who.example.net. 1 2 3 4 4294967295',
    { nameServer: ['ns', ...EXAMPLE], mailbox: ['who', ...EXAMPLE], numbers: [1, 2, 3, 4, 4_294_967_295] },
  ],
  [
    'NAPTR',
    String.raw`100 50 "u" "E2U+sip" "!^(\\+441632960083)$!sip:\\1@example.com!" .`,
    {
      order: 100,
      preference: 50,
      flags: 'u',
      service: 'E2U+sip',
      regexp: String.raw`!^(\+441632960083)$!sip:\1@example.com!`,
      replacement: [],
    },
  ],
  [
    'NAPTR',
    '1 2 "" "" "" example.net',
    { order: 1, preference: 2, flags: '', service: '', regexp: '', replacement: EXAMPLE },
  ],
  ['DS', `12345 3 1 ${SHA1}`, { keyTag: 12_345, algorithm: 3, digestType: 1, digest: hex(SHA1) }],
  [
    'DS',
    `1 13 2 ${SHA256.slice(0, 32)} ${SHA256.slice(32)}`,
    { keyTag: 1, algorithm: 13, digestType: 2, digest: hex(SHA256) },
  ],
  ['DS', '1 13 9 AA', { keyTag: 1, algorithm: 13, digestType: 9, digest: hex('aa') }],
  ['SSHFP', `4 2 ${SHA256}`, { algorithm: 4, fingerprintType: 2, fingerprint: hex(SHA256) }],
  ['TLSA', `3 1 1 ${SHA256}`, { usage: 3, selector: 1, matchingType: 1, data: hex(SHA256) }],
  ['TLSA', '3 0 0 3082', { usage: 3, selector: 0, matchingType: 0, data: hex('3082') }],
  ['HTTPS', '0 example.net.', binding(0, EXAMPLE)],
  ['HTTPS', '1 .', binding(1, [])],
  ['SVCB', '16 example.net port=53', binding(16, EXAMPLE, [3, '0035'])],
  // RFC 9460, appendix D.2.
  ['SVCB', '1 example.net key667=hello', binding(1, EXAMPLE, [667, '68656c6c6f'])],
  ['SVCB', String.raw`1 example.net key667="hello\322qoo"`, binding(1, EXAMPLE, [667, '68656c6c6fd2716f6f'])],
  [
    'SVCB',
    '1 example.net ipv6hint="2001:db8::1,2001:db8::53:1"',
    binding(1, EXAMPLE, [6, '20010db800000000000000000000000120010db8000000000000000000530001']),
  ],
  [
    'SVCB',
    '16 example.net alpn="h2,h3-19" mandatory="ipv4hint,alpn" ipv4hint="192.0.2.1"',
    binding(16, EXAMPLE, [0, '00010004'], [1, '0268320568332d3139'], [4, 'c0000201']),
  ],
  ['SVCB', String.raw`16 example.net alpn="f\\\\oo\\,bar,h2"`, binding(16, EXAMPLE, [1, '08665c6f6f2c626172026832'])],
  ['HTTPS', '1 . alpn=h3 no-default-alpn', binding(1, [], [1, '026833'], [2, ''])],
  ['HTTPS', '1 . ech=AAE= ohttp', binding(1, [], [5, '0001'], [8, ''])],
  ['HTTPS', '1 . dohpath=/dns-query{?dns}', binding(1, [], [7, Buffer.from('/dns-query{?dns}').toString('hex')])],
];

for (const [type, value, data] of READ) {
  test(`reads ${type} ${value}`.slice(0, 100), () => {
    assert.deepEqual(parseRecordData(type, value), { type, ...data });
  });
}

const REFUSED: readonly (readonly [type: string, value: string, problem: string | RegExp])[] = [
  ['A', '192.0.2', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
  ['A', '192.0.2.01', /^ARRDATAIllegal/],
  ['A', '2001:db8::1', /^ARRDATAIllegal/],
  ['A', ' 192.0.2.1', 'UnsupportedCharacter (Value contains unsupported characters)'],
  ['A', '', /^ARRDATAIllegal/],
  ['AAAA', '192.0.2.1', 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'],
  ['AAAA', 'fe80::1%eth0', /^AAAARRDATAIllegal/],
  ['CNAME', '', 'DomainNameEmpty (Domain name is empty)'],
  ['CNAME', 'a..net', 'DomainLabelEmpty (Domain label is empty)'],
  ['CNAME', '.net', 'DomainLabelEmpty (Domain label is empty)'],
  ['CNAME', `${'a'.repeat(64)}.net`, 'DomainLabelTooLong (Domain label is too long)'],
  ['CNAME', Array<string>(128).fill('a').join('.'), 'DomainNameTooLong (Domain name is too long)'],
  ['NS', 'a b.net', 'UnsupportedCharacter (Value contains unsupported characters)'],
  ['NS', 'é.net', /^UnsupportedCharacter/],
  ['PTR', String.raw`a\52.net`, /^UnsupportedCharacter/],
  ['PTR', String.raw`a\400.net`, /^UnsupportedCharacter/],
  ['PTR', String.raw`a\x.net`, /^UnsupportedCharacter/],
  ['TXT', 'bare', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
  ['TXT', '"a" b', /^InvalidCharacterString/],
  ['TXT', '"a" "b', /^InvalidCharacterString/],
  ['TXT', '', /^InvalidCharacterString/],
  ['TXT', String.raw`"a\"`, /^InvalidCharacterString/],
  ['TXT', `"${'x'.repeat(256)}"`, 'CharacterStringTooLong (Value is too long)'],
  ['TXT', '"é"', /^UnsupportedCharacter/],
  ['TXT', '"a\nb"', /^UnsupportedCharacter/],
  ['TXT', String.raw`"\777"`, /^UnsupportedCharacter/],
  ['TXT', String.raw`"\08"`, /^UnsupportedCharacter/],
  ['SPF', 'v=spf1', /^InvalidCharacterString/],
  ['CAA', '0 issue', /^CAARRDATANotThreeFields/],
  ['CAA', '0 issue ca.example.net', /^InvalidCharacterString/],
  ['CAA', '256 issue "a"', /Flags/],
  ['CAA', '0 iss-ue "a"', /Tag/],
  ['CAA', '0 issue "a" "b"', /^CAARRDATANotThreeFields/],
  ['MX', 'mail.example.net', /^MXRRDATANotTwoFields/],
  ['MX', '10 a b', /^MXRRDATANotTwoFields/],
  ['MX', '65536 a', /Priority/],
  ['MX', '-1 a', /Priority/],
  ['SRV', '1 1 32769 a.testapi. b.internal.', "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)"],
  ['SRV', '1 x 1 a', /numbers/],
  ['SOA', 'ns who 1 2 3 4', /^SOARRDATANotSevenFields/],
  ['SOA', 'ns who 1 2 3 4 4294967296', /4294967295/],
  ['NAPTR', '1 2 "u" "s" "" ', /UnsupportedCharacter/],
  ['NAPTR', '1 2 "u" "s" ""', /NotSixFields/],
  ['NAPTR', '1 2 u "s" "" .', /^InvalidCharacterString/],
  ['NAPTR', '1 2 "u-" "s" "" .', /Flags/],
  ['NAPTR', '1 2 "u" "s" "!a!b!" example.net', /both/],
  ['DS', `1 13 1 ${SHA256}`, /32 octets, and its algorithm makes 20/],
  ['DS', '1 13 9 abc', /hexadecimal/],
  ['DS', '65536 13 9 ab', /Field 1 /],
  ['DS', '1 13 9', /fewer than 4/],
  ['SSHFP', `1 2 ${SHA1}`, /20 octets/],
  ['SSHFP', '256 9 aa', /Field 1 /],
  ['TLSA', '3 1 1 aa', /1 octets/],
  ['TLSA', '3 1 x aa', /Field 3 /],
  ['HTTPS', '1', /fewer than 2/],
  ['HTTPS', 'x .', /Priority/],
  ['HTTPS', '0 example.net alpn=h2', /priority 0/],
  ['HTTPS', '1 . alpn', /alpn does not have its form/],
  ['HTTPS', '1 . alpn=', /alpn/],
  ['HTTPS', '1 . alpn="h2,,h3"', /alpn/],
  ['HTTPS', '1 . port=65536', /port/],
  ['HTTPS', '1 . port=1 port=2', /twice/],
  ['HTTPS', '1 . no-default-alpn', /without alpn/],
  ['HTTPS', '1 . no-default-alpn=x alpn=h2', /no-default-alpn/],
  ['HTTPS', '1 . ipv4hint=1.2.3', /ipv4hint/],
  ['HTTPS', '1 . ipv6hint=1.2.3.4', /ipv6hint/],
  ['HTTPS', '1 . ech=!', /ech/],
  ['HTTPS', '1 . mandatory=alpn', /not given/],
  ['HTTPS', '1 . mandatory=mandatory', /itself/],
  ['HTTPS', '1 . mandatory="alpn,alpn" alpn=h2', /twice/],
  ['HTTPS', '1 . key65535=x', /not a parameter/],
  ['HTTPS', '1 . key01=x', /not a parameter/],
  ['HTTPS', '1 . key3=x', /written port/],
  ['HTTPS', '1 . what=x', /not a parameter/],
  ['HTTPS', '1 . key667="a', /character string/],
  ['LOC', '1', /^UnsupportedType/],
  ['constructor', '1', /^UnsupportedType/],
];

for (const [type, value, problem] of REFUSED) {
  test(`refuses ${type} ${value}`.slice(0, 100), () => {
    const parsed = parseRecordData(type, value);
    assert.ok(isProblem(parsed), JSON.stringify(parsed));
    if (typeof problem === 'string') assert.equal(parsed.problem, problem);
    else assert.match(parsed.problem, problem);
  });
}

test('every type of the service is read', () => {
  const read = new Set(READ.map(([type]) => type));
  assert.deepEqual([...read].toSorted(), [...RECORD_TYPES].toSorted());
});

test('the longest values of nothing but quotes and backslashes are refused by every type', () => {
  for (const value of ['"'.repeat(3_999), '\\'.repeat(4_000), '"\\'.repeat(2_000), `1 . ${'a="'.repeat(1_300)}`]) {
    for (const type of RECORD_TYPES) assert.ok(isProblem(parseRecordData(type, value)), type);
  }
});
