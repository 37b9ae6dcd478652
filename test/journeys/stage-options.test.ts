// What a stage asks for beyond AWS, by its tags: idle time and lifetime of its own, pings, a notice before the end, and the order of
// messages; for sockets that are open already as for new ones.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { sallyport } from '../harness/command-line.ts';
import { badRequest, refusalOf } from '../harness/control-answers.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm, type Target } from '../harness/sockets.ts';

const gateway = await startTestGateway({ after }, ['--clock', 'movable']);
const api = gateway.clients.gateway;
const PONG = { target: mock('pong'), isTwoWay: true };
const advance = (time: string) => sallyport(['clock', 'advance', time, '--endpoint', gateway.endpoint]);

async function serve(options: Readonly<Record<string, string>>, routes: Readonly<Record<string, Target>> = {}) {
  const targets = Object.entries(routes).map(([key, target]) => [key, { target, isTwoWay: true }] as const);
  const made = await makeApi(gateway.clients, { $default: PONG, ...Object.fromEntries(targets) });
  const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${made.apiId}/stages/${made.stage}`;
  const tag = (tags: Readonly<Record<string, string>>) =>
    api.send(
      new v2.TagResourceCommand({
        ResourceArn,
        Tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [`sallyport:${name}`, value])),
      }),
    );
  await tag(options);
  return { ...made, tag, url: pathForm(gateway, made) };
}

const GOING_AWAY = { code: 1001, reason: 'Going away' };

void test('an idle time of its own ends a socket sooner, and later', async () => {
  const short = await serve({ 'idle-timeout': '30s' });
  const long = await serve({ 'idle-timeout': '1d', 'connection-lifetime': '2d' });
  const [brief, patient] = [await openSocket(gateway, short.url), await openSocket(gateway, long.url)];
  await advance('1m');
  assert.deepEqual(await brief.closed, GOING_AWAY);
  await advance('20h');
  assert.equal(await ask(patient, '{}'), 'pong');
  patient.socket.terminate();
});

void test('a lifetime of its own lets a socket live for longer than two hours, and ends it', async () => {
  const { url } = await serve({ 'idle-timeout': '1d', 'connection-lifetime': '5h' });
  const client = await openSocket(gateway, url);
  await advance('3h');
  assert.equal(await ask(client, '{}'), 'pong');
  await advance('3h');
  assert.deepEqual(await client.closed, GOING_AWAY);
});

void test('options count for sockets that are open already', async () => {
  const { url, tag } = await serve({});
  const client = await openSocket(gateway, url);
  await tag({ 'idle-timeout': '1d', 'connection-lifetime': '1d' });
  await advance('4h');
  assert.equal(await ask(client, '{}'), 'pong');
  client.socket.terminate();
});

void test('before its lifetime ends a client is told, once, and that does not keep it', async () => {
  const { url } = await serve({ 'idle-timeout': '1d', 'connection-lifetime': '1h', 'closing-notice': '5m' });
  const client = await openSocket(gateway, url);
  await advance('56m');
  assert.match(await client.receive(), /^\{"message": "Connection closing", "connectionId":"[\w-]{18}=="\}$/);
  await advance('1m');
  assert.equal(await ask(client, '{}'), 'pong');
  await advance('5m');
  assert.deepEqual(await client.closed, GOING_AWAY);
});

void test('a client is pinged, its answer keeps the socket, and one that does not answer is ended', async () => {
  const { url } = await serve({ 'ping-interval': '5m', 'idle-timeout': '1h' });
  const answering = await openSocket(gateway, url);
  const silent = await openSocket(gateway, url, { autoPong: false });
  for (let times = 0; times < 3; times += 1) {
    const pinged = once(answering.socket, 'ping');
    await advance('6m');
    await pinged;
    // Once this is answered, the pong before it has been read.
    assert.equal(await ask(answering, '{}'), 'pong');
  }
  assert.equal((await silent.closed).code, 1006);
  answering.socket.terminate();
});

void test('messages in order: the next one runs when the one before it was answered', async () => {
  const held: { readonly body: string; readonly response: ServerResponse }[] = [];
  const backend = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => held.push({ body: Buffer.concat(chunks).toString(), response }));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  after(() => {
    backend.closeAllConnections();
    backend.close();
  });
  const IntegrationUri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`;
  const holding: Target = { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri };
  const { url, tag } = await serve({ 'message-order': 'serial' }, { hold: holding });
  const client = await openSocket(gateway, url);
  const other = await openSocket(gateway, url);
  const say = (n: number) => client.socket.send(JSON.stringify({ action: 'hold', n }));
  say(1);
  say(2);
  client.socket.send('{}');
  const came = (count: number) =>
    eventually(`${count} came`, () => (held.length >= count ? held[count - 1] : undefined));
  const first = await came(1);
  // Another connection’s message does not wait, and by then a second one of this would have come.
  assert.equal(await ask(other, '{}'), 'pong');
  assert.equal(held.length, 1);
  first.response.end('one');
  assert.equal(await client.receive(), 'one');
  (await came(2)).response.end('two');
  assert.deepEqual([await client.receive(), await client.receive()], ['two', 'pong']);
  assert.deepEqual(
    held.map(({ body }) => (JSON.parse(body) as { n: number }).n),
    [1, 2],
  );
  await tag({ 'message-order': 'concurrent' });
  say(3);
  say(4);
  await came(4);
  for (const { response } of held.slice(2)) response.end('late');
  await client.receive();
  // What waits is bounded: the client is told, and those before it still run.
  await tag({ 'message-order': 'serial' });
  say(5);
  await came(5);
  const large = JSON.stringify({ action: 'hold', text: 'x'.repeat(30_000) });
  await client.receive();
  for (let times = 0; times < 40; times += 1) client.socket.send(large);
  assert.match(await client.receive(), /^\{"message": "Too Many Requests", /);
  client.socket.terminate();
  other.socket.terminate();
});

void test('what is no option is refused by name, wherever it is set', async () => {
  const { apiId: ApiId, tag } = await serve({});
  const create = (Tags: Record<string, string>) =>
    api.send(new v2.CreateStageCommand({ ApiId, StageName: 'other', Tags }));
  assert.match((await refusalOf(create({ 'sallyport:idle': '1' }))).message, /There is no option 'sallyport:idle'/);
  assert.match(
    (await refusalOf(tag({ 'idle-timeout': 'soon' }))).message,
    /sallyport:idle-timeout is a time from 1s to 86400s/,
  );
  const ofApi = api.send(
    new v2.TagResourceCommand({
      ResourceArn: `arn:aws:apigateway:us-east-1::/apis/${ApiId}`,
      Tags: { 'sallyport:idle-timeout': '5' },
    }),
  );
  assert.deepEqual(
    await refusalOf(ofApi),
    badRequest("The tag 'sallyport:idle-timeout' would be an option of a stage, and this is none."),
  );
});

void test('with an error-detail a client is told which message failed and why; what the backend said only where it may know', async () => {
  const away = {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: 'http://127.0.0.1:9/',
  } as const;
  const { url, tag } = await serve({ 'error-detail': 'safe' }, { away });
  const client = await openSocket(gateway, url);
  type Frame = Readonly<Record<string, string>>;
  const askFrame = async (): Promise<Frame> => JSON.parse(await ask(client, '{"action": "away"}')) as Frame;
  const safe = await askFrame();
  assert.deepEqual(Object.keys(safe), ['message', 'connectionId', 'requestId', 'messageId', 'reason']);
  assert.equal(safe['reason'], 'the backend could not be called, or failed');
  await tag({ 'error-detail': 'full' });
  assert.match((await askFrame())['reason']!, /^http:\/\/127\.0\.0\.1:9 could not be called: .*ECONNREFUSED/);
  await tag({ 'error-detail': 'off' });
  assert.deepEqual(Object.keys(await askFrame()), ['message', 'connectionId', 'requestId']);
  client.socket.terminate();
});

void test('--error-detail is for the stages that say nothing of it', async (t) => {
  const detailed = await startTestGateway(t, ['--error-detail', 'safe']);
  const made = await makeApi(detailed.clients, { ping: PONG });
  const client = await openSocket(detailed, pathForm(detailed, made));
  assert.match(
    await ask(client, '{}'),
    /"messageId":"[\w-]{18}==", "reason":"no route '' and no \$default in deployment \w+"\}$/,
  );
  client.socket.terminate();
});
