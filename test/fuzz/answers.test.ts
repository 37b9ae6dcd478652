// What functions and backends answer, which their owners write and nobody checked: it is an answer, or it is malformed, and whatever
// templates and keys look at in it, they look within it.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readLambdaOutput } from '../../src/dataplane/integrate/lambda-output.ts';
import { parsePolicy } from '../../src/protocol/iam-policy.ts';
import { changed, fuzz, HOSTILE_JSON, textOf } from './fuzzing.ts';

const { property } = fuzz('answers');

const NAMES = textOf('Content-Type', 'Set-Cookie', '__proto__', 'constructor', '\r\n', ':', 'x');
const VALUE = fc.oneof(HOSTILE_JSON, fc.string());
const OUTPUT = fc.record(
  {
    statusCode: fc.oneof(HOSTILE_JSON, fc.constantFrom<unknown>(200, '204', 99, 600, 200.5, '0x10')),
    headers: fc.oneof(HOSTILE_JSON, fc.dictionary(NAMES, VALUE, { maxKeys: 3 })),
    multiValueHeaders: fc.oneof(HOSTILE_JSON, fc.dictionary(NAMES, fc.array(VALUE, { maxLength: 2 }), { maxKeys: 3 })),
    body: fc.oneof(HOSTILE_JSON, fc.string(), fc.base64String()),
    isBase64Encoded: fc.oneof(HOSTILE_JSON, fc.boolean()),
    other: HOSTILE_JSON,
  },
  { requiredKeys: [] },
);

function read(payload: Buffer): void {
  const answer = readLambdaOutput(payload);
  if (answer === undefined || answer === 'nothing') return;
  const { status, headers, body } = answer;
  assert.ok(Number.isInteger(status) && status >= 100 && status <= 599, String(status));
  assert.ok(Buffer.isBuffer(body));
  for (const [name, values] of Object.entries(headers)) {
    assert.equal(name, name.toLowerCase());
    assert.ok([values].flat().every((value) => typeof value === 'string'));
  }
}

property(
  'output of any shape is an answer, or malformed',
  OUTPUT,
  (output) => read(Buffer.from(JSON.stringify(output))),
  2_000,
);

property(
  'output of any octets is an answer, or malformed',
  changed(
    Buffer.from(
      '{"statusCode":200,"headers":{"a":"b"},"multiValueHeaders":{"c":["d"]},"body":"e","isBase64Encoded":false}',
    ),
  ),
  read,
  1_000,
);

property(
  'output that nests without end is malformed',
  fc.integer({ min: 1, max: 50_000 }),
  (levels) => {
    read(Buffer.from(`{"body":${'['.repeat(levels)}${']'.repeat(levels)}}`));
    read(Buffer.from(`{"multiValueHeaders":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`));
    const policy = parsePolicy(JSON.parse(`{"Statement":${'['.repeat(levels)}${']'.repeat(levels)}}`));
    assert.ok('problem' in policy);
  },
  30,
);
