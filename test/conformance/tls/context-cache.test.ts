// TLS contexts leave their cache when there are too many, and their memory is freed at once: what is connected by one goes on, and
// its name is served again by a new one.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { createSecureContexts } from '../../../src/dataplane/terminate/secure-contexts.ts';
import { createLog } from '../../../src/observe/log.ts';
import { lowerLimit } from '../../harness/lowered-limit.ts';
import { SnapshotTable, type Entry } from '../../../src/snapshot/snapshot.ts';
import { foreignAuthority } from '../../harness/certificates.ts';
import { next } from '../../harness/eventually.ts';

const NAMES = ['a.example.com', 'b.example.com', 'c.example.com', 'd.example.com'];
const KEPT = 2;

const authority = await foreignAuthority({ after });
const pairs = new Map<string, { chainPem: string; keyPem: string }>();
const loads: string[] = [];
for (const name of NAMES) {
  const { certificatePem, chainPem, keyPem } = await authority.leaf([name]);
  pairs.set(name, { chainPem: certificatePem + chainPem, keyPem });
}
const snapshot = new SnapshotTable();
const entries = NAMES.flatMap((name): Entry[] => [
  { table: 'certificate', key: name, value: { arn: name, keyPairReference: name } },
  {
    table: 'domain',
    key: name,
    value: {
      domainName: name,
      account: '000000000000',
      region: 'us-east-1',
      certificateArn: name,
      regionalDomainName: `d-${name}`,
      hostedZoneId: 'Z1',
      isDualstack: false,
      routingMode: 'API_MAPPING_ONLY',
      mappings: [],
      mappingByKey: undefined,
    },
  },
]);
snapshot.apply(1, entries, () => {});
lowerLimit('secureContextsMax', KEPT);
const keyPairs = {
  read(reference: string) {
    loads.push(reference);
    return pairs.get(reference);
  },
};
const contexts = createSecureContexts(snapshot, keyPairs, createLog('error', false));
const server = createServer(
  { maxVersion: 'TLSv1.2', SNICallback: (name, done) => done(null, contexts.contextFor(name)) },
  (socket) => socket.pipe(socket),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

async function open(servername: string): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', servername, ca: authority.certificatePem });
  await next(socket, 'secureConnect');
  return socket;
}

async function echo(socket: TLSSocket, text: string): Promise<void> {
  socket.write(text);
  assert.equal(String((await next(socket, 'data'))[0]), text);
}

test('what is connected by a context that was freed goes on, and its name is served by a new one', async () => {
  const first = await open(NAMES[0]!);
  await echo(first, 'before');
  for (const name of NAMES) (await open(name)).destroy();
  assert.deepEqual(loads, NAMES, 'each was loaded once, the first not again');
  await echo(first, 'its context was freed');
  const again = await open(NAMES[0]!);
  assert.deepEqual(loads, [...NAMES, NAMES[0]]);
  await echo(again, 'the new one');
  await echo(first, 'and still the old one');
  for (const socket of [first, again]) socket.destroy();
});

test('what was used last is kept', async () => {
  loads.length = 0;
  for (const name of ['c', 'd', 'c', 'b', 'c', 'a', 'c']) (await open(`${name}.example.com`)).destroy();
  assert.deepEqual(
    loads.map((name) => name[0]),
    ['c', 'd', 'b', 'a'],
  );
});
