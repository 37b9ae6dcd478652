// What a backend is sent for each kind of mapping: where it goes, which value of several, and what is left out.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseParameterMapping, type ParameterMapping } from '../../protocol/parameter-mapping.ts';
import type { IntegrationEvent } from './event-context.ts';
import { mapParameters, type MappedParameters } from './request-parameters.ts';

const MESSAGE = eventOf({
  body: '{"kind":"chat","data":{"room":7,"tags":["a","b"],"no":null,"on":true},"naïve":"größer","x y":"€"}',
});
const CONNECT = eventOf({
  eventType: 'CONNECT',
  handshake: {
    rawHeaders: ['Host', 'h', 'X-Room', 'one', 'x-room', 'lower', 'X-Room', 'two', 'Empty', ''],
    query: new URLSearchParams('q=first&q=second&empty=&sp=a+b%20c'),
  },
});

function eventOf({
  body = '',
  ...changes
}: Partial<Omit<IntegrationEvent, 'body'>> & { body?: string }): IntegrationEvent {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    document = undefined;
  }
  return {
    eventType: 'MESSAGE',
    routeKey: '$default',
    requestId: 'r',
    messageId: 'm',
    atMs: 0,
    connection: {
      connectionId: 'id==',
      apiId: 'api',
      stageName: 'dev',
      account: '000000000000',
      region: 'us-east-1',
      domainName: 'd',
      sourceIp: '192.0.2.7',
      userAgent: undefined,
      connectedAtMs: 0,
    },
    stageVariables: { host: 'backend.test', empty: '' },
    body: Buffer.from(body),
    document,
    handshake: undefined,
    ...changes,
  };
}

function map(mappings: Readonly<Record<string, string>>, event: IntegrationEvent): MappedParameters {
  const parsed = Object.entries(mappings).map(([to, from]): ParameterMapping => {
    const mapping = parseParameterMapping(`integration.request.${to}`, from);
    assert.ok(!('problem' in mapping), 'problem' in mapping ? mapping.problem : '');
    return mapping;
  });
  return mapParameters(parsed, event);
}

describe('the value of a source', () => {
  const rows: readonly [source: string, event: IntegrationEvent, expected: string | undefined][] = [
    ["'static text'", MESSAGE, 'static text'],
    ["''", MESSAGE, ''],
    ['context.connectionId', MESSAGE, 'id=='],
    ['context.identity.sourceIp', MESSAGE, '192.0.2.7'],
    ['context.identity.userAgent', MESSAGE, undefined],
    ['context.nothing', MESSAGE, undefined],
    ['stageVariables.host', MESSAGE, 'backend.test'],
    ['stageVariables.empty', MESSAGE, ''],
    ['stageVariables.none', MESSAGE, undefined],
    ['stageVariables.constructor', MESSAGE, undefined],
    ['route.request.body.kind', MESSAGE, 'chat'],
    ['route.request.body.data.room', MESSAGE, '7'],
    ['route.request.body.data.on', MESSAGE, 'true'],
    ['route.request.body.data.tags[1]', MESSAGE, 'b'],
    ['route.request.body.data.tags', MESSAGE, '[a, b]'],
    ['route.request.body.data.no', MESSAGE, undefined],
    ['route.request.body.none', MESSAGE, undefined],
    ['route.request.body.constructor', MESSAGE, undefined],
    ['route.request.body', eventOf({ body: 'plain text' }), 'plain text'],
    ['route.request.body.kind', eventOf({ body: 'plain text' }), undefined],
    ['route.request.body.kind', CONNECT, undefined],
    ['route.request.querystring.q', CONNECT, 'second'],
    ['route.request.multivaluequerystring.q', CONNECT, 'first,second'],
    ['route.request.querystring.sp', CONNECT, 'a b c'],
    ['route.request.querystring.empty', CONNECT, ''],
    ['route.request.querystring.none', CONNECT, undefined],
    ['route.request.multivaluequerystring.none', CONNECT, undefined],
    ['route.request.header.X-Room', CONNECT, 'two'],
    ['route.request.header.x-room', CONNECT, 'lower'],
    ['route.request.header.X-ROOM', CONNECT, undefined],
    ['route.request.multivalueheader.X-Room', CONNECT, 'one,two'],
    ['route.request.header.Empty', CONNECT, ''],
    ['route.request.multivalueheader.none', CONNECT, undefined],
    ['route.request.header.X-Room', MESSAGE, undefined],
    ['route.request.querystring.q', MESSAGE, undefined],
  ];
  for (const [source, event, expected] of rows) {
    test(`${source} of a ${event.eventType} is ${expected === undefined ? 'left out' : `'${expected}'`}`, () => {
      const { headers } = map({ 'header.to': source }, event);
      assert.deepEqual(headers, expected === undefined ? {} : { to: expected });
    });
  }
});

describe('the place of a target', () => {
  test('header, querystring and path are kept apart', () => {
    const mapped = map(
      { 'header.X-To': "'h'", 'querystring.q': "'1'", 'path.id': 'context.connectionId', 'querystring.r': "'2'" },
      MESSAGE,
    );
    assert.deepEqual(mapped, {
      headers: { 'X-To': 'h' },
      query: [
        ['q', '1'],
        ['r', '2'],
      ],
      path: { id: 'id==' },
    });
  });

  test('nothing mapped is nothing sent', () => {
    assert.deepEqual(map({}, MESSAGE), { headers: {}, query: [], path: {} });
  });

  const values: readonly [name: string, text: string, isSent: boolean][] = [
    ['printable ASCII', 'a~ b', true],
    ['a tab', 'a\tb', true],
    ['Latin-1', 'größer', true],
    ['a line end', 'a\r\nX-Evil: 1', false],
    ['a lone line feed', 'a\nb', false],
    ['a NUL', 'a\u0000b', false],
    ['a DEL', 'a\u007fb', false],
    ['what Latin-1 lacks', '€', false],
  ];
  for (const [name, text, isSent] of values) {
    test(`a header value with ${name} is ${isSent ? 'sent' : 'left out, not changed'}`, () => {
      const event = eventOf({ body: JSON.stringify({ text }) });
      assert.deepEqual(map({ 'header.to': 'route.request.body.text' }, event).headers, isSent ? { to: text } : {});
    });

    test(`a query value with ${name} is sent, whatever it holds`, () => {
      const event = eventOf({ body: JSON.stringify({ text }) });
      assert.deepEqual(map({ 'querystring.to': 'route.request.body.text' }, event).query, [['to', text]]);
    });
  }

  test('names that every object has are names like others', () => {
    const mapped = map({ 'path.constructor': "'c'", 'header.constructor': "'h'" }, MESSAGE);
    assert.equal(Object.hasOwn(mapped.path, 'constructor') && mapped.path['constructor'], 'c');
    assert.equal(Object.hasOwn(mapped.headers, 'constructor') && mapped.headers['constructor'], 'h');
  });
});
