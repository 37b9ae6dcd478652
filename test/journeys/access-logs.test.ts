// The access log of a stage: set by the SDK and the AWS CLI, one line for each connect, message, disconnect and callback, in the stage's
// own format and its own account's files; whatever a client or a backend says, a line is a line (websocket-apis 7.1, 8.1).

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { EPHEMERAL } from '../../demo/gateway-process.ts';
import { callBack, DEVELOPMENT_ACCOUNT, logGroupArn, logLines, logWith, PROMPT_LOGS } from '../harness/access-logs.ts';
import { LAUNCHER, paste } from '../harness/command-line.ts';
import { refusalOf } from '../harness/control-answers.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer, type FunctionEnd } from '../harness/lambda-server.ts';
import { missing } from '../harness/peers.ts';
import {
  addRoute,
  ask,
  makeApi,
  mock,
  openSocket,
  pathForm,
  RefusedHandshake,
  type Target,
} from '../harness/sockets.ts';

const lambda = await startLambdaServer({ after });
const gateway = await startTestGateway({ after }, [...lambda.flags, ...PROMPT_LOGS]);
const api = gateway.clients.gateway;
const OTHER_ACCOUNT = '111122223333';
const PONG = { target: mock('$context.connectionId'), isTwoWay: true };
const lambdaOf = (name: string, end: FunctionEnd): Target => {
  lambda.functions.set(name, () => end);
  return { IntegrationType: 'AWS_PROXY', IntegrationUri: invocationsOf(functionArn(name)) };
};

// -- One name after the other: it is read as a list.
// prettier-ignore
const VARIABLES = [
  'requestId', 'extendedRequestId', 'eventType', 'routeKey', 'status', 'apiId', 'stage', 'domainName', 'domainPrefix',
  'connectionId', 'connectedAt', 'messageId', 'requestTime', 'requestTimeEpoch', 'identity.sourceIp',
  'identity.userAgent', 'identity.accountId', 'identity.userArn', 'integrationLatency', 'integrationErrorMessage',
  'integration.status', 'responseLength', 'httpMethod', 'nonsense', 'error.message', 'error.responseType',
  'error.validationErrorString', 'authorizer.principalId', 'authorizer.tenant-id', 'authorizer.latency',
  'authorizer.status', 'authorizer.error', 'authorize.status', 'authorize.error', 'authenticate.status',
];
const FORMAT = `{${VARIABLES.map((name) => `"${name}":"$context.${name}"`).join(',')},"quoted":$context.error.messageString}`;

type Row = Readonly<Record<string, string>>;

/** A stage that logs into a group of its own, and its rows as objects; `-` for `$context.error.messageString` is no JSON. */
async function serve(routes: Parameters<typeof makeApi>[1], group: string, format = FORMAT) {
  const made = await makeApi(gateway.clients, routes);
  const AccessLogSettings = { DestinationArn: `${logGroupArn(group)}:*`, Format: format };
  const inStage = { ApiId: made.apiId, StageName: made.stage };
  const { AccessLogSettings: kept } = await api.send(new v2.UpdateStageCommand({ ...inStage, AccessLogSettings }));
  assert.deepEqual(kept, { DestinationArn: logGroupArn(group), Format: format }, 'the ARN is told without :*');
  const parse = (line: string) => JSON.parse(line.replace(/"quoted":-}$/, '"quoted":"-"}')) as Row;
  const rows = async (fits: (row: Row) => boolean) =>
    (await logWith(gateway, group, (line) => fits(parse(line)))).map(parse).filter(fits);
  return { ...made, inStage, url: pathForm(gateway, made), rows };
}

void test('connect, message, disconnect and callback are a line each, with every variable that there is', async () => {
  const { rows, url, ...made } = await serve({ $default: PONG, $disconnect: {} }, 'chat/all');
  const client = await openSocket(gateway, url, { headers: { 'User-Agent': 'browser/1.0' } });
  const connectionId = await ask(client, '{}');
  assert.equal(await callBack(gateway, made, connectionId, { body: 'hello' }), 200);
  assert.equal(await client.receive(), 'hello');
  client.socket.close(1000);
  await client.closed;
  const [disconnect] = await rows(({ eventType }) => eventType === 'DISCONNECT');
  assert.equal(await callBack(gateway, made, connectionId, { method: 'GET' }), 410);
  const [gone] = await rows(({ status }) => status === '410');
  const [connect, message, callback] = await rows(({ status }) => status !== '410');
  const ofAll = {
    apiId: made.apiId,
    stage: 'test',
    domainName: `localhost:${gateway.tlsPort}`,
    domainPrefix: 'localhost',
  };
  const unset = { nonsense: '-', responseLength: '-', httpMethod: '-', 'integration.status': '-', quoted: '-' };
  for (const row of [connect, message, callback, disconnect, gone]) {
    assert.partialDeepStrictEqual(row, { ...ofAll, ...unset, connectionId, 'error.message': '-' });
    assert.match(row!['requestId']!, /^[\w-]{15}=$/);
    assert.equal(row!['extendedRequestId'], row!['requestId']);
    assert.match(row!['requestTime']!, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    assert.ok(Math.abs(Number(row!['requestTimeEpoch']) - Date.now()) < 600_000);
    assert.match(row!['identity.sourceIp']!, /^(127\.0\.0\.1|::1)$/);
  }
  const ofSocket = { 'identity.userAgent': 'browser/1.0', 'identity.userArn': '-', status: '200' };
  assert.partialDeepStrictEqual(connect, { ...ofSocket, eventType: 'CONNECT', routeKey: '$connect', messageId: '-' });
  assert.partialDeepStrictEqual(message, { ...ofSocket, eventType: 'MESSAGE', routeKey: '$default' });
  assert.notEqual(message!['messageId'], '-');
  assert.match(connect!['connectedAt']!, /^\d{13}$/);
  assert.partialDeepStrictEqual(disconnect, { ...ofSocket, routeKey: '$disconnect', integrationLatency: '-' });
  const ofCallback = {
    eventType: 'CONNECTION_API',
    connectedAt: '-',
    messageId: '-',
    'identity.userAgent': 'caller/1.0',
  };
  assert.partialDeepStrictEqual(callback, {
    ...ofCallback,
    routeKey: 'POST /@connections/{connectionId}',
    status: '200',
  });
  assert.match(callback!['integrationLatency']!, /^\d+$/);
  assert.deepEqual(
    [callback!['identity.accountId'], callback!['identity.userArn']],
    [DEVELOPMENT_ACCOUNT, `arn:aws:iam::${DEVELOPMENT_ACCOUNT}:root`],
  );
  assert.partialDeepStrictEqual(gone, { ...ofCallback, routeKey: 'GET /@connections/{connectionId}', status: '410' });
});

void test('what fails is told with its error, and what the backend said', async () => {
  const broken = lambdaOf('breaks', { throws: { errorType: 'Error', errorMessage: 'no "money"\nleft' } });
  const { rows, url } = await serve({ ping: PONG, broken: { target: broken, isTwoWay: true } }, 'chat/failing');
  const client = await openSocket(gateway, url);
  await ask(client, '{"action": "nobody"}');
  await ask(client, '{"action": "broken"}');
  const [nobody] = await rows(({ status }) => status === '403');
  assert.partialDeepStrictEqual(nobody, {
    eventType: 'MESSAGE',
    routeKey: '-',
    'error.message': 'Forbidden',
    quoted: 'Forbidden',
    'error.responseType': 'DEFAULT_4XX',
    integrationLatency: '-',
  });
  const [failed] = await rows(({ status }) => status === '502');
  assert.partialDeepStrictEqual(failed, {
    routeKey: 'broken',
    'error.message': 'Internal server error',
    'error.responseType': 'INTEGRATION_FAILURE',
  });
  assert.match(
    failed!['integrationErrorMessage']!,
    /due to customer function error: Error no "money"\nleft\. Lambda request id: /,
  );
  assert.match(failed!['integrationLatency']!, /^\d+$/);
});

void test('authorizers are told of, whether they let somebody in or not', async () => {
  const { rows, url, inStage, apiId } = await serve({ $default: PONG }, 'chat/authorized');
  const statement = (Effect: string) => ({ Action: 'execute-api:Invoke', Effect, Resource: '*' });
  lambda.functions.set('authorizes', ({ headers }: { headers: Record<string, string> }) => ({
    returns: {
      principalId: 'ann',
      policyDocument: { Version: '2012-10-17', Statement: [statement(headers['X-Who'] ?? 'Deny')] },
      context: { 'tenant-id': 'a"}\nb' },
    },
  }));
  const { AuthorizerId } = await api.send(
    new v2.CreateAuthorizerCommand({
      ApiId: apiId,
      Name: 'asks',
      AuthorizerType: 'REQUEST',
      IdentitySource: ['route.request.header.X-Who'],
      AuthorizerUri: invocationsOf(functionArn('authorizes')),
    }),
  );
  const RouteId = await addRoute(gateway.clients, apiId, '$connect', {});
  await api.send(new v2.UpdateRouteCommand({ ApiId: apiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId }));
  await api.send(new v2.CreateDeploymentCommand(inStage));
  await openSocket(gateway, url, { headers: { 'X-Who': 'Allow' } });
  for (const headers of [{ 'X-Who': 'Deny' }, {}] as Record<string, string>[])
    await assert.rejects(openSocket(gateway, url, { headers }), RefusedHandshake);
  const [allowed] = await rows(({ status }) => status === '200');
  assert.partialDeepStrictEqual(allowed, {
    'authorizer.principalId': 'ann',
    'authorizer.tenant-id': 'a"}\nb',
    'authorizer.status': '200',
    'authorize.status': '200',
    'authorizer.error': '-',
    'authenticate.status': '-',
  });
  assert.match(allowed!['authorizer.latency']!, /^\d+$/);
  const [denied] = await rows(({ status }) => status === '403');
  assert.partialDeepStrictEqual(denied, {
    'error.responseType': 'ACCESS_DENIED',
    'authorizer.principalId': '-',
    'authorizer.status': '403',
    'authorize.status': '403',
  });
  assert.match(denied!['authorize.error']!, /^authorizer asks: explicitDeny of arn:aws:execute-api:/);
  const [unknown] = await rows(({ status }) => status === '401');
  assert.equal(unknown!['error.responseType'], 'UNAUTHORIZED');
});

void test('no value ends its place, its line, or reaches a terminal; in XML neither', async () => {
  const { rows, url, inStage } = await serve({ $default: PONG }, 'chat/hostile');
  const hostile = `"}\t\\ </a> \u009b[2J é`;
  await openSocket(gateway, url, { headers: { 'User-Agent': hostile } });
  const [row] = await rows(({ eventType }) => eventType === 'CONNECT');
  assert.equal(row!['identity.userAgent'], hostile);
  const Format = '<r id="$context.requestId">$context.identity.userAgent</r>';
  const AccessLogSettings = { DestinationArn: logGroupArn('chat/xml'), Format };
  await api.send(new v2.UpdateStageCommand({ ...inStage, AccessLogSettings }));
  await openSocket(gateway, url, { headers: { 'User-Agent': hostile } });
  const [xml] = await logWith(gateway, 'chat/xml', () => true);
  assert.match(xml!, /^<r id="[^"]+">&quot;\}\\t\\ &lt;\/a&gt; \\u009b\[2J é<\/r>$/);
});

void test(
  'the AWS CLI sets the log of a stage, and takes it away; a Firehose stream is a file, too',
  { skip: missing('aws') },
  async () => {
    const { apiId, stage, url } = await serve({ $default: PONG }, 'chat/cli');
    const arn = `arn:aws:firehose:${REGION}:${DEVELOPMENT_ACCOUNT}:deliverystream/amazon-apigateway-chat`;
    const line =
      '$context.identity.sourceIp - - [$context.requestTime] "$context.eventType $context.routeKey" $context.status $context.requestId';
    const where = `--api-id ${apiId} --stage-name ${stage} --endpoint-url ${gateway.endpoint}`;
    const settings = JSON.stringify({ DestinationArn: arn, Format: line });
    const set = await paste(`aws apigatewayv2 update-stage ${where} --access-log-settings '${settings}'`);
    assert.deepEqual([set.code, set.stderr], [0, '']);
    assert.deepEqual((JSON.parse(set.stdout) as { AccessLogSettings: object }).AccessLogSettings, JSON.parse(settings));
    const client = await openSocket(gateway, url);
    const file = 'amazon-apigateway-chat.stream';
    const [connected] = await logWith(gateway, file, (one) => one.includes('CONNECT'));
    assert.match(connected!, /^[\d.:]+ - - \[[^\]]+\] "CONNECT \$connect" 200 [\w-]+=$/);
    const unset = await paste(`aws apigatewayv2 delete-access-log-settings ${where}`);
    assert.deepEqual([unset.code, unset.stdout, unset.stderr], [0, '', '']);
    const { AccessLogSettings } = await api.send(new v2.GetStageCommand({ ApiId: apiId, StageName: stage }));
    assert.equal(AccessLogSettings, undefined);
    // What comes after it in another log shows that it would have been written.
    await ask(client, '{}');
    const other = await serve({ $default: PONG }, 'chat/after');
    await openSocket(gateway, other.url);
    await other.rows(() => true);
    assert.equal((await logLines(gateway, file)).length, 1);
  },
);

void test('an account’s lines lie below its own name, and no ARN leads into another’s', async () => {
  const clients = createClients(gateway.endpoint, REGION, OTHER_ACCOUNT);
  const { apiId, stage } = await makeApi(clients, { $default: PONG });
  const update = (DestinationArn: string) =>
    clients.gateway.send(
      new v2.UpdateStageCommand({
        ApiId: apiId,
        StageName: stage,
        AccessLogSettings: {
          DestinationArn,
          Format: '$context.requestId $context.eventType $context.identity.accountId $context.error.responseType',
        },
      }),
    );
  const foreign = await refusalOf(update(logGroupArn('shared')));
  assert.deepEqual([foreign.name, foreign.status], ['BadRequestException', 400]);
  assert.match(foreign.message, /of account 111122223333 cannot go to us-east-1 of account 000000000000\.$/);
  await update(logGroupArn('../../000000000000/us-east-1/shared', OTHER_ACCOUNT));
  const client = await openSocket(gateway, pathForm(gateway, { apiId, stage }));
  const connectionId = await ask(client, '{}');
  // Somebody else's call is a line of the owner's, and tells nothing of who it was.
  assert.equal(await callBack(gateway, { apiId, stage }, connectionId), 403);
  const wrong = { accessKeyId: OTHER_ACCOUNT, secret: 'wrong' };
  assert.equal(await callBack(gateway, { apiId, stage }, connectionId, { credentials: wrong }), 403);
  const name = '%2E./%2E./000000000000/us-east-1/shared';
  const lines = await logWith(gateway, name, (line) => line.includes('INVALID_SIGNATURE'), OTHER_ACCOUNT);
  assert.match(lines.at(-2)!, / CONNECTION_API - ACCESS_DENIED$/);
  assert.match(lines.at(-1)!, / CONNECTION_API - INVALID_SIGNATURE$/);
  assert.deepEqual(await logLines(gateway, 'shared'), []);
});

const GROUP = logGroupArn('a');
// -- One refusal a line: it is read as a table.
// prettier-ignore
const REFUSALS: readonly (readonly [name: string, settings: object, message: RegExp])[] = [
  ['no format', { DestinationArn: GROUP }, /^Access Log value missing\. Expected destinationArn and format\.$/],
  ['no destination', { Format: '$context.requestId' }, /^Access Log value missing\./],
  ['a format that names no request', { DestinationArn: GROUP, Format: '$context.status' }, /must contain \$context\.requestId or \$context\.extendedRequestId\.$/],
  ['a format over 3 KB', { DestinationArn: GROUP, Format: `$context.requestId${'é'.repeat(1_530)}` }, /has 3078 bytes, at most 3072/],
  ['a group with a space', { DestinationArn: logGroupArn('a b'), Format: '$context.requestId' }, /only contain characters a-z, A-Z, 0-9, '_', '-', '\/', '\.': 'a b'$/],
  ['a group with a colon', { DestinationArn: logGroupArn('a:log-stream:b'), Format: '$context.requestId' }, /: 'a:log-stream:b'$/],
  ['a long group', { DestinationArn: logGroupArn('a'.repeat(513)), Format: '$context.requestId' }, /has 513 characters, at most 512/],
  ['another region', { DestinationArn: GROUP.replace(REGION, 'eu-west-1'), Format: '$context.requestId' }, /cannot go to eu-west-1 of account 000000000000\.$/],
  ['a topic', { DestinationArn: GROUP.replace(':logs:', ':sns:'), Format: '$context.requestId' }, /^Invalid ARN specified in the request\./],
  ['a stream of another name', { DestinationArn: `arn:aws:firehose:${REGION}:${DEVELOPMENT_ACCOUNT}:deliverystream/mine`, Format: '$context.requestId' }, /^Invalid ARN specified in the request\./],
];

void test('what cannot be an access log is refused, when a stage is made and when it is changed', async () => {
  const { apiId } = await makeApi(gateway.clients, { $default: PONG });
  for (const [name, AccessLogSettings, message] of REFUSALS) {
    const create = new v2.CreateStageCommand({ ApiId: apiId, StageName: 'new', AccessLogSettings });
    const update = new v2.UpdateStageCommand({ ApiId: apiId, StageName: 'test', AccessLogSettings });
    // One after the other: a refusal that nobody waits for yet ends the test.
    for (const send of [() => api.send(create), () => api.send(update)]) {
      const refusal = await refusalOf(send());
      assert.deepEqual([refusal.name, refusal.status], ['BadRequestException', 400], name);
      assert.match(refusal.message, message, name);
    }
  }
});

void test('an Api of protocolType HTTP, which serves nothing, takes no log', async () => {
  const { ApiId } = await api.send(new v2.CreateApiCommand({ Name: 'http', ProtocolType: 'HTTP' }));
  const AccessLogSettings = { DestinationArn: GROUP, Format: '$context.requestId' };
  const refusal = await refusalOf(api.send(new v2.CreateStageCommand({ ApiId, StageName: 'prod', AccessLogSettings })));
  assert.deepEqual([refusal.name, refusal.status], ['NotImplemented', 501]);
  assert.match(refusal.message, /^AccessLogSettings of a Stage of an HTTP API /);
});

void test('a handshake to a stage without a deployment is a line, with what is known of the client', async () => {
  const { apiId } = await makeApi(gateway.clients, { $default: PONG });
  const AccessLogSettings = {
    DestinationArn: logGroupArn('chat/undeployed'),
    Format: '$context.requestId $context.eventType $context.connectionId $context.status "$context.identity.userAgent"',
  };
  await api.send(new v2.CreateStageCommand({ ApiId: apiId, StageName: 'bare', AccessLogSettings }));
  const url = pathForm(gateway, { apiId, stage: 'bare' });
  await assert.rejects(openSocket(gateway, url, { headers: { 'User-Agent': 'browser/1.0' } }), RefusedHandshake);
  const [line] = await logWith(gateway, 'chat/undeployed', () => true);
  assert.match(line!, /^[\w-]{15}= CONNECT - \d{3} "browser\/1\.0"$/);
});

void test('with a directory that cannot be written messages go on, and the log says so once', async (t) => {
  const dataDir = temporaryDirectory(t);
  writeFileSync(join(dataDir, 'logs'), 'a file where the directory should be');
  const broken = await startTestGateway(t, ['--data-dir', dataDir, ...PROMPT_LOGS]);
  const made = await makeApi(broken.clients, { $default: PONG });
  const AccessLogSettings = { DestinationArn: logGroupArn('chat'), Format: '$context.requestId' };
  const inStage = { ApiId: made.apiId, StageName: made.stage };
  await broken.clients.gateway.send(new v2.UpdateStageCommand({ ...inStage, AccessLogSettings }));
  const client = await openSocket(broken, pathForm(broken, made));
  const told = () => broken.logged().filter(({ message }) => message === 'lines of access or execution logs were lost');
  await eventually('it is told', () => told()[0]);
  for (let number = 0; number < 200; number += 1) await ask(client, '{}');
  assert.equal(told().length, 1);
  assert.partialDeepStrictEqual(told()[0], { level: 'error', file: `${DEVELOPMENT_ACCOUNT}/${REGION}/chat.log` });
  client.socket.close();
  assert.equal(await broken.stop(), 0);
  const lost = told().reduce((sum, { lines }) => sum + Number(lines), 0);
  assert.equal(lost, 202, 'every line is accounted for: a connect, 200 messages, a disconnect');
});

void test('at a shutdown the last lines are written, and on stdout they say which log they are of', async (t) => {
  const dataDir = temporaryDirectory(t);
  const args = [LAUNCHER, 'serve', '--data-dir', dataDir, ...EPHEMERAL, '--access-log', 'stdout', '--drain', '2s'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const [stdout, lines] = [text(child.stdout), [] as string[]];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => lines.push(...chunk.split('\n')));
  const ready = await eventually('it is ready', () => lines.find((line) => line.startsWith('{"ready":true')));
  const { control, tls } = JSON.parse(ready) as { control: string[]; tls: string[] };
  const clients = createClients(`http://${control[0]}`, REGION);
  const made = await makeApi(clients, { $default: PONG });
  const AccessLogSettings = {
    DestinationArn: logGroupArn('/chat'),
    Format: '{"type": "$context.eventType", "id": "$context.requestId"}',
  };
  await clients.gateway.send(
    new v2.UpdateStageCommand({ ApiId: made.apiId, StageName: made.stage, AccessLogSettings }),
  );
  const url = `wss://localhost:${tls[0]!.split(':').at(-1)}/_aws/execute-api/${made.apiId}/${made.stage}`;
  const at = { tlsPort: 0, ca: '', endpoint: '', dnsServer: '', clients, lookup: gateway.lookup };
  await openSocket(at, url, { rejectUnauthorized: false });
  child.kill('SIGTERM');
  await once(child, 'exit');
  const rows = (await stdout)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { log: string; message: string });
  assert.deepEqual(
    rows.map(({ log, message }) => [log, (JSON.parse(message) as { type: string }).type]),
    ['CONNECT', 'DISCONNECT'].map((type) => [`${DEVELOPMENT_ACCOUNT}/${REGION}/chat`, type]),
  );
  assert.ok(!readdirSync(dataDir).includes('logs'));
});
