// Secrets by their names, and wherever else their values turn up; and what looks like a secret and is none.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clipText, headersText, isSecretName, redactText, redactUri, secretValues } from './redaction.ts';

// -- One name after the other: it is read as a list.
// prettier-ignore
const SECRET_NAMES = [
  'Authorization', 'Proxy-Authorization', 'Cookie', 'Set-Cookie', 'x-api-key', 'apikey', 'X-Amz-Security-Token',
  'X-Amz-Signature', 'X-Amz-Credential', 'access_token', 'token', 'idToken', 'client_secret', 'password', 'passwd',
  'X-Auth', 'jwt', 'sig', 'code', 'sessionId', 'X-Amzn-Authorization', 'AWSAccessKeyId',
];
const OTHER_NAMES = [
  'Host',
  'User-Agent',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'room',
  'author',
  'X-Amz-Date',
  'monkeys',
  'X-Amz-SignedHeaders',
];

describe('isSecretName', () => {
  for (const name of SECRET_NAMES) test(`${name} is one`, () => assert.ok(isSecretName(name)));
  for (const name of OTHER_NAMES) test(`${name} is none`, () => assert.ok(!isSecretName(name)));
});

test('values of secrets are those behind a scheme and of each cookie, too, and no short ones', () => {
  const values = secretValues([
    ['Authorization', 'Bearer abcdefghi'],
    ['Cookie', 'theme=dark; sid=0123456789; a=b'],
    ['Host', 'example.com'],
  ]);
  assert.deepEqual(values.filter((value) => !value.includes(' ')).sort(), [
    '0123456789',
    'abcdefghi',
    'sid=0123456789',
    'theme=dark',
  ]);
});

describe('redactText', () => {
  const secret = 'pass word/"1"';
  const rows: readonly [name: string, text: string, redacted: string][] = [
    ['as it is', `a ${secret} b`, 'a [REDACTED] b'],
    ['in JSON', JSON.stringify({ a: secret }), '{"a":"[REDACTED]"}'],
    ['in a URL', `?a=${encodeURIComponent(secret)}`, '?a=[REDACTED]'],
    ['in a form', `a=${encodeURIComponent(secret).replaceAll('%20', '+')}`, 'a=[REDACTED]'],
    ['in Base64', Buffer.from(secret).toString('base64').replace(/=+$/, ''), '[REDACTED]'],
    ['a signature', 'GET /?X-Amz-Signature=0a1b&X-Amz-Date=1', 'GET /?X-Amz-Signature=[REDACTED]&X-Amz-Date=1'],
    ['a login in a URL', 'https://me:pw@example.com/a@b', 'https://[REDACTED]@example.com/a@b'],
    ['a token that is signed', 'v1.chat, eyJhbGciOiJI.eyJzdWIi.c2ln', 'v1.chat, [REDACTED]'],
    ['credentials', 'no Bearer abcdefgh. Basic YTpi, Bearer', 'no Bearer [REDACTED]. Basic YTpi, Bearer'],
    ['nothing', 'an address a@b.example, eyJ.', 'an address a@b.example, eyJ.'],
  ];
  for (const [name, text, redacted] of rows) test(name, () => assert.equal(redactText(text, [secret]), redacted));

  test('a secret within another leaves nothing of either', () => {
    assert.equal(redactText('sid=0123456789', secretValues([['Cookie', 'sid=0123456789']])), '[REDACTED]');
  });
});

test('headers are written as AWS writes them', () => {
  const headers = { Host: 'a', 'X-Api-Key': 'b', Accept: ['c', 'd'], none: undefined };
  assert.equal(headersText(headers), '{Host=a, X-Api-Key=[REDACTED], Accept=c,d, none=}');
});

test('of a URI the login and the secret parameters go, however they are spelled', () => {
  const uri = 'https://me:pw@example.com/a?room=1&access%5Ftoken=2&token=3&flag&%zz=4';
  assert.equal(
    redactUri(uri),
    'https://[REDACTED]@example.com/a?room=1&access%5Ftoken=[REDACTED]&token=[REDACTED]&flag&%zz=4',
  );
});

test('a text that is cut does not end in the beginning of a secret', () => {
  const secret = 'a secret of many "words"';
  const secrets = [secret];
  for (let cut = 0; cut <= secret.length; cut += 1) {
    const clipped = clipText(`it is ${secret} and so on`, 6 + cut, secrets);
    // Fewer signs than any secret has say nothing.
    const isFound = cut >= 8;
    assert.equal(clipped, `it is ${isFound ? '' : secret.slice(0, cut)}`);
  }
  assert.equal(clipText('short', 5, secrets), 'short');
});

test('no text keeps everybody waiting: tokens within each other, and any number of cookies', () => {
  const cookies = Array.from({ length: 2_000 }, (_, at) => `c${at}=value${at}`).join('; ');
  const secrets = secretValues([['Cookie', cookies]]);
  assert.ok(secrets.length <= 48 && secrets[0] === cookies);
  const before = process.cpuUsage();
  assert.equal(redactText('eyJ-'.repeat(32_000)).length, 128_000);
  assert.equal(redactText(`a ${cookies} b`, secrets), 'a [REDACTED] b');
  assert.ok(process.cpuUsage(before).user < 2_000_000, 'a thousand times what it takes');
});
