// DNS messages of nothing but noise, names both ways, and the data of records: whatever comes is read or is none, and what was read is
// written so that another library reads the same. Messages that are nearly good are in test/conformance/dns/fuzz.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { createResponder } from '../../src/dns/packet.ts';
import { bareAnswer } from '../../src/dns/resource-record.ts';
import { HEADER_BYTES, readQuery } from '../../src/protocol/dns/query.ts';
import { encodeRecordData } from '../../src/protocol/dns/record-data-octets.ts';
import { encodeName, readName, skipName, zoneName } from '../../src/protocol/dns/wire-name.ts';
import { parseRecordData, RECORD_TYPES } from '../../src/protocol/record-data/record-data.ts';
import { isProblem, parseDomainName } from '../../src/protocol/record-text.ts';
import { changed, fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('dns');

const failures: Error[] = [];
const responder = createResponder({
  answer: () => bareAnswer('REFUSED'),
  revision: () => 1,
  onFailure: (error) => failures.push(error),
});
const QUESTION = Buffer.from(
  '12340100000100000000000103777777076578616d706c6503636f6d00000100010000290200000000000000',
  'hex',
);

property(
  'noise is answered within its size, or not at all',
  fc.oneof(fc.uint8Array({ maxLength: 600 }), changed(QUESTION)),
  (octets) => {
    const message = Buffer.from(octets);
    if (message.length >= HEADER_BYTES) readQuery(message);
    for (const isUdp of [true, false]) {
      const reply = responder.respond(message, isUdp)?.bytes;
      if (!reply) continue;
      assert.ok(reply.length <= (isUdp ? 1_232 : 65_535));
      assert.deepEqual(reply.subarray(0, 2), message.subarray(0, 2), 'the id is the one that asked');
      assert.doesNotThrow(() => dnsPacket.decode(reply));
    }
    assert.deepEqual(failures, []);
  },
  1_500,
);

property(
  'an octet is a name, or none, and ends where it says',
  fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(300)),
  ([octets, offset]) => {
    const message = Buffer.from(octets);
    const name = readName(message, offset);
    const end = skipName(message, offset);
    if (!name) return;
    assert.equal(end, name.end);
    // A name that was read is a name that zones know, and goes back to the wire as it came, but for its case.
    assert.equal(zoneName(name.text), name.text);
    assert.deepEqual(
      encodeName(name.text).toString('latin1').toLowerCase(),
      message.toString('latin1', offset, end).toLowerCase(),
    );
  },
  1_500,
);

const NAMES = textOf('a', '.', '..', '*', '_tcp', '-', '\\052', '\\', '\\400', 'é', 'x'.repeat(63), 'A');

property('a name of any text is a problem, or comes back from the wire', NAMES, (text) => {
  const labels = parseDomainName(text);
  if (isProblem(labels)) return assert.throws(() => encodeName(text), /is no name/);
  const wire = encodeName(text);
  assert.deepEqual(readName(wire, 0), {
    text: zoneName(text),
    end: wire.length,
    isLowerCase: !/[A-Z]/.test(labels.join('')),
  });
});

const VALUES = textOf(
  '192.0.2.1',
  '2001:db8::1',
  '::',
  'a.example.',
  '10 ',
  '0 ',
  '65535 ',
  '65536 ',
  '-1 ',
  '"',
  '"text"',
  ' ',
  '\\"',
  '\\303',
  '.',

  'issue ',
  'alpn=h2 ',
  'ipv4hint=192.0.2.1 ',
  'key65535=x ',
  'mandatory=alpn ',
  'port=',
  'ech=AAAA',
  'ABCDEF',
  '1 1 1 ',
  'u',
  ',',
  '=',
);
/** A value of each type that is good, to be changed. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  A: ['192.0.2.1'],
  AAAA: ['2001:db8::1', '::ffff:192.0.2.1'],
  CNAME: ['a.example.', String.raw`a\052b.example`],
  MX: ['10 mail.example.'],
  NS: ['ns.example'],
  PTR: ['a.example.'],
  SOA: ['ns.example. who.example. 1 2 3 4 5'],
  SRV: ['1 2 443 ws.example.'],
  TXT: ['"a" "b"', String.raw`"\303\251"`],
  CAA: ['0 issue "ca.example; a=b"'],
  NAPTR: ['100 50 "u" "E2U+sip" "!^.*$!sip:a@example!" .'],
  DS: ['12345 13 2 AABBCCDDEEFF00112233445566778899AABBCCDDEEFF00112233445566778899'],
  SSHFP: ['1 1 123456789abcdef67890123456789abcdef67890'],
  TLSA: ['3 1 1 AABBCCDDEEFF00112233445566778899AABBCCDDEEFF00112233445566778899'],
  HTTPS: ['1 . alpn=h2 port=443 ipv4hint=192.0.2.1'],
  SVCB: ['0 svc.example.'],
};
/** Those that another library writes octet by octet as it read them. */
const KNOWN_TO_OTHERS = ['A', 'CNAME', 'NS', 'PTR', 'MX', 'SRV', 'SOA', 'DS', 'TLSA'];

interface Codec {
  encode(data: unknown): Buffer;
  decode(octets: Buffer, at: number): unknown;
}
const codecOf = (type: string) => (dnsPacket as unknown as { record(name: string): Codec }).record(type);

const TYPED: fc.Arbitrary<readonly [type: string, value: string]> = fc.constantFrom(...RECORD_TYPES).chain((type) => {
  const good = (GOOD[type] ?? ['']).map((value) => Buffer.from(value));
  const values = fc.oneof(VALUES, fc.constantFrom(...good).map(String), changed(...good).map(String));
  return values.map((value) => [type, value] as const);
});
const read = new Map<string, number>();

property(
  'a value of any text is a problem, or octets that another library reads and writes the same',
  TYPED,
  ([type, value]) => {
    const data = parseRecordData(type, value);
    if (isProblem(data)) {
      assert.match(data.problem, /^[A-Za-z0-9]+ \(.+\)$/s);
      return assert.throws(() => encodeRecordData(type, value));
    }
    read.set(type, (read.get(type) ?? 0) + 1);
    const parts = encodeRecordData(type, value).map((part) => ('compressible' in part ? part.compressible : part));
    const octets = Buffer.concat(parts);
    assert.ok(octets.length <= 65_535);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(octets.length);
    const whole = Buffer.concat([length, octets]);
    // Escaped octets are told otherwise over there.
    if (!KNOWN_TO_OTHERS.includes(type) || value.includes('\\')) return;
    assert.deepEqual(codecOf(type).encode(codecOf(type).decode(whole, 0)), whole, `${type} ${value}`);
  },
  2_000,
);

void test('values of every type were read, and not only refused', () => {
  assert.deepEqual(
    RECORD_TYPES.filter((type) => type !== 'SPF' && (read.get(type) ?? 0) < 10),
    [],
  );
});
