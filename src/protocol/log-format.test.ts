// Formats of access logs: where their names begin and end; and values that would like to end their place early.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { escapeLine, escapeValue, namesRequest, parseLogFormat } from './log-format.ts';

describe('parseLogFormat', () => {
  const rows: readonly [name: string, format: string, parts: readonly (string | readonly string[])[]][] = [
    ['a name alone', '$context.requestId', [['requestId']]],
    ['a name of several parts', '$context.identity.sourceIp', [['identity', 'sourceIp']]],
    ['names in a text', 'a $context.status b', ['a ', ['status'], ' b']],
    ['names side by side', '$context.status$context.stage', [['status'], ['stage']]],
    ['a dot at the end of a sentence', '$context.status.', [['status'], '.']],
    ['a hyphen between names', '$context.apiId-$context.stage', [['apiId'], '-', ['stage']]],
    ['a hyphen in a key of an authorizer', '$context.authorizer.a-b-', [['authorizer', 'a-b'], '-']],
    ['a key of an authorizer that ends in a dot', '$context.authorizer.a.b', [['authorizer', 'a'], '.b']],
    ['other dollars', '$input.body $contexts.a $context. $', ['$input.body $contexts.a $context. $']],
    ['a format over several lines', '{\n  "a": "$context.stage"\r\n}\n', ['{ "a": "', ['stage'], '" } ']],
    ['nothing', '', []],
  ];
  for (const [name, format, parts] of rows) {
    test(`reads ${name}`, () => assert.deepEqual(parseLogFormat(format).parts, parts));
  }

  test('a format that begins like XML is written as XML, any other as JSON', () => {
    assert.deepEqual(
      [' <a>$context.stage</a>', '{"a":"<"}', '$context.stage <a>'].map((format) => parseLogFormat(format).escape),
      ['xml', 'json', 'json'],
    );
  });
});

test('a format that tells requests apart names one of the two ids, and a longer name is none of them', () => {
  const formats = [
    '$context.requestId',
    '"$context.extendedRequestId"',
    '$context.authorizer.requestId',
    '$context.requestIds',
  ];
  assert.deepEqual(
    formats.map((format) => namesRequest(parseLogFormat(format))),
    [true, true, false, false],
  );
});

describe('escapeValue', () => {
  const rows: readonly [name: string, value: string, json: string, xml: string][] = [
    ['what is harmless', 'Mozilla/5.0 (größer; 😀)', 'Mozilla/5.0 (größer; 😀)', 'Mozilla/5.0 (größer; 😀)'],
    ['quotes and backslashes', 'a"b\\', 'a\\"b\\\\', 'a&quot;b\\'],
    ['line ends', 'a\r\nb\u2028c', 'a\\r\\nb\\u2028c', 'a\\r\\nb\\u2028c'],
    ['what moves a terminal', '\u001b[2J\u0007\u009b', '\\u001b[2J\\u0007\\u009b', '\\u001b[2J\\u0007\\u009b'],
    ['what turns the direction', 'a\u202eb', 'a\\u202eb', 'a\\u202eb'],
    ['elements', `</a>&'`, `</a>&'`, '&lt;/a&gt;&amp;&apos;'],
  ];
  for (const [name, value, json, xml] of rows) {
    test(`writes ${name}`, () => {
      assert.deepEqual([escapeValue(value, 'json'), escapeValue(value, 'xml')], [json, xml]);
      assert.equal(JSON.parse(`"${escapeValue(value, 'json')}"`) as string, value, 'as JSON it is the value');
    });
  }
});

test('a whole line keeps its quotes and stays one line', () => {
  assert.equal(escapeLine('{"a": 1}\n\u001b[31m'), '{"a": 1}\\n\\u001b[31m');
});
