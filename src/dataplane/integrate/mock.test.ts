// MOCK: which request template, which status, which response and which text answer an event.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeployedIntegration } from '../../model/api.ts';
import { isRefusal } from '../../model/faults.ts';
import { compileIntegration, type MockIntegration } from '../../snapshot/compile-integration.ts';
import type { IntegrationEvent } from './event-context.ts';
import { callMock } from './mock.ts';

type Texts = Readonly<Record<string, string>>;
type Response = DeployedIntegration['responses'][number];

/** `key`: `/pattern/`, or `$default`. */
function response(key: string, responseTemplates: Texts, templateSelectionExpression?: string): Response {
  return {
    integrationResponseId: 'r',
    integrationResponseKey: key,
    responseTemplates,
    ...(templateSelectionExpression !== undefined && { templateSelectionExpression }),
  };
}

interface Shape {
  readonly passthrough?: DeployedIntegration['passthroughBehavior'];
  readonly request?: Texts;
  readonly requestSelection?: string;
  readonly responses?: readonly Response[];
}

const ANY = [response('$default', { $default: 'any' })];
const OK = { $default: '{"statusCode": 200}' };

function mock({
  passthrough = 'WHEN_NO_MATCH',
  request = OK,
  requestSelection,
  responses = ANY,
}: Shape): MockIntegration {
  const compiled = compileIntegration({
    integrationId: 'i',
    integrationType: 'MOCK',
    connectionType: 'INTERNET',
    passthroughBehavior: passthrough,
    payloadFormatVersion: '1.0',
    timeoutInMillis: 29_000,
    requestTemplates: request,
    ...(requestSelection !== undefined && { templateSelectionExpression: requestSelection }),
    responses,
  });
  assert.ok(compiled.type === 'MOCK');
  return compiled;
}

function eventOf(body: string): IntegrationEvent {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    document = undefined;
  }
  const connection = {} as IntegrationEvent['connection'];
  return {
    eventType: 'MESSAGE',
    routeKey: '$default',
    requestId: 'r',
    messageId: 'm',
    atMs: 0,
    connection,
    stageVariables: {},
    body: Buffer.from(body),
    document,
    handshake: undefined,
  };
}

/** `200 text`, or the code of the refusal. */
function call(shape: Shape, body = '{"kind":"a"}'): string {
  const outcome = callMock(mock(shape), eventOf(body));
  return isRefusal(outcome) ? outcome.code : `${outcome.status} ${outcome.body.toString()}`;
}

const KIND = '${request.body.kind}';
const BY_STATUS = [
  response('/200/', { $default: 'fine' }),
  response('/4\\d\\d/', { $default: 'no' }),
  response('$default', { $default: 'else' }),
];

describe('callMock', () => {
  const rows: readonly [name: string, shape: Shape, expected: string, body?: string][] = [
    [
      'answers with the literal template',
      { responses: [response('$default', { $default: '{"pong": true}' })] },
      '200 {"pong": true}',
    ],
    ['a status selects its response', { responses: BY_STATUS }, '200 fine'],
    ['by pattern', { request: { $default: '{"statusCode": 404}' }, responses: BY_STATUS }, '404 no'],
    ['or else $default', { request: { $default: '{"statusCode": 500}' }, responses: BY_STATUS }, '500 else'],
    [
      'the first pattern that matches wins',
      { responses: [response('/2../', { $default: '1st' }), ...BY_STATUS] },
      '200 1st',
    ],
    ['no response that matches', { responses: [response('/404/', { $default: 'no' })] }, 'ConfigurationError'],
    ['no response at all', { responses: [] }, 'ConfigurationError'],
    ['a response without templates is empty', { responses: [response('$default', {})] }, '200 '],
    ['an empty template is empty', { responses: [response('$default', { $default: '' })] }, '200 '],
    ['a template under application/json counts', { request: { 'application/json': '{"statusCode": 201}' } }, '201 any'],
    [
      '$default goes before application/json',
      { request: { 'application/json': '{"statusCode": 201}', ...OK } },
      '200 any',
    ],
    ['unquoted statusCode', { request: { $default: '{statusCode: 202}' } }, '202 any'],
    ['a template without statusCode', { request: { $default: '{}' } }, 'ConfigurationError'],
    ['a template that is no JSON', { request: { $default: 'hello' } }, 'ConfigurationError'],
    ['a statusCode in quotes', { request: { $default: '{"statusCode": "200"}' } }, 'ConfigurationError'],
    [
      'the request template is selected',
      { request: { a: '{"statusCode": 201}', ...OK }, requestSelection: KIND },
      '201 any',
    ],
    ['else $default', { request: { b: '{"statusCode": 201}', ...OK }, requestSelection: KIND }, '200 any'],
    [
      'for a message that is no JSON too',
      { request: { a: '{"statusCode": 201}', ...OK }, requestSelection: KIND },
      '200 any',
      'plain',
    ],
    [
      'a kind named like a member of every object',
      { request: OK, requestSelection: KIND },
      '200 any',
      '{"kind":"constructor"}',
    ],
    [
      'the response template is selected',
      { responses: [response('$default', { a: 'for a', $default: 'for all' }, KIND)] },
      '200 for a',
    ],
    [
      'else $default for the response',
      { responses: [response('$default', { a: 'for a', $default: 'for all' }, KIND)] },
      '200 for all',
      '{"kind":"z"}',
    ],
  ];
  for (const [name, shape, expected, body] of rows) test(name, () => assert.equal(call(shape, body), expected));

  const STATUS = '{"statusCode": 203}';
  const OTHER = { b: '{"statusCode": 200}' };
  const passthroughs: readonly [shape: Shape, expected: string][] = [
    [{ passthrough: 'WHEN_NO_MATCH', request: {} }, '203 any'],
    [{ passthrough: 'WHEN_NO_MATCH', request: OTHER, requestSelection: KIND }, '203 any'],
    [{ passthrough: 'WHEN_NO_TEMPLATES', request: {} }, '203 any'],
    [{ passthrough: 'WHEN_NO_TEMPLATES', request: OTHER, requestSelection: KIND }, 'UnsupportedMediaType'],
    [{ passthrough: 'NEVER', request: {} }, 'UnsupportedMediaType'],
    [{ passthrough: 'NEVER', request: OTHER, requestSelection: KIND }, 'UnsupportedMediaType'],
    [{ passthrough: 'NEVER', request: OK }, '200 any'],
    [{ passthrough: 'WHEN_NO_TEMPLATES', request: OK }, '200 any'],
  ];
  for (const [shape, expected] of passthroughs) {
    const templates = Object.keys(shape.request ?? {}).join(', ') || 'none';
    test(`${shape.passthrough} with templates ${templates}: the message itself is the request, or refused`, () => {
      assert.equal(call(shape, STATUS), expected);
    });
  }

  test('a message that passes through without a statusCode is a configuration error', () => {
    assert.equal(call({ request: {} }, 'plain'), 'ConfigurationError');
  });

  test('templates that are not literal are rendered with the message', () => {
    const shape = {
      request: { $default: '{"statusCode": $input.path("$.status")}' },
      responses: [
        response('/4../', { $default: 'no $input.body' }),
        response('$default', { $default: '$context.messageId' }),
      ],
    };
    assert.equal(call(shape, '{"status":404}'), '404 no {}');
    assert.equal(call(shape, '{"status":200}'), '200 m');
  });

  test('a template can say which status counts in the end, and headers', () => {
    const override =
      '#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-Kind = "tea")';
    const outcome = callMock(mock({ request: { $default: `${override}{"statusCode": 200}` } }), eventOf('{}'));
    assert.deepEqual(outcome, {
      status: 418,
      headers: { 'x-kind': 'tea' },
      body: Buffer.from('any'),
      backendStatus: 200,
    });
  });

  test('a template that fails costs a configuration error', () => {
    assert.equal(call({ request: { $default: '#foreach($i in [1..100000000])$i#end' } }), 'ConfigurationError');
  });

  test('the text goes out in UTF-8, with no headers', () => {
    const outcome = callMock(mock({ responses: [response('$default', { $default: 'größer 😀' })] }), eventOf(''));
    assert.deepEqual(outcome, { status: 200, headers: {}, body: Buffer.from('größer 😀') });
  });
});
