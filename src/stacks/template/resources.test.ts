// Resources, conditions and outputs: who is left out, who waits for whom, and what is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, propertiesOf, read } from '../../../test/harness/stack-templates.ts';

const PROBLEMS: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
  [
    'two that wait for each other',
    'Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      V: !Ref B\n  B:\n    Type: AWS::SNS::Topic\n    DependsOn: A\n',
    ['8: resources wait for each other, and none can be made first: A (line 5) → B (line 8) → A'],
  ],
  [
    'one that waits for itself',
    'Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {V: !GetAtt A.Arn}}\n',
    ['2: resources wait for each other, and none can be made first: A (line 2) → A'],
  ],
  [
    'conditions that wait for each other',
    'Conditions:\n  A: !Not [!Condition B]\n  B: !And [!Condition A, !Condition A]\nResources:\n  X: {Type: AWS::SNS::Topic, Condition: A}\n',
    ['2: conditions wait for each other: A (line 2) → B (line 3) → A (line 2)'],
  ],
  [
    'a condition that asks for a resource',
    'Conditions:\n  A: !Equals [!Ref X, a]\nResources:\n  X: {Type: AWS::SNS::Topic}\n',
    ['2: Fn::Equals compares what is known before any resource; it cannot ask for one'],
  ],
  [
    'a condition that is none',
    'Conditions:\n  A: true\n  B: !Nott [a]\n  C: !Join [a, [b]]\nResources:\n  X: {Type: AWS::SNS::Topic}\n',
    [
      '2: a condition is one of Condition, Fn::And, Fn::Equals, Fn::Not, Fn::Or, not a boolean',
      "3: there is no short form !Nott; did you mean '!Not'?",
      '3: a condition is one of Condition, Fn::And, Fn::Equals, Fn::Not, Fn::Or, not a text',
      '4: Fn::Join makes no condition',
    ],
  ],
  [
    'what DependsOn names and is not there',
    'Resources:\n  Topic: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Topic, DependsOn: [Topik]}\n',
    ["3: DependsOn asks for what is not there: there is no resource 'Topik'; did you mean 'Topic'?"],
  ],
  [
    'resources that say too little or too much',
    'Resources:\n  A: {Properties: {}}\n  B-C: {Type: AWS::SNS::Topic}\n  D: {Type: Topic}\n  E: {Type: AWS::SNS::Topic, Propertys: {}}\n  F: [a]\n  G: {Type: AWS::SNS::Topic, Condition: None}\n  H: {Type: AWS::SNS::Topic, DeletionPolicy: Keep}\n',
    [
      "2: resource 'A' has no Type",
      "3: a logical id has letters and digits alone, not 'B-C'",
      "4: 'Topic' is no type of a resource, such as AWS::ApiGatewayV2::Api",
      "5: resource 'E' has a member Propertys, which no resource has; did you mean 'Properties'?",
      "6: resource 'F' must be an object, and is a list",
      "7: there is no condition 'None'",
      '8: DeletionPolicy is one of Delete, Retain, RetainExceptOnCreate, Snapshot',
    ],
  ],
  [
    'sections and transforms that are not there',
    'Transform: [AWS::Include, Mine]\nResource:\n  A: 1\nParameters: [a]\n',
    [
      '1: the template has no Resources',
      '1: the transform AWS::Include is run by AWS alone; those that are read here are AWS::Serverless-2016-10-31 and AWS::LanguageExtensions',
      '1: the transform Mine is run by AWS alone; those that are read here are AWS::Serverless-2016-10-31 and AWS::LanguageExtensions',
      "2: a template has no section Resource; did you mean 'Resources'?",
      '4: the section Parameters must be an object, and is a list',
    ],
  ],
  [
    'outputs without a value, or of what is left out',
    'Conditions: {No: !Equals [a, b]}\nResources:\n  A: {Type: AWS::SNS::Topic}\n  B: {Type: AWS::SNS::Topic, Condition: No}\nOutputs:\n  O: {Description: x}\n  P: {Value: !Ref B}\n  Q: {Condition: No, Value: !Ref B}\n',
    [
      "6: output 'O' has no Value",
      "7: Ref asks for what is not there: resource 'B' is left out, because its condition No is false",
    ],
  ],
  [
    'a function in a mapping',
    'Mappings:\n  M: {Fn::Transform: {Name: AWS::Include}}\nResources: {A: {Type: AWS::SNS::Topic}}\n',
    ["2: a mapping takes no functions, and Fn::Transform stands in 'M'"],
  ],
];

for (const [name, text, problems] of PROBLEMS) {
  void test(`refuses ${name}`, () => {
    assert.deepEqual(problemsOf(text), problems);
  });
}

void test('tells no more problems than a terminal takes', () => {
  const lines = Array.from(
    { length: 80 },
    (_, index) => `  R${index}: {Type: AWS::SNS::Topic, Properties: {V: !Ref Nobody}}\n`,
  );
  const problems = problemsOf(`Resources:\n${lines.join('')}`);
  assert.equal(problems.length, 51);
  assert.equal(problems.at(-1), '51: … and 30 more problems behind this one');
});

void test('leaves out what a condition leaves out, and waits for nothing of it', () => {
  const text =
    'Conditions: {No: !Equals [a, b]}\nResources:\n  A: {Type: AWS::SNS::Topic, DependsOn: [B]}\n  B: {Type: AWS::SNS::Topic, Condition: No, Properties: {V: !Ref Nowhere}}\n';
  assert.deepEqual(
    read(text).resources.map(({ logicalId, dependsOn }) => [logicalId, dependsOn]),
    [['A', []]],
  );
});

void test('keeps what is to be kept', () => {
  const text =
    'Conditions: {Keep: !Equals [a, a]}\nResources:\n  A: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}\n  B: {Type: AWS::SNS::Topic, DeletionPolicy: !If [Keep, RetainExceptOnCreate, Delete]}\n  C: {Type: AWS::SNS::Topic}\n';
  assert.deepEqual(
    read(text).resources.map(({ deletionPolicy }) => deletionPolicy),
    ['Retain', 'Retain', 'Delete'],
  );
});

void test('keeps the order of the file where nothing waits', () => {
  const text =
    'Resources:\n  B: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic, Properties: {V: !Ref C}}\n  C: {Type: AWS::SNS::Topic}\n  D: {Type: AWS::SNS::Topic}\n';
  assert.deepEqual(
    read(text).resources.map(({ logicalId }) => logicalId),
    ['B', 'C', 'A', 'D'],
  );
});

void test('bears with what is wrong in a resource that is not carried', () => {
  const text =
    'Resources:\n  A: {Type: AWS::EC2::Subnet, Properties: {C: !Cidr [a, 1, 2], D: !Ref Nowhere, E: "{{resolve:ssm:a}}"}}\n  B: {Type: AWS::SNS::Topic, Properties: {V: !Ref A}}\n';
  const template = read(text, { isCarried: (type) => type === 'AWS::SNS::Topic' });
  assert.deepEqual(propertiesOf(template, 'B'), { V: { Ref: 'A' } });
  assert.equal(problemsOf(text).length, 3);
});

void test('tells HTTP APIs, and what belongs to them, from WebSocket APIs', () => {
  const text = `Resources:
  Http: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: a}}
  Spec: {Type: AWS::ApiGatewayV2::Api, Properties: {Body: {Fn::Transform: {Name: AWS::Include}}}}
  Socket: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, Name: a}}
  One: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: GET /}}
  Two: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Spec, StageName: $default}}
  Three: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Socket, StageName: live}}
  Name: {Type: AWS::ApiGatewayV2::DomainName, Properties: {DomainName: a.b}}
`;
  assert.deepEqual(
    read(text)
      .resources.filter(({ type }) => type.endsWith('(HTTP)'))
      .map(({ logicalId, type }) => [logicalId, type]),
    [
      ['Http', 'AWS::ApiGatewayV2::Api (HTTP)'],
      ['Spec', 'AWS::ApiGatewayV2::Api (HTTP)'],
      ['One', 'AWS::ApiGatewayV2::Route (HTTP)'],
      ['Two', 'AWS::ApiGatewayV2::Stage (HTTP)'],
    ],
  );
});

void test('makes no round of what is not made', () => {
  const text =
    'Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {V: !Ref B}}\n  B: {Type: AWS::EC2::VPC, Properties: {V: !Ref A}}\n';
  const { resources } = read(text, { isCarried: (type) => type === 'AWS::SNS::Topic' });
  assert.deepEqual(
    resources.map(({ logicalId, dependsOn }) => [logicalId, dependsOn]),
    [
      ['B', []],
      ['A', ['B']],
    ],
  );
});

void test('lists rules, but for the one of CDK', () => {
  const text =
    'Rules:\n  CheckBootstrapVersion: {}\n  Mine: {Assertions: []}\nResources: {A: {Type: AWS::SNS::Topic}}\n';
  assert.deepEqual(
    read(text).notCarried.map(({ logicalId, type, reason, place }) => [logicalId, type, reason, place.line]),
    [['Mine', 'Rule', 'rules about parameters are not checked', 3]],
  );
});
