// Data that is made to hurt: levels without end, keys that mean something to JavaScript, and keys by the ten thousand. Each is answered
// like any other data, and nothing of it reaches an object that it was not meant for.

import assert from 'node:assert/strict';
import { request, type IncomingMessage } from 'node:http';
import { after, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import {
  CreateModelCommand,
  CreateRouteCommand,
  CreateStageCommand,
  CreateIntegrationCommand,
  CreateDeploymentCommand,
  CreateApiCommand,
  GetTagsCommand,
} from '@aws-sdk/client-apigatewayv2';
import { eventually, next } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { signerOf } from '../harness/signer.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';
import { ATTACKER, startTarget, urlOf } from './target.ts';

const GROWN_MIB_MAX = 384;
const FRAME_BYTES = 32_000;
const LEVELS = 15_000;
/** Nearly as long as a control request may be. */
const BODY_LEVELS = 2_000_000;

const target = await startTarget({ after });
const { gateway, clients } = target;
const SERVED = { target: mock('served'), isTwoWay: true };
const api = await makeApi(clients, { $default: SERVED, much: { target: mock('much'), isTwoWay: true } });
const { apiId: ApiId } = api;
const templated = await makeApi(clients, {
  $default: {
    target: {
      IntegrationType: 'MOCK',
      RequestTemplates: {
        $default: '{"statusCode": 200, "size": "$input.path(\'$.a\').size()$input.json(\'$\').length()"}',
      },
      TemplateSelectionExpression: '\\\\$default',
      responses: { $default: 'rendered' },
    },
    isTwoWay: true,
  },
});

const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);
const keys = (count: number, key: (at: number) => string) =>
  `{${Array.from({ length: count }, (_, at) => `"${key(at)}":1`).join(',')}}`;

/** One signed request to the control port. */
async function control(service: string, method: string, path: string, body: string, more: Record<string, string> = {}) {
  const { hostname, port, host } = new URL(gateway.endpoint);
  const [pathname = '', search = ''] = path.split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  const asked = {
    method,
    protocol: 'http:',
    hostname,
    path: pathname,
    query,
    headers: { host, ...more },
    body: Buffer.from(body),
  };
  const signer = signerOf({ accessKeyId: ATTACKER.key, secretAccessKey: ATTACKER.secret }, service, REGION);
  const { headers } = await signer.sign(asked);
  const sent = request({ host: hostname, port, method, path, headers });
  sent.end(body);
  const [response] = await next<[IncomingMessage]>(sent, 'response');
  return { status: response.statusCode!, body: await text(response) };
}

describe('messages', () => {
  const rows: readonly (readonly [name: string, body: string, answer: string])[] = [
    ['levels without end', nested(LEVELS), 'served'],
    ['levels without end in the member that chooses the route', `{"action":${nested(LEVELS)}}`, 'served'],
    ['levels that are never closed', '['.repeat(FRAME_BYTES), 'served'],
    ['objects within objects', `${'{"action":'.repeat(2_900)}1${'}'.repeat(2_900)}`, 'served'],
    ['a route called __proto__', '{"action":"__proto__"}', 'served'],
    ['a route called constructor', '{"action":"constructor"}', 'served'],
    ['a route called toString', '{"action":"toString"}', 'served'],
    ['a route by way of __proto__', '{"__proto__":{"action":"much"}}', 'served'],
    ['a route by way of constructor.prototype', '{"constructor":{"prototype":{"action":"much"}}}', 'served'],
    ['keys by the thousand', keys(3_000, (at) => `k${at}`), 'served'],
    ['keys that are multiples of a large number', keys(2_000, (at) => String(at * 65_536)), 'served'],
    ['the same key a thousand times', keys(2_500, () => 'action'), 'served'],
    ['the route that comes last of many', `{"action":"x","action":"much"}`, 'much'],
  ];
  for (const [name, body, answer] of rows) {
    test(`a message with ${name}`, async (t) => {
      await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
        const client = await openSocket(gateway, urlOf(gateway, api));

        do assert.equal(await ask(client, body), answer);
        while (!isEnough());
        client.socket.terminate();
      });
    });
  }

  for (const [name, body] of [
    ['levels without end', `{"a":${nested(LEVELS)}}`],
    ['keys by the thousand', `{"a":${keys(3_000, (at) => `k${at}`)}}`],
    ['__proto__', '{"a":{"__proto__":{"size":1}},"__proto__":[]}'],
  ] as const) {
    test(`a message to a template, with ${name}`, async (t) => {
      await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
        const client = await openSocket(gateway, urlOf(gateway, templated));
        do assert.match(await ask(client, body), /^rendered$|"message": ?"Internal server error"/);
        while (!isEnough());
        client.socket.terminate();
      });
    });
  }

  test('a message to a model that is held against every level', async (t) => {
    const { gateway: v2 } = clients;
    const made = await v2.send(
      new CreateApiCommand({
        Name: 'deep',
        ProtocolType: 'WEBSOCKET',
        RouteSelectionExpression: '$request.body.action',
      }),
    );
    const schema = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      properties: { a: { $ref: '#' } },
      additionalProperties: { $ref: '#' },
    };
    const deep = { ApiId: made.ApiId! };
    await v2.send(
      new CreateModelCommand({
        ...deep,
        Name: 'Deep',
        ContentType: 'application/json',
        Schema: JSON.stringify(schema),
      }),
    );
    const { IntegrationId } = await v2.send(
      new CreateIntegrationCommand({
        ...deep,
        IntegrationType: 'MOCK',
        RequestTemplates: { $default: '{"statusCode":200}' },
      }),
    );
    await v2.send(
      new CreateRouteCommand({
        ...deep,
        RouteKey: '$default',
        Target: `integrations/${IntegrationId}`,
        ModelSelectionExpression: '$request.body.kind',
        RequestModels: { deep: 'Deep' },
      }),
    );
    await v2.send(new CreateDeploymentCommand({ ...deep }));
    const { apiId, stage } = { apiId: made.ApiId!, stage: 'test' };
    const deployed = await v2.send(new CreateDeploymentCommand({ ...deep }));
    await v2.send(new CreateStageCommand({ ...deep, StageName: stage, DeploymentId: deployed.DeploymentId }));
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
      const client = await openSocket(gateway, urlOf(gateway, { apiId, stage }));
      do client.socket.send(`{"kind":"deep","a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`);
      while ((await client.receive(), !isEnough()));
      client.socket.terminate();
    });
  });
});

describe('control requests', () => {
  const acm = { 'x-amz-target': 'CertificateManager.RequestCertificate', 'content-type': 'application/x-amz-json-1.1' };
  const rows: readonly (readonly [name: string, send: () => ReturnType<typeof control>, status: number])[] = [
    [
      'levels without end in a body of API Gateway',
      () => control('apigateway', 'POST', '/v2/apis', nested(BODY_LEVELS)),
      400,
    ],
    [
      'levels without end in a member',
      () => control('apigateway', 'POST', '/v2/apis', `{"name":${nested(BODY_LEVELS)},"protocolType":"WEBSOCKET"}`),
      400,
    ],
    ['levels without end in a body of ACM', () => control('acm', 'POST', '/', nested(BODY_LEVELS), acm), 400],
    [
      'levels without end in XML',
      () => control('route53', 'POST', '/2013-04-01/hostedzone', nested(500_000, '<a>', '</a>')),
      400,
    ],
    [
      'entities that grow',
      () =>
        control(
          'route53',
          'POST',
          '/2013-04-01/hostedzone',
          `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1_000)}"><!ENTITY c "${'&b;'.repeat(1_000)}">]><a>${'&c;'.repeat(1_000)}</a>`,
        ),
      400,
    ],
    [
      'keys by the hundred thousand',
      () =>
        control(
          'apigateway',
          'POST',
          '/v2/apis',
          keys(200_000, (at) => `k${at}`),
        ),
      400,
    ],
    [
      'a query of names that JavaScript knows',
      () => control('apigateway', 'GET', '/v2/apis?constructor=1&toString=2&hasOwnProperty=3', ''),
      200,
    ],
  ];
  for (const [name, send, status] of rows) {
    test(`a control request with ${name}`, async (t) => {
      await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
        const answer = await send();
        assert.equal(answer.status, status, answer.body.slice(0, 300));
        await eventually('the neighbour got on', () => isEnough() || undefined);
      });
    });
  }

  test('control requests with tags and stage variables of names that JavaScript knows', async (t) => {
    const names = '{"__proto__":"1","constructor":"2","toString":"3"}';
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
      const arn = `arn:aws:apigateway:${REGION}::/apis/${ApiId}`;
      const tagged = await control('apigateway', 'POST', `/v2/tags/${encodeURIComponent(arn)}`, `{"tags":${names}}`);
      assert.equal(tagged.status, 201, tagged.body);
      const { Tags } = await clients.gateway.send(new GetTagsCommand({ ResourceArn: arn }));
      assert.deepEqual(
        ['__proto__', 'constructor', 'toString'].map(
          (name) => Object.getOwnPropertyDescriptor(Tags, name)?.value as unknown,
        ),
        // The SDK for JavaScript itself loses the first one.
        [Object.getOwnPropertyDescriptor(Tags, '__proto__')?.value, '2', '3'],
      );
      const stage = await control(
        'apigateway',
        'POST',
        `/v2/apis/${ApiId}/stages`,
        `{"stageName":"vars","stageVariables":${names}}`,
      );
      assert.ok([201, 400].includes(stage.status), stage.body);
      if (stage.status === 201) assert.match(stage.body, /"constructor":"2"/);
      // A thing that is made afterwards has nothing of them.
      const other = await control(
        'apigateway',
        'POST',
        '/v2/apis',
        '{"name":"other","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.a"}',
      );
      assert.equal(other.status, 201);
      assert.ok(!('tags' in (JSON.parse(other.body) as object)) || /"tags":\{\}/.test(other.body), other.body);
      await eventually('the neighbour got on', () => isEnough() || undefined);
    });
  });
});
