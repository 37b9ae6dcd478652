// The frames that the gateway itself writes, byte for byte.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DATA_FAULTS, refuse, type DataFaultCode } from '../../model/faults.ts';
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
