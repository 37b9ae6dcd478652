// Models: made, read, changed and deleted through the SDK, and held against what clients send on a real socket (websocket-apis 1.7, 3.7).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, notFound, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { addRoute, ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const gateway = await startTestGateway({ after });
const api = gateway.clients.gateway;
const ACCOUNT = '000000000000';
const CHAT = { type: 'object', required: ['text'], properties: { text: { type: 'string', maxLength: 8 } } };

const { apiId: ApiId } = await makeApi(gateway.clients, { $default: {} });

async function create(Name: string, schema: unknown, more: object = {}) {
  const Schema = typeof schema === 'string' ? schema : JSON.stringify(schema);
  return withoutMetadata(await api.send(new v2.CreateModelCommand({ ApiId, Name, Schema, ...more })));
}

// ---- the operations ----

void test('a model is read as it was made, listed, changed and deleted', async () => {
  const made = await create('Chat', CHAT, { ContentType: 'application/json', Description: 'a message' });
  const { ModelId } = made;
  assert.match(ModelId!, /^[a-z0-9]{6}$/);
  const described = { ContentType: 'application/json', Description: 'a message', Name: 'Chat' };
  assert.deepEqual(made, { ModelId, Schema: JSON.stringify(CHAT), ...described });
  assert.deepEqual(withoutMetadata(await api.send(new v2.GetModelCommand({ ApiId, ModelId }))), made);
  const { Items } = await api.send(new v2.GetModelsCommand({ ApiId }));
  assert.deepEqual(Items, [made]);
  const changed = await api.send(new v2.UpdateModelCommand({ ApiId, ModelId, Name: 'Talk', Description: '' }));
  const { Description: _, ...rest } = made;
  assert.deepEqual(withoutMetadata(changed), { ...rest, Name: 'Talk' });
  await api.send(new v2.DeleteModelCommand({ ApiId, ModelId }));
  const gone = await refusalOf(api.send(new v2.GetModelCommand({ ApiId, ModelId })));
  assert.deepEqual(gone, notFound(`Invalid Model identifier specified ${ModelId}`));
});

void test('a template is made from a model', async () => {
  const { ModelId } = await create('Sampled', CHAT);
  const { Value } = await api.send(new v2.GetModelTemplateCommand({ ApiId, ModelId }));
  assert.equal(
    Value,
    `#set($inputRoot = $input.path('$'))\n{\n  "text" : "$util.escapeJavaScript($inputRoot.text)"\n}\n`,
  );
});

const WRONG: readonly (readonly [name: string, model: string, schema: unknown, message: string])[] = [
  ['a name with other letters', 'a-b', CHAT, 'Model name must be alphanumeric: a-b'],
  [
    'a schema that is no JSON',
    'Bad',
    '[',
    'Invalid model schema specified: it is not JSON: Unexpected end of JSON input',
  ],
  [
    'a pattern that needs backtracking',
    'Bad',
    { pattern: '(?!a)' },
    'Invalid model schema specified: error parsing regexp: invalid or unsupported Perl syntax: `(?!`',
  ],
  [
    'a schema that leads elsewhere',
    'Bad',
    { $ref: 'https://example.com/' },
    `Invalid model schema specified: $ref 'https://example.com/' leads neither within the schema nor to https://apigateway.amazonaws.com/restapis/${ApiId}/models/{name}`,
  ],
];
for (const [name, model, schema, message] of WRONG) {
  void test(`refused: ${name}`, async () => {
    assert.deepEqual(await refusalOf(create(model, schema)), badRequest(message));
  });
}

void test('a name is one model’s, and a model that is used keeps its name and stays', async () => {
  const { ModelId } = await create('Used', CHAT);
  const again = await refusalOf(create('Used', {}));
  assert.deepEqual(again, conflict('Model with name Used already exists for this API'));
  const RequestModels = { $default: 'Used' };
  const RouteKey = 'uses a model';
  const { RouteId } = await api.send(new v2.CreateRouteCommand({ ApiId, RouteKey, RequestModels }));
  const remove = () => api.send(new v2.DeleteModelCommand({ ApiId, ModelId }));
  const inUse = `model 'Used', is referenced in route: uses a model`;
  assert.deepEqual(await refusalOf(remove()), conflict(`Cannot delete ${inUse}`));
  const rename = api.send(new v2.UpdateModelCommand({ ApiId, ModelId, Name: 'Other' }));
  assert.deepEqual(await refusalOf(rename), badRequest(`Cannot rename ${inUse}`));
  await api.send(new v2.DeleteRouteCommand({ ApiId, RouteId }));
  const $ref = `https://apigateway.amazonaws.com/restapis/${ApiId}/models/Used`;
  const other = await create('Leads', { $ref });
  assert.deepEqual(await refusalOf(remove()), conflict(`Cannot delete model 'Used', is referenced in model: Leads`));
  await api.send(new v2.DeleteModelCommand({ ApiId, ModelId: other.ModelId }));
  await remove();
});

void test('models are of their account', async () => {
  const { ModelId } = await create('Mine', CHAT);
  const { ApiId: absent } = { ApiId: 'a123456789' };
  const elsewhere = await refusalOf(api.send(new v2.GetModelCommand({ ApiId: absent, ModelId })));
  assert.deepEqual(elsewhere, notFound(`Invalid API identifier specified ${ACCOUNT}:${absent}`));
});

// ---- on a socket ----

const FRAME = /^\{"message" : "Bad request body", "connectionId": "[\w-]{18}==", "messageId": "[\w-]+={0,2}"\}$/;
const FAILURE = /^\{"message": "Internal server error", /;

/** An Api of its own whose route `chat` answers `yes`, with these members and models. */
async function serve(route: Partial<v2.UpdateRouteCommandInput>, models: Readonly<Record<string, unknown>>) {
  const { apiId, stage } = await makeApi(gateway.clients, { other: { target: mock('other'), isTwoWay: true } });
  for (const [Name, schema] of Object.entries(models)) {
    const text = JSON.stringify(schema).replaceAll('{apiId}', apiId);
    await api.send(new v2.CreateModelCommand({ ApiId: apiId, Name, Schema: text }));
  }
  const options = { target: mock('yes'), isTwoWay: true };
  for (const key of ['chat', '$default']) {
    const RouteId = await addRoute(gateway.clients, apiId, key, options);
    await api.send(new v2.UpdateRouteCommand({ ...route, ApiId: apiId, RouteId }));
  }
  const deploy = () => api.send(new v2.CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
  await deploy();
  const client = await openSocket(gateway, pathForm(gateway, { apiId, stage }));
  return {
    apiId,
    client,
    deploy,
    say: (message: object | string) => ask(client, typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

void test('a message that fits goes on; one that does not is told so, calls nobody, and the socket stays', async () => {
  const { say } = await serve({ ModelSelectionExpression: 'any', RequestModels: { any: 'Chat' } }, { Chat: CHAT });
  assert.equal(await say({ action: 'chat', text: 'hello' }), 'yes');
  assert.match(await say({ action: 'chat' }), FRAME);
  assert.match(await say({ action: 'chat', text: 'far too long' }), FRAME);
  assert.match(await say('no JSON'), FRAME);
  assert.equal(await say({ action: 'other' }), 'other');
  assert.equal(await say({ action: 'chat', text: 'again' }), 'yes');
  const reasons = gateway.logged().filter((line) => line['code'] === 'BadRequestBody');
  assert.ok(reasons.some(({ reason }) => /Chat: \/text must NOT have more than 8 characters/.test(String(reason))));
});

void test('the model is chosen by the message, else $default, else there is none and that is a refusal', async () => {
  const kinds = { short: 'Short', $default: 'Any' };
  const models = { Short: { properties: { text: { maxLength: 1 } } }, Any: { required: ['id'] } };
  const chosen = await serve({ ModelSelectionExpression: '$request.body.kind', RequestModels: kinds }, models);
  assert.equal(await chosen.say({ action: 'chat', kind: 'short', text: 'a' }), 'yes');
  assert.match(await chosen.say({ action: 'chat', kind: 'short', text: 'ab' }), FRAME);
  assert.equal(await chosen.say({ action: 'chat', kind: 'long', id: 1 }), 'yes');
  assert.match(await chosen.say({ action: 'chat' }), FRAME);
  const without = await serve(
    { ModelSelectionExpression: '$request.body.kind', RequestModels: { short: 'Short' } },
    models,
  );
  assert.match(await without.say({ action: 'chat', kind: 'long', text: 'a' }), FRAME);
});

void test('a route that selects no model holds its messages against nothing', async () => {
  const { say } = await serve({ RequestModels: { $default: 'Chat' } }, { Chat: CHAT });
  assert.equal(await say({ action: 'chat' }), 'yes');
});

void test('models lead to each other by their URL', async () => {
  const leads = { items: { $ref: 'https://apigateway.amazonaws.com/restapis/{apiId}/models/Item' } };
  const models = { Item: { type: 'integer' }, List: { properties: { list: leads } } };
  const { say } = await serve({ ModelSelectionExpression: 'x', RequestModels: { $default: 'List' } }, models);
  assert.equal(await say({ action: 'chat', list: [1, 2] }), 'yes');
  assert.match(await say({ action: 'chat', list: [1, 'two'] }), FRAME);
});

void test('a deployment keeps the model as it was', async () => {
  const route = { ModelSelectionExpression: 'x', RequestModels: { $default: 'Chat' } };
  const { apiId, say, deploy } = await serve(route, { Chat: CHAT });
  const [model] = (await api.send(new v2.GetModelsCommand({ ApiId: apiId }))).Items!;
  await api.send(new v2.UpdateModelCommand({ ApiId: apiId, ModelId: model!.ModelId, Schema: '{}' }));
  assert.match(await say({ action: 'chat' }), FRAME);
  await deploy();
  assert.equal(await say({ action: 'chat' }), 'yes');
});

void test('without its model a route that was deployed anyway refuses each message', async () => {
  const { apiId, say, deploy } = await serve({}, {});
  await api.send(new v2.UpdateApiCommand({ ApiId: apiId, DisableSchemaValidation: true }));
  const { Items } = await api.send(new v2.GetRoutesCommand({ ApiId: apiId }));
  const RouteId = Items!.find((route) => route.RouteKey === 'chat')!.RouteId;
  const members = { ModelSelectionExpression: 'x', RequestModels: { x: 'Absent' } };
  await api.send(new v2.UpdateRouteCommand({ ApiId: apiId, RouteId, ...members }));
  await deploy();
  assert.match(await say({ action: 'chat' }), FAILURE);
});

void test('a message that is made to take long costs its own frame, and nobody waits', async () => {
  const branch = { properties: { a: { $ref: '#' } }, type: 'object' };
  const models = { Doubles: { anyOf: [branch, branch] }, Pattern: { properties: { text: { pattern: '^(a+)+$' } } } };
  const route = {
    ModelSelectionExpression: '$request.body.kind',
    RequestModels: { doubles: 'Doubles', $default: 'Pattern' },
  };
  const { say } = await serve(route, models);
  const levels = 60;
  const nested = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  assert.match(await say(`{"action":"chat","kind":"doubles","a":${nested}}`), FRAME);
  assert.match(await say({ action: 'chat', text: `${'a'.repeat(30_000)}b` }), FRAME);
  assert.equal(await say({ action: 'chat', text: 'aaa' }), 'yes');
});
