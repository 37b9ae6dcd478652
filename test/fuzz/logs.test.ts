// Logs of any format, for any name, of whatever clients and backends say: a line stays a line, a value stays in its place, a file below
// its account, and a secret out of it.

import assert from 'node:assert/strict';
import { posix } from 'node:path';
import fc from 'fast-check';
import { logDestinationOf } from '../../src/model/log-destination.ts';
import { logPathOf } from '../../src/observe/log-place.ts';
import { escapeLine, escapeValue, parseLogFormat } from '../../src/protocol/log-format.ts';
import { clipText, headersText, redactText, redactUri, REDACTED } from '../../src/protocol/redaction.ts';
import { fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('logs');

const FORMATS = textOf(
  '$context',
  '.',
  'requestId',
  'authorizer',
  'a-b',
  '-',
  '$',
  '{',
  '}',
  '"',
  '\n',
  '<a>',
  ' ',
  '__proto__',
);
const VALUES = fc.string({ unit: 'binary', maxLength: 200 });
const LINE_ENDS = /[\p{Cc}\p{Zl}\p{Zp}]/u;

property('a format is read, and gives back its text', FORMATS, (format) => {
  const { parts } = parseLogFormat(format);
  const texts = parts.map((part) => (typeof part === 'string' ? part : `$context.${part.join('.')}`));
  assert.equal(texts.join(''), format.replaceAll(/\s*[\r\n\u2028\u2029]\s*/g, ' '));
});

property('a value ends neither its quotes nor its element nor its line', VALUES, (value) => {
  const json = escapeValue(value, 'json');
  assert.equal(JSON.parse(`"${json}"`), value);
  assert.ok(!LINE_ENDS.test(json));
  const xml = escapeValue(value, 'xml');
  assert.ok(!/[<>"']/.test(xml) && !LINE_ENDS.test(xml));
  assert.ok(!LINE_ENDS.test(escapeLine(value)));
});

const NAMES = textOf('a', '/', '.', '..', 'log', '.log', '.1', 'stream', '%', '%2E', 'x'.repeat(200));
const place = (name: string) => logPathOf({ account: '111122223333', region: 'eu-west-1', kind: 'logGroup', name });

property(
  'a name is a file below its account and region, and no other name is the same file',
  fc.tuple(NAMES, NAMES),
  ([a, b]) => {
    const [path, other] = [place(a), place(b)];
    assert.ok(posix.normalize(path) === path && path.startsWith('111122223333/eu-west-1/'), path);
    if (a.replace(/^\//, '') !== b.replace(/^\//, '')) assert.notEqual(path, other);
    assert.ok(!other.startsWith(`${path}/`), `${path} is a file and a folder of ${other}`);
  },
);

property(
  'an ARN leads somewhere or nowhere',
  textOf(
    'arn:aws:',
    'logs:',
    'firehose:',
    'us-east-1:',
    ':',
    'log-group:',
    '*',
    'a/b',
    'deliverystream/amazon-apigateway-',
  ),
  (arn) => {
    const destination = logDestinationOf(arn);
    assert.ok(destination === undefined || destination.name !== '');
  },
);

const SECRETS = fc
  .string({ unit: 'grapheme', minLength: 8, maxLength: 40 })
  .filter((text) => !`${REDACTED}${REDACTED}`.includes(text));

property(
  'a secret stands in no text, whole or cut',
  fc.tuple(VALUES, SECRETS, VALUES, fc.nat(300)),
  ([before, secret, after, max]) => {
    const text = `${before}${secret}${after}`;
    assert.ok(!redactText(text, [secret]).includes(secret));
    const clipped = clipText(text, max, [secret]);
    assert.ok(text.startsWith(clipped) && clipped.length <= max);
    for (let length = 8; length < secret.length; length += 1) {
      if (text.length > max) assert.ok(!clipped.endsWith(secret.slice(0, length)), clipped);
    }
  },
);

property(
  'headers and URIs of any form are texts, without what a secret name holds',
  fc.tuple(VALUES, SECRETS),
  ([text, secret]) => {
    assert.ok(!headersText({ [text]: 'a', authorization: secret, 'X-Api-Key': [secret] }).includes(secret));
    const value = encodeURIComponent(secret.toWellFormed());
    const uri = redactUri(`https://a/?x=${encodeURIComponent(text.toWellFormed())}&token=${value}`);
    assert.ok(uri.endsWith(`&token=${REDACTED}`));
  },
);
