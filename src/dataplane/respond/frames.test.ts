// The frames that the gateway itself writes, byte for byte.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DATA_FAULTS, refuse, type DataFaultCode, type Refusal } from '../../model/faults.ts';
import { errorBody, errorFrame } from './frames.ts';

const CONNECTION = 'gbgHN0-zjQAYKEjhgA==';
const REQUEST = 'EOq_EHEcIAMEG1Q=';
const ARRIVED = { requestId: REQUEST, messageId: 'gbgHN--0RQAYKEjhgA==' };

describe('errorFrame', () => {
  const rows: readonly [code: DataFaultCode, text: string][] = [
    ['Forbidden', 'Forbidden'],
    ['IntegrationFailure', 'Internal server error'],
    ['ConfigurationError', 'Internal server error'],
    ['InternalError', 'Internal server error'],
    ['IntegrationTimeout', 'Endpoint request timed out'],
    ['UnsupportedMediaType', 'Unsupported Media Type'],
    ['TooManyRequests', 'Too Many Requests'],
  ];
  for (const [code, text] of rows) {
    test(`${code} is the frame '${text}': one space after the first colon, none after the others`, () => {
      assert.equal(
        errorFrame(refuse(code, 'step', 'words for the log'), CONNECTION, ARRIVED).toString(),
        `{"message": "${text}", "connectionId":"gbgHN0-zjQAYKEjhgA==", "requestId":"EOq_EHEcIAMEG1Q="}`,
      );
    });
  }

  test('a message that does not fit its model is told its messageId, in a layout of its own', () => {
    assert.equal(
      errorFrame(refuse('BadRequestBody', 'step', 'words for the log'), CONNECTION, ARRIVED).toString(),
      '{"message" : "Bad request body", "connectionId": "gbgHN0-zjQAYKEjhgA==", "messageId": "gbgHN--0RQAYKEjhgA=="}',
    );
  });

  const details: readonly [name: string, refusal: Refusal, detail: 'safe' | 'full', more: string][] = [
    ['no route', refuse('Forbidden', 'route', `no route 'x"y'`), 'safe', `no route 'x\\"y'`],
    [
      'a backend',
      refuse('IntegrationFailure', 'integrate', 'http://10.0.0.7 refused'),
      'safe',
      'the backend could not be called, or failed',
    ],
    [
      'a backend',
      refuse('IntegrationFailure', 'integrate', 'http://10.0.0.7 refused'),
      'full',
      'http://10.0.0.7 refused',
    ],
    [
      'a large reply',
      refuse('IntegrationFailure', 'respond', 'the reply of 9 bytes exceeds 8'),
      'safe',
      'the reply of 9 bytes exceeds 8',
    ],
    ['ourselves', refuse('InternalError', 'integrate', 'Error: at /opt/x.ts:1'), 'full', 'the server failed'],
    ['a token', refuse('IntegrationFailure', 'integrate', 'no Bearer abcdefghijk'), 'full', 'no Bearer [REDACTED]'],
  ];
  for (const [name, refusal, detail, reason] of details) {
    test(`a ${detail} detail of ${name} stands behind the members of AWS, whose bytes stay`, () => {
      const plain = errorFrame(refusal, CONNECTION, ARRIVED).toString();
      assert.equal(
        errorFrame(refusal, CONNECTION, ARRIVED, detail).toString(),
        `${plain.slice(0, -1)}, "messageId":"gbgHN--0RQAYKEjhgA==", "reason":"${reason}"}`,
      );
    });
  }

  test('a detail of a message that does not fit its model has the requestId beside its messageId', () => {
    assert.equal(
      errorFrame(
        refuse('BadRequestBody', 'validate', 'model Chat: /room: no text'),
        CONNECTION,
        ARRIVED,
        'safe',
      ).toString(),
      '{"message" : "Bad request body", "connectionId": "gbgHN0-zjQAYKEjhgA==", "messageId": "gbgHN--0RQAYKEjhgA==", "requestId": "EOq_EHEcIAMEG1Q=", "reason": "model Chat: /room: no text"}',
    );
  });

  test('no safe detail tells a reason that may be the backend’s', () => {
    for (const code of Object.keys(DATA_FAULTS) as DataFaultCode[]) {
      const frame = errorFrame(refuse(code, 'integrate', 'secret words'), CONNECTION, ARRIVED, 'safe').toString();
      const isOfBackend = /^(Integration|Authorizer|Configuration|Internal)/.test(code);
      assert.ok(!isOfBackend || !frame.includes('secret'), frame);
      assert.equal(typeof (JSON.parse(frame) as { reason: unknown }).reason, 'string');
    }
  });

  test('a message of its own replaces the text', () => {
    const frame = errorFrame(
      refuse('BadRequest', 'step', 'for the log', 'for the client'),
      CONNECTION,
      ARRIVED,
    ).toString();
    assert.match(frame, /^\{"message": "for the client", /);
  });

  test('no fault’s frame tells the reason, which is for the log', () => {
    for (const code of Object.keys(DATA_FAULTS) as DataFaultCode[]) {
      const frame = errorFrame(
        refuse(code, 'integrate', 'http://10.0.0.7:9000 refused'),
        CONNECTION,
        ARRIVED,
      ).toString();
      assert.ok(!frame.includes('10.0.0.7'), frame);
    }
  });
});

describe('errorBody', () => {
  const rows: readonly [name: string, text: string, expected: string][] = [
    ['quotes and backslashes', 'say "a\\b"', '"say \\"a\\\\b\\""'],
    ['line ends', 'a\r\nb', '"a\\r\\nb"'],
    ['text beyond ASCII', 'größer 😀', '"größer 😀"'],
  ];
  for (const [name, text, expected] of rows) {
    test(`${name} stay one JSON string, in UTF-8`, () => {
      const body = errorBody(text, 'c', 'r');
      assert.deepEqual(body, Buffer.from(`{"message": ${expected}, "connectionId":"c", "requestId":"r"}`, 'utf8'));
      assert.equal((JSON.parse(body.toString()) as { message: string }).message, text);
    });
  }
});
