// The journal by itself: what the next process finds after any end of this one, torn lines and tidied files included.

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Log } from '../../observe/log.ts';
import { limit } from '../../settings/limits.ts';
import { openDisconnectJournal, type DisconnectJournal } from './disconnect-journal.ts';

function place(t: TestContext): { directory: string; errors: string[]; open(): DisconnectJournal } {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const errors: string[] = [];
  const quiet = () => {};
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (words) => errors.push(words), with: () => log };
  return { directory, errors, open: () => openDisconnectJournal(directory, log) };
}

const factsOf = (connectionId: string) => ({
  connectionId,
  apiId: 'api',
  stageName: 'test',
  account: '000000000000',
  region: 'us-east-1',
  domainName: 'ws.example.com',
  sourceIp: '127.0.0.1',
  userAgent: undefined,
  connectedAtMs: 1,
});

async function owed(journal: DisconnectJournal): Promise<[string, number | undefined][]> {
  const found: [string, number | undefined][] = [];
  for await (const { facts, ended } of journal.left()) found.push([facts.connectionId, ended?.code]);
  return found;
}

test('finds what was opened and not delivered, with the code where it is known, and passes over a torn line', async (t) => {
  const { directory, open } = place(t);
  const journal = open();
  journal.opened(factsOf('open'));
  journal.closed(journal.opened(factsOf('closed')), { code: 4000, reason: 'bye' });
  journal.delivered(journal.opened(factsOf('delivered')));
  journal.close();
  appendFileSync(join(directory, readdirSync(directory)[0]!), '["+","id",{"connectionId":"torn","ap');
  assert.deepEqual(await owed(open()), [
    ['open', undefined],
    ['closed', 4000],
  ]);
});

test('has no file left when nothing is owed', (t) => {
  const { directory, open } = place(t);
  const journal = open();
  journal.delivered(journal.opened(factsOf('one')));
  journal.close();
  assert.deepEqual(readdirSync(directory), []);
});

test('stays small beside one connection that never ends, and keeps that one', async (t) => {
  const { directory, open } = place(t);
  const journal = open();
  journal.opened(factsOf('old'));
  const max = limit('disconnectJournalFileBytesMax');
  for (let count = 0; count < 80_000; count += 1) journal.delivered(journal.opened(factsOf(`short-${count}`)));
  const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  assert.ok(bytes < max * (limit('disconnectJournalFilesMin') + 2), `${bytes} bytes are kept`);
  journal.close();
  assert.deepEqual(await owed(open()), [['old', undefined]]);
});

test('that cannot be written says so once, and refuses nothing', (t) => {
  const { directory, errors, open } = place(t);
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'no directory');
  const journal = open();
  for (const id of ['a', 'b']) journal.delivered(journal.opened(factsOf(id)));
  journal.close();
  assert.equal(errors.length, 1);
});
