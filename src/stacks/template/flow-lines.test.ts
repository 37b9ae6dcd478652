// Lines of flows and quoted texts that stand too far left.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { written } from '../../../test/harness/stack-templates.ts';
import { withFlowsIndented } from './flow-lines.ts';
import { ProblemList } from './problem-list.ts';
import { parseText } from './template-file.ts';

const READ: readonly (readonly [name: string, text: string, value: unknown])[] = [
  [
    'an object',
    'a:\n  b:\n    c: {"x": 1,\n  "y": [\n  2,\n3]\n}\n    d: 4\n',
    { a: { b: { c: { x: 1, y: [2, 3] }, d: 4 } } },
  ],
  [
    'an object that closes below its key',
    'a:\n    - b: {\n        x: 1\n    }\n    - c\n',
    { a: [{ b: { x: 1 } }, 'c'] },
  ],
  [
    'a list with a tag',
    'a:\n  b: !Join [\n"-",\n[x, "]"]\n]\n  c: 1\n',
    { a: { b: { 'Fn::Join': ['-', ['x', ']']] }, c: 1 } },
  ],
  ['a quoted text', "a:\n  - b: '{\n  it''s\n}'\n    c: 1\n", { a: [{ b: "{ it's }", c: 1 }] }],
  ['a comment with a bracket', 'a:\n  b: [ # }]\n1,\n2]\n  c: 3\n', { a: { b: [1, 2], c: 3 } }],
  [
    'brackets in plain texts and blocks',
    "a:\n  b: it's {x} [\n  c: |\n    {\n    [ '\n  d: [\n1]\n",
    { a: { b: "it's {x} [", c: "{\n[ '\n", d: [1] } },
  ],
  ['a quoted text with a backslash', 'a:\n  b: ["x\\"]",\n1]\n', { a: { b: ['x"]', 1] } }],
];

for (const [name, text, value] of READ) {
  void test(`reads ${name} whose lines stand too far left`, () => {
    assert.deepEqual(written(parseText(text, false, new ProblemList('t'))), value);
  });
}

void test('keeps lines, and what is well indented', () => {
  for (const [, text] of READ) assert.equal(withFlowsIndented(text).split('\n').length, text.split('\n').length);
  const good = 'a:\n  b: [1, 2]\n  c: "x" # {\n  d: ${x}\n';
  assert.equal(withFlowsIndented(good), good);
});

void test('tells what was wrong with the text as it is', () => {
  const problems = new ProblemList('t');
  assert.throws(() => parseText('a:\n  b: {x: 1,\ny: 2\n', false, problems), { message: /^t:3: / });
});
