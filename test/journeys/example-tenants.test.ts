// examples/multi-tenant: what the CDK synthesizes, a wildcard name, and a backend that is told the tenant by it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GetApisCommand, GetDomainNamesCommand } from '@aws-sdk/client-apigatewayv2';
import { ownerOfFile, upExample, type Example } from '../harness/examples.ts';
import { temporaryDirectory } from '../harness/gateway.ts';
import { ask, openSocket, RefusedHandshake } from '../harness/sockets.ts';

const PROGRAM = fileURLToPath(new URL('../../examples/multi-tenant/backend.mjs', import.meta.url));
const TALK = fileURLToPath(new URL('../../examples/talk.mjs', import.meta.url));
const owner = ownerOfFile();
let tenants: Example;
before(async () => {
  const backend = spawn(process.execPath, [PROGRAM, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  owner.after(() => backend.kill());
  const [url] = (await once(createInterface({ input: backend.stdout }), 'line')) as [string];
  tenants = await upExample(owner, 'multi-tenant', { 'http://127.0.0.1:8080/': url });
});

/** The example's client, as its README has it. Resolves to what it says of each message and of its end. */
async function talk(name: string, lines: readonly string[]): Promise<string[]> {
  const root = join(temporaryDirectory(owner), 'ca.pem');
  writeFileSync(root, tenants.gateway.ca);
  const client = spawn(
    process.execPath,
    [TALK, `wss://${name}.tenants.example.com:${tenants.gateway.tlsPort}`, '127.0.0.1'],
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: root },
    },
  );
  const said: string[] = [];
  for (const output of [client.stdout, client.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      said.push(line);
      const next = lines[said.length - 1];
      if (next === undefined) client.stdin.end();
      else client.stdin.write(`${next}\n`);
    });
  }
  await once(client, 'close');
  return said;
}

const connect = (name: string) =>
  openSocket(tenants.gateway, `wss://${name}.tenants.example.com:${tenants.gateway.tlsPort}`);

test('each tenant has a name and a notebook of its own', async () => {
  const acme = await connect('acme');
  const globex = await connect('globex');
  assert.deepEqual(JSON.parse(await ask(acme, 'call Globex')), { tenant: 'acme', notes: ['call Globex'] });
  assert.deepEqual(JSON.parse(await ask(globex, 'call Acme')), { tenant: 'globex', notes: ['call Acme'] });
  assert.deepEqual(JSON.parse(await ask(acme, 'again')), { tenant: 'acme', notes: ['call Globex', 'again'] });
  for (const { socket } of [acme, globex]) socket.close();
});

test('who is no tenant gets the answer of the backend, and no connection', async () => {
  await assert.rejects(
    connect('initech'),
    (error) => error instanceof RefusedHandshake && error.status === 404 && /no tenant initech/.test(error.body),
  );
});

test('a terminal is a client, too', async () => {
  const [hello, reply, ...end] = await talk('acme', ['from a terminal']);
  assert.equal(hello, 'connected');
  assert.match(reply!, /^\{"tenant":"acme","notes":\[.*"from a terminal"\]\}$/);
  assert.deepEqual(end, ['closed: 1000 ']);
  assert.deepEqual(await talk('initech', []), ['refused: 404 Not Found']);
});

test('down leaves nothing', async () => {
  const { code, stdout, stderr } = await tenants.down();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const { gateway } = tenants.gateway.clients;
  assert.deepEqual((await gateway.send(new GetApisCommand({}))).Items, []);
  assert.deepEqual((await gateway.send(new GetDomainNamesCommand({}))).Items, []);
});
