// Functions that a stack brings, where there are accounts: whose rights they have, code that stands in the template, what they find around
// them, that those that did not change stay warm, and that a gateway that starts again has them.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GetFunctionCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { secretOf, writeAccounts, type KeyRow } from '../border/actors.ts';
import { REGION, startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { makeProject } from '../harness/local-functions.ts';
import { makeStackProject } from '../harness/stacks.ts';

const owner = { after };
const ANNE: KeyRow = { account: '111122223333', keyId: 'AKIAOFANNE' };
const LIMITED: KeyRow = {
  account: ANNE.account,
  keyId: 'AKIALIMITED',
  policies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sallyport:GetStack', Resource: '*' }] }],
};
const BERT: KeyRow = { account: '444455556666', keyId: 'AKIAOFBERT' };
const settings = makeProject(owner, { taken: { handler: 'a.handler', account: ANNE.account } }, {});
const dataDir = temporaryDirectory(owner);
const flags = ['--accounts', writeAccounts(owner, [ANNE, LIMITED, BERT]), '--data-dir', dataDir];
const start = () =>
  settings.start([
    ...flags,
    '--service-endpoint',
    'dynamodb=http://127.0.0.1:1',
    '--service-endpoint',
    'states=http://127.0.0.1:2',
  ]);
let gateway: TestGateway = await start();

const envOf = ({ keyId }: KeyRow) => ({ AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secretOf(keyId) });
const clientOf = (accessKeyId: string, secretAccessKey = secretOf(accessKeyId), sessionToken?: string) => {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const client = new LambdaClient({ endpoint: gateway.endpoint, region: REGION, credentials, maxAttempts: 1 });
  after(() => client.destroy());
  return client;
};
async function invoke(FunctionName: string): Promise<Record<string, string>> {
  const { Payload } = await clientOf(ANNE.keyId).send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Buffer.from(Payload!).toString()) as Record<string, string>;
}

const lambda = (FunctionName: string, Code: unknown, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName, Handler: 'index.handler', Runtime: 'nodejs22.x', Code, ...more },
});
const ENV = 'exports.handler = async () => ({ ...process.env, pid: process.pid });\n';
const Resources: Record<string, object> = {
  Lying: lambda('lying', './code', { Layers: ['arn:aws:lambda:us-east-1:1:layer:a:1'], Timeout: '5' }),
  Inline: lambda('inline', { ZipFile: ENV }, { Environment: { Variables: { AWS_ENDPOINT_URL_SFN: 'http://own' } } }),
  Module: lambda('module', { ZipFile: 'export const handler = async () => ({ said: "module" });\n' }),
  Snake: lambda(
    'snake',
    { ZipFile: 'def handler(event, context):\n    return {"said": "python"}\n' },
    { Runtime: 'python3.13' },
  ),
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: { FunctionName: { Ref: 'Inline' }, FunctionVersion: '$LATEST', Name: 'live' },
  },
};
const project = makeStackProject(
  owner,
  { Resources, Outputs: { Alias: { Value: { Ref: 'Live' } } } },
  { 'code/index.js': ENV },
);
const up = (key = ANNE, ...more: string[]) =>
  project.run(['up', 'template.yaml', '--stack-name', 'functions', '--data-dir', dataDir, ...more], envOf(key));

void test('functions have the rights of the key that brought them up', async () => {
  const { code, stdout, stderr } = await up();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /! not made {2}Lying \(AWS::Lambda::Function Layers\) at template\.yaml:\d+: what they hold/);
  assert.match(stdout, /Alias +arn:aws:lambda:us-east-1:111122223333:function:inline:live/);
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = await invoke('lying');
  assert.match(id!, /^ASIA/);
  const { Functions } = await clientOf(id!, secret, token).send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions!.map(({ FunctionName }) => FunctionName),
    ['inline', 'lying', 'module', 'snake', 'taken'],
  );
  const { Configuration } = await clientOf(ANNE.keyId).send(new GetFunctionCommand({ FunctionName: 'lying' }));
  assert.equal(Configuration!.Timeout, 5);
  await assert.rejects(clientOf(BERT.keyId).send(new GetFunctionCommand({ FunctionName: 'lying' })), {
    name: 'ResourceNotFoundException',
  });
});

void test('code that stands in the template runs, and finds the services that the gateway was told of', async () => {
  const found = await invoke('inline:live');
  assert.equal(found['AWS_ENDPOINT_URL_DYNAMODB'], 'http://127.0.0.1:1');
  assert.equal(found['AWS_ENDPOINT_URL_SFN'], 'http://own');
  assert.deepEqual(await invoke('module'), { said: 'module' });
  assert.deepEqual(await invoke('snake'), { said: 'python' });
});

void test('a function that did not change stays warm, and one that did is another process', async () => {
  const before = [await invoke('lying'), await invoke('inline')];
  Resources['Inline'] = lambda('inline', { ZipFile: `${ENV}// changed\n` });
  project.write('template.yaml', JSON.stringify({ Resources }));
  const { stdout } = await up();
  assert.match(stdout, /~ update +Inline .*\((Code, Environment|Environment, Code)\)/);
  const now = [await invoke('lying'), await invoke('inline')];
  assert.deepEqual([now[0]!['pid'] === before[0]!['pid'], now[1]!['pid'] === before[1]!['pid']], [true, false]);
  assert.equal(now[1]!['AWS_ENDPOINT_URL_SFN'], 'http://127.0.0.1:2');
});

void test('a gateway that starts again has them', async () => {
  await gateway.stop();
  gateway = await start();
  assert.deepEqual(await invoke('module'), { said: 'module' });
  assert.match((await up(ANNE, '--dry-run')).stdout, /nothing to do/);
});

void test('a name of the settings file, and a key without the permission, are refused', async () => {
  const other = makeStackProject(owner, { Resources: { Taken: lambda('taken', { ZipFile: ENV }) } });
  const run = (key: KeyRow) =>
    other.run(['up', 'template.yaml', '--stack-name', 'other', '--data-dir', dataDir], envOf(key));
  const taken = await run(ANNE);
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, /Taken .*There is a function taken of another stack, or of the settings file, already/);
  const limited = await run(LIMITED);
  assert.equal(limited.code, 2);
  assert.match(limited.stderr, /is not authorized to perform: sallyport:(ListStacks|PutStack)/);
});

void test('without its functions a stack is as much gone as the rest of it', async () => {
  const down = await project.run(['down', 'functions', '--data-dir', dataDir], envOf(ANNE));
  assert.equal(down.code, 0, down.stderr);
  const { Functions } = await clientOf(ANNE.keyId).send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions!.map(({ FunctionName }) => FunctionName),
    ['taken'],
  );
});

void test('where the addresses are taken, the line says whose gateway to ask', async () => {
  const elsewhere = await startTestGateway(owner);
  const { code, stderr } = await project.run(['up', '--control', new URL(elsewhere.endpoint).host, 'template.yaml']);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /no gateway runs on .*sallyport-data.*One that runs already is used with its --data-dir, or --endpoint/,
  );
});
