// Parameters: what is given, what is missing, and what may not be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, propertiesOf, read } from '../../../test/harness/stack-templates.ts';

const templateOf = (parameter: string, use = '!Ref P') =>
  `Parameters:\n  P: ${parameter}\nResources:\n  A: {Type: AWS::SNS::Topic, Properties: {V: ${use}}}\n`;

const VALUES: readonly (readonly [parameter: string, given: string | undefined, value: unknown])[] = [
  ['{Type: String, Default: 1.10}', undefined, '1.10'],
  ['{Type: String, Default: yes}', undefined, 'yes'],
  ['{Type: String, Default: a}', 'b', 'b'],
  ['{Type: String, Default: a}', '', ''],
  ['{Type: Number}', '1.50', 1.5],
  ["{Type: List<Number>, Default: '1, 2'}", undefined, [1, 2]],
  ["{Type: CommaDelimitedList, Default: ''}", undefined, []],
  ['{Type: CommaDelimitedList}', 'a,  b', ['a', 'b']],
  ['{Type: AWS::EC2::VPC::Id}', 'vpc-1', 'vpc-1'],
  ['{Type: List<AWS::EC2::Subnet::Id>}', 'a,b', ['a', 'b']],
  ['{Type: AWS::SSM::Parameter::Value<String>, Default: /a/b}', 'given', 'given'],
  ['{Type: AWS::SSM::Parameter::Value<List<String>>, Default: /a/b}', 'a,b', ['a', 'b']],
  ['{Type: String, AllowedValues: [yes, 1], NoEcho: true}', 'yes', 'yes'],
  ['{Type: String, AllowedPattern: "[a-z]+"}', 'abc', 'abc'],
  ['{Type: Number, MinValue: 1, MaxValue: 3}', '3', 3],
  ['{Type: String, MinLength: 1, MaxLength: 3}', 'abc', 'abc'],
];

for (const [parameter, given, value] of VALUES) {
  void test(`takes ${given === undefined ? 'the default' : `'${given}'`} for ${parameter}`, () => {
    const parameters = given === undefined ? {} : { P: given };
    assert.deepEqual(propertiesOf(read(templateOf(parameter), { parameters }), 'A'), { V: value });
  });
}

const SECRET = 'hunter2';
const REFUSED: readonly (readonly [parameter: string, given: string | undefined, problem: string])[] = [
  ['{Type: String}', undefined, "2: parameter 'P' has no Default; give it by --parameter P=VALUE"],
  ['{Type: Number}', SECRET, "2: parameter 'P' must be a number"],
  ['{Type: List<Number>}', `1,${SECRET}`, "2: parameter 'P' must be a number"],
  ['{Type: String, AllowedValues: [a, b]}', SECRET, "2: parameter 'P' must be one of a, b"],
  ['{Type: CommaDelimitedList, AllowedValues: [a, b]}', `a,${SECRET}`, "2: parameter 'P' must be one of a, b"],
  ['{Type: String, AllowedPattern: "[a-z]+"}', SECRET, "2: parameter 'P' must match [a-z]+"],
  [
    '{Type: String, AllowedPattern: "[a-z]+", ConstraintDescription: small letters}',
    SECRET,
    "2: parameter 'P' must match [a-z]+: small letters",
  ],
  ['{Type: String, MinLength: 8}', SECRET, "2: parameter 'P' must be 8 letters long at least"],
  ['{Type: String, MaxLength: 6}', SECRET, "2: parameter 'P' must be 6 letters long at most"],
  ['{Type: Number, MinValue: 8}', '7', "2: parameter 'P' must be 8 at least"],
  ['{Type: Number, MaxValue: 6}', '7', "2: parameter 'P' must be 6 at most"],
  ['{Type: Strin}', 'a', "2: there is no parameter type Strin; did you mean 'String'?"],
  ['{Type: String, Defalt: a}', 'a', "2: a parameter has no Defalt; did you mean 'Default'?"],
  ['{Default: a}', undefined, "2: parameter 'P' has no Type"],
  ['{Type: String, Default: [a]}', undefined, "2: the Default of parameter 'P' must be a text, and is a list"],
  [
    '{Type: AWS::SSM::Parameter::Value<String>, Default: /a/b}',
    undefined,
    "2: parameter 'P' is read from Systems Manager, which is not here; give it by --parameter P=VALUE",
  ],
];

for (const [parameter, given, problem] of REFUSED) {
  void test(`refuses ${given === undefined ? 'no value' : `'${given}'`} for ${parameter}`, () => {
    const problems = problemsOf(templateOf(parameter), { parameters: given === undefined ? {} : { P: given } });
    assert.deepEqual(problems, [problem]);
    assert.ok(!problems.join().includes(SECRET));
  });
}

void test('does without a value of Systems Manager that nothing asks for', () => {
  const parameter = '{Type: AWS::SSM::Parameter::Value<String>, Default: /cdk-bootstrap/version}';
  assert.deepEqual(propertiesOf(read(templateOf(parameter, '1')), 'A'), { V: 1 });
});

void test('says one line for each parameter that is missing, and one for each that is unknown', () => {
  const text =
    'Parameters:\n  One: {Type: String}\n  Two: {Type: Number}\nResources:\n  A: {Type: AWS::SNS::Topic, Properties: {V: !Sub "${One}${Two}"}}\n';
  assert.deepEqual(problemsOf(text, { parameters: { Onee: 'a' } }), [
    "1: --parameter gives 'Onee', and the template has no such parameter; did you mean 'One'?",
    "2: parameter 'One' has no Default; give it by --parameter One=VALUE",
    "3: parameter 'Two' has no Default; give it by --parameter Two=VALUE",
  ]);
});

void test('lists a pattern that it cannot apply', () => {
  const { notCarried } = read(templateOf('{Type: String, AllowedPattern: "(?=a)a"}'), { parameters: { P: 'b' } });
  assert.deepEqual(
    notCarried.map(({ logicalId, type, place }) => [logicalId, type, place.line]),
    [['P', 'Parameter AllowedPattern', 2]],
  );
});

void test('takes a pattern that would never end elsewhere', () => {
  const parameters = { P: `${'a'.repeat(100_000)}!` };
  assert.deepEqual(problemsOf(templateOf('{Type: String, AllowedPattern: "(a+)+"}'), { parameters }), [
    "2: parameter 'P' must match (a+)+",
  ]);
});
