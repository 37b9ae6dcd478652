// API keys as clients meet them: who connects with which key, what everybody else reads, rates and quotas on a clock that is moved, and
// what backends are told (websocket-apis 2.2, 2.5, 6.5).

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import * as rest from '@aws-sdk/client-api-gateway';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { logGroupArn, logWith } from '../harness/access-logs.ts';
import { knock, makeKey, makeKeyedApi, makePlan, restClient } from '../harness/api-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer } from '../harness/lambda-server.ts';
import { mustNotBeLogged } from '../harness/log-secrets.ts';
import { ask, mock, openSocket, pathForm } from '../harness/sockets.ts';

const OPEN = { status: 101, body: '' };
const FORBIDDEN = { status: 403, body: '{"message": "Forbidden", "connectionId":"·", "requestId":"·"}' };
const TOO_MANY = { status: 429, body: '{"message": "Too Many Requests", "connectionId":"·", "requestId":"·"}' };
const USED_UP = { status: 429, body: '{"message": "Limit Exceeded", "connectionId":"·", "requestId":"·"}' };

const lambda = await startLambdaServer({ after });
const gateway = await startTestGateway({ after }, [...lambda.flags, '--clock', 'movable']);
const client = restClient(gateway);
const api = gateway.clients.gateway;
const disable = (apiKey: string, value: string) =>
  client.send(new rest.UpdateApiKeyCommand({ apiKey, patchOperations: [{ op: 'replace', path: '/enabled', value }] }));

/** Why the last handshake was refused, as the log says. */
const reasons = () => gateway.logged().flatMap(({ step, reason }) => (step === 'api-key' ? [reason] : []));

void test('a key of a plan of the stage connects; without a key, and with any other one, everybody reads the same', async () => {
  const served = await makeKeyedApi(gateway);
  const other = await makeKeyedApi(gateway);
  const key = await makeKey(client);
  const disabled = await makeKey(client, { enabled: false });
  const inNoPlan = await makeKey(client);
  const ofOtherApi = await makeKey(client);
  const abroad = await makeKey(restClient(gateway, 'eu-west-1'));
  await makePlan(client, [served], [key, disabled]);
  await makePlan(client, [other], [ofOtherApi]);
  assert.deepEqual(await knock(gateway, served, key.value), OPEN);
  const before = reasons().length;
  let refusals = 0;
  for (const [value, reason] of [
    [undefined, 'there is no API key'],
    ['', 'there is no API key'],
    [`${key.value}x`, 'the API key is unknown'],
    [key.value.slice(1), 'the API key is unknown'],
    ['x'.repeat(4_000), 'the API key is unknown'],
    [`${key.value}, ${key.value}`, 'the API key is unknown'],
    [key.id, 'the API key is unknown'],
    [disabled.value, 'the API key is disabled'],
    [inNoPlan.value, 'the API key is in no plan of the stage'],
    [ofOtherApi.value, 'the API key is in no plan of the stage'],
    [abroad.value, 'the API key is unknown'],
  ] as const) {
    assert.deepEqual(await knock(gateway, served, value), FORBIDDEN);
    refusals += 1;
    const last = await eventually('the log says why', () => reasons()[before + refusals - 1]);
    assert.equal(last, reason);
  }
});

void test('a key counts from the next handshake on for what is changed: enabled, plan, stage; and sockets stay open', async () => {
  const served = await makeKeyedApi(gateway, { $default: { target: mock('here'), isTwoWay: true } });
  const key = await makeKey(client);
  const usagePlanId = await makePlan(client, [served], [key]);
  const socket = await openSocket(gateway, served.url, { headers: { 'x-api-key': key.value } });
  const knocks = () => knock(gateway, served, key.value);
  const planKey = { usagePlanId, keyId: key.id };
  const patch = (op: 'add' | 'remove') =>
    client.send(
      new rest.UpdateUsagePlanCommand({
        usagePlanId,
        patchOperations: [{ op, path: '/apiStages', value: `${served.apiId}:${served.stage}` }],
      }),
    );
  await disable(key.id, 'false');
  assert.deepEqual(await knocks(), FORBIDDEN);
  await disable(key.id, 'true');
  assert.deepEqual(await knocks(), OPEN);
  await patch('remove');
  assert.deepEqual(await knocks(), FORBIDDEN);
  await patch('add');
  assert.deepEqual(await knocks(), OPEN);
  await client.send(new rest.DeleteUsagePlanKeyCommand(planKey));
  assert.deepEqual(await knocks(), FORBIDDEN);
  await client.send(new rest.CreateUsagePlanKeyCommand({ ...planKey, keyType: 'API_KEY' }));
  assert.deepEqual(await knocks(), OPEN);
  await client.send(new rest.DeleteApiKeyCommand({ apiKey: key.id }));
  assert.deepEqual(await knocks(), FORBIDDEN);
  assert.equal(await ask(socket, 'still'), 'here');
  socket.socket.close();
});

void test('a route asks for a key from its next deployment on, and for none when it no longer says so', async () => {
  const served = await makeKeyedApi(gateway);
  const { apiId: ApiId, stage: StageName } = served;
  const { Items = [] } = await api.send(new v2.GetRoutesCommand({ ApiId }));
  const { RouteId, ApiKeyRequired } = Items.find(({ RouteKey }) => RouteKey === '$connect')!;
  assert.equal(ApiKeyRequired, true);
  await api.send(new v2.UpdateRouteCommand({ ApiId, RouteId, ApiKeyRequired: false }));
  assert.deepEqual(await knock(gateway, served, undefined), FORBIDDEN);
  await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  assert.deepEqual(await knock(gateway, served, undefined), OPEN);
});

void test('the rate of a plan is each key’s own, and a route’s own rate stands in place of it', async () => {
  const served = await makeKeyedApi(gateway);
  const [key, other] = [await makeKey(client), await makeKey(client)];
  const usagePlanId = await makePlan(client, [served], [key, other], { throttle: { rateLimit: 0.001, burstLimit: 2 } });
  for (let times = 0; times < 2; times += 1) assert.deepEqual(await knock(gateway, served, key.value), OPEN);
  assert.deepEqual(await knock(gateway, served, key.value), TOO_MANY);
  assert.deepEqual(await knock(gateway, served, other.value), OPEN);
  await gateway.advance('20m');
  assert.deepEqual(await knock(gateway, served, key.value), OPEN);
  assert.deepEqual(await knock(gateway, served, key.value), TOO_MANY);
  const path = `/apiStages/${served.apiId}:${served.stage}/throttle/$connect/rateLimit`;
  const set = (value: string) =>
    client.send(new rest.UpdateUsagePlanCommand({ usagePlanId, patchOperations: [{ op: 'replace', path, value }] }));
  await set('1000');
  assert.deepEqual(await knock(gateway, served, key.value), OPEN);
  await set('0');
  assert.deepEqual(await knock(gateway, served, key.value), TOO_MANY);
});

describe('a quota', () => {
  const limited = async (limit: number, period: rest.QuotaPeriodType = 'DAY') => {
    const served = await makeKeyedApi(gateway);
    const key = await makeKey(client);
    const usagePlanId = await makePlan(client, [served], [key], { quota: { limit, period } });
    const today = async () => {
      const { body } = (await fetchClock()) as { body: string };
      const date = body.slice(0, 10);
      const usage = await client.send(new rest.GetUsageCommand({ usagePlanId, startDate: date, endDate: date }));
      return usage.items?.[key.id];
    };
    return { served, key, usagePlanId, today, knocks: () => knock(gateway, served, key.value) };
  };
  /** Lifecycle time, as a new key tells it. */
  const fetchClock = async () => {
    const { id, createdDate } = await client.send(new rest.CreateApiKeyCommand({}));
    await client.send(new rest.DeleteApiKeyCommand({ apiKey: id }));
    return { body: createdDate!.toISOString() };
  };

  test('is counted by the handshake, ends with Limit Exceeded, and begins anew with its period', async () => {
    const { knocks, today, key, served } = await limited(2);
    assert.deepEqual(await today(), [[0, 2]]);
    assert.deepEqual([await knocks(), await knocks()], [OPEN, OPEN]);
    assert.deepEqual([await knocks(), await knocks()], [USED_UP, USED_UP]);
    assert.deepEqual(await today(), [[2, 0]]);
    await gateway.advance('24h');
    assert.deepEqual(await knocks(), OPEN);
    assert.deepEqual(await today(), [[1, 1]]);
    await disable(key.id, 'false');
    assert.deepEqual(await knocks(), FORBIDDEN);
    assert.deepEqual(await knock(gateway, served, 'x'.repeat(30)), FORBIDDEN);
    assert.deepEqual(await today(), [[1, 1]]);
  });

  test('of a month outlasts the end of a day', async () => {
    const { knocks, usagePlanId } = await limited(1, 'MONTH');
    assert.deepEqual(await knocks(), OPEN);
    const { body } = await fetchClock();
    // Its own month, whatever day it is: the period begins tomorrow, or did today.
    const offset = String(Math.min(Number(body.slice(8, 10)) - 1, 27));
    await client.send(
      new rest.UpdateUsagePlanCommand({
        usagePlanId,
        patchOperations: [{ op: 'replace', path: '/quota/offset', value: offset }],
      }),
    );
    await knocks();
    assert.deepEqual(await knocks(), USED_UP);
    await gateway.advance('24h');
    assert.deepEqual(await knocks(), USED_UP);
    await gateway.advance('744h');
    assert.deepEqual(await knocks(), OPEN);
  });

  test('is extended for the rest of its period', async () => {
    const { knocks, usagePlanId, key, today } = await limited(1);
    assert.deepEqual([await knocks(), await knocks()], [OPEN, USED_UP]);
    const patchOperations: rest.PatchOperation[] = [{ op: 'replace', path: '/remaining', value: '2' }];
    const told = await client.send(new rest.UpdateUsageCommand({ usagePlanId, keyId: key.id, patchOperations }));
    assert.deepEqual(told.items, { [key.id]: [[1, 2]] });
    assert.deepEqual([await knocks(), await knocks(), await knocks()], [OPEN, OPEN, USED_UP]);
    assert.deepEqual(await today(), [[3, 0]]);
    await gateway.advance('24h');
    assert.deepEqual([await knocks(), await knocks()], [OPEN, USED_UP]);
  });

  test('is not used by a handshake that the rate refuses', async () => {
    const { knocks, today, usagePlanId } = await limited(5);
    const patchOperations: rest.PatchOperation[] = [
      { op: 'replace', path: '/throttle/rateLimit', value: '0.001' },
      { op: 'replace', path: '/throttle/burstLimit', value: '1' },
    ];
    await client.send(new rest.UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
    assert.deepEqual([await knocks(), await knocks()], [OPEN, TOO_MANY]);
    assert.deepEqual(await today(), [[1, 4]]);
  });

  test('is forgotten with the key’s place in the plan', async () => {
    const { knocks, usagePlanId, key } = await limited(1);
    assert.deepEqual([await knocks(), await knocks()], [OPEN, USED_UP]);
    const planKey = { usagePlanId, keyId: key.id };
    await client.send(new rest.DeleteUsagePlanKeyCommand(planKey));
    await client.send(new rest.CreateUsagePlanKeyCommand({ ...planKey, keyType: 'API_KEY' }));
    assert.deepEqual([await knocks(), await knocks()], [OPEN, USED_UP]);
  });
});

describe('a key that the authorizer gives', () => {
  const VALUE = 'the-value-that-the-authorizer-gives';
  mustNotBeLogged(VALUE);
  let said: object = {};
  const policyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
  };
  lambda.functions.set('keys', () => ({ returns: { principalId: 'anne', policyDocument, ...said } }));
  lambda.functions.set('tells', () => ({ returns: { statusCode: 200 } }));

  const serve = async () => {
    const tells = { IntegrationType: 'AWS_PROXY' as const, IntegrationUri: invocationsOf(functionArn('tells')) };
    const echo = mock('key $context.identity.apiKeyId value [$!context.identity.apiKey]');
    const served = await makeKeyedApi(
      gateway,
      { $default: { target: echo, isTwoWay: true } },
      { target: { ...tells, IntegrationMethod: 'POST' } },
    );
    const { apiId: ApiId, stage: StageName } = served;
    const { AuthorizerId } = await api.send(
      new v2.CreateAuthorizerCommand({
        ApiId,
        Name: 'keys',
        AuthorizerType: 'REQUEST',
        IdentitySource: [],
        AuthorizerUri: invocationsOf(functionArn('keys')),
      }),
    );
    const { Items = [] } = await api.send(new v2.GetRoutesCommand({ ApiId }));
    const { RouteId } = Items.find(({ RouteKey }) => RouteKey === '$connect')!;
    await api.send(new v2.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId }));
    await api.send(
      new v2.UpdateApiCommand({ ApiId, ApiKeySelectionExpression: '$context.authorizer.usageIdentifierKey' }),
    );
    await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
    return { ...served, url: pathForm(gateway, served) };
  };

  test('connects as one that the client sends would; and events tell of it', async () => {
    const served = await serve();
    const key = await makeKey(client, { value: VALUE });
    await makePlan(client, [served], [key]);
    // The value stands in no log, whatever is asked of one.
    const Format = '$context.requestId $context.status $context.identity.apiKeyId $context.identity.apiKey';
    const stage = {
      AccessLogSettings: { DestinationArn: logGroupArn('keys'), Format },
      DefaultRouteSettings: { LoggingLevel: 'INFO', DataTraceEnabled: true },
    } as const;
    await api.send(new v2.UpdateStageCommand({ ApiId: served.apiId, StageName: served.stage, ...stage }));
    said = {};
    assert.deepEqual(await knock(gateway, served, undefined), FORBIDDEN);
    // What the client sends is not asked for.
    assert.deepEqual(await knock(gateway, served, key.value), FORBIDDEN);
    said = { usageIdentifierKey: 5 };
    assert.deepEqual(await knock(gateway, served, undefined), FORBIDDEN);
    said = { usageIdentifierKey: `${VALUE}x` };
    assert.deepEqual(await knock(gateway, served, undefined), FORBIDDEN);
    said = { usageIdentifierKey: VALUE };
    const socket = await openSocket(gateway, served.url);
    const { event } = lambda.invocations.findLast(({ name }) => name === 'tells')!;
    const { requestContext } = event as { requestContext: { identity: object; authorizer: object } };
    const { apiKey, apiKeyId } = requestContext.identity as Record<string, string>;
    assert.deepEqual({ apiKey, apiKeyId }, { apiKey: VALUE, apiKeyId: key.id });
    assert.ok(!('usageIdentifierKey' in requestContext.authorizer));
    // A message is told by which key its client connected, and never the value.
    assert.equal(await ask(socket, 'who'), `key ${key.id} value []`);
    socket.socket.close();
    const masked = `**********${VALUE.slice(-6)}`;
    await logWith(gateway, 'keys', (line) => line.endsWith(` 200 ${key.id} ${masked}`));
    const verified = `API Key: ${masked} API Stage: ${served.apiId}/${served.stage}`;
    const execution = `aws/apigateway/${served.apiId}/${served.stage}`;
    await logWith(gateway, execution, (line) => line.includes(verified));
  });

  test('is asked for no more once the API looks in the header again, and who has none is not even asked about', async () => {
    const served = await serve();
    const { apiId: ApiId, stage: StageName } = served;
    await api.send(new v2.UpdateApiCommand({ ApiId, ApiKeySelectionExpression: '$request.header.x-api-key' }));
    await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
    const key = await makeKey(client);
    await makePlan(client, [served], [key]);
    said = { usageIdentifierKey: key.value };
    const asked = () => lambda.invocations.filter(({ name }) => name === 'keys').length;
    const before = asked();
    assert.deepEqual(await knock(gateway, served, undefined), FORBIDDEN);
    assert.equal(asked(), before);
    assert.deepEqual(await knock(gateway, served, key.value), OPEN);
    assert.equal(asked(), before + 1);
  });
});

void test('what is used of a quota outlives a restart, and a stop keeps the last of it', async (context) => {
  const dataDir = temporaryDirectory(context);
  const first = await startTestGateway(context, ['--data-dir', dataDir]);
  const served = await makeKeyedApi(first);
  const key = await makeKey(restClient(first));
  await makePlan(restClient(first), [served], [key], { quota: { limit: 3, period: 'MONTH' } });
  assert.deepEqual([await knock(first, served, key.value), await knock(first, served, key.value)], [OPEN, OPEN]);
  await first.stop();
  const second = await startTestGateway(context, ['--data-dir', dataDir]);
  const again = { url: pathForm(second, served) };
  assert.deepEqual(await knock(second, again, key.value), OPEN);
  assert.deepEqual(await knock(second, again, key.value), USED_UP);
});

void test('what is used of a quota outlives a kill -9, as far as it was written', async (context) => {
  const dataDir = temporaryDirectory(context);
  const first = await startTestGateway(context, ['--data-dir', dataDir, '--limit', 'usageKeptAfterMs=1']);
  const served = await makeKeyedApi(first);
  const key = await makeKey(restClient(first));
  await makePlan(restClient(first), [served], [key], { quota: { limit: 3, period: 'MONTH' } });
  assert.deepEqual([await knock(first, served, key.value), await knock(first, served, key.value)], [OPEN, OPEN]);
  const store = new DatabaseSync(join(dataDir, 'sallyport.db'), { readOnly: true });
  await eventually('both are written', async () => {
    const row = store.prepare(`SELECT body FROM note WHERE kind = 'usage-plan-key'`).get() as
      { body: string } | undefined;
    return row && (JSON.parse(row.body) as { used: number }).used === 2 ? true : undefined;
  });
  store.close();
  await first.stop('SIGKILL');
  const second = await startTestGateway(context, ['--data-dir', dataDir]);
  const again = { url: pathForm(second, served) };
  assert.deepEqual(await knock(second, again, key.value), OPEN);
  assert.deepEqual(await knock(second, again, key.value), USED_UP);
});
