// Names of log groups as files: each has its own, below its account and region, whatever it is called.

import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { logPathOf, type LogPlace } from './log-place.ts';

const place = (name: string, kind: LogPlace['kind'] = 'logGroup') =>
  logPathOf({ account: '111122223333', region: 'us-east-1', kind, name });

const LONG = 'x'.repeat(200);
const ROWS: readonly (readonly [name: string, file: string])[] = [
  ['chat', 'chat.log'],
  ['/aws/apigateway/abc/prod', 'aws/apigateway/abc/prod.log'],
  ['a.log', 'a.log.log'],
  ['a.log/b', 'a%2Elog/b.log'],
  ['a.log.1/b', 'a%2Elog.1/b.log'],
  ['../../other', '%2E./%2E./other.log'],
  ['.', '%2E.log'],
  ['a//b', 'a/%/b.log'],
  ['a/', 'a/%.log'],
  ['a.stream', 'a%2Estream.log'],
];

describe('logPathOf', () => {
  for (const [name, file] of ROWS) {
    test(`${name} is ${file}`, () => assert.equal(place(name), `111122223333/us-east-1/${file}`));
  }

  test('no two of them share a file, and none lies where a file of another would be a folder', () => {
    const names = [...ROWS.map(([name]) => name), 'a', 'a/b', LONG, `${LONG}y`, `${LONG}/a`];
    const paths = [...names.map((name) => place(name)), place('a', 'stream'), place('chat', 'stream')];
    assert.equal(new Set(paths).size, paths.length);
    const files = new Set(paths.flatMap((path) => [path, `${path}.1`]));
    for (const path of paths) {
      for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
        assert.ok(!files.has(folder), `${folder} is a file and a folder`);
      assert.ok(posix.normalize(path).startsWith('111122223333/us-east-1/'), path);
      assert.ok(
        path.split('/').every((part) => part.length < 255),
        path,
      );
    }
  });

  test('an account or a region of any form stays one part', () => {
    const path = logPathOf({ account: '../x', region: '..', kind: 'logGroup', name: 'a' });
    assert.equal(path, '%2E.%2Fx/%2E./a.log');
  });
});
