// What a frozen deployment is compiled to: routes by key, mocks and backends ready to call, and what is wrong carried along.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeployedApi, DeployedIntegration, DeployedRoute } from '../model/api.ts';
import { evaluateSelection } from '../protocol/selection-expression.ts';
import { compileDeployment, type CompiledDeployment } from './compile-deployment.ts';
import type { MockIntegration } from './compile-integration.ts';

function route(routeKey: string, changes: Partial<DeployedRoute> = {}): DeployedRoute {
  return {
    routeId: `r-${routeKey}`,
    routeKey,
    authorizationType: 'NONE',
    apiKeyRequired: false,
    responseKeys: [],
    ...changes,
  };
}

function integration(integrationId: string, changes: Partial<DeployedIntegration> = {}): DeployedIntegration {
  return {
    integrationId,
    integrationType: 'MOCK',
    connectionType: 'INTERNET',
    passthroughBehavior: 'WHEN_NO_MATCH',
    payloadFormatVersion: '1.0',
    timeoutInMillis: 29_000,
    responses: [],
    ...changes,
  };
}

function compile(frozen: Partial<DeployedApi>): CompiledDeployment {
  return compileDeployment({
    id: 'api/dep',
    account: '000000000000',
    region: 'us-east-1',
    apiId: 'api',
    deploymentId: 'dep',
    createdAtMs: 0,
    frozen: {
      routeSelectionExpression: '$request.body.action',
      disableExecuteApiEndpoint: false,
      routes: [],
      integrations: [],
      models: [],
      authorizers: [],
      ...frozen,
    },
  });
}

/** The integration of the only route `x`. */
function target(changes: Partial<DeployedIntegration>) {
  const { messageRoutes } = compile({
    routes: [route('x', { target: 'integrations/i' })],
    integrations: [integration('i', changes)],
  });
  return messageRoutes.get('x')!.integration!;
}

function mockOf(changes: Partial<DeployedIntegration>): MockIntegration {
  const compiled = target(changes);
  assert.equal(compiled.type, 'MOCK');
  return compiled as MockIntegration;
}

describe('routes', () => {
  const all = compile({
    routes: [
      route('$connect'),
      route('$disconnect'),
      route('$default'),
      route('chat/join'),
      route('__proto__'),
      route('constructor'),
    ],
  });

  test('the three reserved routes have places of their own', () => {
    assert.equal(all.connect?.routeKey, '$connect');
    assert.equal(all.disconnect?.routeKey, '$disconnect');
    assert.equal(all.default?.routeKey, '$default');
  });

  test('a message can select every route but $connect and $disconnect', () => {
    assert.deepEqual([...all.messageRoutes.keys()].sort(), ['$default', '__proto__', 'chat/join', 'constructor']);
  });

  test('without routes nothing is there', () => {
    const { connect, disconnect, default: fallback, messageRoutes } = compile({});
    assert.deepEqual([connect, disconnect, fallback, messageRoutes.size], [undefined, undefined, undefined, 0]);
  });

  test('names that every object has are no routes', () => {
    for (const name of ['__proto__', 'constructor', 'toString'])
      assert.equal(compile({}).messageRoutes.get(name), undefined);
  });

  const twoWay: readonly [name: string, changes: Partial<DeployedRoute>, expected: boolean][] = [
    ['a $default response makes a route two-way', { responseKeys: ['$default'] }, true],
    ['no response leaves it one-way', {}, false],
    ['the selection expression alone leaves it one-way', { routeResponseSelectionExpression: '$default' }, false],
  ];
  for (const [name, changes, expected] of twoWay) {
    test(name, () =>
      assert.equal(compile({ routes: [route('x', changes)] }).messageRoutes.get('x')!.isTwoWay, expected),
    );
  }

  test('required parameters are split by their place, and optional ones left out', () => {
    const { connect } = compile({
      routes: [
        route('$connect', {
          requestParameters: {
            'route.request.header.token': { required: true },
            'route.request.querystring.Room': { required: true },
            'route.request.header.optional': { required: false },
            'route.request.querystring.optional': { required: false },
          },
        }),
      ],
    });
    assert.deepEqual([connect?.requiredHeaders, connect?.requiredQuery], [['token'], ['Room']]);
  });

  test('identity and the switch of the default endpoint are carried', () => {
    const { apiId, deploymentId, disableExecuteApiEndpoint } = compile({ disableExecuteApiEndpoint: true });
    assert.deepEqual([apiId, deploymentId, disableExecuteApiEndpoint], ['api', 'dep', true]);
  });

  test('the selection expression is parsed', () => {
    const { selection } = compile({ routeSelectionExpression: '${request.body.a}/${request.body.b}' });
    assert.equal(evaluateSelection(selection, { a: 'chat', b: 'join' }), 'chat/join');
  });

  test('one that does not parse selects nothing', () => {
    const { selection } = compile({ routeSelectionExpression: '$nothing.known' });
    assert.equal(evaluateSelection(selection, { action: 'x' }), '');
  });
});

describe('integrations', () => {
  test('a route without a target has none', () => {
    assert.equal(compile({ routes: [route('x')] }).messageRoutes.get('x')!.integration, undefined);
  });

  test('routes share the integration that they name', () => {
    const to = { target: 'integrations/i' };
    const { messageRoutes } = compile({ routes: [route('x', to), route('y', to)], integrations: [integration('i')] });
    assert.equal(messageRoutes.get('x')!.integration, messageRoutes.get('y')!.integration);
  });

  test('a target that is not in the deployment disables its own route only', () => {
    const { messageRoutes } = compile({
      routes: [route('x', { target: 'integrations/none' }), route('y', { target: 'integrations/i' })],
      integrations: [integration('i')],
    });
    assert.deepEqual(messageRoutes.get('x')!.integration, {
      type: 'DISABLED',
      reason: 'integrations/none does not exist in this deployment',
    });
    assert.equal(messageRoutes.get('y')!.integration?.type, 'MOCK');
  });

  test('HTTP_PROXY keeps method, URI and timeout, and parses its mappings', () => {
    const compiled = target({
      integrationType: 'HTTP_PROXY',
      integrationMethod: 'PUT',
      integrationUri: 'http://${stageVariables.host}/{id}',
      timeoutInMillis: 50,
      requestParameters: { 'integration.request.path.id': 'context.connectionId' },
    });
    assert.deepEqual(compiled, {
      type: 'HTTP_PROXY',
      method: 'PUT',
      uri: 'http://${stageVariables.host}/{id}',
      connectionId: undefined,
      timeoutMs: 50,
      mappings: [{ target: { place: 'path', name: 'id' }, source: { from: 'context', path: ['connectionId'] } }],
    });
  });

  test('HTTP_PROXY without a method is a POST', () => {
    const compiled = target({ integrationType: 'HTTP_PROXY', integrationUri: 'http://h/' });
    assert.equal(compiled.type === 'HTTP_PROXY' && compiled.method, 'POST');
  });

  test('a mapping that does not parse disables the integration and is named', () => {
    const compiled = target({
      integrationType: 'HTTP_PROXY',
      integrationUri: 'http://h/',
      requestParameters: { 'integration.request.header.x': 'what.is.this' },
    });
    assert.equal(compiled.type, 'DISABLED');
    assert.match(compiled.type === 'DISABLED' ? compiled.reason : '', /what\.is\.this/);
  });
});

describe('services', () => {
  const service = (integrationUri: string) =>
    target({ integrationType: 'AWS', integrationUri, credentialsArn: 'arn:aws:iam::000000000000:role/a/b' });

  test('the place of a service is read once, unless a stage variable is in it', () => {
    const fixed = service('arn:aws:apigateway:us-east-1:sqs:path/1/q');
    assert.ok(fixed.type === 'AWS_SERVICE');
    assert.deepEqual(
      { ...fixed.service, role: fixed.role },
      { region: 'us-east-1', subdomain: undefined, service: 'sqs', form: 'path', called: '1/q', role: 'a/b' },
    );
    const variable = service('arn:aws:apigateway:us-east-1:sqs:path/${stageVariables.q}');
    assert.ok(variable.type === 'AWS_SERVICE');
    assert.equal(variable.service, undefined);
  });

  test('one that cannot be called is disabled', () => {
    assert.deepEqual(service('arn:aws:apigateway:us-east-1:s3:path/b/k'), {
      type: 'DISABLED',
      reason: "the service 's3' cannot be called",
    });
  });
});

describe('mocks', () => {
  test('a request template is what status it yields', () => {
    const { request } = mockOf({
      requestTemplates: { $default: '{"statusCode": 200}', loose: '{statusCode: 403}', none: '{}', text: 'hello' },
    });
    assert.deepEqual(
      [...request.choice.templates].map(([key, { status }]) => [key, status]),
      [
        ['$default', 200],
        ['loose', 403],
        ['none', undefined],
        ['text', undefined],
      ],
    );
  });

  test('the template selection expression is parsed', () => {
    const { request } = mockOf({ templateSelectionExpression: '${request.body.kind}' });
    assert.equal(evaluateSelection(request.choice.selection!, { kind: 'a' }), 'a');
  });

  test('without one there is none', () => {
    assert.equal(mockOf({}).request.choice.selection, undefined);
  });

  test('patterns come before $default, in their order', () => {
    const keys = ['$default', '/4\\d\\d/', '/200/'];
    const { responses } = mockOf({
      responses: keys.map((integrationResponseKey) => ({
        integrationResponseId: integrationResponseKey,
        integrationResponseKey,
      })),
    });
    assert.deepEqual(
      responses.map(({ pattern }) => pattern?.test('404')),
      [true, false, undefined],
    );
  });

  const patterns: readonly [key: string, value: string, expected: boolean][] = [
    ['/200/', '200', true],
    ['/200/', '2000', false],
    ['/20/', '200', false],
    ['/2\\d\\d/', '204', true],
    ['/200|201/', '201', true],
    ['/200|201/', '2012', false],
  ];
  for (const [key, value, expected] of patterns) {
    test(`${key} ${expected ? 'matches' : 'does not match'} ${value}`, () => {
      const { responses } = mockOf({ responses: [{ integrationResponseId: 'r', integrationResponseKey: key }] });
      assert.equal(responses[0]!.pattern!.test(value), expected);
    });
  }

  test('response templates are kept as they are, in UTF-8', () => {
    const { responses } = mockOf({
      responses: [
        {
          integrationResponseId: 'r',
          integrationResponseKey: '$default',
          responseTemplates: { $default: '{"a": 1}\n' },
        },
      ],
    });
    assert.deepEqual(responses[0]!.choice.templates.get('$default')!.bytes, Buffer.from('{"a": 1}\n'));
  });
});
