// A store that cannot be trusted: the start is refused in one line that says why, before anything listens, and the file is left as it
// was, byte for byte, for whoever can mend it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { CreateApiCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { EPHEMERAL } from '../../demo/gateway-process.ts';
import { LAUNCHER } from '../harness/command-line.ts';
import { WAIT_MS } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { makeReadOnly, mountProblem, mountSmallDisk } from '../harness/small-disk.ts';
import { tellSafety } from '../harness/safety-line.ts';

const PAGE_BYTES = 4_096;
const APIS = 60;
const FILE = 'sallyport.db';

/** A directory with a store that holds something, left by a gateway that ended well. */
const healthy = temporaryDirectory({ after });
const first = await startTestGateway({ after }, ['--data-dir', healthy]);
for (let count = 0; count < APIS; count += 1) {
  await first.clients.gateway.send(
    new CreateApiCommand({
      Name: `kept ${count}`,
      Description: 'x'.repeat(1_000),
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
  );
}
assert.equal(await first.stop(), 0);

const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Random bytes over whole pages, from one on. */
function overwrite(path: string, fromPage: number, pages: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(pages * PAGE_BYTES, 0xa5), 0, pages * PAGE_BYTES, fromPage * PAGE_BYTES);
  closeSync(file);
}

function withDatabase(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = DELETE; ${sql}`);
  database.close();
}

interface Row {
  readonly name: string;
  damage(path: string): void;
  readonly reason: RegExp;
}

const ROWS: readonly Row[] = [
  {
    name: 'cut off in the middle',
    damage: (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
    reason: /malformed/,
  },
  {
    name: 'cut off within its first page',
    damage: (path) => truncateSync(path, 50),
    reason: /malformed|not a database/,
  },
  { name: 'with a first page of garbage', damage: (path) => overwrite(path, 0, 1), reason: /not a database/ },
  { name: 'with pages of garbage', damage: (path) => overwrite(path, 6, 30), reason: /malformed/ },
  {
    name: 'that is a text',
    damage: (path) => writeFileSync(path, 'this is no store\n'.repeat(500)),
    reason: /not a database/,
  },
  {
    name: 'of another program',
    damage: (path) => {
      writeFileSync(path, '');
      withDatabase(path, "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('of somebody else')");
    },
    reason: /is the database of another program/,
  },
  {
    name: 'of another program that counts its versions, too',
    damage: (path) => {
      writeFileSync(path, '');
      withDatabase(path, 'CREATE TABLE notes (text TEXT); PRAGMA user_version = 3');
    },
    reason: /is the database of another program/,
  },
  {
    name: 'of a later version',
    damage: (path) => withDatabase(path, 'PRAGMA user_version = 9999'),
    reason: /has schema 9999, of a later sallyport/,
  },
];

describe('a start is refused, and the file left as it is, for a store', () => {
  for (const { name, damage, reason } of ROWS) {
    test(`a store ${name}`, async (t) => {
      const dataDir = temporaryDirectory(t);
      for (const file of [FILE, 'master.key']) copyFileSync(join(healthy, file), join(dataDir, file));
      const path = join(dataDir, FILE);
      damage(path);
      const before = hash(path);
      const args = [LAUNCHER, 'serve', '--data-dir', dataDir, ...EPHEMERAL];
      // One that starts after all is ended, and has no exit code.
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: WAIT_MS });
      assert.equal(status, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^sallyport: --data-dir \S+ .*\.\n$/, 'one line');
      assert.match(stderr, reason);
      assert.equal(hash(path), before, 'the file is as it was');
      tellSafety(`faults ${t.name}`, { cases: 1, lost: 0, foreign: 0, crashes: 0 });
    });
  }
});

test(
  'a store that may not be written is refused',
  { skip: mountProblem('nothing can be mounted here, which takes root') },
  (t) => {
    const dataDir = mountSmallDisk(t, 16);
    for (const file of [FILE, 'master.key']) copyFileSync(join(healthy, file), join(dataDir, file));
    makeReadOnly(dataDir);
    const args = [LAUNCHER, 'serve', '--data-dir', dataDir, ...EPHEMERAL];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: WAIT_MS });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^sallyport: --data-dir \S+ cannot be written: .*\n$/);
    tellSafety(`faults ${t.name}`, { cases: 1, lost: 0, foreign: 0, crashes: 0 });
  },
);

test('the same directory, undamaged, starts with all that it had', async (t) => {
  const dataDir = temporaryDirectory(t);
  for (const file of [FILE, 'master.key']) copyFileSync(join(healthy, file), join(dataDir, file));
  const gateway = await startTestGateway(t, ['--data-dir', dataDir]);
  const { Items } = await gateway.clients.gateway.send(new GetApisCommand({ MaxResults: '500' }));
  assert.equal(Items?.length, APIS);
  tellSafety(`faults ${t.name}`, { cases: 1, lost: APIS - Items!.length, foreign: 0, crashes: 0 });
});
