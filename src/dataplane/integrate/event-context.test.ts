// What each `context.…` variable is for an event, and that no other name finds anything.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextValue, EventContext, type IntegrationEvent } from './event-context.ts';

const CONNECTED_AT = Date.UTC(2026, 8, 25, 0, 22, 29, 887);
const CONNECT: IntegrationEvent = {
  eventType: 'CONNECT',
  routeKey: '$connect',
  requestId: 'EOq_EHEcIAMEG1Q=',
  messageId: undefined,
  atMs: CONNECTED_AT + 1,
  connection: {
    connectionId: 'gbgHN0-zjQAYKEjhgA==',
    apiId: '34jmzjm04l',
    stageName: 'dev',
    account: '000000000000',
    region: 'us-east-1',
    domainName: 'cust7.example.com:8443',
    sourceIp: '192.0.2.7',
    userAgent: 'my-client',
    connectedAtMs: CONNECTED_AT,
  },
  stageVariables: {},
  body: Buffer.alloc(0),
  document: undefined,
  handshake: undefined,
};
const MESSAGE: IntegrationEvent = {
  ...CONNECT,
  eventType: 'MESSAGE',
  routeKey: 'chat/join',
  messageId: 'gbgHN--0RQAYKEjhgA==',
};

describe('contextValue', () => {
  const rows: readonly [path: string, expected: string | undefined][] = [
    ['apiId', '34jmzjm04l'],
    ['stage', 'dev'],
    ['domainName', 'cust7.example.com:8443'],
    ['domainPrefix', 'cust7'],
    ['routeKey', 'chat/join'],
    ['connectionId', 'gbgHN0-zjQAYKEjhgA=='],
    ['connectedAt', '1790295749887'],
    ['eventType', 'MESSAGE'],
    ['messageDirection', 'IN'],
    ['messageId', 'gbgHN--0RQAYKEjhgA=='],
    ['requestId', 'EOq_EHEcIAMEG1Q='],
    ['extendedRequestId', 'EOq_EHEcIAMEG1Q='],
    ['requestTime', '25/Sep/2026:00:22:29 +0000'],
    ['requestTimeEpoch', '1790295749888'],
    ['identity.sourceIp', '192.0.2.7'],
    ['identity.userAgent', 'my-client'],
    ['identity', undefined],
    ['identity.sourceIp.more', undefined],
    ['apiid', undefined],
    ['httpMethod', undefined],
    ['authorizer.principalId', undefined],
    ['', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['toString', undefined],
  ];
  for (const [path, expected] of rows) {
    test(`context.${path} is ${expected ?? 'not there'}`, () =>
      assert.equal(contextValue(MESSAGE, path.split('.')), expected));
  }

  test('only a message has a message id', () => {
    assert.equal(contextValue(CONNECT, ['messageId']), undefined);
    assert.equal(contextValue(CONNECT, ['routeKey']), '$connect');
  });

  test('a client that sent no User-Agent has none', () => {
    const { connection } = MESSAGE;
    assert.equal(
      contextValue({ ...MESSAGE, connection: { ...connection, userAgent: undefined } }, ['identity', 'userAgent']),
      undefined,
    );
  });

  const prefixes: readonly [domainName: string, expected: string][] = [
    ['cust7.example.com', 'cust7'],
    ['cust7.example.com:443', 'cust7'],
    ['34jmzjm04l.execute-api.us-east-1.localhost:8443', '34jmzjm04l'],
    ['example.com', 'example'],
    ['localhost:8443', 'localhost'],
  ];
  for (const [domainName, expected] of prefixes) {
    test(`the prefix of ${domainName} is ${expected}`, () => {
      assert.equal(
        contextValue({ ...MESSAGE, connection: { ...MESSAGE.connection, domainName } }, ['domainPrefix']),
        expected,
      );
    });
  }

  const times: readonly [at: string, expected: string][] = [
    ['2026-01-01T00:00:00.000Z', '01/Jan/2026:00:00:00 +0000'],
    ['2028-02-29T23:59:59.999Z', '29/Feb/2028:23:59:59 +0000'],
    ['2026-12-31T12:00:00.500Z', '31/Dec/2026:12:00:00 +0000'],
  ];
  for (const [at, expected] of times) {
    test(`a request of ${at} was at ${expected}`, () => {
      assert.equal(contextValue({ ...MESSAGE, atMs: Date.parse(at) }, ['requestTime']), expected);
    });
  }
});

describe('what a template sees', () => {
  const context = new EventContext(MESSAGE);

  test('texts as they are elsewhere, times as numbers, the identity as a map', () => {
    for (const name of context.names().filter((one) => !['requestTimeEpoch', 'connectedAt', 'identity'].includes(one)))
      assert.equal(context.member(name), contextValue(MESSAGE, [name]), name);
    assert.deepEqual(
      [context.member('requestTimeEpoch'), context.member('connectedAt')],
      [CONNECTED_AT + 1, CONNECTED_AT],
    );
    assert.deepEqual(context.member('identity'), {
      sourceIp: '192.0.2.7',
      userAgent: 'my-client',
      apiKey: undefined,
      apiKeyId: undefined,
    });
  });

  test('what an authorizer said, where one was asked', () => {
    const authorizer = { principalId: 'me', context: { plan: 'free' }, integrationLatencyMs: 1 };
    const asked = new EventContext({ ...MESSAGE, connection: { ...MESSAGE.connection, authorizer } });
    assert.deepEqual(asked.member('authorizer'), { plan: 'free', principalId: 'me' });
    assert.deepEqual(asked.names(), [...context.names(), 'authorizer']);
    assert.equal(context.member('authorizer'), undefined);
  });

  for (const name of ['identity.sourceIp', '__proto__', 'constructor', 'apiid', '']) {
    test(`nothing is called '${name}'`, () => assert.equal(context.member(name), undefined));
  }
});
