// Fn::ForEach: what it writes out, and where it cannot.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, propertiesOf, read } from '../../../test/harness/stack-templates.ts';

const TEXT = `Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'send,leave-it'}
Conditions:
  Fn::ForEach::Conditions:
    - Name
    - !Ref Names
    - Has&{Name}: !Equals [!Ref Name, send]
Resources:
  Api: {Type: AWS::SNS::Topic}
  Fn::ForEach::Routes:
    - Name
    - !Ref Names
    - Route&{Name}:
        Type: AWS::SQS::Queue
        Properties:
          Key: \${Name}
          Again: !Ref Name
          Sub: !Sub '\${Name}-\${Api}-\${AWS::Region}'
          Is: !If ['Has&{Name}', 1, 2]
          Fn::ForEach::Inner:
            - Letter
            - [a, b]
            - In\${Letter}: {Both: '\${Name}\${Letter}'}
Outputs:
  Fn::ForEach::Outputs:
    - Name
    - !Ref Names
    - Out&{Name}: {Value: !GetAtt ['Route&{Name}', Arn]}
`;

void test('writes out loops in every section, and within each other', () => {
  const template = read(TEXT);
  const made = (name: string, is: number) => ({
    Key: name,
    Again: name,
    Sub: { 'Fn::Join': ['', [`${name}-`, { Ref: 'Api' }, '-eu-west-1']] },
    Is: is,
    Ina: { Both: `${name}a` },
    Inb: { Both: `${name}b` },
  });
  assert.deepEqual(propertiesOf(template, 'Routesend'), made('send', 1));
  assert.deepEqual(propertiesOf(template, 'Routeleaveit'), made('leave-it', 2));
  assert.deepEqual(
    template.outputs.map(({ name, value }) => [name, value.kind === 'attribute' && value.logicalId]),
    [
      ['Outsend', 'Routesend'],
      ['Outleaveit', 'Routeleaveit'],
    ],
  );
});

const loop = (body: string) => `Resources:\n  A: {Type: AWS::SNS::Topic}\n  Fn::ForEach::L: ${body}\n`;
const REFUSED: readonly (readonly [name: string, body: string, problem: RegExp])[] = [
  ['no list', 'a', /^3: Fn::ForEach::L takes a list of a name, a list of texts, and an object that is repeated$/],
  ['no collection', '[N, a, {}]', /^3: Fn::ForEach::L goes through a list that is known before any resource$/],
  [
    'a collection of a resource',
    '[N, !GetAtt A.Names, {}]',
    /^3: Fn::ForEach::L goes through a list that is known before any resource$/,
  ],
  [
    'items that are no texts',
    '[N, [[a]], {"X${N}": {}}]',
    /^3: Fn::ForEach::L goes through texts that are known before any resource$/,
  ],
  ['the same key each time', '[N, [a, b], {X: {Type: AWS::SNS::Topic}}]', /^3: the key 'X' is there twice$/],
  [
    'loops within loops without end',
    Array.from({ length: 9 }, (_, index) => index).reduce(
      (inner, index) => `[N${index}, [a, b, c, d, e, f, g, h], {"X\${N${index}}": {Fn::ForEach::L: ${inner}}}]`,
      '[N, [a], {}]',
    ),
    /^3: what the expressions of the template make exceeds 33,554,432 bytes here$/,
  ],
];

for (const [name, body, problem] of REFUSED) {
  void test(`refuses ${name}`, () => {
    const [first, ...others] = problemsOf(loop(body));
    assert.match(first!, problem);
    assert.deepEqual(others, []);
  });
}
