// What functions return that nobody would expect, row by row: an answer, or malformed, and never an error of ours. What clients see
// of it is in test/journeys/lambda-messages.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLambdaOutput } from './lambda-output.ts';

const ROWS: readonly (readonly [name: string, payload: string, headers: object | undefined])[] = [
  ['a header of two values', '{"multiValueHeaders":{"A":["1",2]}}', { a: ['1', '2'] }],
  ['a value that is an object', '{"multiValueHeaders":{"a":[{"b":1}]}}', undefined],
  ['a value whose toString is none', '{"multiValueHeaders":{"a":[{"toString":null}]}}', undefined],
  ['a value that is a list of them', '{"multiValueHeaders":{"a":[[{"toString":null}]]}}', undefined],
  ['a single value that is an object', '{"headers":{"a":{"toString":null}}}', undefined],
  ['a header of the name of JavaScript', '{"headers":{"__proto__":"x"}}', JSON.parse('{"__proto__":["x"]}') as object],
];

for (const [name, payload, headers] of ROWS) {
  test(`${name} is ${headers ? 'an answer' : 'malformed'}`, () => {
    const answer = readLambdaOutput(Buffer.from(payload));
    if (headers === undefined) return assert.equal(answer, undefined);
    assert.ok(answer && answer !== 'nothing');
    assert.deepEqual(answer.headers, headers);
  });
}
