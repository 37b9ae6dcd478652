// The execution log of a stage: what became of each request in AWS's lines, at the level of its route; headers and bodies with a data trace
// alone, and never a secret (websocket-apis 8.2).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { startBackend } from '../harness/backend.ts';
import { callBack, logLines, logWith, PROMPT_LOGS } from '../harness/access-logs.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer, type FunctionEnd } from '../harness/lambda-server.ts';
import { mustNotBeLogged } from '../harness/log-secrets.ts';
import { ask, makeApi, mock, openSocket, pathForm, RefusedHandshake, type Target } from '../harness/sockets.ts';

const backend = await startBackend({ after }, (_, response) => {
  response.setHeader('set-cookie', 'sid=of-the-backend').end('heard');
});
const lambda = await startLambdaServer({ after });
const gateway = await startTestGateway({ after }, [...lambda.flags, ...PROMPT_LOGS]);
const PONG = { target: mock('$context.connectionId'), isTwoWay: true };

type Settings = Pick<v2.UpdateStageCommandInput, 'DefaultRouteSettings' | 'RouteSettings'>;

const lambdaOf = (name: string, end: FunctionEnd): Target => {
  lambda.functions.set(name, () => end);
  return { IntegrationType: 'AWS_PROXY', IntegrationUri: invocationsOf(functionArn(name)) };
};
const proxy = (headers: Readonly<Record<string, string>> = {}, query = ''): Target => ({
  IntegrationType: 'HTTP_PROXY',
  IntegrationMethod: 'POST',
  IntegrationUri: `${backend.url}/hear${query}`,
  RequestParameters: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`integration.request.header.${name}`, value]),
  ),
});

/** A stage with such settings; its lines without stamps, `(id)` for the request id and `cid` for the connection's. */
async function serve(routes: Parameters<typeof makeApi>[1], settings: Settings) {
  const made = await makeApi(gateway.clients, routes);
  const inStage = { ApiId: made.apiId, StageName: made.stage };
  await gateway.clients.gateway.send(new v2.UpdateStageCommand({ ...inStage, ...settings }));
  const name = `aws/apigateway/${made.apiId}/${made.stage}`;
  const until = async (last: string | RegExp) => {
    const lines = await logWith(gateway, name, (line) =>
      typeof last === 'string' ? line.includes(last) : last.test(line),
    );
    for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \([\w-]{15}=\) /);
    return lines.map((line) => line.slice(25));
  };
  return { ...made, until, name, url: pathForm(gateway, made) };
}

/** Lines of one request, by the id that the first of them that fits begins with. */
function ofRequest(lines: readonly string[], fits: string): string[] {
  const id = lines.find((line) => line.includes(fits))?.slice(0, 18);
  return lines.filter((line) => line.startsWith(id!)).map((line) => line.slice(19));
}

const idOf = (lines: readonly string[]) => lines[0]!.slice('Extended Request Id: '.length);

void test('at INFO a connect, a message, a callback and a disconnect are told in AWS’s lines', async () => {
  const connects = lambdaOf('connects', { returns: { statusCode: 200 } });
  const { until, url, ...made } = await serve(
    { $connect: { target: connects }, $default: PONG },
    { DefaultRouteSettings: { LoggingLevel: 'INFO' } },
  );
  const client = await openSocket(gateway, url, { headers: { 'User-Agent': 'browser/1.0' } });
  const cid = await ask(client, '{"secret": "of the client"}');
  assert.equal(await callBack(gateway, made, cid), 200);
  client.socket.close(1000, 'done');
  await client.closed;
  await until('disconnected');
  assert.equal(await callBack(gateway, made, cid), 410);
  const lines = await until('GoneException');
  const { apiId } = made;
  const begins = (id: string, route: string) => [
    `Extended Request Id: ${id}`,
    `Verifying Usage Plan for request: ${id}. API Key:  API Stage: ${apiId}/test`,
    `API Key  authorized because route '${route}' does not require API Key. Request will not contribute to throttle or quota limits`,
    `Usage Plan check succeeded for API Key  and API Stage ${apiId}/test`,
    `Starting execution for request: ${id}`,
    `WebSocket Request Route: [${route}]`,
  ];
  const connect = ofRequest(lines, 'is connecting');
  const requestId = /^AWS Integration Endpoint RequestId : ([0-9a-f-]{36})$/.exec(connect.at(-3)!)?.[1];
  assert.deepEqual(connect, [
    ...begins(idOf(connect), '$connect'),
    `Client [UserAgent: browser/1.0, SourceIp: 127.0.0.1] is connecting to WebSocket API [${apiId}].`.replace(
      '127.0.0.1',
      /SourceIp: ([^\]]+)/.exec(connect[6]!)![1]!,
    ),
    `Endpoint request URI: https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/${functionArn('connects')}/invocations`,
    `AWS Integration Endpoint RequestId : ${requestId}`,
    'Received response. Status: 200',
    `Client [Connection Id: ${cid}] connected to API [${apiId}] successfully.`,
  ]);
  const message = ofRequest(lines, 'received message');
  assert.deepEqual(message, [
    ...begins(idOf(message), '$default'),
    `WebSocket API [${apiId}] received message from client [Connection Id: ${cid}].`,
    `Message from client [Connection Id: ${cid}] sent to API [${apiId}] with response status code [200].`,
  ]);
  const callback = ofRequest(lines, 'completed with status');
  assert.deepEqual(callback, [
    `Extended Request Id: ${idOf(callback)}`,
    'Connection API request completed with status: 200',
  ]);
  const gone = ofRequest(lines, 'GoneException');
  assert.deepEqual(gone, [`Extended Request Id: ${idOf(gone)}`, 'Connection API request failed: GoneException']);
  const disconnect = ofRequest(lines, 'disconnected');
  assert.deepEqual(disconnect, [
    ...begins(idOf(disconnect), '$disconnect'),
    `Client [Connection Id: ${cid}] disconnected from API [${apiId}]. Close reason: [1000: done]`,
  ]);
  assert.ok(!lines.join('\n').includes('of the client'), 'bodies are for a data trace');
});

void test('at ERROR only what failed is told, with the reason and the backend’s words', async () => {
  const routes = {
    ping: PONG,
    throws: {
      target: lambdaOf('throws', { throws: { errorType: 'Error', errorMessage: 'no\nmoney' } }),
      isTwoWay: true,
    },
    malformed: { target: lambdaOf('malformed', { returns: { answer: 1 } }), isTwoWay: true },
    away: { target: { ...proxy(), IntegrationUri: 'http://127.0.0.1:9/' }, isTwoWay: true },
    $disconnect: { target: proxy() },
  };
  const { until, url } = await serve(routes, { DefaultRouteSettings: { LoggingLevel: 'ERROR' } });
  const client = await openSocket(gateway, url);
  const failures: (readonly [action: string, line: RegExp])[] = [
    [
      'throws',
      /^Lambda execution failed with status 200 due to customer function error: Error no\\nmoney\. Lambda request id: [0-9a-f-]{36}$/,
    ],
    ['malformed', /^Execution failed due to configuration error: Malformed Lambda proxy response$/],
    ['away', /^Execution failed: http:\/\/127\.0\.0\.1:9 could not be called: .*ECONNREFUSED/],
    ['nobody', /^Execution failed: no route 'nobody' and no \$default in deployment \w+$/],
  ];
  await ask(client, '{"action": "ping"}');
  for (const [action] of failures) {
    const { requestId } = JSON.parse(await ask(client, JSON.stringify({ action }))) as { requestId: string };
    await until(requestId);
  }
  client.socket.close();
  const lines = await until('nobody');
  assert.equal(lines.length, failures.length, 'a line each, and none of what went well');
  for (const [at, [action, line]] of failures.entries()) assert.match(lines[at]!.slice(19), line, action);
});

void test('a route’s own level wins, also OFF; and a data trace adds headers and bodies', async () => {
  const routes = {
    quiet: PONG,
    traced: { target: proxy({ 'x-tenant': 'stageVariables.tenant' }), isTwoWay: true },
    $disconnect: { target: proxy() },
  };
  const { until, url } = await serve(routes, {
    DefaultRouteSettings: { LoggingLevel: 'INFO' },
    RouteSettings: { quiet: { LoggingLevel: 'OFF' }, traced: { DataTraceEnabled: true } },
  });
  const client = await openSocket(gateway, url);
  await ask(client, '{"action": "quiet"}');
  const text = '{"action": "traced", "text": "größer"}';
  assert.equal(await ask(client, text), 'heard');
  const lines = await until('sent to API');
  assert.deepEqual(
    lines.filter((line) => line.includes('[quiet]')),
    [],
  );
  const traced = ofRequest(lines, '[traced]').slice(7);
  assert.deepEqual(
    traced.filter((_, at) => at !== 2 && at !== 5),
    [
      `Method request body before transformations: ${text}`,
      `Endpoint request URI: ${proxy().IntegrationUri}`,
      `Endpoint request body after transformations: ${text}`,
      'Received response. Status: 200',
      'Endpoint response body before transformations: heard',
      'Method response body after transformations: heard',
      traced.at(-1),
    ],
  );
  assert.match(traced[2]!, /^Endpoint request headers: \{User-Agent=AmazonAPIGateway_\w+, .*X-Amzn-Trace-Id=/);
  assert.match(traced[5]!, /^Endpoint response headers: \{.*set-cookie=\[REDACTED\]/);
  client.socket.close(4_000, 'bye]\n');
  const ended = ofRequest(await until('disconnected'), 'disconnected');
  const words = 'with integration response status code [200]. Close reason: [4000: bye]\\n]';
  assert.equal(ended.at(-1)!.replace(/^.* from API \[\w+\] /, ''), words);
});

const SECRETS = {
  Authorization: 'Bearer the-token-of-the-client',
  Cookie: 'sid=the-cookie-of-the-client',
  'x-api-key': 'the-key-of-the-client',
  'X-Amz-Security-Token': 'the-session-of-the-client',
  'Sec-WebSocket-Protocol': 'chat, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl',
};
// -- One secret after the other: it is read as a list.
// prettier-ignore
const HIDDEN = [
  'the-token-of-the-client', 'the-cookie-of-the-client', 'the-key-of-the-client', 'the-session-of-the-client',
  'the-query-of-the-client', '0123456789abcdef', 'eyJhbGciOiJIUzI1NiJ9', 'of-the-backend', 'the-key-of-the-mapping',
  'the-key-of-the-uri',
];
for (const one of HIDDEN) mustNotBeLogged(one);

void test('no secret of a client, a backend or an integration stands in a trace, wherever it went', async () => {
  const query = '?token=the-query-of-the-client&X-Amz-Signature=0123456789abcdef&room=blue';
  const targets: readonly Target[] = [
    lambdaOf('told', { returns: { statusCode: 200, body: JSON.stringify(SECRETS) } }),
    proxy(
      {
        'x-copy': 'route.request.header.Authorization',
        'x-api-key': "'the-key-of-the-mapping'",
        'x-room': 'route.request.querystring.room',
      },
      '?key=the-key-of-the-uri',
    ),
  ];
  for (const target of targets) {
    const { until, url } = await serve(
      {
        $connect: { target },
        $default: { target: proxy({ Authorization: "'the-key-of-the-mapping'" }), isTwoWay: true },
      },
      { DefaultRouteSettings: { LoggingLevel: 'INFO', DataTraceEnabled: true } },
    );
    const client = await openSocket(gateway, `${url}${query}`, { headers: SECRETS }).catch((error: unknown) => error);
    // The client of the test minds that nobody chose its subprotocol; the gateway let it in.
    assert.ok(!(client instanceof RefusedHandshake));
    const lines = await until('connected to API');
    const trace = ofRequest(lines, 'is connecting').join('\n');
    assert.match(
      trace,
      /^Method request query string: \{token=\[REDACTED\], X-Amz-Signature=\[REDACTED\], room=blue\}$/m,
    );
    assert.match(
      trace,
      /^Method request headers: \{.*Authorization=\[REDACTED\], Cookie=\[REDACTED\], x-api-key=\[REDACTED\]/m,
    );
    for (const secret of HIDDEN) assert.ok(!trace.includes(secret), `${secret} stands in:\n${trace}`);
  }
});

void test('nor where only failures are told, and the function repeats what it was told', async () => {
  const repeats = lambdaOf('repeats', { throws: { errorType: 'Error', errorMessage: `no ${SECRETS.Authorization}` } });
  const { until, url } = await serve(
    { $connect: { target: repeats } },
    { DefaultRouteSettings: { LoggingLevel: 'ERROR', DataTraceEnabled: true } },
  );
  await assert.rejects(openSocket(gateway, url, { headers: SECRETS }), RefusedHandshake);
  const lines = (await until('Lambda execution failed')).map((line) => line.slice(19));
  assert.match(lines.at(-1)!, /customer function error: Error no Bearer \[REDACTED\]\. Lambda request id: /);
  assert.match(lines.join('\n'), /^Endpoint request body after transformations: .*"x-api-key":"\[REDACTED\]"/m);
  for (const secret of HIDDEN) assert.ok(!lines.join('\n').includes(secret), secret);
});

void test('a long line is cut at 1024 bytes, between characters', async () => {
  const { until, url } = await serve(
    { $default: PONG },
    { DefaultRouteSettings: { LoggingLevel: 'INFO', DataTraceEnabled: true } },
  );
  const client = await openSocket(gateway, url);
  for (const pad of ['', 'x', 'xx', 'xxx']) await ask(client, `${pad}${'😀'.repeat(2_000)}`);
  const lines = (await until(/before transformations: xxx/)).filter((line) => line.includes('before transformations'));
  assert.equal(lines.length, 4);
  for (const line of lines) {
    assert.ok(Buffer.byteLength(line) <= 1_024 && Buffer.byteLength(line) > 1_020, String(Buffer.byteLength(line)));
    assert.match(line, /😀\[TRUNCATED\]$/u);
  }
});

void test('no role is asked for, settings are told back, and a stage that is OFF writes nothing', async () => {
  const { name, url, apiId, until } = await serve(
    { $default: PONG },
    { DefaultRouteSettings: { LoggingLevel: 'OFF', DataTraceEnabled: true } },
  );
  const inStage = { ApiId: apiId, StageName: 'test' };
  const update = (DefaultRouteSettings: v2.RouteSettings) =>
    gateway.clients.gateway.send(new v2.UpdateStageCommand({ ...inStage, DefaultRouteSettings }));
  const client = await openSocket(gateway, url);
  await ask(client, '{}');
  const { DefaultRouteSettings } = await update({ LoggingLevel: 'ERROR' });
  assert.partialDeepStrictEqual(DefaultRouteSettings, { LoggingLevel: 'ERROR', DataTraceEnabled: true });
  await update({ LoggingLevel: 'INFO' });
  await ask(client, '{}');
  await until('sent to API');
  const connects = (await logLines(gateway, name)).filter((line) => line.includes('is connecting'));
  assert.deepEqual(connects, []);
});
