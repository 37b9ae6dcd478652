// Data directories of earlier versions, and of this one: the gateway of today opens each, tells what it told, and serves what it
// served: certificates, mappings, authorizers, models, DNS, and a `$disconnect` that was owed when the process was killed.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readVersion } from '../../src/settings/version.ts';
import { MIGRATIONS } from '../../src/store/embedded/schema.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import {
  dnsAnswers,
  FUNCTIONS,
  KEPT_FLAGS,
  NAMES,
  PATHS,
  readAll,
  shownSerials,
  ZONE,
  type Served,
} from '../harness/kept-data.ts';
import { startLambdaServer } from '../harness/lambda-server.ts';
import { ask, openSocket, RefusedHandshake } from '../harness/sockets.ts';

const KEPT = fileURLToPath(new URL('../kept', import.meta.url));
const versions = readdirSync(KEPT).filter((name) => name !== 'README.md');

/** Fails unless `today` says all that `then` said; a later version may say more. */
function assertSaysAll(today: unknown, then: unknown, path: string): void {
  if (then === null || typeof then !== 'object') return assert.deepEqual(today, then, path);
  assert.ok(today !== null && typeof today === 'object', `${path} is ${String(today)}`);
  if (Array.isArray(then)) assert.equal((today as unknown[]).length, then.length, `${path} has as many`);
  for (const [name, value] of Object.entries(then))
    assertSaysAll((today as Record<string, unknown>)[name], value, `${path}.${name}`);
}

const readKept = (version: string, name: string): unknown =>
  JSON.parse(readFileSync(join(KEPT, version, name), 'utf8'));

function policy(Effect: string): object {
  return { Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:Invoke', Resource: '*' }] };
}

void test('there is a directory of this version: scripts/make-kept-data.ts makes one for a release', () => {
  assert.ok(versions.includes(readVersion()), `test/kept/ has ${versions.join(', ')}, and this is ${readVersion()}`);
});

for (const version of versions) {
  void describe(`what ${version} left`, () => {
    void test('is opened, told and served by the gateway of today', async (t) => {
      const { apiId, told } = readKept(version, 'told.json') as { apiId: string; told: Record<string, unknown> };
      const served = readKept(version, 'served.json') as Served;
      const dataDir = temporaryDirectory(t);
      cpSync(join(KEPT, version, 'data'), dataDir, { recursive: true });
      // A clone keeps no rights of files.
      chmodSync(join(dataDir, 'master.key'), 0o600);
      const lambda = await startLambdaServer(t);
      lambda.functions.set(FUNCTIONS.gone, () => ({ returns: {} }));
      lambda.functions.set(FUNCTIONS.authorize, ({ queryStringParameters: { token } }: never) => ({
        returns: { principalId: 'anne', policyDocument: policy(token === 'good' ? 'Allow' : 'Deny') },
      }));
      const gateway = await startTestGateway(t, ['--data-dir', dataDir, ...KEPT_FLAGS, ...lambda.flags]);

      assertSaysAll(await readAll(gateway.clients, apiId), told, version);
      assert.deepEqual(await shownSerials(gateway), served.serials);
      assertSaysAll(await dnsAnswers(gateway), served.answers, 'DNS');

      const owed = await eventually('what was owed is delivered', () =>
        lambda.invocations.find(({ name }) => name === FUNCTIONS.gone),
      );
      const { requestContext } = owed.event as { requestContext: { connectionId: string; eventType: string } };
      assert.deepEqual(
        [requestContext.connectionId, requestContext.eventType],
        [served.owedConnectionId, 'DISCONNECT'],
      );

      for (const [stage, path] of Object.entries(PATHS)) {
        const client = await openSocket(gateway, `wss://${NAMES.issued}:${gateway.tlsPort}/${path}?token=good`);
        assert.equal(await ask(client, '{"action":"say","text":"hi"}'), `${stage} says hello-from-${stage} to anne`);
        assert.match(await ask(client, '{"action":"say","text":"much too long"}'), /Bad request body/);
        client.socket.close();
      }
      const tenant = await openSocket(gateway, `wss://one.tenants.${ZONE}:${gateway.tlsPort}/?token=good`);
      assert.match(await ask(tenant, '{"action":"say","text":"hi"}'), /^live says/);
      tenant.socket.close();
      await assert.rejects(
        openSocket(gateway, `wss://${NAMES.issued}:${gateway.tlsPort}/${PATHS.live}?token=bad`),
        (error) => error instanceof RefusedHandshake && error.status === 403,
      );
      assert.deepEqual(
        gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal'),
        [],
      );
      await gateway.stop();
      const database = new DatabaseSync(join(dataDir, 'sallyport.db'), { readOnly: true });
      t.after(() => database.close());
      assert.deepEqual({ ...database.prepare('PRAGMA user_version').get() }, { user_version: MIGRATIONS.length });
    });
  });
}
