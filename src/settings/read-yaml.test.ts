// YAML that is read, and what is said of YAML that is none: the place and the reason, and nothing that stands in the file.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readYaml, shownKey, YamlProblem } from './read-yaml.ts';

const SECRET = 'hunter22-and-more';

const REFUSED: readonly (readonly [name: string, text: string, words: RegExp])[] = [
  ['a secret that begins with a star', `secret: *${SECRET}`, /^an alias \(\*\) in it leads nowhere/],
  ['a secret with an escape that is none', `secret: "\\${SECRET}"`, /^at line 1, column 10: bad dq escape$/],
  ['a secret with a colon', `smtp: smtp://u: ${SECRET}`, /^at line 1, column 7: Nested mappings are not allowed/],
  [
    'a secret without its closing quote',
    `region: us-east-1\nsecret: "${SECRET}`,
    /^at line 2, column \d+: Missing closing/,
  ],
  ['a key twice', `${SECRET}: 1\n${SECRET}: 2`, /^at line 2, column 1: Map keys must be unique$/],
  ['two documents', `--- ${SECRET}\n--- ${SECRET}`, /^at line 2, column 1: multiple docs$/],
  ['a directive', `%${SECRET} x`, /^at line 1, column \d+: Missing directives-end/],
  ['a reserved sign', `secret: \`${SECRET}`, /^at line 1, column 9: bad scalar start$/],
];

for (const [name, text, words] of REFUSED) {
  test(`${name} is told by its place alone`, async () => {
    await assert.rejects(readYaml(text), (error) => {
      assert.ok(error instanceof YamlProblem, String(error));
      assert.match(error.message, words);
      assert.ok(!error.message.includes(SECRET.slice(1)), error.message);
      assert.ok(!/[\r\n]/.test(error.message));
      return true;
    });
  });
}

test('a secret that begins with an exclamation mark is in no warning', async (t) => {
  const warned = t.mock.method(process, 'emitWarning', () => {});
  assert.deepEqual(await readYaml(`secret: !${SECRET} b`), { secret: 'b' });
  assert.equal(warned.mock.callCount(), 0);
});

test('anchors and aliases are followed', async () => {
  assert.deepEqual(await readYaml('a: &policy [1]\nb: *policy'), { a: [1], b: [1] });
});

const KEYS: readonly (readonly [key: string, shown: string])[] = [
  ['regoin', "'regoin'"],
  ['data-dri', "'data-dri'"],
  [`secret:${SECRET}`, 'that is no plain word'],
  ['two words', 'that is no plain word'],
  ['a\rb', 'that is no plain word'],
];

for (const [key, shown] of KEYS) {
  test(`the key ${JSON.stringify(key)} is shown as: ${shown}`, () => assert.equal(shownKey(key), shown));
}
