// `/ready` and `/_sallyport/status`: a server that serves is ready, whatever else is the matter with it, and says what; what a probe does
// not need, nobody is told but the operator.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { coverReadOnly, mountProblem, mountSmallDisk } from '../harness/small-disk.ts';
import { makeApi, openSocket, pathForm } from '../harness/sockets.ts';

interface Told {
  readonly ready: boolean;
  readonly status: string;
  readonly parts: readonly { readonly part: string; readonly state: string; readonly why?: string }[];
  readonly openConnections?: number;
  readonly addresses?: Record<string, unknown>;
}

async function ask(endpoint: string, page: string, credentials?: { accessKeyId: string; secret: string }) {
  const target = `/_sallyport/${page}`;
  const { host } = new URL(endpoint);
  const scope = { region: REGION, service: 'sallyport' };
  const request = { method: 'GET', target, host, body: Buffer.alloc(0) };
  const headers = credentials ? signRequest(request, credentials, scope, Date.now()) : {};
  const response = await fetch(`${endpoint}${target}`, { headers });
  return { status: response.status, told: (await response.json()) as Told };
}

const partOf = (told: Told, name: string) => told.parts.find(({ part }) => part === name);

test('with accounts, everybody is told the names of the parts alone, and the operator the rest', async (t) => {
  const file = join(temporaryDirectory(t), 'accounts.yaml');
  const key = (id: string, secret: string) => `keys: [{ id: ${id}, secret: ${secret} }]`;
  const good = `accounts:
  - { id: "111122223333", operator: true, ${key('AKIDOPERATOR', 'secret-of-the-operator')} }
  - { id: "444455556666", ${key('AKIDSOMEBODY', 'secret-of-somebody')} }
`;
  writeFileSync(file, good, { mode: 0o600 });
  const gateway = await startTestGateway(t, ['--accounts', file]);
  const operator = { accessKeyId: 'AKIDOPERATOR', secret: 'secret-of-the-operator' };
  const open = await ask(gateway.endpoint, 'ready');
  assert.equal(open.status, 200);
  assert.deepEqual(Object.keys(open.told), ['ready', 'status', 'parts']);
  assert.ok(open.told.parts.length >= 9);
  for (const part of open.told.parts) assert.deepEqual(Object.keys(part), ['part', 'state']);

  const refused = await ask(gateway.endpoint, 'status', { accessKeyId: 'AKIDSOMEBODY', secret: 'secret-of-somebody' });
  assert.equal(refused.status, 403);
  const told = await ask(gateway.endpoint, 'status', operator);
  assert.equal(told.status, 200);
  assert.equal(told.told.openConnections, 0);
  assert.equal(told.told.addresses!['pid'], gateway.ready.pid);

  writeFileSync(file, 'accounts: [', { mode: 0o600 });
  process.kill(gateway.ready.pid, 'SIGHUP');
  const bad = await eventually('the accounts file is in trouble', async () => {
    const { status, told: now } = await ask(gateway.endpoint, 'ready');
    assert.equal(status, 200, 'sockets are served');
    return partOf(now, 'accounts')!.state === 'degraded' ? now : undefined;
  });
  assert.deepEqual([bad.ready, bad.status, partOf(bad, 'accounts')!.why], [true, 'degraded', undefined]);
  const why = partOf((await ask(gateway.endpoint, 'status', operator)).told, 'accounts')!.why;
  assert.match(why!, /^the file was not taken: .*accounts\.yaml/);

  writeFileSync(file, good, { mode: 0o600 });
  process.kill(gateway.ready.pid, 'SIGHUP');
  await eventually('it is well again', async () =>
    (await ask(gateway.endpoint, 'ready')).told.status === 'ready' ? true : undefined,
  );
});

test('a shutdown that has begun is not ready: 503', async (t) => {
  let answerGone = () => {};
  const backend = createServer((_, response) => (answerGone = () => response.end())).listen(0, '127.0.0.1');
  t.after(() => backend.close());
  await once(backend, 'listening');
  const { port } = backend.address() as AddressInfo;
  const gateway = await startTestGateway(t);
  const target = {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: `http://127.0.0.1:${port}/`,
  } as const;
  const made = await makeApi(gateway.clients, { $disconnect: { target } });
  await openSocket(gateway, pathForm(gateway, made));
  assert.equal((await ask(gateway.endpoint, 'ready')).told.openConnections, 1);
  gateway.child.kill('SIGTERM');
  // It waits for the answer to $disconnect, and is there to be asked.
  const last = await eventually('it is not ready', async () => {
    const answer = await ask(gateway.endpoint, 'ready');
    return answer.status === 503 ? answer : undefined;
  });
  assert.deepEqual([last.told.ready, last.told.status], [false, 'not ready']);
  assert.equal(partOf(last.told, 'server')!.why, 'is shutting down');
  await eventually('$disconnect was called', async () => {
    answerGone();
    return gateway.child.exitCode === 0 || undefined;
  });
});

const skip = mountProblem('a data directory that is full or read-only takes root to mount');
test('a disk that is full or read-only makes it degraded, and no probe takes it away', { skip }, async (t) => {
  const dataDir = mountSmallDisk(t, 16);
  const gateway = await startTestGateway(t, ['--data-dir', dataDir]);
  const small = await ask(gateway.endpoint, 'ready');
  assert.deepEqual([small.status, small.told.status], [200, 'degraded']);
  assert.match(partOf(small.told, 'disk')!.why!, /^[\d.]+ MiB are free in /);
  const uncover = coverReadOnly(dataDir);
  t.after(uncover);
  const readOnly = await eventually('it is read-only', async () => {
    const { status, told } = await ask(gateway.endpoint, 'ready');
    assert.equal(status, 200);
    return partOf(told, 'disk')!.why?.endsWith('is read-only') ? told : undefined;
  });
  assert.equal(readOnly.ready, true);
  uncover();
});
