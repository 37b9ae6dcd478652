// The status that a rendered request template of a MOCK asks for.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mockStatusCode } from './mock-status.ts';

const STATUSES: readonly (readonly [name: string, rendered: string, status: number | undefined])[] = [
  ['a quoted key', '{"statusCode": 200}', 200],
  ['a bare key', '{statusCode: 200}', 200],
  ['a bare key after another', '{ "a": {b : 1} , statusCode : 404 }', 404],
  ['a key in lines', '{\n  "statusCode": 500\n}', 500],
  ['a text that looks like a key', '{"statusCode": 200, "note": "see, this: that"}', 200],
  ['a status in quotes', '{"statusCode": "200"}', undefined],
  ['a fraction', '{"statusCode": 200.5}', undefined],
  ['a status deeper down', '{"a": {"statusCode": 200}}', undefined],
  ['no status', '{}', undefined],
  ['a list', '[{"statusCode": 200}]', undefined],
  ['null', 'null', undefined],
  ['a number', '200', undefined],
  ['nothing', '', undefined],
  ['what is not JSON', '{"statusCode": 200', undefined],
];

for (const [name, rendered, status] of STATUSES) {
  void test(`reads the status of ${name}`, () => assert.equal(mockStatusCode(rendered), status));
}
