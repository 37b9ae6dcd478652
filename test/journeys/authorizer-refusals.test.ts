// Refusals of $connect that no operation leads to, or that take their time: a deployment without its authorizer, an authorizer that
// hangs, policies that are read in full or not at all, two Authorization headers. None of them lets anybody in (websocket-apis 2.5, 6.3).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Api, Authorizer, DeployedAuthorizer, Deployment, Stage } from '../../src/model/api.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer, type FunctionEnd } from '../harness/lambda-server.ts';
import { openSocket, pathForm, type RefusedHandshake } from '../harness/sockets.ts';

const ENTITY = { account: '000000000000', region: REGION };
const STAGE = 'test';

/** What is deployed: an API a name, whose $connect asks `route` of the authorizers that the deployment has. */
interface Seed {
  readonly apiId: string;
  readonly authorizers: readonly DeployedAuthorizer[];
}

const asking = (name: string, more: Partial<Omit<Authorizer, keyof Entity>> = {}): Seed => ({
  apiId: `${name}${'0'.repeat(10)}`.slice(0, 10),
  authorizers: [
    {
      authorizerId: 'asked1',
      authorizerType: 'REQUEST',
      authorizerUri: invocationsOf(functionArn(name)),
      name,
      identitySource: [],
      ...more,
    },
  ],
});

/** Rows as the store would hold them; what is wrong with them no operation would have let in. */
async function seed(seeds: readonly Seed[]): Promise<string> {
  const path = temporaryDirectory({ after });
  const directory = openDataDirectory(path);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  await store.transact(async (transaction) => {
    for (const { apiId, authorizers } of seeds) {
      const api: Api = {
        ...ENTITY,
        id: apiId,
        apiId,
        name: apiId,
        protocolType: 'WEBSOCKET',
        routeSelectionExpression: '$request.body.action',
        apiKeySelectionExpression: '$request.header.x-api-key',
        disableExecuteApiEndpoint: false,
        ipAddressType: 'ipv4',
        createdAtMs: 0,
      };
      const connect = { routeId: 'route1', routeKey: '$connect', apiKeyRequired: false, responseKeys: [] };
      const deployment: Deployment = {
        ...ENTITY,
        id: `${apiId}/deploy`,
        apiId,
        deploymentId: 'deploy',
        createdAtMs: 0,
        frozen: {
          routeSelectionExpression: api.routeSelectionExpression,
          disableExecuteApiEndpoint: false,
          routes: [{ ...connect, authorizationType: 'CUSTOM', authorizerId: 'asked1' }],
          integrations: [],
          models: [],
          authorizers,
        },
      };
      const stage: Stage = {
        ...ENTITY,
        id: `${apiId}/${STAGE}`,
        apiId,
        stageName: STAGE,
        deploymentId: 'deploy',
        stageVariables: {},
        defaultRouteSettings: {},
        routeSettings: {},
        tags: {},
        createdAtMs: 0,
        lastUpdatedAtMs: 0,
      };
      transaction.put('api', api);
      transaction.put('deployment', deployment);
      transaction.put('stage', stage);
    }
  });
  await store.close();
  directory.release();
  return path;
}

const INVOKE = 'execute-api:Invoke';
const ALLOW = { Effect: 'Allow', Action: INVOKE, Resource: '*' };
const policy = (...Statement: object[]) => ({ principalId: 'anne', policyDocument: { Statement } });
const deny = (Condition: object) => policy(ALLOW, { Effect: 'Deny', Action: '*', Resource: '*', Condition });
/** Matches every method of every API, in so many characters. */
const resourceOf = (characters: number) => `arn:aws:execute-api:${'*'.repeat(characters - 20)}`;

const NO_CONFIGURATION = { status: 500, message: null };
const FAILURE = { status: 500, message: 'Internal server error' };
const DENIED = {
  status: 403,
  message: 'User is not authorized to access this resource with an explicit deny in an identity-based policy',
};

interface Row {
  readonly name: string;
  readonly seed: Seed;
  readonly end?: FunctionEnd;
  /** Undefined when the client is let in. */
  readonly refusal?: { readonly status: number; readonly message: string | null };
}
const returning = (id: string, name: string, returns: object, refusal?: Row['refusal']): Row => ({
  name,
  seed: asking(id),
  end: { returns },
  ...(refusal && { refusal }),
});
const ROWS: readonly Row[] = [
  returning('plain', 'one that allows', policy(ALLOW)),
  { name: 'no authorizer at all', seed: { ...asking('gone'), authorizers: [] }, refusal: NO_CONFIGURATION },
  {
    name: 'another authorizer than the route’s',
    seed: asking('other', { authorizerId: 'other1' }),
    end: { returns: policy(ALLOW) },
    refusal: NO_CONFIGURATION,
  },
  {
    name: 'an identity source that is none',
    seed: asking('source', { identitySource: ['method.request.header.Auth'] }),
    end: { returns: policy(ALLOW) },
    refusal: NO_CONFIGURATION,
  },
  { name: 'no function', seed: asking('none', { authorizerUri: 'nonsense' }), refusal: NO_CONFIGURATION },
  { name: 'one that hangs', seed: asking('hangs'), end: 'hangs', refusal: FAILURE },
  returning('long', 'a resource of 512 characters', policy({ ...ALLOW, Resource: resourceOf(512) })),
  returning('longer', 'one of 513', policy({ ...ALLOW, Resource: resourceOf(513) }), NO_CONFIGURATION),
  returning(
    'date',
    'a deny from a date on',
    deny({ DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }),
    DENIED,
  ),
  returning(
    'later',
    'a deny from a later date on',
    deny({ DateGreaterThan: { 'aws:CurrentTime': '2999-01-01T00:00:00Z' } }),
  ),
  returning('epoch', 'a deny by seconds', deny({ NumericGreaterThan: { 'aws:EpochTime': 1 } }), DENIED),
  returning('address', 'a deny by address', deny({ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }), DENIED),
  returning('tls', 'a deny of TLS', deny({ Bool: { 'aws:SecureTransport': true } }), DENIED),
  returning('region', 'a deny by region', deny({ StringEquals: { 'aws:RequestedRegion': REGION } }), DENIED),
  returning(
    'range',
    'a deny by what is no range',
    deny({ IpAddress: { 'aws:SourceIp': '127.0.0.0/' } }),
    NO_CONFIGURATION,
  ),
  returning(
    'variable',
    'a deny by a variable',
    policy(ALLOW, { ...ALLOW, Effect: 'Deny', Resource: '*${*}*' }),
    NO_CONFIGURATION,
  ),
  returning(
    'builtin',
    'an allow by a key that is none',
    policy({ ...ALLOW, Condition: { Null: { constructor: false } } }),
    {
      status: 403,
      message:
        'User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action',
    },
  ),
];

const lambda = await startLambdaServer({ after });
for (const {
  seed: { authorizers },
  end,
} of ROWS) {
  const [authorizer] = authorizers;
  if (authorizer && end) lambda.functions.set(authorizer.name, () => end);
}
const dataDir = await seed(ROWS.map((row) => row.seed));
const gateway = await startTestGateway({ after }, [
  '--data-dir',
  dataDir,
  '--limit',
  'integrationTimeoutMsMax=300',
  ...lambda.flags,
]);

for (const {
  name,
  seed: { apiId },
  refusal,
} of ROWS) {
  void test(`${name}: ${refusal ? refusal.status : 'let in'}`, async () => {
    const url = pathForm(gateway, { apiId, stage: STAGE });
    if (!refusal) return (await openSocket(gateway, url)).socket.terminate();
    await assert.rejects(openSocket(gateway, url), ({ status, body }: RefusedHandshake) => {
      const { message } = JSON.parse(body) as { message: string | null };
      assert.deepEqual({ status, message }, refusal);
      return true;
    });
  });
}

void test('nobody is asked for a route whose authorizer cannot be', () => {
  const asked = lambda.invocations.map(({ name }) => name);
  for (const name of ['other', 'source']) assert.ok(!asked.includes(name), name);
});

void test('two Authorization headers are 400, and nobody is asked', async () => {
  const { apiId } = asking('plain');
  const before = lambda.invocations.length;
  const headers = { Authorization: ['one', 'two'] } as never;
  const refused = openSocket(gateway, pathForm(gateway, { apiId, stage: STAGE }), { headers });
  await assert.rejects(refused, { status: 400 });
  assert.equal(lambda.invocations.length, before);
});
