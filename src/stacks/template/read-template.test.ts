// Whole templates: those of test/templates come out as expected.json beside each says, and none costs more than its bounds.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inDirectory, problemsOf, read, READ_OPTIONS } from '../../../test/harness/stack-templates.ts';
import { SAMPLES, told } from '../../../test/templates/templates.ts';
import { readTemplate } from './read-template.ts';

for (const [name, { path, expected, options }] of Object.entries(SAMPLES)) {
  void test(`reads ${name}`, () => {
    assert.deepEqual(told(readTemplate(path, options)), JSON.parse(readFileSync(expected, 'utf8')));
  });
}

void test('puts each resource behind what it depends on', () => {
  for (const { path, options } of Object.values(SAMPLES)) {
    const seen = new Set<string>();
    for (const { logicalId, dependsOn } of readTemplate(path, options).resources) {
      for (const one of dependsOn) assert.ok(seen.has(one), `${logicalId} comes before ${one}`);
      seen.add(logicalId);
    }
  }
});

void test('names the files that a watcher looks at', () => {
  const { path, options } = SAMPLES['what cdk synth leaves']!;
  assert.deepEqual(readTemplate(path, options).files, [
    join(path, 'ChatStack.template.json'),
    join(path, 'manifest.json'),
  ]);
});

void test('gives every stack an id of its own, the same each time', () => {
  const idOf = (stackName: string) => {
    const text = 'Resources: {A: {Type: AWS::SNS::Topic}}\nOutputs: {Id: {Value: !Ref AWS::StackId}}';
    const [output] = read(text, { stackName }).outputs;
    return output!.value.kind === 'scalar' ? output!.value.text : '';
  };
  assert.match(
    idOf('one'),
    /^arn:aws:cloudformation:eu-west-1:123456789012:stack\/one\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  );
  assert.equal(idOf('one'), idOf('one'));
  assert.notEqual(idOf('one').split('/')[2], idOf('two').split('/')[2]);
});

const MANY = 10_000;
const rows = (count: number, row: (index: number) => string) => Array.from({ length: count }, (_, index) => row(index));

void test('reads a template of ten thousand resources that wait for each other in one row', () => {
  const text = `Resources:\n${rows(MANY, (index) =>
    index === 0
      ? '  R0: {Type: AWS::SNS::Topic}'
      : `  R${index}: {Type: AWS::SNS::Topic, Properties: {Name: !Sub 'a-\${R${index - 1}}'}}`,
  )
    .toReversed()
    .join('\n')}\n`;
  const { resources } = read(text);
  assert.equal(resources.length, MANY);
  assert.equal(resources[0]!.logicalId, 'R0');
  assert.equal(resources.at(-1)!.logicalId, `R${MANY - 1}`);
});

void test('reads a text of ten thousand variables', () => {
  const variables = rows(MANY, (index) => `V${index}: 'x'`).join(', ');
  const asked = rows(MANY, (index) => `\${V${index}}`).join('');
  const text = `Resources: {A: {Type: AWS::SNS::Topic, Properties: {Name: !Sub ['${asked}', {${variables}}]}}}`;
  const [made] = read(text).resources[0]!.properties.entries.values();
  assert.equal(made!.kind === 'scalar' && made!.text.length, MANY);
});

const LEVELS = 30;
const doubled = (anchor: (index: number) => string) =>
  `Metadata:\n  l0: &l0 xxxxxxxxxx\n${rows(LEVELS, (index) => `  l${index + 1}: &l${index + 1} ${anchor(index)}\n`).join('')}`;
const DEEP = 20_000;
const BOMBS: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
  [
    'aliases of aliases',
    `${doubled((index) => `[*l${index}, *l${index}]`)}Resources: {}\n`,
    /^\d+: the template has more than 500,000 values, those that its aliases repeat included$/,
  ],
  [
    'an anchor within itself',
    'Resources: &a {A: *a, B: *a}\n',
    /^1: .*(nested deeper than 100 levels|more than 500,000 values)/,
  ],
  ['lists within lists', `Resources: ${'['.repeat(DEEP)}${']'.repeat(DEEP)}\n`, /^1: /],
  [
    'texts of texts',
    `Mappings: {M: {a: {b: ${'x'.repeat(1_000_000)}}}}\nResources: {A: {Type: AWS::SNS::Topic, Properties: {Name: [${rows(100, () => '!FindInMap [M, a, b]').join(', ')}]}}}\n`,
    /^2: what the expressions of the template make exceeds 33,554,432 bytes here$/,
  ],
  [
    'a text that is put together of itself',
    `Resources: {A: {Type: AWS::SNS::Topic, Properties: {Name: ${rows(15, () => "!Sub ['${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}', {A: ").join('')}xxxxxxxxxx${rows(15, () => '}]').join('')}}}}\n`,
    /^1: what the expressions of the template make exceeds/,
  ],
];

for (const [name, text, problem] of BOMBS) {
  void test(`ends at a bound: ${name}`, () => {
    const before = process.cpuUsage();
    const problems = problemsOf(text);
    const { user, system } = process.cpuUsage(before);
    assert.match(problems.at(-1)!, problem);
    assert.ok((user + system) / 1_000 < 5_000, `${name} took ${(user + system) / 1_000} ms`);
  });
}

void test('refuses conditions that ask for each other in too long a row', () => {
  const conditions = rows(MANY, (index) => `  C${index}: !Not [!Condition C${index + 1}]`).join('\n');
  const text = `Conditions:\n${conditions}\n  C${MANY}: !Equals [a, a]\nResources: {A: {Type: AWS::SNS::Topic}}\n`;
  try {
    assert.equal(read(text).resources.length, 1);
  } catch (error) {
    assert.match((error as Error).message, /:1: expressions of the template ask for each other in too long a row$/);
  }
});

void test('refuses a file above the bound, and one that is not there', () => {
  assert.deepEqual(problemsOf('x'.repeat(4_194_305)), ['1: the file of 4,194,305 bytes exceeds 4,194,304']);
  assert.throws(() => readTemplate('nowhere/template.yaml', READ_OPTIONS), {
    message: 'nowhere/template.yaml:1: there is no such file',
  });
  assert.throws(() => inDirectory({ 'a/b': '' }, (directory) => readTemplate(join(directory, 'a'), READ_OPTIONS)), {
    message: /a:1: this directory has no manifest\.json: name a template, or the cdk\.out that cdk synth leaves$/,
  });
});
