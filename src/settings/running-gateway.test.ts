// The file by which a running gateway is found: for its owner alone, whole, and gone with the gateway.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { announceGateway, makeCodeToken, readRunningGateway } from './running-gateway.ts';

function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

const bound = (address: string, family = 'IPv4') => ({ address, family, port: 4566 });

void test('nobody else can read it, and nothing is left of it', (context) => {
  const path = directory(context);
  writeFileSync(join(path, 'running.json.new'), 'of one that was killed', { mode: 0o644 });
  const codeToken = makeCodeToken();
  const takeAway = announceGateway(path, bound('127.0.0.1'), codeToken);
  assert.deepEqual(readRunningGateway(path), { control: 'http://127.0.0.1:4566', codeToken });
  assert.equal(statSync(join(path, 'running.json')).mode & 0o777, 0o600);
  takeAway();
  assert.deepEqual([readRunningGateway(path), readdirSync(path)], [undefined, []]);
});

for (const [address, family, host] of [
  ['0.0.0.0', 'IPv4', '127.0.0.1'],
  ['::', 'IPv6', '[::1]'],
  ['::1', 'IPv6', '[::1]'],
  ['10.0.0.1', 'IPv4', '10.0.0.1'],
] as const) {
  void test(`${address} is asked at ${host}`, (context) => {
    const path = directory(context);
    announceGateway(path, bound(address, family), 'token');
    assert.equal(readRunningGateway(path)!.control, `http://${host}:4566`);
  });
}

for (const text of ['', '{', 'null', '[]', '{"control":1,"codeToken":"a"}', '{"control":"http://127.0.0.1:1"}']) {
  void test(`${JSON.stringify(text)} is no gateway`, (context) => {
    const path = directory(context);
    writeFileSync(join(path, 'running.json'), text);
    assert.equal(readRunningGateway(path), undefined);
  });
}
