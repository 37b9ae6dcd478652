// The two syntaxes: what a scalar is, where a node stands, and what is refused with which line.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, propertiesOf, read } from '../../../test/harness/stack-templates.ts';
import { parseJson } from './parse-json.ts';
import { ProblemList } from './problem-list.ts';
import { parseText } from './template-file.ts';
import { written } from '../../../test/harness/stack-templates.ts';

const SCALARS: readonly (readonly [text: string, value: unknown])[] = [
  ['2010-09-09', '2010-09-09'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['000000000000', '000000000000'],
  ['012345678901', '012345678901'],
  ['123456789012', 123_456_789_012],
  ['99999999999999999999', '99999999999999999999'],
  ['0777', '0777'],
  ['0x1F', '0x1F'],
  ['12:30:45', '12:30:45'],
  ['1_000', '1_000'],
  ['1.10', 1.1],
  ['-3', -3],
  ['1e3', 1_000],
  ['.inf', '.inf'],
  ['yes', true],
  ['Off', false],
  ['true', true],
  ['y', 'y'],
  ['~', null],
  ['null', null],
  ["'yes'", 'yes'],
  ['"1"', '1'],
  ['!!str 5', '5'],
  ['! 5', '5'],
  ['$default', '$default'],
  ['|\n  two\n  lines', 'two\nlines\n'],
  ['>-\n  one\n  line', 'one line'],
];

for (const [text, value] of SCALARS) {
  void test(`reads the plain scalar ${JSON.stringify(text)}`, () => {
    const node = parseText(`a: ${text}\n`, false, new ProblemList('t'));
    assert.deepEqual(written(node), { a: value });
  });
}

void test('merges what << brings, and what is written out wins', () => {
  const text = 'x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\none: {<<: *x, a: 0}\ntwo: {a: 0, <<: [*x, *y]}\n';
  const node = parseText(text, false, new ProblemList('t'));
  const { one, two } = written(node) as Record<string, unknown>;
  assert.deepEqual(
    [one, two],
    [
      { a: 0, b: 2 },
      { a: 0, b: 2, c: 4 },
    ],
  );
});

void test('reads JSON as YAML reads it', () => {
  const text = '{"a": [1, -2.50e1, true, false, null, "\\u00e9\\n\\"\\/"],\n\t"b": {"c": {}}, "d": []}';
  assert.deepEqual(written(parseJson(text)), JSON.parse(text));
  const list = parseJson(text);
  assert.equal(list.kind === 'map' && list.entries.get('b')!.line, 2);
});

void test('reads a flow of YAML that opens like JSON', () => {
  assert.equal(read('{Resources: {A: {Type: AWS::SNS::Topic}}}').resources.length, 1);
});

void test('gives a value the line of its key', () => {
  const text =
    'Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      Name:\n        Fn::Sub: |\n          x\n      Other: [1,\n        2]\n';
  const [a] = read(text).resources;
  const { entries } = a!.properties;
  assert.deepEqual([a!.place.line, entries.get('Name')!.line, entries.get('Other')!.line], [2, 5, 8]);
  const other = entries.get('Other')!;
  assert.deepEqual(other.kind === 'list' && other.items.map(({ line }) => line), [8, 9]);
});

void test('keeps members that are called like those of every object', () => {
  const text = '{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"__proto__": 1, "constructor": 2}}}}';
  const { properties } = read(text, {}).resources[0]!;
  assert.deepEqual([...properties.entries.keys()], ['__proto__', 'constructor']);
  assert.deepEqual(propertiesOf(read(text), 'A'), JSON.parse('{"__proto__": 1, "constructor": 2}'));
});

const YAML: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
  [
    'a key twice',
    'Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic}\n',
    ["3: the key 'A' is there twice"],
  ],
  ['a tab', 'Resources:\n\tA: 1\n', ['2: Tabs are not allowed as indentation']],
  [
    'an alias that leads nowhere',
    'Resources:\n  A: *there\n',
    ['2: the alias *there leads nowhere: there is no anchor &there above it'],
  ],
  [
    'a second document',
    'Resources:\n  A: {Type: AWS::SNS::Topic}\n---\nB: 1\n',
    ['3: a template is one YAML document'],
  ],
  ['a list for a key', 'Resources:\n  ? [a]\n  : b\n', ['2: a key must be a plain text here']],
  ['nothing', '', ['1: a template must be an object, and is nothing']],
  ['a text', 'hello\n', ['1: a template must be an object, and is a text']],
];

for (const [name, text, problems] of YAML) {
  void test(`refuses in YAML: ${name}`, () => {
    assert.deepEqual(problemsOf(text), problems);
  });
}

const JSON_TEXTS: readonly (readonly [name: string, text: string, problem: string])[] = [
  ['a key twice', '{"Resources": {\n"A": 1,\n"A": 2}}', "3: the key 'A' is there twice"],
  ['a comma behind the last', '{"a": 1,\n}', "2: a key in double quotes is expected here, and '}' is found"],
  ['no comma', '{"a": 1\n"b": 2}', "2: a comma or } is expected here, and '\"' is found"],
  ['no end', '{"a": [1,\n2', '2: a comma or ] is expected here, and the end of the file is found'],
  ['no colon', '{"a" 1}', "1: a colon behind the key 'a' is expected here, and '1' is found"],
  ['a word', '{"a": yes}', "1: a value is expected here, and 'y' is found"],
  ['an open text', '{"a": "b}', '1: a text has no closing quote'],
  [
    'a line break in a text',
    '{"a": "b\nc"}',
    '1: a text holds what JSON does not take in it: a line break, or a backslash before another letter',
  ],
  ['something behind the end', '{}\n{}', "2: the end of the file is expected here, and '{' is found"],
];

for (const [name, text, problem] of JSON_TEXTS) {
  void test(`refuses in JSON: ${name}`, () => {
    assert.deepEqual(problemsOf(text, {}, 'template.json'), [problem]);
  });
}
