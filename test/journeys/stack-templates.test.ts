// Templates of each kind, brought up on one gateway: SAM's own WebSocket API with code that stands in the template, and what CDK leaves. A
// client connects to each and is answered.

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ask, openSocket } from '../harness/sockets.ts';
import { makeStackProject, printedUrl, startUp } from '../harness/stacks.ts';
import { SAMPLES } from '../templates/templates.ts';

const templateOf = (word: string) => `Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: nodejs22.x
    Handler: index.handler
Resources:
  Connect:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async () => ({ statusCode: 200 });
  Say:
    Type: AWS::Serverless::Function
    Properties:
      Environment: {Variables: {WORD: !Sub '\${Chat}'}}
      InlineCode: |
        exports.handler = async () => ({ statusCode: 200, body: '${word} ' + process.env.WORD.length });
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes:
        $connect: {FunctionArn: !GetAtt Connect.Arn}
        say: {FunctionArn: !GetAtt Say.Arn, RouteResponseSelectionExpression: $default}
  SayResponse:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Chat, RouteId: !Ref ChatSayRoute, RouteResponseKey: $default}
  Site:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: site, ProtocolType: HTTP}
`;

const project = makeStackProject({ after }, {}, {});
project.write('template.yaml', templateOf('first'));
const up = await startUp({ after }, project, ['template.yaml', '--stack-name', 'sam']);
await up.line(/sam is up/);
const url = printedUrl(up.told);
const said = JSON.stringify({ action: 'say' });

void test('code that stands in the template runs, and other code is live at the next message', async () => {
  const client = await openSocket(up, url);
  assert.equal(await ask(client, said), 'first 10');
  project.write('template.yaml', templateOf('second'));
  const again = await project.run(['up', 'template.yaml', '--stack-name', 'sam']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /~ update +Say .*\(Code\)/);
  assert.equal(await ask(client, said), 'second 10');
  client.socket.close();
});

void test('what is not made is listed by its name', () => {
  const listed = up.told.filter((line) => line.includes('AWS::ApiGatewayV2::Api (HTTP)'));
  assert.equal(listed.length, 1);
  assert.match(listed[0]!, /Site .* at template\.yaml:28/);
});

void test('what cdk synth leaves is brought up from its directory', async () => {
  cpSync(SAMPLES['what cdk synth leaves']!.path, join(project.directory, 'cdk.out'), { recursive: true });
  const cdk = await project.run(['up', 'cdk.out', '--stack-name', 'ChatStack']);
  assert.equal(cdk.code, 0, cdk.stderr);
  const client = await openSocket(up, printedUrl(cdk.stdout.split('\n')));
  client.socket.close();
  assert.equal((await project.run(['down', 'ChatStack'])).code, 0);
});

void test('a template that is wrong makes nothing, and says where', async () => {
  project.write(
    'wrong.yaml',
    'Resources:\n  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: {Name: !Ref B}\n  C: {Type: AWS::SNS::Topic, DependsOn: C}\n',
  );
  const { code, stdout, stderr } = await project.run(['up', 'wrong.yaml', '--stack-name', 'wrong']);
  assert.notEqual(code, 0);
  assert.match(
    `${stdout}${stderr}`,
    /wrong\.yaml:4: Ref asks for what is not there: there is no parameter or resource 'B'/,
  );
  const listed = await project.run(['stacks', '--json']);
  const { stacks } = JSON.parse(listed.stdout) as { stacks: { name: string }[] };
  assert.deepEqual(
    stacks.map(({ name }) => name),
    ['sam'],
  );
});
