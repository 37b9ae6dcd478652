// Names between their text, their labels, and the form in which zones are keyed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, isProblem, nameOfLabels, parseDomainName } from './record-text.ts';

const NAMES: readonly (readonly [text: string, name: string])[] = [
  ['www.example.com', 'www.example.com.'],
  ['WWW.Example.Com.', 'www.example.com.'],
  ['.', '.'],
  ['*.example.com', '*.example.com.'],
  [String.raw`\052.example.com`, '*.example.com.'],
  [String.raw`\127\127\127.example.com`, 'www.example.com.'],
  ['a!b.example.com', String.raw`a\041b.example.com.`],
  [String.raw`a\040b.example.com`, String.raw`a\040b.example.com.`],
  [String.raw`a\056b.example.com`, String.raw`a\056b.example.com.`],
  [String.raw`\303\211.example.com`, String.raw`\303\211.example.com.`],
  ['0/25.2.0.192.in-addr.arpa', String.raw`0\05725.2.0.192.in-addr.arpa.`],
  [String.raw`${String.raw`\141`.repeat(63)}.com`, `${'a'.repeat(63)}.com.`],
];

for (const [text, name] of NAMES) {
  test(`${text} is keyed ${name}`.slice(0, 100), () => {
    const labels = parseDomainName(text);
    assert.ok(!isProblem(labels));
    assert.equal(nameOfLabels(labels), name);
    // What is keyed reads as what it is.
    const again = parseDomainName(name);
    assert.ok(!isProblem(again));
    assert.equal(nameOfLabels(again), name);
  });
}

test('a name of 255 octets is the longest', () => {
  const label = `${'a'.repeat(63)}.`;
  assert.ok(!isProblem(parseDomainName(`${label.repeat(3)}${'a'.repeat(61)}.`)));
  assert.ok(isProblem(parseDomainName(`${label.repeat(3)}${'a'.repeat(62)}.`)));
});

test('fields are parted by blanks outside of quotes', () => {
  assert.deepEqual(fieldsOf(String.raw` a  "b c" d="e \" f"	g\ h "`), [
    'a',
    '"b c"',
    String.raw`d="e \" f"`,
    String.raw`g\ h`,
    '"',
  ]);
});
