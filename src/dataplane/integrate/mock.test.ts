// MOCK: which request template, which status, which response and which text answer an event.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRefusal } from '../../model/faults.ts';
import { mockStatusCode } from '../../protocol/literal-template.ts';
import { parseSelectionExpression } from '../../protocol/selection-expression.ts';
import type { MockIntegration, MockResponse, TemplateChoice } from '../../snapshot/compile-integration.ts';
import type { IntegrationEvent } from './event-context.ts';
import { callMock } from './mock.ts';

type Texts = Readonly<Record<string, string>>;

function choice<T>(texts: Texts, yieldOf: (text: string) => T, expression?: string): TemplateChoice<T> {
  const selection = expression === undefined ? undefined : parseSelectionExpression(expression);
  assert.ok(selection === undefined || !('problem' in selection));
  return { selection, templates: new Map(Object.entries(texts).map(([key, text]) => [key, yieldOf(text)])) };
}

function response(pattern: RegExp | undefined, texts: Texts, expression?: string): MockResponse {
  return { pattern, choice: choice(texts, (text) => Buffer.from(text), expression) };
}

interface Shape {
  readonly passthrough?: MockIntegration['passthrough'];
  readonly request?: Texts;
  readonly requestSelection?: string;
  readonly responses?: readonly MockResponse[];
}

const ANY = [response(undefined, { $default: 'any' })];
const OK = { $default: '{"statusCode": 200}' };

function mock({
  passthrough = 'WHEN_NO_MATCH',
  request = OK,
  requestSelection,
  responses = ANY,
}: Shape): MockIntegration {
  return { type: 'MOCK', passthrough, request: choice(request, mockStatusCode, requestSelection), responses };
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
  response(/^(?:200)$/, { $default: 'fine' }),
  response(/^(?:4\d\d)$/, { $default: 'no' }),
  response(undefined, { $default: 'else' }),
];

describe('callMock', () => {
  const rows: readonly [name: string, shape: Shape, expected: string, body?: string][] = [
    [
      'answers with the literal template',
      { responses: [response(undefined, { $default: '{"pong": true}' })] },
      '200 {"pong": true}',
    ],
    ['a status selects its response', { responses: BY_STATUS }, '200 fine'],
    ['by pattern', { request: { $default: '{"statusCode": 404}' }, responses: BY_STATUS }, '404 no'],
    ['or else $default', { request: { $default: '{"statusCode": 500}' }, responses: BY_STATUS }, '500 else'],
    [
      'the first pattern that matches wins',
      { responses: [response(/^(?:2..)$/, { $default: '1st' }), ...BY_STATUS] },
      '200 1st',
    ],
    ['no response that matches', { responses: [response(/^(?:404)$/, { $default: 'no' })] }, 'ConfigurationError'],
    ['no response at all', { responses: [] }, 'ConfigurationError'],
    ['a response without templates is empty', { responses: [response(undefined, {})] }, '200 '],
    ['an empty template is empty', { responses: [response(undefined, { $default: '' })] }, '200 '],
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
      { responses: [response(undefined, { a: 'for a', $default: 'for all' }, KIND)] },
      '200 for a',
    ],
    [
      'else $default for the response',
      { responses: [response(undefined, { a: 'for a', $default: 'for all' }, KIND)] },
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

  test('the text goes out in UTF-8, with no headers', () => {
    const outcome = callMock(mock({ responses: [response(undefined, { $default: 'größer 😀' })] }), eventOf(''));
    assert.deepEqual(outcome, { status: 200, headers: {}, body: Buffer.from('größer 😀') });
  });
});
