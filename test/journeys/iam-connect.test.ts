// AWS_IAM on $connect: handshakes signed in headers and in the query by an independent signer, policies of the accounts file, and what
// the events are told of whoever signed; and policies on @connections and on the control plane (websocket-apis 5.5, 6.4).

import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { refusalOf } from '../harness/control-answers.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer } from '../harness/lambda-server.ts';
import { signerOf } from '../harness/signer.ts';
import { addRoute, ask, makeApi, openSocket, pathForm, type Target } from '../harness/sockets.ts';

const ACCOUNT = '111122223333';
const secretOf = (id: string) => `secret of ${id}`;
const directory = temporaryDirectory({ after });
const accounts = join(directory, 'accounts.yaml');
const BACKEND = { accessKeyId: 'AKIABACKEND', secretAccessKey: 'bound by the operator' };
const lambda = await startLambdaServer({ after }, { signedAs: BACKEND });

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string;
  readonly Resource: string | readonly string[];
}
const of = (...Statement: Statement[]) => [{ Version: '2012-10-17', Statement }];
const allow = (Action: string, Resource: string): Statement => ({ Effect: 'Allow', Action, Resource });

/** Keys of the account: the root of it, and some with policies. The API’s id is not known yet, so resources begin with a star. */
const KEYS: Readonly<Record<string, readonly object[] | undefined>> = {
  ROOT: undefined,
  CONNECTS: of(allow('execute-api:Invoke', '*:*/test/$connect')),
  NOTHING: of(allow('s3:*', '*')),
  DENIED: of(allow('*', '*'), { Effect: 'Deny', Action: 'execute-api:*', Resource: '*' }),
  GETS: of(allow('execute-api:ManageConnections', '*/test/GET/@connections/*')),
  POSTS: of(allow('execute-api:ManageConnections', '*/test/POST/@connections/{connectionId}')),
  DOCUMENTED: of(allow('execute-api:ManageConnections', '*/test/POST/@connections')),
  ELSEWHERE: of(allow('execute-api:ManageConnections', '*/other/*')),
  READS: of(allow('apigateway:GET', 'arn:aws:apigateway:us-east-1::/apis*')),
};
writeFileSync(
  accounts,
  JSON.stringify({
    accounts: [
      {
        id: ACCOUNT,
        keys: Object.entries(KEYS).map(([id, policies]) => ({
          id,
          secret: secretOf(id),
          ...(policies && { policies }),
        })),
        backendCredentials: { accessKeyId: BACKEND.accessKeyId, secret: BACKEND.secretAccessKey },
      },
      { id: '444455556666', keys: [{ id: 'STRANGER', secret: secretOf('STRANGER') }] },
    ],
  }),
  { mode: 0o600 },
);
const gateway = await startTestGateway({ after }, ['--accounts', accounts, ...lambda.flags]);
const credentialsOf = (id: string) => ({ accessKeyId: id, secretAccessKey: secretOf(id) });
const clients = createClients(gateway.endpoint, REGION, 'ROOT', secretOf('ROOT'));

lambda.functions.set('echoes', (event: { requestContext: { identity: object; connectionId: string } }) => {
  const { identity, connectionId } = event.requestContext;
  return { returns: { statusCode: 200, body: JSON.stringify({ identity, connectionId }) } };
});
const echo: Target = { IntegrationType: 'AWS_PROXY', IntegrationUri: invocationsOf(functionArn('echoes', ACCOUNT)) };
const made = await makeApi(clients, { $default: { target: echo, isTwoWay: true } });
const RouteId = await addRoute(clients, made.apiId, '$connect', {});
await clients.gateway.send(new v2.UpdateRouteCommand({ ApiId: made.apiId, RouteId, AuthorizationType: 'AWS_IAM' }));
await clients.gateway.send(new v2.CreateDeploymentCommand({ ApiId: made.apiId, StageName: made.stage }));
const url = pathForm(gateway, made);

const request = (more: { readonly path?: string; readonly query?: Record<string, string> } = {}) => ({
  method: 'GET',
  protocol: 'https:',
  hostname: 'localhost',
  path: more.path ?? new URL(url).pathname,
  query: more.query ?? {},
  headers: { host: `localhost:${gateway.tlsPort}` },
});

async function signedHeaders(id: string, service = 'execute-api', region = REGION): Promise<Record<string, string>> {
  const { headers } = await signerOf(credentialsOf(id), service, region).sign(request());
  const { host: _, ...rest } = headers;
  return rest;
}

async function presigned(id: string, query: Record<string, string> = {}): Promise<string> {
  const signed = await signerOf(credentialsOf(id), 'execute-api', REGION).presign(request({ query }), {
    expiresIn: 60,
  });
  const parameters = new URLSearchParams(signed.query as Record<string, string>);
  return `${url}?${parameters.toString().replaceAll('+', '%20')}`;
}

const NO_POLICY = /no identity-based policy allows the execute-api:Invoke action/;

// ---- $connect ----

void test('a handshake that is signed in its headers is let in, and events are told who signed', async () => {
  for (const id of ['ROOT', 'CONNECTS']) {
    const client = await openSocket(gateway, url, { headers: await signedHeaders(id) });
    const arn = `arn:aws:iam::${ACCOUNT}:root`;
    const { identity } = JSON.parse(await ask(client, '{}')) as { identity: object };
    assert.deepEqual(identity, {
      accountId: ACCOUNT,
      caller: id,
      user: id,
      userArn: arn,
      accessKey: id,
      sourceIp: '127.0.0.1',
    });
    client.socket.terminate();
  }
});

void test('so is one that is signed in its query, as a browser must', async () => {
  const client = await openSocket(gateway, await presigned('CONNECTS', { room: 'a b', z: 'ü' }));
  client.socket.terminate();
});

const REFUSED: readonly (readonly [name: string, headers: () => Promise<object>, message: RegExp | string])[] = [
  ['no signature', async () => ({}), 'Missing Authentication Token'],
  ['a key that there is not', () => signedHeaders('NOBODY'), 'The security token included in the request is invalid.'],
  ['a key without a policy for it', () => signedHeaders('NOTHING'), NO_POLICY],
  ['a key that is denied', () => signedHeaders('DENIED'), /explicit deny/],
  ['a key of another account', () => signedHeaders('STRANGER'), NO_POLICY],
  ['a signature for another service', () => signedHeaders('ROOT', 'apigateway'), /scoped to 'us-east-1\/execute-api'/],
  [
    'a signature for another region',
    () => signedHeaders('ROOT', 'execute-api', 'eu-west-1'),
    /scoped to 'us-east-1\/execute-api'/,
  ],
];
for (const [name, headers, message] of REFUSED) {
  void test(`${name} is refused with 403`, async () => {
    const refusal = openSocket(gateway, url, { headers: (await headers()) as Record<string, string> });
    await assert.rejects(refusal, (error: { status: number; body: string }) => {
      assert.equal(error.status, 403);
      const text = (JSON.parse(error.body) as { message: string }).message;
      if (typeof message === 'string') assert.equal(text, message);
      else assert.match(text, message);
      return true;
    });
  });
}

void test('one flipped bit anywhere in what was signed is refused', async () => {
  const signed = await presigned('ROOT', { room: 'one' });
  for (const [part, flipped] of [
    ['room=one', 'room=onf'],
    ['X-Amz-Date=2', 'X-Amz-Date=3'],
    ['X-Amz-Credential=ROOT', 'X-Amz-Credential=GETS'],
    ['X-Amz-Expires=60', 'X-Amz-Expires=61'],
  ] as const) {
    assert.ok(signed.includes(part), part);
    await assert.rejects(openSocket(gateway, signed.replace(part, flipped)), { status: 403 });
  }
  const bit = (character: string) => (character === '0' ? '1' : '0');
  await assert.rejects(
    openSocket(
      gateway,
      signed.replace(/X-Amz-Signature=(.)/, (_, c: string) => `X-Amz-Signature=${bit(c)}`),
    ),
    { status: 403 },
  );
});

// ---- @connections ----

const client = await openSocket(gateway, url, { headers: await signedHeaders('ROOT') });
const { connectionId } = JSON.parse(await ask(client, '{}')) as { connectionId: string };

function management(id: string) {
  return new ApiGatewayManagementApiClient({
    endpoint: url.replace('wss:', 'https:'),
    region: REGION,
    credentials: credentialsOf(id),
    maxAttempts: 1,
    requestHandler: { httpsAgent: new Agent({ ca: gateway.ca, keepAlive: false }) },
  });
}
const get = (id: string, ConnectionId = connectionId) =>
  management(id).send(new GetConnectionCommand({ ConnectionId }));
const post = (id: string) =>
  management(id).send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' }));

const MANAGED: readonly (readonly [key: string, mayGet: boolean, mayPost: boolean])[] = [
  ['ROOT', true, true],
  ['GETS', true, false],
  ['POSTS', false, true],
  ['DOCUMENTED', false, false],
  ['ELSEWHERE', false, false],
  ['CONNECTS', false, false],
];
for (const [id, mayGet, mayPost] of MANAGED) {
  void test(`the key ${id} ${mayGet ? 'may' : 'may not'} GET and ${mayPost ? 'may' : 'may not'} POST`, async () => {
    for (const [call, may, method] of [
      [get, mayGet, 'GET'],
      [post, mayPost, 'POST'],
    ] as const) {
      if (may) await call(id);
      else {
        await assert.rejects(call(id), {
          name: 'AccessDeniedException',
          message:
            `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform: execute-api:ManageConnections on resource: ` +
            `arn:aws:execute-api:us-east-1:********3333:${made.apiId}/test/${method}/@connections/{connectionId} ` +
            'because no identity-based policy allows the execute-api:ManageConnections action',
        });
      }
    }
  });
}

void test('an id that was never issued is 400 even for a key that may do nothing', async () => {
  await assert.rejects(get('NOTHING', 'AAAAAAAAAAAAAAA='), { name: 'BadRequestException' });
});

// ---- the control plane ----

void test('a key with policies may do on the control plane what they allow, and nothing else', async () => {
  const reads = createClients(gateway.endpoint, REGION, 'READS', secretOf('READS')).gateway;
  assert.ok((await reads.send(new v2.GetApiCommand({ ApiId: made.apiId }))).ApiId);
  const refusal = await refusalOf(reads.send(new v2.DeleteApiCommand({ ApiId: made.apiId })));
  assert.deepEqual([refusal.name, refusal.status], ['AccessDeniedException', 403]);
  assert.match(
    refusal.message,
    new RegExp(`apigateway:DELETE on resource: arn:aws:apigateway:us-east-1::/apis/${made.apiId} `),
  );
  const denied = createClients(gateway.endpoint, REGION, 'CONNECTS', secretOf('CONNECTS')).gateway;
  assert.equal((await refusalOf(denied.send(new v2.GetApisCommand({})))).status, 403);
  client.socket.terminate();
});
