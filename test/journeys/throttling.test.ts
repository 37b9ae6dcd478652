// Rates as clients see them: 429 for a handshake, a frame for a message, 429 for a callback; by stage, route and account, on a clock
// that is moved (websocket-apis 8.4).

import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
  type ApiGatewayManagementApiServiceException,
} from '@aws-sdk/client-apigatewaymanagementapi';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { adjustLimits } from '../../src/settings/limits.ts';
import { sallyport } from '../harness/command-line.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import {
  ask,
  makeApi,
  mock,
  openSocket,
  pathForm,
  type RefusedHandshake,
  type TestSocket,
} from '../harness/sockets.ts';

const ANSWERS = { target: mock('yes'), isTwoWay: true };
const TOO_MANY = /^\{"message": "Too Many Requests", "connectionId":"[^"]+", "requestId":"[^"]+"\}$/;
const gateway = await startTestGateway({ after }, ['--limit', 'throttledMessagesInRowMax=3']);
const api = gateway.clients.gateway;

async function serve(settings: Omit<v2.UpdateStageCommandInput, 'ApiId' | 'StageName'>) {
  const made = await makeApi(gateway.clients, { chat: ANSWERS, quick: ANSWERS, $connect: {}, $default: {} });
  await api.send(new v2.UpdateStageCommand({ ApiId: made.apiId, StageName: made.stage, ...settings }));
  return { ...made, url: pathForm(gateway, made) };
}

const rate = (ThrottlingRateLimit: number, ThrottlingBurstLimit: number) => ({
  ThrottlingRateLimit,
  ThrottlingBurstLimit,
});
const chat = JSON.stringify({ action: 'chat' });

void test('0 and 0 refuse the very first handshake with 429', async () => {
  const { url } = await serve({ DefaultRouteSettings: rate(0, 0) });
  await assert.rejects(openSocket(gateway, url), (error: RefusedHandshake) => {
    assert.equal(error.status, 429);
    assert.match(error.body, TOO_MANY);
    return true;
  });
});

void test('a message over the rate is answered with a frame, the socket stays, and a route of its own rate goes on', async () => {
  const settings = { DefaultRouteSettings: rate(0.001, 3), RouteSettings: { quick: rate(1, 1_000) } };
  const { url } = await serve(settings);
  const client = await openSocket(gateway, url);
  // One of the three was the handshake’s.
  assert.equal(await ask(client, chat), 'yes');
  assert.equal(await ask(client, chat), 'yes');
  assert.match(await ask(client, chat), TOO_MANY);
  for (let times = 0; times < 5; times += 1) assert.equal(await ask(client, '{"action":"quick"}'), 'yes');
  assert.match(await ask(client, chat), TOO_MANY);
  client.socket.close();
});

void test('a client that goes on although it is told to stop is closed with 1008', async () => {
  const { url } = await serve({ RouteSettings: { chat: rate(0, 0) } });
  const client = await openSocket(gateway, url);
  for (let times = 0; times < 3; times += 1) assert.match(await ask(client, chat), TOO_MANY);
  assert.deepEqual(await client.closed, { code: 1008, reason: 'Too many requests' });
});

void test('a changed rate counts for sockets that are open', async () => {
  const { apiId: ApiId, stage: StageName, url } = await serve({});
  const client = await openSocket(gateway, url);
  assert.equal(await ask(client, chat), 'yes');
  const closed = { ApiId, StageName, RouteSettings: { chat: rate(0, 0) } };
  await api.send(new v2.UpdateStageCommand(closed));
  assert.match(await ask(client, chat), TOO_MANY);
  await api.send(new v2.DeleteRouteSettingsCommand({ ApiId, StageName, RouteKey: 'chat' }));
  assert.equal(await ask(client, chat), 'yes');
  client.socket.close();
});

void test('an account’s own bucket is shared by handshakes, messages and callbacks of all its APIs', async (t) => {
  const few = ['--limit', 'accountRequestsPerSecondMax=1', '--limit', 'accountRequestsBurstMax=4'];
  const small = await startTestGateway(t, [...few, '--clock', 'movable']);
  const one = await makeApi(small.clients, { chat: ANSWERS });
  const other = await makeApi(small.clients, { chat: ANSWERS });
  const client = await openSocket(small, pathForm(small, one));
  const neighbour = await openSocket(small, pathForm(small, other));
  // A token comes back each second, so how many there are is not counted here.
  await untilThrottled(neighbour);
  const { connectionId } = JSON.parse(await untilThrottled(client)) as { connectionId: string };
  const management = new ApiGatewayManagementApiClient({
    endpoint: pathForm(small, one).replace('wss:', 'https:'),
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { httpsAgent: new Agent({ ca: small.ca, keepAlive: false }) },
  });
  const post = () => management.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'posted' }));
  const refusal = await firstRefusal(post);
  assert.deepEqual([refusal.name, refusal.$metadata.httpStatusCode], ['LimitExceededException', 429]);
  await sallyport(['clock', 'advance', '1m', '--endpoint', small.endpoint]);
  await post();
  assert.equal(await ask(neighbour, chat), 'yes');
  client.socket.close();
  neighbour.socket.close();
});

async function untilThrottled(client: TestSocket): Promise<string> {
  for (;;) {
    const answer = await ask(client, chat);
    if (answer !== 'yes') {
      assert.match(answer, TOO_MANY);
      return answer;
    }
  }
}

async function firstRefusal(call: () => Promise<unknown>): Promise<ApiGatewayManagementApiServiceException> {
  for (;;) {
    try {
      await call();
    } catch (error) {
      return error as ApiGatewayManagementApiServiceException;
    }
  }
}

test('limits are adjusted together or not at all', () => {
  assert.match(
    adjustLimits({ idleTimeoutMs: 8_000_000 })!,
    /idleTimeoutMs \(8000000\) must not exceed connectionLifetimeMs/,
  );
  assert.match(adjustLimits({ noSuchThing: 1 })!, /no limit 'noSuchThing'/);
  assert.match(adjustLimits({ idleTimeoutMs: 0 })!, /whole number from 1/);
});
