// HTTP integrations: the request that a template and mappings make, and the message that an answer becomes, by its status; bytes turned
// into text and back (websocket-apis 3.8, 3.9).

import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm, type Target } from '../harness/sockets.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const asked: Asked[] = [];
const BYTES = Buffer.from([0, 255, 254, 128]);
/** Answers with the status and type that the path names, and bytes or JSON. */
const backend = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(chunks) });
    const status = Number(/\/status\/(\d+)/.exec(url)?.[1] ?? 200);
    response.writeHead(status, { 'content-type': 'application/json', 'x-kind': 'plain' });
    response.end(url.includes('/bytes') ? BYTES : '{"items": ["a", "b"]}');
  });
});
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
after(() => {
  backend.closeAllConnections();
  backend.close();
});
const origin = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
const gateway = await startTestGateway({ after });
const api = gateway.clients.gateway;
const FAILURE = /^\{"message": "Internal server error", /;

async function serve(
  path: string,
  integration: object,
  responses: Readonly<Record<string, object>> = { $default: {} },
) {
  const target = {
    IntegrationType: 'HTTP',
    IntegrationMethod: 'POST',
    IntegrationUri: `${origin}${path}`,
    ...integration,
  } as Target;
  const ping = { target: mock('pong'), isTwoWay: true };
  const made = await makeApi(gateway.clients, { $default: { target, isTwoWay: true }, ping });
  const { apiId: ApiId, stage: StageName } = made;
  const { Items } = await api.send(new v2.GetIntegrationsCommand({ ApiId }));
  const { IntegrationId } = Items!.find((one) => one.IntegrationType === 'HTTP')!;
  for (const [IntegrationResponseKey, more] of Object.entries(responses)) {
    await api.send(new v2.CreateIntegrationResponseCommand({ ApiId, IntegrationId, IntegrationResponseKey, ...more }));
  }
  await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  return openSocket(gateway, pathForm(gateway, made));
}

const templates = (text: string) => ({ ResponseTemplates: { $default: text } });

void test('a template makes the request, mappings its place and headers, and another the message', async () => {
  const client = await serve(
    '/rooms/{room}',
    {
      IntegrationMethod: 'PUT',
      RequestTemplates: { $default: `{"from": "$context.connectionId", "text": $input.json('$.text')}` },
      RequestParameters: {
        'integration.request.path.room': 'route.request.body.room',
        'integration.request.querystring.kind': "'loud'",
        'integration.request.header.X-Request': 'context.requestId',
      },
    },
    { $default: templates(`#foreach($item in $input.path('$.items'))[$item]#end`) },
  );
  assert.equal(await ask(client, '{"room": "a b", "text": "hi"}'), '[a][b]');
  const { method, url, headers, body } = asked.at(-1)!;
  assert.deepEqual([method, url], ['PUT', '/rooms/a%20b?kind=loud']);
  assert.match(String(headers['x-request']), /^[\w-]{15}=$/);
  assert.equal(headers['content-type'], 'application/json');
  const sent = JSON.parse(body.toString()) as { from: string; text: string };
  assert.equal(sent.text, 'hi');
  assert.match(sent.from, /==$/);
});

void test('a template can override what is mapped, and nothing that belongs to the connection', async () => {
  const overrides = [
    'header["X-Own"] = "yes"',
    'header.Host = "elsewhere"',
    'header["Content-Length"] = "1"',
    'querystring.q = "2"',
    'path.p = "z"',
  ];
  const template = overrides.map((one) => `#set($context.requestOverride.${one})`).join('');
  const client = await serve('/{p}', {
    RequestTemplates: { $default: `${template}{}` },
    RequestParameters: { 'integration.request.querystring.q': "'1'", 'integration.request.path.p': "'y'" },
  });
  assert.equal(await ask(client, '{}'), '{"items": ["a", "b"]}');
  const { url, headers } = asked.at(-1)!;
  assert.equal(url, '/z?q=2');
  assert.deepEqual([headers['x-own'], headers.host, headers['content-length']], ['yes', origin.slice(7), '2']);
});

void test('the status chooses the response, and a response without a template passes the answer on', async () => {
  const responses = { '/4\\d\\d/': templates('no'), '/2\\d\\d/': {}, $default: templates('else') };
  assert.equal(await ask(await serve('/status/404', {}, responses), '{}'), 'no');
  assert.equal(await ask(await serve('/status/201', {}, responses), '{}'), '{"items": ["a", "b"]}');
  assert.equal(await ask(await serve('/status/503', {}, responses), '{}'), 'else');
  const unmatched = await serve('/status/503', {}, { '/200/': {} });
  assert.match(await ask(unmatched, '{}'), FAILURE);
  assert.equal(await ask(unmatched, '{"action":"ping"}'), 'pong');
});

void test('the response template is selected by the answer', async () => {
  const response = {
    TemplateSelectionExpression: '${integration.response.header.x-kind}-${integration.response.statuscode}',
    ResponseTemplates: { 'plain-200': 'selected', $default: 'else' },
  };
  assert.equal(await ask(await serve('/', {}, { $default: response }), '{}'), 'selected');
});

const PASSTHROUGH: readonly (readonly [behavior: string, templates: object, sent: string | undefined])[] = [
  ['WHEN_NO_MATCH', {}, 'raw'],
  ['WHEN_NO_MATCH', { other: 'x' }, 'raw'],
  ['WHEN_NO_TEMPLATES', {}, 'raw'],
  ['WHEN_NO_TEMPLATES', { other: 'x' }, undefined],
  ['NEVER', {}, undefined],
  ['NEVER', { other: 'x' }, undefined],
  ['NEVER', { $default: 'made' }, 'made'],
];
for (const [PassthroughBehavior, RequestTemplates, sent] of PASSTHROUGH) {
  const given = Object.keys(RequestTemplates).join() || 'no template';
  void test(`${PassthroughBehavior} with ${given}: ${sent ?? 'refused, and nobody called'}`, async () => {
    const client = await serve('/', { PassthroughBehavior, RequestTemplates, TemplateSelectionExpression: 'none' });
    const before = asked.length;
    const answer = await ask(client, 'raw');
    if (sent === undefined) {
      assert.match(answer, /^\{"message": "Unsupported Media Type", /);
      assert.equal(asked.length, before);
    } else assert.equal(asked.at(-1)!.body.toString(), sent);
  });
}

void test('CONVERT_TO_BINARY sends the bytes that the message spells, and refuses one that spells none', async () => {
  const client = await serve('/', { ContentHandlingStrategy: 'CONVERT_TO_BINARY' });
  await ask(client, BYTES.toString('base64'));
  assert.deepEqual(asked.at(-1)!.body, BYTES);
  const before = asked.length;
  assert.match(await ask(client, '{"no": "base64"}'), FAILURE);
  assert.equal(asked.length, before);
});

void test('CONVERT_TO_TEXT spells the bytes of the answer', async () => {
  const client = await serve('/bytes', {}, { $default: { ContentHandlingStrategy: 'CONVERT_TO_TEXT' } });
  assert.equal(await ask(client, '{}'), BYTES.toString('base64'));
});

void test('a template that fails costs its frame, before and after the backend', async () => {
  const endless = '#foreach($i in [1..100000000])$i#end';
  const before = asked.length;
  const request = await serve('/', { RequestTemplates: { $default: endless } });
  assert.match(await ask(request, '{}'), FAILURE);
  assert.equal(asked.length, before);
  const response = await serve('/', {}, { $default: templates(endless) });
  assert.match(await ask(response, '{}'), FAILURE);
  assert.equal(await ask(response, '{"action":"ping"}'), 'pong');
});

void test('a template sees the bytes of the answer as the text that CONVERT_TO_TEXT makes of them', async () => {
  const response = { ContentHandlingStrategy: 'CONVERT_TO_TEXT', ...templates('{"bytes": "$input.body"}') };
  const client = await serve('/bytes', {}, { $default: response });
  assert.equal(await ask(client, '{}'), `{"bytes": "${BYTES.toString('base64')}"}`);
});

void test('a mapped value is one segment of the path, and leads to no other', async () => {
  const RequestParameters = { 'integration.request.path.room': 'route.request.body.room' };
  const client = await serve('/rooms/{room}/posts', { RequestParameters });
  for (const room of ['..', '.']) {
    const before = asked.length;
    assert.match(await ask(client, JSON.stringify({ room })), FAILURE);
    assert.equal(asked.length, before);
  }
  for (const [room, segment] of [
    ['a/../b', 'a%2F..%2Fb'],
    ['%2e%2e', '%252e%252e'],
    ['...', '...'],
    ['a?b#c', 'a%3Fb%23c'],
  ]) {
    await ask(client, JSON.stringify({ room }));
    assert.equal(asked.at(-1)!.url, `/rooms/${segment}/posts`);
  }
});

void test('half a character in a path is sent as U+FFFD', async () => {
  const RequestParameters = { 'integration.request.path.room': 'route.request.body.room' };
  const client = await serve('/rooms/{room}', { RequestParameters });
  assert.equal(await ask(client, '{"room": "a\\ud800"}'), '{"items": ["a", "b"]}');
  assert.equal(asked.at(-1)!.url, '/rooms/a%EF%BF%BD');
});
