// What goes wrong with stacks, on a gateway that runs: templates with problems make nothing, a step that fails takes its run back, a kill
// forgets nothing, two runs do not meet, accounts do not see each other, and functions are taken from nobody but the directory's reader.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { ListCertificatesCommand, type ACMClient } from '@aws-sdk/client-acm';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateApiCommand, DeleteApiCommand, GetApisCommand, GetRoutesCommand } from '@aws-sdk/client-apigatewayv2';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { CHAT_CODE, chatResources, chatTemplate } from '../harness/chat-template.ts';
import { LAUNCHER, paste } from '../harness/command-line.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { mustNotBeLogged } from '../harness/log-secrets.ts';
import { next } from '../harness/eventually.ts';
import { makeStackProject, revisionOf } from '../harness/stacks.ts';

const owner = { after };
const RUN_MS = 6_000;
const gateway = await startTestGateway(owner, ['--limit', `stackRunMs=${RUN_MS}`]);
const onGateway = ['--data-dir', gateway.dataDir];

const api = (Name: string, more: object = {}) => ({
  Type: 'AWS::ApiGatewayV2::Api',
  Properties: { Name, ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action', ...more },
});
const route = (RouteKey: string, more: object = {}) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: { ApiId: { Ref: 'Api' }, RouteKey, ...more },
});
const template = (Resources: object, more: object = {}) => ({ ...more, Resources });
const names = async () => {
  const { Items = [] } = await gateway.clients.gateway.send(new GetApisCommand({ MaxResults: '100' }));
  return Items.map(({ Name }) => Name);
};

async function page(method: string, target: string, body?: object, account = 'test') {
  const { host } = new URL(gateway.endpoint);
  const text = body === undefined ? '' : JSON.stringify(body);
  const credentials = { accessKeyId: account, secret: 'test' };
  const scope = { region: REGION, service: 'sallyport' };
  const headers = signRequest({ method, target, host, body: Buffer.from(text) }, credentials, scope, Date.now());
  const response = await fetch(`${gateway.endpoint}${target}`, { method, headers, ...(body && { body: text }) });
  return { status: response.status, text: await response.text() };
}

void test('all that is wrong is told at once, with its line, and nothing is made', async () => {
  const before = await revisionOf(gateway);
  const project = makeStackProject(
    owner,
    `Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: wrong
      ProtocolType: WEBSOKET
      RouteSelectionExpresion: $request.body.action
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      ApiKeyRequired: perhaps
  Queue:
    Type: AWS::SQS::Queue
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !GetAtt Api.Id
      IntegrationType: HTTP_PROXY
      IntegrationUri: !GetAtt Queue.QueueUrl
`,
  );
  const { code, stderr } = await project.run(['up', 'template.yaml', ...onGateway, '--stack-name', 'wrong']);
  assert.equal(code, 2);
  const lines = stderr.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => /template\.yaml:\d+: \S+/.exec(line)?.[0]),
    [
      'template.yaml:6: Api.ProtocolType',
      'template.yaml:7: Api.RouteSelectionExpresion',
      'template.yaml:12: Route.ApiKeyRequired',
      'template.yaml:8: Route',
      'template.yaml:18: Integration.ApiId:',
      'template.yaml:20: Integration.IntegrationUri:',
    ],
    stderr,
  );
  assert.match(stderr, /--stand-in Queue\.QueueUrl=VALUE/);
  assert.equal(await revisionOf(gateway), before);
});

void test('for what is no template no gateway is started, and nothing is left behind', async () => {
  const project = makeStackProject(owner, '');
  for (const [text, words] of [
    ['Resources:\n  A: [\n', /^sallyport: .*template\.yaml:\d+: /],
    ['Resources: none\n', /^sallyport: .*template\.yaml:1: /],
    ['Parameters: {}\n', /^sallyport: .*template\.yaml:1: .*Resources/],
  ] as const) {
    project.write('template.yaml', text);
    const { code, stdout, stderr } = await project.run(['up', 'template.yaml']);
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, words);
    assert.deepEqual(readdirSync(project.directory), ['template.yaml']);
  }
});

void test('who is no gateway is told to be none', async () => {
  const project = makeStackProject(owner, template({ Api: api('none') }));
  for (const endpoint of ['http://127.0.0.1:1', `https://127.0.0.1:${gateway.tlsPort}`]) {
    const { code, stderr } = await project.run(['up', 'template.yaml', '--endpoint', endpoint]);
    assert.equal(code, 2);
    assert.equal(stderr, `sallyport: no gateway that keeps stacks answers at ${endpoint}.\n`);
  }
});

void test('what is not made is listed with its line, and a stand-in is what is said', async () => {
  const Resources = {
    Api: api('standing'),
    Queue: { Type: 'AWS::SQS::Queue' },
    Route: route('$default', { OperationName: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }),
  };
  const project = makeStackProject(owner, template(Resources, { Outputs: { Q: { Value: { Ref: 'Queue' } } } }));
  const args = [
    'up',
    'template.yaml',
    ...onGateway,
    '--stack-name',
    'standing',
    '--stand-in',
    'Queue.QueueName=orders',
  ];
  const { code, stdout, stderr } = await project.run(args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /! not made {2}Queue \(AWS::SQS::Queue\) at template\.yaml:\d+: this gateway has no such thing/);
  assert.match(stdout, /Q +not known: it asks for Queue/);
  const { Items = [] } = await gateway.clients.gateway.send(new GetApisCommand({}));
  const { ApiId } = Items.find(({ Name }) => Name === 'standing')!;
  const routes = await gateway.clients.gateway.send(new GetRoutesCommand({ ApiId }));
  assert.equal(routes.Items![0]!.OperationName, 'orders');
});

void test('a step that fails takes its run back: a new stack is gone, a changed one as it was', async () => {
  const twice = { One: route('same'), Two: route('same') };
  const project = makeStackProject(owner, template({ Api: api('back'), ...twice }));
  const up = ['up', 'template.yaml', ...onGateway, '--stack-name', 'back'];
  const failed = await project.run(up);
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /template\.yaml:\d+: Two \(AWS::ApiGatewayV2::Route\): .+\nwhat was done is taken back/);
  assert.ok(!(await names()).includes('back'));
  const { stacks } = JSON.parse((await project.run(['stacks', '--json', ...onGateway])).stdout) as {
    stacks: { name: string }[];
  };
  assert.ok(!stacks.some(({ name }) => name === 'back'));

  project.write('template.yaml', JSON.stringify(template({ Api: api('back'), One: twice.One, Gone: route('gone') })));
  assert.equal((await project.run(up)).code, 0);
  const before = await page('GET', '/_sallyport/stack?name=back');
  const changed = { Api: api('changed', { Description: 'new' }), ...twice };
  project.write('template.yaml', JSON.stringify(template(changed)));
  assert.equal((await project.run(up)).code, 2);
  assert.ok((await names()).includes('back') && !(await names()).includes('changed'));
  const resourcesOf = ({ text }: { text: string }) =>
    (JSON.parse(text) as { stack: { resources: object[] } }).stack.resources;
  assert.deepEqual(resourcesOf(await page('GET', '/_sallyport/stack?name=back')), resourcesOf(before));
  project.write('template.yaml', JSON.stringify(template({ Api: api('back'), One: twice.One })));
  const mended = await project.run(up);
  assert.equal(mended.code, 0, mended.stderr);
  assert.match(mended.stdout, /- delete +Gone/);
});

void test('what a property was is taken away with it, and a resource that is to stay is left', async () => {
  const keep = {
    ...api('keep', { Description: 'one', ApiKeySelectionExpression: '$context.authorizer.usageIdentifierKey' }),
    DeletionPolicy: 'Retain',
  };
  const project = makeStackProject(owner, template({ Api: keep }));
  const up = ['up', 'template.yaml', ...onGateway, '--stack-name', 'keep'];
  assert.equal((await project.run(up)).code, 0);
  const find = async () =>
    (await gateway.clients.gateway.send(new GetApisCommand({ MaxResults: '100' }))).Items!.find(
      ({ Name }) => Name === 'keep',
    )!;
  const { ApiId } = await find();
  project.write('template.yaml', JSON.stringify(template({ Api: { ...api('keep'), DeletionPolicy: 'Retain' } })));
  assert.match((await project.run(up)).stdout, /~ update +Api .*\((Description|ApiKeySelectionExpression), /);
  const changed = await find();
  assert.deepEqual(
    [changed.ApiId, changed.Description, changed.ApiKeySelectionExpression],
    [ApiId, undefined, '$request.header.x-api-key'],
  );
  const down = await project.run(['down', 'keep', ...onGateway]);
  assert.match(down.stdout, /retain +Api/);
  assert.equal((await find()).ApiId, ApiId);
});

void test('what somebody took away by hand is made again, with all that was in it', async () => {
  const project = makeStackProject(owner, template({ Api: api('healed'), Route: route('$default') }));
  const up = ['up', 'template.yaml', ...onGateway, '--stack-name', 'healed'];
  assert.equal((await project.run(up)).code, 0);
  const { Items = [] } = await gateway.clients.gateway.send(new GetApisCommand({ MaxResults: '100' }));
  const { ApiId } = Items.find(({ Name }) => Name === 'healed')!;
  await gateway.clients.gateway.send(new DeleteApiCommand({ ApiId }));
  const { code, stdout, stderr } = await project.run(up);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    stdout.match(/\+ create +\w+/g)?.map((line) => line.split(/ +/)[2]),
    ['Api', 'Route'],
  );
  assert.equal((await names()).filter((name) => name === 'healed').length, 1);
});

void test('after a kill the next run goes on, with what was made and what was being made', async () => {
  const Certificate = {
    Type: 'AWS::CertificateManager::Certificate',
    Properties: { DomainName: 'ws.killed.test', ValidationMethod: 'DNS' },
  };
  const project = makeStackProject(owner, template({ Api: api('killed'), Certificate }));
  const up = ['up', 'template.yaml', '--stack-name', 'killed', ...onGateway];
  const child = spawn(process.execPath, [LAUNCHER, ...up], {
    cwd: project.directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (line.includes('waits for the record')) break;
  const meeting = await project.run(up);
  assert.equal(meeting.code, 2);
  assert.match(meeting.stderr, /The stack killed is being changed by another run/);
  child.kill('SIGKILL');
  await next(child, 'exit');
  const certificates = async () => {
    const { CertificateSummaryList = [] } = await (gateway.clients.acm as ACMClient).send(
      new ListCertificatesCommand({}),
    );
    return CertificateSummaryList.filter(({ DomainName }) => DomainName === 'ws.killed.test').map(
      (one) => one.CertificateArn,
    );
  };
  const [arn] = await certificates();
  const Zone = { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'killed.test' } };
  const options = [{ DomainName: 'ws.killed.test', HostedZoneId: { Ref: 'Zone' } }];
  const proven = { ...Certificate, Properties: { ...Certificate.Properties, DomainValidationOptions: options } };
  project.write('template.yaml', JSON.stringify(template({ Api: api('killed'), Zone, Certificate: proven })));
  let mended = await project.run(up);
  // The run that was killed counts for a while.
  while (mended.code === 2 && mended.stderr.includes('another run')) mended = await project.run(up);
  assert.equal(mended.code, 0, mended.stderr);
  assert.deepEqual(await certificates(), [arn]);
  assert.equal((await names()).filter((name) => name === 'killed').length, 1);
  const down = await project.run(['down', 'killed', ...onGateway]);
  assert.equal(down.code, 0, down.stdout);
  assert.deepEqual(await certificates(), []);
});

void test('a run that slept while another took its stack over ends, and takes nothing back', async () => {
  const Certificate = {
    Type: 'AWS::CertificateManager::Certificate',
    Properties: { DomainName: 'ws.slept.test', ValidationMethod: 'DNS' },
  };
  const project = makeStackProject(owner, template({ Api: api('slept'), Certificate }));
  const up = ['up', 'template.yaml', '--stack-name', 'slept', ...onGateway];
  const child = spawn(process.execPath, [LAUNCHER, ...up], {
    cwd: project.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = next<[number]>(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('waits for the record')) break;
  const problems = text(child.stderr);
  // Where the launcher has to look for a newer Node, it is one process, and what it launched another.
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  const sleeper = Number(children[0] || child.pid);
  process.kill(sleeper, 'SIGSTOP');
  project.write('template.yaml', JSON.stringify(template({ Api: api('slept', { Description: 'other' }) })));
  let other = await project.run(up);
  while (other.code === 2 && other.stderr.includes('another run')) other = await project.run(up);
  assert.equal(other.code, 0, other.stderr);
  process.kill(sleeper, 'SIGCONT');
  assert.deepEqual(await exit, [2, null]);
  assert.match(await problems, /the stack slept was taken over by another run, which goes on with it\n$/);
  assert.equal((await names()).filter((name) => name === 'slept').length, 1);
});

void test('what was made and never told of is found again, and not made twice', async () => {
  const { ApiId } = await gateway.clients.gateway.send(
    new CreateApiCommand({
      Name: 'untold',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
  );
  // As it is after a kill between the operation and the put.
  const cut = { revision: 0, template: 'template.yaml', underWay: 'Api', resources: [], outgoing: [], functions: [] };
  assert.equal((await page('PUT', '/_sallyport/stack?name=untold', cut)).status, 200);
  const project = makeStackProject(owner, template({ Api: api('untold') }));
  const { stdout } = await project.run(['up', 'template.yaml', ...onGateway, '--stack-name', 'untold']);
  assert.ok(stdout.includes(ApiId!), stdout);
  assert.equal((await names()).filter((name) => name === 'untold').length, 1);
});

void test('functions are taken from a reader of the data directory alone', async () => {
  const project = makeStackProject(owner, chatTemplate(), CHAT_CODE);
  const elsewhere = temporaryDirectory(owner);
  const up = [
    'up',
    'template.yaml',
    '--stack-name',
    'foreign',
    '--endpoint',
    gateway.endpoint,
    '--data-dir',
    elsewhere,
  ];
  const { code, stderr } = await project.run(up);
  assert.equal(code, 2);
  assert.match(stderr, /ConnectFunction \(AWS::Lambda::Function\): Functions are code that runs as the gateway’s user/);
  assert.ok(!(await names()).includes('chat'));
  const given = {
    name: 'mine',
    handler: 'a.handler',
    taskRoot: project.directory,
    timeoutSeconds: 3,
    memoryMb: 128,
    environment: {},
  };
  const body = { revision: 0, template: 't', resources: [], outgoing: [], functions: [given] };
  for (const codeToken of [undefined, '', 'guess']) {
    const answer = await page('PUT', '/_sallyport/stack?name=guess', {
      ...body,
      ...(codeToken !== undefined && { codeToken }),
    });
    assert.equal(answer.status, 403, answer.text);
  }
});

void test('two accounts have a stack of one name each, with functions of their own, whose variables nobody is told', async () => {
  const secret = 'a variable that is a secret';
  mustNotBeLogged(secret);
  const named = (greeting: string) => {
    const resources = chatResources(greeting);
    const { Properties } = resources['SendFunction'] as { Properties: Record<string, unknown> };
    Properties['FunctionName'] = 'send';
    return chatTemplate(resources);
  };
  const [one, other] = [named(secret), named('other')].map((each) => makeStackProject(owner, each, CHAT_CODE));
  const as = (account: string) => ({ AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'test' });
  const up = ['up', 'template.yaml', '--stack-name', 'twin', ...onGateway];
  for (const [project, account] of [
    [one!, '111122223333'],
    [other!, '444455556666'],
  ] as const) {
    const { code, stdout, stderr } = await project.run(up, as(account));
    assert.equal(code, 0, stderr);
    assert.ok(!stdout.includes(secret));
  }
  const clientOf = (account: string) => {
    const credentials = { accessKeyId: account, secretAccessKey: 'test' };
    const client = new LambdaClient({ endpoint: gateway.endpoint, region: REGION, credentials });
    after(() => client.destroy());
    return client;
  };
  const payload = JSON.stringify({ body: JSON.stringify({ say: 'it' }) });
  const invoke = async (account: string) => {
    const { Payload } = await clientOf(account).send(new InvokeCommand({ FunctionName: 'send', Payload: payload }));
    return Buffer.from(Payload!).toString();
  };
  assert.match(await invoke('111122223333'), new RegExp(`"body":"${secret} it"`));
  assert.match(await invoke('444455556666'), /"body":"other it"/);
  const shown = await page('GET', '/_sallyport/stack?name=twin', undefined, '111122223333');
  assert.match(shown.text, /"name":"send"/);
  assert.ok(!shown.text.includes(secret));
  for (const file of ['sallyport.db', 'sallyport.db-wal'])
    assert.ok(!readFileSync(join(gateway.dataDir, file)).includes(secret), file);
  assert.equal((await other!.run(['down', 'twin', ...onGateway], as('444455556666'))).code, 0);
  assert.match(await invoke('111122223333'), new RegExp(secret));
  // As a user would ask, once.
  const line = `aws lambda list-functions --endpoint-url ${gateway.endpoint}`;
  assert.match((await paste(line, { env: as('444455556666') })).stdout, /"Functions": \[\]/);
});
