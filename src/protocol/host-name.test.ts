// Host names as the tables are keyed, and what is none.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  firstLabel,
  hostNameProblem,
  hostOfDomainName,
  hostPort,
  idnaForm,
  isHostField,
  normalizeHost,
  normalizeName,
  wildcardFor,
} from './host-name.ts';

const NORMALIZED: readonly (readonly [name: string, host: string | undefined, want: string])[] = [
  ['no header', undefined, ''],
  ['an empty header', '', ''],
  ['a plain name', 'ws.example.com', 'ws.example.com'],
  ['capitals', 'WS.Example.COM', 'ws.example.com'],
  ['a port', 'ws.example.com:8443', 'ws.example.com'],
  ['an empty port', 'ws.example.com:', 'ws.example.com'],
  ['a trailing dot', 'ws.example.com.', 'ws.example.com'],
  ['a trailing dot and a port', 'ws.example.com.:443', 'ws.example.com'],
  ['two trailing dots: no name', 'ws.example.com..', ''],
  ['a port that is none: no name', 'ws.example.com:https', ''],
  ['two ports: no name', 'ws.example.com:1:2', ''],
  ['a port alone', ':443', ''],
  ['a dot alone', '.', ''],
  ['a wildcard: no name', '*.example.com', ''],
  ['an empty first label: no name', '.example.com', ''],
  ['an underscore, which clients do use', 'a_b.example.com', 'a_b.example.com'],
  ['a space: no name', 'a b.example.com', ''],
  ['a NUL: no name', 'ws.example.com\0.evil', ''],
  ['a path: no name', 'ws.example.com/', ''],
  ['a Kelvin sign, which is a k in lower case: no name', '\u212Aa.example', ''],
  ['letters beyond ASCII: no name', 'bücher.example', ''],
  ['an octet that IDNA would make a letter: no name', 'ws.ex\xaample.com', ''],
  ['a port of six digits: no name', 'ws.example.com:100000', ''],
  ['an IDNA name', 'XN--bcher-kva.example', 'xn--bcher-kva.example'],
  ['octets that are no text: no name', 'a\xff\x01.example', ''],
  ['an IPv4 literal', '127.0.0.1:80', '127.0.0.1'],
  ['an IPv6 literal', '[::1]:80', '[::1]'],
  ['an IPv6 literal in capitals', '[FE80::A]', '[fe80::a]'],
  ['an IPv6 literal that never ends', '[::1', ''],
  ['what follows an IPv6 literal: no name', '[::1].example.com', ''],
];

for (const [name, host, want] of NORMALIZED) {
  void test(`normalises ${name}`, () => assert.equal(normalizeHost(host), want));
}

void test('what people type is mapped as browsers do', () => {
  assert.equal(idnaForm('Bücher.example'), 'xn--bcher-kva.example');
  assert.equal(idnaForm('\u212Aa\u3002example.'), 'ka.example');
  assert.equal(idnaForm('a b.example'), '');
});

void test('a name has no port', () => {
  assert.equal(normalizeName('WS.example.com.'), 'ws.example.com');
  assert.equal(normalizeName('ws.example.com:443'), '');
  assert.equal(normalizeName('[::1]'), '');
});

void test('normalising again changes nothing, and what is not empty is a host name', () => {
  const label = fc.oneof(fc.domain(), fc.string({ unit: 'binary' }), fc.constantFrom('.', '*.', ':1', '..', 'Ä', 'a'));
  fc.assert(
    fc.property(fc.array(label, { maxLength: 4 }), (parts) => {
      const once = normalizeName(parts.join(''));
      assert.equal(normalizeName(once), once);
      assert.ok(once === '' || hostNameProblem(once.replaceAll('_', '0')) === undefined, once);
    }),
    { numRuns: 2_000 },
  );
});

void test('a name that is a key already is what another spelling of it comes to', () => {
  const letters = fc.constantFrom(...'ab0_-.');
  const names = fc.oneof(
    fc.domain(),
    fc.string({ unit: letters, maxLength: 300 }),
    fc.constantFrom(NAME_253, `${NAME_253}a`),
  );
  fc.assert(
    fc.property(names, (name) => {
      // One that ends with a dot, or has capitals, is looked at closely.
      if (!name.endsWith('.')) assert.equal(normalizeName(name), normalizeName(`${name}.`));
      assert.equal(normalizeName(name), normalizeName(name.toUpperCase()));
    }),
    { numRuns: 2_000 },
  );
});

const LABEL_63 = 'a'.repeat(63);
const NAME_253 = `${`${LABEL_63}.`.repeat(3)}${'a'.repeat(61)}`;

const PROBLEMS: readonly (readonly [name: string, host: string, problem: RegExp | undefined])[] = [
  ['a name', 'ws.example.com', undefined],
  ['one label', 'localhost', undefined],
  ['one letter', 'a', undefined],
  ['digits', '1.2.3', undefined],
  ['inner hyphens', 'xn--bcher-kva.example', undefined],
  ['a label of 63 octets', `${LABEL_63}.com`, undefined],
  ['a name of 253 octets', NAME_253, undefined],
  ['nothing', '', /^the name is empty$/],
  ['a label of 64 octets', `${LABEL_63}a.com`, /^the label 'aaaaaaaaaaaaaaaa…' has 64 octets, at most 63 are allowed$/],
  ['a name of 254 octets', `${NAME_253}a`, /^the name has 254 octets, at most 253 are allowed$/],
  ['a leading dot', '.example.com', /empty label/],
  ['a trailing dot', 'example.com.', /empty label/],
  ['two dots', 'a..b', /empty label/],
  ['a leading hyphen', '-a.com', /^the label '-a' may hold only letters, digits and inner hyphens$/],
  ['a trailing hyphen', 'a-.com', /label 'a-'/],
  ['an underscore', '_acme.example.com', /label '_acme'/],
  ['a capital', 'Example.com', /label 'Example'/],
  ['a wildcard', '*.example.com', /label '\*'/],
  ['a space', 'a b.com', /label 'a b'/],
  ['a line break at the end', 'example.com\n', /label 'com\n'/],
  ['a letter beyond ASCII', 'bücher.example', /label 'bücher'/],
];

for (const [name, host, problem] of PROBLEMS) {
  void test(`${problem ? 'refuses' : 'takes'} ${name}`, () => {
    const found = hostNameProblem(host);
    if (problem) assert.match(found ?? '', problem);
    else assert.equal(found, undefined);
  });
}

void test('the wildcard for a host is one label above it', () => {
  assert.equal(wildcardFor('cust7.example.com'), '*.example.com');
  assert.equal(wildcardFor('a.b.example.com'), '*.b.example.com');
  assert.equal(wildcardFor('localhost'), undefined);
  assert.equal(wildcardFor(''), undefined);
});

void test('the host of a domainName is what stands before its port', () => {
  const names = ['ws.example.com:8443', 'ws.example.com', '[::1]:8443', '[::1]'];
  assert.deepEqual(names.map(hostOfDomainName), ['ws.example.com', 'ws.example.com', '[::1]', '[::1]']);
});

void test('the first label is all of a name without a dot', () => {
  assert.equal(firstLabel('ws.example.com'), 'ws');
  assert.equal(firstLabel('localhost'), 'localhost');
});

void test('an IPv6 host and its port are kept apart by brackets', () => {
  assert.equal(hostPort('localhost', 80), 'localhost:80');
  assert.equal(hostPort('127.0.0.1', 0), '127.0.0.1:0');
  assert.equal(hostPort('::1', 8443), '[::1]:8443');
});

const FIELDS: readonly (readonly [value: string, isOne: boolean])[] = [
  ['', true],
  ['ws.example.com', true],
  ['WS.Example.COM.:8443', true],
  ['ws.example.com:', true],
  ['a_b.example.com', true],
  ['*.example.com', true],
  ['127.0.0.1:80', true],
  ['[::1]:80', true],
  ['user@ws.example.com', false],
  ['user:secret@ws.example.com', false],
  ['ws.example.com/path', false],
  ['ws.example.com?query', false],
  ['ws.example.com#part', false],
  ['ws.example.com, other.example.com', false],
  ['ws.example.com:https', false],
  ['ws.example.com:80:443', false],
  ['::1', false],
  ['[::1', false],
  ['ws.ex\u00e4mple.com', false],
  ['ws\\example', false],
];

for (const [value, isOne] of FIELDS) {
  test(`a Host header ${isOne ? 'may' : 'may not'} be '${value}'`, () => {
    assert.equal(isHostField(value), isOne);
  });
}
