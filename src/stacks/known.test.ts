// What Ref and Fn::GetAtt are of resources that need nothing here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../../test/harness/stack-templates.ts';
import { createKnown, UnknownReference } from './known.ts';
import { evaluate } from './template/evaluate.ts';
import { resourceTypes } from './types/resource-types.ts';

const { resources, outputs } = read(`Resources:
  Topic: {Type: AWS::SNS::Topic}
  Named:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub '\${AWS::StackName}-sender'
      Policies: [{PolicyName: send, PolicyDocument: {Resource: !Ref Topic}}]
  Plain: {Type: AWS::IAM::Role, Properties: {Policies: [!Ref Topic]}}
Outputs:
  Named: {Value: !GetAtt Named.Arn}
  Plain: {Value: !Ref Plain}
  Topic: {Value: !Ref Topic}
`);
const known = createKnown({
  resources,
  standIns: {},
  owned: { stackName: 'chat', account: '123456789012', region: 'eu-west-1' },
  types: resourceTypes({}),
  made: () => undefined,
});
const valueOf = (name: string) => evaluate(outputs.find((output) => output.name === name)!.value, known);

void test('a role has its name, whatever its policies ask for', () => {
  assert.equal(valueOf('Named'), 'arn:aws:iam::123456789012:role/chat-sender');
  assert.equal(valueOf('Plain'), 'chat-Plain');
});

void test('what is not made is nothing, and says so', () => {
  assert.throws(() => valueOf('Topic'), UnknownReference);
});
