// AWS integrations to services other than Lambda: what SQS, SNS, DynamoDB, Step Functions, EventBridge, Kinesis and Firehose are told for
// the templates that people write, signed for the account of the API; what of their answers a client gets; and every way to fail
// (websocket-apis 3.9).

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { startDynamoDb } from '../harness/dynamodb.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { startServiceServer, type ServiceEnd } from '../harness/service-server.ts';
import { ask, makeApi, mock, openSocket, pathForm, type RouteOptions, type Target } from '../harness/sockets.ts';

const RESPONSE_BYTES_MAX = 100_000;
const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/socket-api`;
const dynamo = await startDynamoDb({ after });
const aws = await startServiceServer({ after });
/** A port that nobody listens on. */
const closed = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => resolve(port));
  });
});
const gateway = await startTestGateway({ after }, [
  ...aws.flags('sqs', 'sns', 'states', 'events'),
  '--service-endpoint',
  `dynamodb=${dynamo.url}/`,
  '--service-endpoint',
  `kinesis=http://127.0.0.1:${closed}`,
  '--limit',
  `integrationResponseBytesMax=${RESPONSE_BYTES_MAX}`,
]);
const api = gateway.clients.gateway;
const FAILURE = /^\{"message": "Internal server error", "connectionId":"[\w-]{18}==", "requestId":"[\w-]{15}="\}$/;
const ping: RouteOptions = { target: mock('pong'), isTwoWay: true };
const FORM = { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" };

const to = (service: string, template: string | undefined, more: Partial<Target> = {}): Target => ({
  IntegrationType: 'AWS',
  IntegrationMethod: 'POST',
  IntegrationUri: `arn:aws:apigateway:${REGION}:${service}`,
  CredentialsArn: ROLE,
  ...(template !== undefined && { RequestTemplates: { $default: template } }),
  responses: { $default: "$input.json('$')" },
  ...more,
});

/** A client of an API whose messages go there. */
async function serve(target: Target, variables: Readonly<Record<string, string>> = {}) {
  const made = await makeApi(gateway.clients, { $default: { target, isTwoWay: true }, ping });
  await api.send(
    new v2.UpdateStageCommand({ ApiId: made.apiId, StageName: made.stage, StageVariables: { ...variables } }),
  );
  return openSocket(gateway, pathForm(gateway, made));
}

/** The reason of the refusal that holds the word: the log comes by a way of its own. */
const reasonWith = (word: string) =>
  eventually(`a refusal says '${word}'`, () => {
    const found = gateway.logged().find(({ reason }) => String(reason).includes(word));
    return found && String(found['reason']);
  });

// ---- what services are told ----

aws.actions.set('sqs:SendMessage', ({ path, input }) => ({
  answers: { SendMessageResponse: { SendMessageResult: { MessageId: `${path} ${String(input['MessageBody'])}` } } },
}));
const MESSAGE_ID = "$input.path('$.SendMessageResponse.SendMessageResult.MessageId')";

void test('SQS: a form that the template makes, sent to the path of the queue', async () => {
  const client = await serve(
    to(`sqs:path/${ACCOUNT}/jobs`, 'Action=SendMessage&MessageBody=$util.urlEncode($input.body)', {
      RequestParameters: FORM,
      responses: { $default: MESSAGE_ID },
    }),
  );
  const text = '{"job": "1 + 1 & more = ü%20"}';
  assert.equal(await ask(client, text), `/${ACCOUNT}/jobs ${text}`);
  const call = aws.calls.at(-1)!;
  assert.deepEqual([call.service, call.region, call.method], ['sqs', REGION, 'POST']);
  // With it, services that speak XML answer with JSON.
  assert.equal(call.headers.accept, 'application/json');
});

void test('SQS: the queue that a message names is one segment of the path, whatever it says', async () => {
  const client = await serve(
    to(`sqs:path/${ACCOUNT}/{queue}`, 'Action=SendMessage&MessageBody=hi', {
      RequestParameters: { ...FORM, 'integration.request.path.queue': 'route.request.body.queue' },
      responses: { $default: MESSAGE_ID },
    }),
  );
  assert.equal(await ask(client, '{"queue": "a b"}'), `/${ACCOUNT}/a%20b hi`);
  assert.equal(await ask(client, '{"queue": "../999999999999/theirs"}'), `/${ACCOUNT}/..%2F999999999999%2Ftheirs hi`);
  assert.match(await ask(client, '{"queue": ".."}'), FAILURE);
});

void test('SQS: the action of the URI, with parameters behind it and mapped ones', async () => {
  const client = await serve(
    to(`sqs:action/SendMessage&QueueUrl=https%3A%2F%2Fsqs%2Fjobs`, 'MessageBody=$util.urlEncode($input.body)', {
      RequestParameters: { 'integration.request.querystring.DelaySeconds': "'0 +1'" },
      responses: { $default: MESSAGE_ID },
    }),
  );
  assert.equal(await ask(client, 'a b'), '/ a b');
  const { input, headers, url } = aws.calls.at(-1)!;
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  assert.match(url, /&DelaySeconds=0%20%2B1$/, 'no plus, which some would sign as a plus');
  assert.deepEqual(
    { ...input },
    {
      Action: 'SendMessage',
      Version: '2012-11-05',
      QueueUrl: 'https://sqs/jobs',
      DelaySeconds: '0 +1',
      MessageBody: 'a b',
    },
  );
});

void test('SNS: a topic is published to', async () => {
  aws.actions.set('sns:Publish', ({ input }) => ({ answers: { PublishResponse: { heard: input } } }));
  const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;
  const template = `Action=Publish&TopicArn=$util.urlEncode('${topic}')&Message=$util.urlEncode($input.path('$.text'))`;
  const client = await serve(
    to('sns:path//', template, {
      RequestParameters: FORM,
      responses: {
        $default: "$input.path('$.PublishResponse.heard.TopicArn'): $input.path('$.PublishResponse.heard.Message')",
      },
    }),
  );
  assert.equal(await ask(client, '{"text": "read & hear"}'), `${topic}: read & hear`);
  assert.equal(aws.calls.at(-1)!.path, '/');
});

const TARGETS: readonly (readonly [uri: string, target: string, contentType: string])[] = [
  ['states:action/StartExecution', 'AWSStepFunctions.StartExecution', 'application/x-amz-json-1.0'],
  ['states:action/StartSyncExecution', 'AWSStepFunctions.StartSyncExecution', 'application/x-amz-json-1.0'],
  ['events:action/PutEvents', 'AWSEvents.PutEvents', 'application/x-amz-json-1.1'],
];
for (const [uri, target, contentType] of TARGETS) {
  void test(`${uri}: the target and the type of the body are those of the action`, async () => {
    const [service = '', action = ''] = uri.split(':action/');
    aws.actions.set(`${service}:${action}`, ({ input }) => ({ answers: input }));
    const template = `{"input": "$util.escapeJavaScript($input.json('$'))", "name": "$context.requestId"}`;
    const client = await serve(to(uri, template));
    const said = JSON.parse(await ask(client, '{"a": "\\"b\\""}')) as { input: string; name: string };
    assert.deepEqual(JSON.parse(said.input), { a: '"b"' });
    assert.match(said.name, /^[\w-]{15}=$/);
    const { headers } = aws.calls.at(-1)!;
    assert.deepEqual([headers['x-amz-target'], headers['content-type']], [target, contentType]);
  });
}

void test('target and type that are mapped, or asked for by a template, win; what is signed stays', async () => {
  aws.actions.set('events:PutEvents', () => ({ answers: { heard: true } }));
  const client = await serve(
    to('events:path/', '#set($context.requestOverride.header.Authorization = "none"){"Entries": []}', {
      RequestParameters: {
        'integration.request.header.X-Amz-Target': "'AWSEvents.PutEvents'",
        'integration.request.header.Content-Type': "'application/x-amz-json-1.1'",
        'integration.request.header.X-Amz-Date': "'20200101T000000Z'",
        'integration.request.header.X-Amz-Security-Token': "'none'",
        'integration.request.header.X-Amz-Meta-Stage': 'context.stage',
      },
    }),
  );
  assert.equal(await ask(client, '{}'), '{"heard":true}');
  assert.equal(aws.calls.at(-1)!.headers['x-amz-meta-stage'], 'test');
});

void test('a stage variable chooses queue and region, and the region is what is signed for', async () => {
  const target = to('', 'Action=SendMessage&MessageBody=hi', {
    IntegrationUri: 'arn:aws:apigateway:${stageVariables.region}:sqs:path/${stageVariables.queue}',
    RequestParameters: FORM,
    responses: { $default: MESSAGE_ID },
  });
  const client = await serve(target, { region: 'eu-west-1', queue: `${ACCOUNT}/theirs` });
  assert.equal(await ask(client, '{}'), `/${ACCOUNT}/theirs hi`);
  assert.equal(aws.calls.at(-1)!.region, 'eu-west-1');
  for (const region of ['', 'evil.example', 'us-east-1.evil']) {
    const lost = await serve(target, { region, queue: 'q' });
    assert.match(await ask(lost, '{}'), FAILURE);
  }
});

// ---- DynamoDB: a table of connections, as everybody begins ----

void test('DynamoDB: who connects is put into a table and taken out of it, and messages read it', async () => {
  const TableName = 'connections';
  await dynamo.call('CreateTable', {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'connectionId', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'connectionId', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const key = '"connectionId": {"S": "$context.connectionId"}';
  const put = `{"TableName": "${TableName}", "Item": {${key}, "since": {"N": "$context.connectedAt"}}}`;
  const ofKey = `{"TableName": "${TableName}", "Key": {${key}}}`;
  const made = await makeApi(gateway.clients, {
    $connect: { target: to('dynamodb:action/PutItem', put) },
    $disconnect: { target: to('dynamodb:action/DeleteItem', ofKey) },
    $default: {
      target: to('dynamodb:action/GetItem', ofKey, {
        responses: { $default: "#if($input.path('$.Item').isEmpty())nobody#{else}$input.path('$.Item.since.N')#end" },
      }),
      isTwoWay: true,
    },
  });
  const client = await openSocket(gateway, pathForm(gateway, made));
  const count = async () => (await dynamo.call('Scan', { TableName, Select: 'COUNT' }))['Count'];
  assert.equal(await count(), 1);
  assert.match(await ask(client, 'who'), /^\d{13}$/);
  client.socket.close();
  await eventually('the row is gone', async () => ((await count()) === 0 ? true : undefined));
});

void test('DynamoDB: an error is an answer with its status, which chooses its response', async () => {
  const responses = { '/4\\d\\d/': "refused: $input.path('$.__type')", $default: 'put' };
  const client = await serve(
    to('dynamodb:action/PutItem', '{"TableName": "no-such-table", "Item": {}}', { responses }),
  );
  assert.match(await ask(client, '{}'), /^refused: .+#(ResourceNotFound|Validation)Exception$/);
  const bare = await serve(
    to('dynamodb:action/PutItem', '{"TableName": "absent"}', { responses: { '/2\\d\\d/': 'put' } }),
  );
  assert.match(await ask(bare, '{}'), FAILURE);
});

void test('a $connect whose service refuses lets nobody in', async () => {
  const target = to('dynamodb:action/PutItem', '{"TableName": "absent", "Item": {}}');
  const made = await makeApi(gateway.clients, { $connect: { target } });
  await assert.rejects(openSocket(gateway, pathForm(gateway, made)), /refused with 400: .*Exception/s);
});

// ---- failures ----

let ended = 0;
const behaves = (end: ServiceEnd, more: Partial<Target> = {}) => {
  const action = `Behave${'abcdefghijk'[(ended += 1)]}`;
  aws.actions.set(`states:${action}`, () => end);
  return serve(to(`states:action/${action}`, undefined, more));
};

void test('a message goes to a JSON service as it is, and a refused one costs what its template makes of it', async () => {
  const client = await behaves({ answers: { a: 1 } });
  assert.equal(await ask(client, '{"b": 2}'), '{"a":1}');
  assert.deepEqual(aws.calls.at(-1)!.input, { b: 2 });
  assert.match(await ask(client, 'no JSON'), /SerializationException/);
});

const ENDS: readonly (readonly [name: string, end: ServiceEnd, frame: RegExp, reason: string])[] = [
  ['hangs', 'hangs', /^\{"message": "Endpoint request timed out", /, 'did not answer within 500 ms'],
  ['resets', 'resets', FAILURE, 'could not be called'],
  ['never stops', 'never-stops', FAILURE, `exceeds ${RESPONSE_BYTES_MAX} bytes`],
];
for (const [name, end, frame, reason] of ENDS) {
  void test(`a service that ${name} costs one frame, is asked once, and the socket stays`, async () => {
    const before = aws.calls.length;
    const client = await behaves(end, end === 'hangs' ? { TimeoutInMillis: 500 } : {});
    assert.match(await ask(client, '{}'), frame);
    assert.equal(await ask(client, '{"action": "ping"}'), 'pong');
    assert.equal(aws.calls.length, before + 1);
    await reasonWith(reason);
  });
}

void test('an endpoint that is down costs a frame, and the log names it', async () => {
  const client = await serve(to('kinesis:action/PutRecord', '{}'));
  assert.match(await ask(client, '{}'), FAILURE);
  assert.match(await reasonWith(String(closed)), /could not be called/);
});

void test('without accounts a service that has no endpoint is not called, and the log says how it would be', async () => {
  const client = await serve(to('firehose:action/PutRecord', '{}'));
  assert.match(await ask(client, '{}'), FAILURE);
  assert.match(await reasonWith('firehose'), /start with --service-endpoint firehose=URL/);
});
