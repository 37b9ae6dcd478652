// Intrinsic functions: what each makes of what is known, what it keeps for later, and what it refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, propertiesOf, read } from '../../../test/harness/stack-templates.ts';
import { evaluate, resourcesAskedFor } from './evaluate.ts';

const TEMPLATE = (value: string) => `Parameters:
  Name: {Type: String, Default: chat}
  List: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Count: {Type: Number, Default: 3}
Mappings:
  Sizes:
    prod: {memory: 512, names: [x, y]}
    eu-west-1: {memory: 256}
Conditions:
  Yes: !Equals [!Ref Name, chat]
  No: !Not [!Condition Yes]
  IsTyped: !And [!Equals [!Ref Count, 3], !Or [!Condition No, !Equals [true, 'true']]]
Resources:
  Other: {Type: AWS::SNS::Topic}
  Gone: {Type: AWS::SNS::Topic, Condition: No}
  Thing:
    Type: AWS::SQS::Queue
    Properties:
      V: ${value}
`;
const SUB_LIST = "!Sub ['${A}-${Name}-${Other.Arn}', {A: !Ref Count}]";

const MADE: readonly (readonly [name: string, value: string, made: unknown])[] = [
  ['Ref of a parameter', '!Ref Name', 'chat'],
  ['Ref of a number', '!Ref Count', 3],
  ['Ref of a list', '!Ref List', ['a', 'b', 'c']],
  ['Ref in full', '{Ref: Name}', 'chat'],
  ['Ref of a name that is put together', '{Ref: !Join ["", [Na, me]]}', 'chat'],
  ['Ref of the account, which keeps its digits', '!Ref AWS::AccountId', '123456789012'],
  ['Ref of no notifications', '!Ref AWS::NotificationARNs', []],
  ['Ref of the partition', '!Ref AWS::Partition', 'aws'],
  ['Ref of the suffix', '!Ref AWS::URLSuffix', 'localhost'],
  ['Ref of a resource', '!Ref Other', { Ref: 'Other' }],
  ['an object that has a Ref beside other members', '{Ref: Name, b: 1}', { Ref: 'Name', b: 1 }],
  ['GetAtt with a dot', '!GetAtt Other.Arn', { 'Fn::GetAtt': 'Other.Arn' }],
  ['GetAtt with dots in the attribute', '!GetAtt Other.Outputs.Name', { 'Fn::GetAtt': 'Other.Outputs.Name' }],
  ['GetAtt of a list', 'Fn::GetAtt: [Other, Arn]'.replace(/^(.*)$/, '{$1}'), { 'Fn::GetAtt': 'Other.Arn' }],
  ['GetAtt by a parameter', '!GetAtt [Other, !Ref Name]', { 'Fn::GetAtt': 'Other.chat' }],
  ['Sub of what is known', "!Sub '${Name}-${AWS::Region}'", 'chat-eu-west-1'],
  ['Sub with a literal', "!Sub 'a${!Name}$b${Name}'", 'a${Name}$bchat'],
  ['Sub without variables', "!Sub 'plain $ {x}'", 'plain $ {x}'],
  ['Sub of a resource', "!Sub 'x/${Other}'", { 'Fn::Join': ['', ['x/', { Ref: 'Other' }]] }],
  ['Sub with a list', SUB_LIST, { 'Fn::Join': ['', ['3-chat-', { 'Fn::GetAtt': 'Other.Arn' }]] }],
  ['Sub with a variable of the name of a parameter', "!Sub ['${Name}', {Name: own}]", 'own'],
  ['Join', "!Join ['-', [a, !Ref Name, 5, true, 1.10]]", 'a-chat-5-true-1.10'],
  ['Join of a list parameter', "!Join ['+', !Ref List]", 'a+b+c'],
  ['Join without AWS::NoValue', "!Join ['-', [a, !Ref AWS::NoValue, b]]", 'a-b'],
  ['Join of nothing', "!Join ['-', []]", ''],
  ['Join of a resource', "!Join [':', [a, !Ref Other]]", { 'Fn::Join': [':', ['a', { Ref: 'Other' }]] }],
  ['Select', '!Select [1, [a, b]]', 'b'],
  ['Select with a text for an index', "!Select ['0', !Ref List]", 'a'],
  ['Select of Split', "!Select [2, !Split ['/', 'a/b/c']]", 'c'],
  [
    'Select of Split of a resource',
    "!Select [2, !Split ['/', !Ref Other]]",
    { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'Other' }] }] },
  ],
  [
    'Join of an attribute that is a list',
    "!Join [',', !GetAtt Other.Names]",
    { 'Fn::Join': [',', { 'Fn::GetAtt': 'Other.Names' }] },
  ],
  ['Base64', '!Base64 chat', 'Y2hhdA=='],
  ['Base64 in the long form around a short one', '{Fn::Base64: !Sub "${Name}"}', 'Y2hhdA=='],
  ['Base64 of a resource', '!Base64 {Ref: Other}', { 'Fn::Base64': { Ref: 'Other' } }],
  ['FindInMap', '!FindInMap [Sizes, prod, memory]', 512],
  ['FindInMap by the region', '!FindInMap [Sizes, !Ref AWS::Region, memory]', 256],
  ['FindInMap of a list', '!FindInMap [Sizes, prod, names]', ['x', 'y']],
  ['FindInMap with a default', '!FindInMap [Sizes, none, memory, {DefaultValue: !Ref Name}]', 'chat'],
  ['If', '!If [Yes, a, b]', 'a'],
  ['If of what another condition makes', '!If [IsTyped, a, b]', 'a'],
  ['If of AWS::NoValue in a list', '[x, !If [No, a, !Ref AWS::NoValue]]', ['x']],
  ['If of AWS::NoValue in an object', '{x: 1, y: !If [No, a, !Ref AWS::NoValue]}', { x: 1 }],
  ['If whose other branch asks for what is left out', '!If [No, !Ref Gone, b]', 'b'],
  ['GetAZs', "!GetAZs ''", ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
  ['GetAZs of a region', '!GetAZs us-east-1', ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  ['ImportValue', "!ImportValue {'Fn::Sub': '${Name}-url'}", 'wss://there'],
  ['Length', '!Length [a, b]', 2],
  ['Length of a parameter', '!Length [!Ref List]'.replace('[!Ref List]', '{Ref: List}'), 3],
  ['ToJsonString', '!ToJsonString {a: [1, !Ref Name]}', '{"a":[1,"chat"]}'],
  ['ToJsonString of a resource', '!ToJsonString {a: !Ref Other}', { 'Fn::ToJsonString': { a: { Ref: 'Other' } } }],
  [
    'a member that only looks like a condition',
    '{Condition: {StringEquals: {a: b}}}',
    { Condition: { StringEquals: { a: 'b' } } },
  ],
];

for (const [name, value, made] of MADE) {
  void test(`makes: ${name}`, () => {
    const template = read(TEMPLATE(value), { imports: { 'chat-url': 'wss://there' } });
    assert.deepEqual(propertiesOf(template, 'Thing'), { V: made });
  });
}

const REFUSED: readonly (readonly [name: string, value: string, problem: string])[] = [
  ['a function that is not there', '{Fn::Subb: a}', "there is no function Fn::Subb; did you mean 'Fn::Sub'?"],
  ['a short form that is not there', '!Suub a', "there is no short form !Suub; did you mean '!Sub'?"],
  [
    'a function beside others',
    '{Fn::Sub: a, b: 1}',
    'Fn::Sub stands beside other members; an object with a function has that one member',
  ],
  [
    'a name that is not there',
    '!Ref Othr',
    "Ref asks for what is not there: there is no parameter or resource 'Othr'; did you mean 'Other'?",
  ],
  [
    'a pseudo parameter that is not there',
    '!Ref AWS::Regio',
    "there is no pseudo parameter AWS::Regio; did you mean 'AWS::Region'?",
  ],
  [
    'an attribute of what is not there',
    '!GetAtt Othr.Arn',
    "Fn::GetAtt asks for what is not there: there is no resource 'Othr'; did you mean 'Other'?",
  ],
  [
    'an attribute without a name',
    '!GetAtt Other',
    'Fn::GetAtt takes a resource and an attribute: Name.Attribute, or a list of the two',
  ],
  [
    'what a condition leaves out',
    '!Ref Gone',
    "Ref asks for what is not there: resource 'Gone' is left out, because its condition No is false",
  ],
  [
    'a variable with spaces in its name',
    "!Sub '${a b}'",
    "Fn::Sub finds ${a b}: a name has letters, digits, '.', '_' and ':' alone; a literal is written ${!…}",
  ],
  ['a list within a text', "!Sub '${List}'", 'Fn::Sub makes a text, and a list stands in it'],
  ['nothing within a text', "!Join ['', [a, null]]", 'Fn::Join makes a text, and nothing stands in it'],
  ['Join without a list', "!Join ['', a]", 'Fn::Join takes a list, and finds a text'],
  ['an index behind the end', '!Select [3, [a]]', 'Fn::Select asks for item 3 of a list of 1; items count from 0'],
  ['an index that is none', '!Select [x, [a]]', 'the index of Fn::Select must be a whole number from 0'],
  ['a split at nothing', "!Split ['', abc]", 'the delimiter of Fn::Split must not be empty'],
  [
    'an index that a resource tells',
    '!Select [!Ref Other, [a]]',
    'Fn::Select needs a text here that is known before any resource, and finds something that only a resource can tell',
  ],
  ['a condition that is not there', '!If [Yess, a, b]', "there is no condition 'Yess'; did you mean 'Yes'?"],
  [
    'a mapping that is not there',
    '!FindInMap [Size, prod, memory]',
    "there is no mapping 'Size'; did you mean 'Sizes'?",
  ],
  [
    'a key that is not there',
    '!FindInMap [Sizes, prod, cpu]',
    "the mapping 'Sizes' has not the second key that is asked for, and Fn::FindInMap names no DefaultValue",
  ],
  [
    'an import',
    '!ImportValue there',
    "Fn::ImportValue asks for 'there' of another stack; give it by --import there=VALUE",
  ],
  ['Cidr', '!Cidr [10.0.0.0/8, 1, 8]', 'Fn::Cidr is not read here; write its result in its place'],
  ['a macro', '!Transform {Name: AWS::Include}', 'Fn::Transform is run by AWS alone; write out what the macro makes'],
  [
    'a condition outside of Conditions',
    '!Equals [a, b]',
    'Fn::Equals makes a condition: it belongs below Conditions, and Fn::If asks for it by name',
  ],
  [
    'a dynamic reference',
    "'{{resolve:ssm:/a/b}}'",
    '{{resolve:ssm:…}} asks a service that is not here; put a parameter in its place and give it by --parameter',
  ],
];

for (const [name, value, problem] of REFUSED) {
  void test(`refuses: ${name}`, () => {
    assert.deepEqual(problemsOf(TEMPLATE(value)), [`19: ${problem}`]);
  });
}

void test('evaluates what was kept, once resources are known', () => {
  const value =
    "{a: !Sub 'x/${Other}', b: !Select [1, !Split ['/', !GetAtt Other.Arn]], c: !Join [',', !GetAtt Other.Names], d: !ToJsonString {e: !Ref Other}, f: !Base64 {Ref: Other}, g: !Length {Fn::Split: [',', !Ref Other]}, h: !Join ['-', [yes, 1.0, !Ref Other]]}";
  const [thing] = read(TEMPLATE(value)).resources.filter(({ logicalId }) => logicalId === 'Thing');
  const properties = thing!.properties;
  assert.deepEqual([...resourcesAskedFor(properties)], ['Other']);
  const known = {
    ref: (logicalId: string) => `${logicalId}-id`,
    attribute: (_: string, name: string) => (name === 'Names' ? ['n1', 'n2'] : 'arn/of/it'),
  };
  assert.deepEqual(evaluate(properties, known), {
    V: { a: 'x/Other-id', b: 'of', c: 'n1,n2', d: '{"e":"Other-id"}', f: 'T3RoZXItaWQ=', g: 1, h: 'yes-1.0-Other-id' },
  });
});

void test('says at which line an expression has no value', () => {
  const [thing] = read(TEMPLATE("!Select [5, !Split ['/', !Ref Other]]")).resources.filter(
    ({ logicalId }) => logicalId === 'Thing',
  );
  const known = { ref: () => 'a/b', attribute: () => '' };
  assert.throws(() => evaluate(thing!.properties, known), {
    line: 19,
    message: 'Fn::Select asks for item 5 of a list of 2; items count from 0',
  });
});
