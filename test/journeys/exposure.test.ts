// What an exposed server lets nobody do (docs/exposing.md, "What holds", has the sentences): who may sign, what the operator's pages
// ask for, what explain does not do, and whose functions are called, signed by whom.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { createClients, type Clients } from '../../demo/chain.ts';
import type { Ready } from '../../demo/gateway-process.ts';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer } from '../harness/lambda-server.ts';
import { signerOf } from '../harness/signer.ts';
import { addRoute, ask, makeApi, openSocket, pathForm, type RouteOptions } from '../harness/sockets.ts';

const DEVELOPMENT = { accessKeyId: 'test', secret: 'test' };
const ANNE = { account: '111111111111', accessKeyId: 'AKIDANNE', secret: 'the secret of anne' };
const BERT = { account: '222222222222', accessKeyId: 'AKIDBERT', secret: 'the secret of bert' };
const NOBODY = { account: ANNE.account, accessKeyId: 'AKIDNOTHING', secret: 'a secret for nothing' };
const BOUND = { accessKeyId: 'AKIABOUND', secretAccessKey: 'bound by the operator' };
const OF_ROLE = { accessKeyId: 'AKIAOFROLE', secretAccessKey: 'bound to a role by the operator' };

/** What an authorizer says that lets everybody in. */
const ALLOWS = {
  principalId: 'anne',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
  },
};

const keyOf = ({ accessKeyId: id, secret }: typeof ANNE) => ({ id, secret });
const nothing = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }];
const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
writeFileSync(
  accounts,
  JSON.stringify({
    accounts: [
      {
        id: ANNE.account,
        operator: true,
        keys: [keyOf(ANNE), { ...keyOf(NOBODY), policies: nothing }],
        backendCredentials: [
          { accessKeyId: BOUND.accessKeyId, secret: BOUND.secretAccessKey },
          { role: 'app/writer', accessKeyId: OF_ROLE.accessKeyId, secret: OF_ROLE.secretAccessKey },
        ],
      },
      { id: BERT.account, keys: [keyOf(BERT)] },
    ],
  }),
  { mode: 0o600 },
);

interface Credentials {
  readonly accessKeyId: string;
  readonly secret: string;
}

/** A request to the control port, signed in its headers when there is anybody to sign it. */
async function call(
  endpoint: string,
  { method = 'GET', target, as, service = 'sallyport' }: Called,
): Promise<{ status: number; text: string }> {
  const { host } = new URL(endpoint);
  const body = Buffer.alloc(0);
  const scope = { region: REGION, service };
  const headers = as ? signRequest({ method, target, host, body }, as, scope, Date.now()) : {};
  const response = await fetch(`${endpoint}${target}`, { method, headers });
  return { status: response.status, text: await response.text() };
}

interface Called {
  readonly method?: string;
  readonly target: string;
  readonly as?: Credentials;
  readonly service?: string;
}

const LISTENERS = ['control', 'tls', 'dns', 'http'] as const;
const EXPOSED = [...LISTENERS.flatMap((flag) => [`--${flag}`, '0.0.0.0:0']), '--control-host', '0.0.0.0'];
/** Where the control port listens beyond loopback, if it does. */
const lastEndpoint = (ready: Ready) => `http://${ready.control.at(-1)}`;
const GET_APIS = { target: '/v2/apis', service: 'apigateway' };

describe('the development credentials', () => {
  test('are nobody’s where accounts are configured, on exposed listeners and on loopback', async (t) => {
    for (const listeners of [EXPOSED, []]) {
      const gateway = await startTestGateway(t, ['--accounts', accounts, ...listeners]);
      for (const accessKeyId of ['test', '000000000000', ANNE.account]) {
        const refused = await call(lastEndpoint(gateway.ready), { ...GET_APIS, as: { accessKeyId, secret: 'test' } });
        assert.equal(refused.status, 403, accessKeyId);
      }
      const exposed = lastEndpoint(gateway.ready);
      assert.equal(exposed.includes('0.0.0.0'), listeners === EXPOSED);
      assert.equal((await call(exposed, { ...GET_APIS, as: ANNE })).status, 200);
      assert.ok(!gateway.lines.some((line) => line.includes('development credentials')));
    }
  });

  test('are an account each on loopback, and there is no warning', async (t) => {
    const gateway = await startTestGateway(t);
    const of = (id: string) => createClients(gateway.endpoint, REGION, id, 'test');
    await makeApi(of('test'), { $default: {} });
    const seen = async ({ gateway: api }: Clients) => (await api.send(new v2.GetApisCommand({}))).Items!.length;
    assert.deepEqual([await seen(of('000000000000')), await seen(of(ANNE.account))], [1, 0]);
    assert.equal((await call(gateway.endpoint, { ...GET_APIS, as: { ...DEVELOPMENT, secret: 'tess' } })).status, 403);
    assert.ok(!gateway.lines.some((line) => line.includes('development credentials')));
  });

  test('are kept on exposed listeners by --dev-credentials, which warns at every start', async (t) => {
    const dataDir = join(temporaryDirectory(t), 'data');
    for (let start = 0; start < 2; start += 1) {
      const gateway = await startTestGateway(t, ['--data-dir', dataDir, '--dev-credentials', ...EXPOSED]);
      const warnings = gateway.logged().filter(({ level }) => level === 'warn');
      assert.deepEqual(
        warnings.map(({ message }) => message),
        ['development credentials are accepted: anybody who reaches a listener can sign as test/test'],
      );
      assert.match(lastEndpoint(gateway.ready), /0\.0\.0\.0/);
      assert.equal((await call(lastEndpoint(gateway.ready), { ...GET_APIS, as: DEVELOPMENT })).status, 200);
      await gateway.stop();
    }
  });
});

const gateway = await startTestGateway({ after }, ['--accounts', accounts]);
const { endpoint } = gateway;

describe('a page of the operator’s', async () => {
  const { text } = await call(endpoint, { target: '/_sallyport/nothing' });
  // Every page that there is, those that are still to come among them.
  const pages = [...text.split('There are: ')[1]!.matchAll(/(GET|POST) (\/_\w+\/[\w./]+\w)/g)].map(
    ([, method, target]) => ({
      method: method!,
      target: target!,
    }),
  );
  const METRICS = '/_sallyport/metrics';
  const OPEN = ['/_sallyport/health', '/_localstack/health', '/_sallyport/ready', '/_sallyport/ca.pem'];

  test('is open when it says that the server is there, whether it is ready, and what its CA is', async () => {
    assert.ok(pages.length > OPEN.length + 10, `only ${pages.length} pages were found`);
    for (const target of OPEN) assert.equal((await call(endpoint, { target })).status, 200, target);
  });

  for (const { method, target } of pages.filter((page) => !OPEN.includes(page.target))) {
    test(`is signed: ${method} ${target}`, async () => {
      const refused: readonly (readonly [Called, RegExp])[] = [
        ...(target === METRICS ? [] : [[{ method, target }, /Missing Authentication Token/] as const]),
        [{ method, target, as: DEVELOPMENT }, /security token included in the request is invalid/],
        [{ method, target, as: { ...ANNE, secret: BERT.secret } }, /does not match the signature you provided/],
        [{ method, target, as: ANNE, service: 'apigateway' }, /scoped to correct service: 'sallyport'/],
        [{ method, target, as: NOBODY }, /is not authorized to perform: sallyport:[A-Z]\w+ on resource: \*/],
      ];
      for (const [called, words] of refused) {
        const answer = await call(endpoint, called);
        assert.equal(answer.status, 403, answer.text);
        assert.match(answer.text, words);
      }
    });
  }

  test('with metrics is open to what comes from this machine, and was not handed on', async () => {
    const handedOn = { 'x-forwarded-for': '192.0.2.1' };
    const statuses = await Promise.all(
      [{}, handedOn].map(async (headers) => (await fetch(`${endpoint}${METRICS}`, { headers })).status),
    );
    assert.deepEqual(statuses, [200, 403]);
  });
});

describe('a signature in the query', () => {
  async function presigned(method: string, path: string, service: string): Promise<string> {
    const { host: hostname } = new URL(endpoint);
    const credentials = { accessKeyId: ANNE.accessKeyId, secretAccessKey: ANNE.secret };
    const request = { method, protocol: 'http:', hostname, path, query: {}, headers: { host: hostname } };
    const { query } = await signerOf(credentials, service, REGION).presign(request, { expiresIn: 60 });
    return `${endpoint}${path}?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`;
  }
  const places: readonly (readonly [path: string, service: string])[] = [
    ['/v2/apis', 'apigateway'],
    ['/2013-04-01/hostedzone', 'route53'],
    ['/_sallyport/keys', 'sallyport'],
  ];
  for (const [path, service] of places) {
    test(`counts for GET ${path}, and for nothing that could change anything there`, async () => {
      assert.equal((await fetch(await presigned('GET', path, service))).status, 200);
      const posted = path === '/_sallyport/keys' ? `${path}/rotate` : path;
      const answer = await fetch(await presigned('POST', posted, service), { method: 'POST' });
      const text = await answer.text();
      assert.ok(answer.status === 400 || answer.status === 403, text);
      assert.match(text, /counts for GET only/);
    });
  }
});

test('explain calls no backend, no function and no authorizer', async (t) => {
  const lambda = await startLambdaServer(t);
  const called: string[] = [];
  const backend = createServer((request, response) => {
    called.push(String(request.url));
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    backend.closeAllConnections();
    backend.close();
  });
  lambda.functions.set('decides', () => ({ returns: ALLOWS }));
  const asking = await startTestGateway(t, lambda.flags);
  const uri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/connect`;
  const { clients } = asking;
  const { apiId: ApiId, stage: StageName } = await makeApi(clients, { $default: {} });
  const RouteId = await addRoute(clients, ApiId, '$connect', {
    target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri: uri },
  });
  const { AuthorizerId } = await clients.gateway.send(
    new v2.CreateAuthorizerCommand({
      ApiId,
      Name: 'decides',
      AuthorizerType: 'REQUEST',
      IdentitySource: [],
      AuthorizerUri: invocationsOf(functionArn('decides')),
    }),
  );
  const authorized = { ApiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId } as const;
  await clients.gateway.send(new v2.UpdateRouteCommand(authorized));
  await clients.gateway.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  const url = pathForm(asking, { apiId: ApiId, stage: StageName });
  for (const one of [
    url,
    url.replace('wss:', 'https:'),
    `wss://${ApiId}.execute-api.${REGION}.localhost/${StageName}`,
  ]) {
    const target = `/_sallyport/explain?url=${encodeURIComponent(one)}`;
    const { status, text } = await call(asking.endpoint, { target, as: DEVELOPMENT });
    assert.ok(status === 200 || status === 400, text);
  }
  assert.deepEqual([called, lambda.invocations], [[], []]);
  (await openSocket(asking, url)).socket.terminate();
  assert.deepEqual([called, lambda.invocations.length], [['/connect'], 1], 'a client does have them called');
});

describe('a function', () => {
  const answers = (IntegrationUri: string): RouteOptions => ({
    target: { IntegrationType: 'AWS_PROXY', IntegrationUri },
    isTwoWay: true,
  });

  test('is of the API’s own account, whoever says otherwise', async (t) => {
    const lambda = await startLambdaServer(t, { signedAs: BOUND });
    lambda.functions.set('own', () => ({ returns: { statusCode: 200, body: 'own' } }));
    lambda.functions.set('foreign', () => ({ returns: { statusCode: 200, body: 'foreign' } }));
    const calling = await startTestGateway(t, ['--accounts', accounts, ...lambda.flags]);
    const anne = createClients(calling.endpoint, REGION, ANNE.accessKeyId, ANNE.secret);
    const foreign = functionArn('foreign', BERT.account);
    await assert.rejects(makeApi(anne, { $default: answers(invocationsOf(foreign)) }), { name: 'BadRequestException' });
    const api = await makeApi(anne, { $default: answers(invocationsOf('${stageVariables.function}')) });
    const choose = (arn: string) =>
      anne.gateway.send(
        new v2.UpdateStageCommand({ ApiId: api.apiId, StageName: api.stage, StageVariables: { function: arn } }),
      );
    const client = await openSocket(calling, pathForm(calling, api));
    await choose(foreign);
    assert.match(await ask(client, 'x'), /Internal server error/);
    assert.deepEqual(lambda.invocations, []);
    await choose(functionArn('own', ANNE.account));
    // The server of functions refuses what is not signed as the operator bound it.
    assert.equal(await ask(client, 'x'), 'own');
  });

  test('is called with the credentials of the role that is named, where the operator bound some to it', async (t) => {
    const lambda = await startLambdaServer(t, { signedAs: OF_ROLE });
    lambda.functions.set('own', () => ({ returns: { statusCode: 200, body: 'as the role' } }));
    lambda.functions.set('asked', () => ({ returns: ALLOWS }));
    const calling = await startTestGateway(t, ['--accounts', accounts, ...lambda.flags]);
    const anne = createClients(calling.endpoint, REGION, ANNE.accessKeyId, ANNE.secret);
    const as = (role: string | undefined): RouteOptions => ({
      target: {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: invocationsOf(functionArn('own', ANNE.account)),
        CredentialsArn: role && `arn:aws:iam::${ANNE.account}:role/${role}`,
      },
      isTwoWay: true,
    });
    const api = await makeApi(anne, { role: as('app/writer'), another: as('app/reader'), $default: as(undefined) });
    const client = await openSocket(calling, pathForm(calling, api));
    assert.equal(await ask(client, '{"action":"role"}'), 'as the role');
    // The server of functions takes the role's signature alone: every other call is signed as the account.
    for (const action of ['another', 'none'])
      assert.match(await ask(client, JSON.stringify({ action })), /Internal server error/);
    const signers = calling.logged().filter(({ reason }) => /was not invoked: 403/.test(String(reason)));
    assert.equal(signers.length, 2);

    const RouteId = await addRoute(anne, api.apiId, '$connect', {});
    const { AuthorizerId } = await anne.gateway.send(
      new v2.CreateAuthorizerCommand({
        ApiId: api.apiId,
        Name: 'asked',
        AuthorizerType: 'REQUEST',
        AuthorizerUri: invocationsOf(functionArn('asked', ANNE.account)),
        AuthorizerCredentialsArn: `arn:aws:iam::${ANNE.account}:role/app/writer`,
        IdentitySource: [],
      }),
    );
    const authorized = { ApiId: api.apiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId } as const;
    await anne.gateway.send(new v2.UpdateRouteCommand(authorized));
    await anne.gateway.send(new v2.CreateDeploymentCommand({ ApiId: api.apiId, StageName: api.stage }));
    (await openSocket(calling, pathForm(calling, api))).socket.terminate();
  });

  test('is called without a signature where none is bound to the account, and the log says so once', async (t) => {
    const lambda = await startLambdaServer(t, { signedAs: false });
    lambda.functions.set('of-bert', () => ({ returns: { statusCode: 200, body: 'unsigned' } }));
    const calling = await startTestGateway(t, ['--accounts', accounts, ...lambda.flags]);
    const bert = createClients(calling.endpoint, REGION, BERT.accessKeyId, BERT.secret);
    const api = await makeApi(bert, { $default: answers(invocationsOf(functionArn('of-bert', BERT.account))) });
    const client = await openSocket(calling, pathForm(calling, api));
    assert.deepEqual([await ask(client, 'x'), await ask(client, 'y')], ['unsigned', 'unsigned']);
    assert.ok(lambda.invocations.every(({ headers }) => headers.authorization === undefined));
    const warnings = () =>
      calling.logged().filter(({ account, level }) => level === 'warn' && account === BERT.account);
    await eventually('it is warned of', () => warnings()[0]);
    assert.equal(warnings().length, 1);
  });
});
