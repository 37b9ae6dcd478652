// Functions where there are accounts: whose they are, what they may sign, and that nobody else's reach them. Authorizers run there, too.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as lambda from '@aws-sdk/client-lambda';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { secretOf, writeAccounts, type KeyRow } from '../border/actors.ts';
import { createClients } from '../../demo/chain.ts';
import { REGION } from '../harness/gateway.ts';
import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import { makeProject } from '../harness/local-functions.ts';
import { addRoute, ask, makeApi, openSocket, pathForm, RefusedHandshake } from '../harness/sockets.ts';

const ANNE: KeyRow = { account: '111122223333', keyId: 'AKIAOFONE' };
const BERT: KeyRow = { account: '444455556666', keyId: 'AKIAOFTWO' };
const FUNCTIONS = {
  plain: { handler: 'env.handler', account: ANNE.account },
  signing: { handler: 'env.handler', account: ANNE.account, accessKey: ANNE.keyId },
  // A key of somebody else's gives nothing.
  borrowing: { handler: 'env.handler', account: ANNE.account, accessKey: BERT.keyId },
  unclaimed: { handler: 'env.handler' },
  ofBert: { handler: 'env.handler', account: BERT.account },
  authorize: { handler: 'authorize.handler', account: ANNE.account },
};
const FILES = {
  'env.js': `exports.handler = async () => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  return { statusCode: 200, body: JSON.stringify({ id, secret, token }) };
};`,
  'authorize.mjs': `export const handler = async ({ methodArn, queryStringParameters: { as } }) => ({
  principalId: as,
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: as === 'friend' ? 'Allow' : 'Deny', Resource: methodArn }] },
});`,
};
const accounts = writeAccounts({ after }, [ANNE, BERT]);
const gateway = await makeProject({ after }, FUNCTIONS, FILES).start(['--accounts', accounts]);

function clientOf(accessKeyId: string, secretAccessKey = secretOf(accessKeyId), sessionToken?: string) {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const client = new lambda.LambdaClient({ endpoint: gateway.endpoint, region: REGION, credentials, maxAttempts: 1 });
  after(() => client.destroy());
  return client;
}

const anne = clientOf(ANNE.keyId);
const bert = clientOf(BERT.keyId);
const clients = createClients(gateway.endpoint, REGION, ANNE.keyId, secretOf(ANNE.keyId));

interface Found {
  readonly id?: string;
  readonly secret?: string;
  readonly token?: string;
}

async function credentialsIn(client: lambda.LambdaClient, FunctionName: string): Promise<Found> {
  const { Payload } = await client.send(new lambda.InvokeCommand({ FunctionName }));
  const { body } = JSON.parse(Buffer.from(Payload!).toString()) as { body: string };
  return JSON.parse(body) as Found;
}

void test('a function has temporary credentials of the key that its settings name, and no others', async () => {
  assert.deepEqual(await credentialsIn(anne, 'plain'), {});
  assert.deepEqual(await credentialsIn(anne, 'borrowing'), {});
  const { id, secret, token } = await credentialsIn(anne, 'signing');
  assert.match(id!, /^ASIA/);
  const inside = clientOf(id!, secret, token);
  const { Functions } = await inside.send(new lambda.ListFunctionsCommand({}));
  assert.deepEqual(
    Functions?.map(({ FunctionName }) => FunctionName),
    ['authorize', 'borrowing', 'plain', 'signing'],
  );
});

void test('a function of another account is as one that is not there, and one of no account is nobody’s', async () => {
  for (const FunctionName of [
    'plain',
    `${ANNE.account}:function:plain`,
    functionArn('plain', ANNE.account),
    'unclaimed',
  ]) {
    const asked = bert.send(new lambda.InvokeCommand({ FunctionName }));
    await assert.rejects(asked, { name: 'ResourceNotFoundException', message: /^Function not found: / });
  }
  const { Functions } = await bert.send(new lambda.ListFunctionsCommand({}));
  assert.deepEqual(
    Functions?.map(({ FunctionName }) => FunctionName),
    ['ofBert'],
  );
});

const target = (name: string, account: string) => ({
  isTwoWay: true,
  target: { IntegrationType: 'AWS_PROXY' as const, IntegrationUri: invocationsOf(functionArn(name, account)) },
});

void test('an API reaches the functions of its own account alone', async () => {
  const routes = { own: target('plain', ANNE.account), theirs: target('ofBert', ANNE.account) };
  const client = await openSocket(gateway, pathForm(gateway, await makeApi(clients, routes)));
  assert.equal(await ask(client, '{"action":"own"}'), '{}');
  assert.match(await ask(client, '{"action":"theirs"}'), /^\{"message": "Internal server error"/);
});

void test('an authorizer is a function of the settings file, too', async () => {
  const api = await makeApi(clients, { $default: target('plain', ANNE.account) });
  const { apiId: ApiId, stage: StageName } = api;
  const { AuthorizerId } = await clients.gateway.send(
    new v2.CreateAuthorizerCommand({
      ApiId,
      Name: 'authorize',
      AuthorizerType: 'REQUEST',
      IdentitySource: ['route.request.querystring.as'],
      AuthorizerUri: invocationsOf(functionArn('authorize', ANNE.account)),
    }),
  );
  const RouteId = await addRoute(clients, ApiId, '$connect', {});
  const change = { ApiId, RouteId, AuthorizationType: 'CUSTOM' as const, AuthorizerId };
  await clients.gateway.send(new v2.UpdateRouteCommand(change));
  await clients.gateway.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  const url = pathForm(gateway, api);
  const friend = await openSocket(gateway, `${url}?as=friend`);
  assert.equal(await ask(friend, 'x'), '{}');
  await assert.rejects(
    openSocket(gateway, `${url}?as=foe`),
    (error) => error instanceof RefusedHandshake && error.status === 403,
  );
});
