// A server that has ended says so: `/ready` asks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../observe/log.ts';
import { SnapshotTable } from '../snapshot/snapshot.ts';
import { startDnsServer } from './dns-server.ts';

test('it listens until it is closed', async () => {
  const server = await startDnsServer({
    addresses: [{ host: '127.0.0.1', port: 0 }],
    snapshot: new SnapshotTable(),
    suffix: 'localhost',
    region: 'us-east-1',
    publicAddresses: ['127.0.0.1'],
    log: createLog('error', false),
  });
  assert.equal(server.isListening(), true);
  await server.close();
  assert.equal(server.isListening(), false);
});
