// Policies of keys on @connections: the resource is AWS's template, whose id is spelled `{connectionId}`; beyond AWS a policy may name
// real ids, too (websocket-apis 5.4, 5.5).

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { CreateDeploymentCommand, CreateStageCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, pathForm, type Target } from '../harness/sockets.ts';

const ACCOUNT = '111122223333';
const MANAGE = 'execute-api:ManageConnections';
const STAGE = 'dev';
const METHODS = ['GET', 'POST', 'DELETE'] as const;
type Method = (typeof METHODS)[number];
type Outcome = 'allowed' | 'implicit' | 'explicit';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: object;
}
const allow = (Resource: string, Action = MANAGE): Statement => ({ Effect: 'Allow', Action, Resource });
const deny = (Resource: string): Statement => ({ Effect: 'Deny', Action: MANAGE, Resource });
/** The id of the API is not known when the accounts file is written. */
const api = (path: string) => `arn:aws:execute-api:${REGION}:${ACCOUNT}:*/${path}`;
/** As many characters as an id has, and as the template does not have. */
const REAL_ID = '?'.repeat(20);
const none = { GET: 'implicit', POST: 'implicit', DELETE: 'implicit' } as const;
const all = { GET: 'allowed', POST: 'allowed', DELETE: 'allowed' } as const;
const denied = { GET: 'explicit', POST: 'explicit', DELETE: 'explicit' } as const;

interface Row {
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly outcomes: Readonly<Record<Method, Outcome>>;
}
const ROWS: readonly Row[] = [
  { name: 'the whole API', statements: [allow(api('*'))], outcomes: all },
  { name: 'GET of all', statements: [allow(api('dev/GET/@connections/*'))], outcomes: { ...none, GET: 'allowed' } },
  { name: 'POST to all', statements: [allow(api('dev/POST/@connections/*'))], outcomes: { ...none, POST: 'allowed' } },
  {
    name: 'literal braces',
    statements: [allow(api('dev/POST/@connections/{connectionId}'))],
    outcomes: { ...none, POST: 'allowed' },
  },
  { name: 'the documented form', statements: [allow(api('dev/POST/@connections'))], outcomes: none },
  { name: 'another stage', statements: [allow(api('other/*'))], outcomes: none },
  { name: 'another action', statements: [allow(api('*'), 'execute-api:Invoke')], outcomes: none },
  {
    name: 'another region',
    statements: [allow(api('*').replace(REGION, 'eu-west-1'))],
    outcomes: none,
  },
  {
    name: 'a real id',
    statements: [allow(api(`dev/POST/@connections/${REAL_ID}`))],
    outcomes: { ...none, POST: 'allowed' },
  },
  { name: 'a deny beside an allow', statements: [allow('*'), deny(api('dev/*'))], outcomes: denied },
  {
    name: 'a deny of DELETE',
    statements: [allow('*'), deny(api('dev/DELETE/*'))],
    outcomes: { ...all, DELETE: 'explicit' },
  },
  {
    name: 'a deny of the template, and a real id that is allowed',
    statements: [allow(api(`*/@connections/${REAL_ID}`)), deny(api('*/@connections/{connectionId}'))],
    outcomes: denied,
  },
  {
    name: 'a deny of a real id, and the template that is allowed',
    statements: [allow(api('*/@connections/{connectionId}')), deny(api(`*/@connections/${REAL_ID}`))],
    outcomes: denied,
  },
  {
    name: 'an allow for other addresses',
    statements: [{ ...allow('*'), Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }],
    outcomes: none,
  },
  {
    name: 'an allow until a day that is over',
    statements: [{ ...allow('*'), Condition: { DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } } }],
    outcomes: none,
  },
  {
    name: 'a deny from a day on that is over',
    statements: [
      allow('*'),
      { ...deny('*'), Condition: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } } },
    ],
    outcomes: denied,
  },
  {
    name: 'an allow for the account',
    statements: [{ ...allow('*'), Condition: { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } } }],
    outcomes: all,
  },
];

const secretOf = (id: string) => `secret of ${id}`;
const keyOf = (row: number) => `KEY${row}`;
const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
const policed = ROWS.map(({ statements }, row) => ({
  id: keyOf(row),
  secret: secretOf(keyOf(row)),
  policies: [{ Version: '2012-10-17', Statement: statements }],
}));
writeFileSync(
  accounts,
  JSON.stringify({
    accounts: [
      { id: ACCOUNT, keys: [{ id: 'ROOT', secret: secretOf('ROOT') }, ...policed] },
      { id: '444455556666', keys: [{ id: 'STRANGER', secret: secretOf('STRANGER') }] },
    ],
  }),
  { mode: 0o600 },
);
const gateway = await startTestGateway({ after }, ['--accounts', accounts]);
const clients = createClients(gateway.endpoint, REGION, 'ROOT', secretOf('ROOT'));
const tellId: Target = {
  IntegrationType: 'MOCK',
  RequestTemplates: { $default: '{"statusCode": 200}' },
  responses: { $default: '$context.connectionId' },
};
const made = await makeApi(clients, { $default: { target: tellId, isTwoWay: true } }, STAGE);
await clients.gateway.send(new CreateStageCommand({ ApiId: made.apiId, StageName: 'sibling' }));
await clients.gateway.send(new CreateDeploymentCommand({ ApiId: made.apiId, StageName: 'sibling' }));

async function connect() {
  const client = await openSocket(gateway, pathForm(gateway, made));
  return { client, connectionId: await ask(client, '{}') };
}

function management(id: string, stage = STAGE) {
  return new ApiGatewayManagementApiClient({
    endpoint: pathForm(gateway, { ...made, stage }).replace('wss:', 'https:'),
    region: REGION,
    credentials: { accessKeyId: id, secretAccessKey: secretOf(id) },
    maxAttempts: 1,
    requestHandler: { httpsAgent: new Agent({ ca: gateway.ca, keepAlive: false }) },
  });
}

function call(id: string, method: Method, ConnectionId: string, stage?: string): Promise<unknown> {
  const at = management(id, stage);
  switch (method) {
    case 'GET':
      return at.send(new GetConnectionCommand({ ConnectionId }));
    case 'POST':
      return at.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' }));
    case 'DELETE':
      return at.send(new DeleteConnectionCommand({ ConnectionId }));
  }
}

const WHY = {
  implicit: `because no identity-based policy allows the ${MANAGE} action`,
  explicit: 'with an explicit deny in an identity-based policy',
};
const refusal = (method: Method, why: keyof typeof WHY, account = ACCOUNT, stage = STAGE) => ({
  name: 'AccessDeniedException',
  message:
    `User: arn:aws:iam::${account}:root is not authorized to perform: ${MANAGE} on resource: ` +
    `arn:aws:execute-api:${REGION}:********${ACCOUNT.slice(-4)}:${made.apiId}/${stage}/${method}/@connections/{connectionId} ${WHY[why]}`,
});

for (const [row, { name, outcomes }] of ROWS.entries()) {
  for (const method of METHODS) {
    void test(`${name}: ${method} is ${outcomes[method]}`, async () => {
      const { client, connectionId } = await connect();
      const outcome = outcomes[method];
      if (outcome === 'allowed') {
        await call(keyOf(row), method, connectionId);
        if (method === 'POST') assert.equal(await client.receive(), 'x');
        if (method === 'DELETE') assert.equal((await client.closed).code, 1000);
      } else {
        await assert.rejects(call(keyOf(row), method, connectionId), refusal(method, outcome));
        assert.equal(await ask(client, '{}'), connectionId, 'nothing was sent, and the socket is open');
      }
      client.socket.terminate();
    });
  }
}

void test('the stage in the resource is the one of the request', async () => {
  const { client, connectionId } = await connect();
  const [, get] = ROWS.map((_, row) => keyOf(row));
  await call(get!, 'GET', connectionId);
  await assert.rejects(call(get!, 'GET', connectionId, 'sibling'), refusal('GET', 'implicit', ACCOUNT, 'sibling'));
  await call('ROOT', 'GET', connectionId, 'sibling');
  await assert.rejects(call('ROOT', 'GET', connectionId, 'absent'), { name: 'ForbiddenException' });
  client.socket.terminate();
});

void test('another account is refused with the account of the API masked', async () => {
  const { client, connectionId } = await connect();
  for (const method of METHODS) {
    await assert.rejects(call('STRANGER', method, connectionId), refusal(method, 'implicit', '444455556666'));
  }
  client.socket.terminate();
});

void test('what is refused anyway is told in this order: 413, 400, the policy, 410', async () => {
  const { client, connectionId } = await connect();
  client.socket.close();
  await client.closed;
  const none = keyOf(ROWS.findIndex(({ name }) => name === 'another action'));
  const large = new PostToConnectionCommand({ ConnectionId: 'AAAAAAAAAAAAAAA=', Data: Buffer.alloc(131_073) });
  await assert.rejects(management(none).send(large), ({ $metadata }) => $metadata.httpStatusCode === 413);
  await assert.rejects(call(none, 'GET', 'AAAAAAAAAAAAAAA='), {
    name: 'BadRequestException',
    message: 'Invalid connectionId: AAAAAAAAAAAAAAA=',
  });
  await assert.rejects(call(none, 'GET', connectionId), refusal('GET', 'implicit'));
  await assert.rejects(call('ROOT', 'GET', connectionId), { name: 'GoneException' });
});
