// The embedded store keeps the contract, comes back from its file as it was, and says what is wrong with a file that is none.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Fault } from '../../src/model/faults.ts';
import { reference } from '../../src/model/kinds.ts';
import { createLog } from '../../src/observe/log.ts';
import { lowerLimit } from '../harness/lowered-limit.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { MIGRATIONS } from '../../src/store/embedded/schema.ts';
import { temporaryDirectory, type Owner } from '../harness/gateway.ts';
import { storeContract } from './store.ts';
import { record, zone, type OpenStore, type TestedStore } from './store-entities.ts';

const log = createLog('error', false);

async function openIn(owner: Owner, path: string): Promise<TestedStore> {
  const directory = openDataDirectory(path);
  const store = await openEmbeddedStore(directory.databasePath, log);
  const certificateSource = directory.openCertificateSource();
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    certificateSource.close();
    await store.close();
    directory.release();
  };
  owner.after(close);
  return { ...store, certificateSource, close };
}

/** The bound of the change log is read when the store opens, so it is lowered for that moment alone. */
const open: OpenStore = async (owner, options) => {
  const path = temporaryDirectory(owner);
  if (!options) return openIn(owner, path);
  const restore = lowerLimit('changeLogRowsMax', options.changeLogRowsMax);
  try {
    return await openIn(owner, path);
  } finally {
    restore();
  }
};

storeContract('the embedded store', open);

test('a store that is opened again holds everything as it was, and goes on from its revision', async (t) => {
  const path = temporaryDirectory(t);
  const first = await openIn(t, path);
  await first.transact(async (tx) => {
    tx.put('hosted-zone', zone('Z1'));
    for (const label of ['a', 'b']) tx.put('record-set', record('Z1', label));
    tx.putKeyPair({
      reference: 'key1',
      account: '000000000000',
      region: 'us-east-1',
      chainPem: 'chain',
      sealedKey: new Uint8Array([0, 1, 255]),
    });
  });
  await first.transact(async (tx) => tx.remove('record-set', record('Z1', 'a').id));
  await first.note('hosted-zone', 'Z1', { tries: 3 });
  const [revision, changes] = [await first.revision(), await first.changesSince(0)];
  await first.close();

  const second = await openIn(t, path);
  assert.equal(await second.revision(), revision);
  assert.deepEqual(await second.changesSince(0), changes);
  assert.deepEqual(await second.view.get('hosted-zone', 'Z1'), zone('Z1'));
  assert.deepEqual(await second.view.children('record-set', 'Z1'), [record('Z1', 'b')]);
  assert.deepEqual(await second.noted('hosted-zone', 'Z1'), { tries: 3 });
  const keys = second.certificateSource.read('key1');
  assert.deepEqual(keys && { ...keys, sealedKey: [...keys.sealedKey] }, { chainPem: 'chain', sealedKey: [0, 1, 255] });
  await second.transact(async (tx) => tx.put('hosted-zone', zone('Z2')));
  assert.equal(await second.revision(), revision + 1);
});

test('a key or a secret of earlier is found in no file any more, once it was swapped or sealed anew', async (t) => {
  const path = temporaryDirectory(t);
  const store = await openIn(t, path);
  const bytes = (text: string) => new Uint8Array([1, 1, ...Buffer.from(text.repeat(40))]);
  const secret = { id: 'tokens', purpose: 'tokens', createdAtMs: 1 };
  const keyPair = { reference: 'key1', account: '000000000000', region: 'us-east-1', chainPem: 'chain' };
  await store.transact(async (tx) => tx.putKeyPair({ ...keyPair, sealedKey: bytes('sealed before') }));
  await store.vault.swapSecrets([], [{ ...secret, wrapped: bytes('wrapped before') }]);
  const swap = { reference: 'key1', before: bytes('sealed before'), after: bytes('sealed after') };
  assert.equal(await store.vault.reseal([swap]), 1);
  await store.vault.swapSecrets(await store.vault.secrets(), [{ ...secret, wrapped: bytes('wrapped after') }]);
  const files = readdirSync(path).map((name) => readFileSync(join(path, name)));
  const isFound = (text: string) => files.some((content) => content.includes(text));
  assert.deepEqual(['sealed after', 'wrapped after', 'sealed before', 'wrapped before'].map(isFound), [
    true,
    true,
    false,
    false,
  ]);
});

const DAY_MS = 86_400_000;

test('a database of the first version is brought up to date, and nothing in it is lost', async (t) => {
  const path = join(temporaryDirectory(t), 'sallyport.db');
  const database = new DatabaseSync(path);
  database.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
  const old = (id: string, status: string, more: object) => {
    const body = JSON.stringify({ id, status, subjectAlternativeNames: ['a.example', `*.${id}.example`], ...more });
    database.prepare(`INSERT INTO object VALUES ('certificate', ?, 'owner', 'region', NULL, ?)`).run(id, body);
  };
  const pem = { certificatePem: 'leaf', chainPem: 'chain' };
  old('issued', 'ISSUED', { issued: { keyPairReference: 'key1', notAfterMs: 50 * DAY_MS, ...pem } });
  old('pending', 'PENDING_VALIDATION', { validations: [{ domainName: 'a.example' }, { domainName: '*.b.example' }] });
  old('expired', 'EXPIRED', { issued: { keyPairReference: 'key2', notAfterMs: 5, ...pem } });
  database.close();

  const store = await openEmbeddedStore(path, log);
  t.after(() => store.close());
  const found = await store.view.get('certificate', 'issued');
  assert.equal(found?.type, 'AMAZON_ISSUED');
  assert.equal(found.issuer, 'local');
  assert.deepEqual(found.issued as object, {
    keyPairReference: 'key1',
    notAfterMs: 50 * DAY_MS,
    renewAtMs: 5 * DAY_MS,
    reviewAtMs: 5 * DAY_MS,
  });
  const due = (untilMs: number) => store.due('certificate', { afterMs: 0, untilMs, limit: 10 });
  assert.deepEqual(await due(5 * DAY_MS - 1), []);
  assert.deepEqual(
    (await due(5 * DAY_MS)).map(({ id }) => id),
    ['issued'],
  );
  const owned = await store.view.belonging('certificate', 'owner', { after: 'expired' });
  assert.deepEqual(
    owned.map(({ id }) => id),
    ['issued', 'pending'],
  );
  const pending = await store.view.get('certificate', 'pending');
  assert.deepEqual(
    pending?.validations.map(({ validationDomain }) => validationDomain),
    ['a.example', 'b.example'],
  );
  assert.equal(pending.exportOption, 'DISABLED');
  const referring = async (target: string) => (await store.view.referring('certificate', target)).map(({ id }) => id);
  assert.deepEqual(await referring(reference.pendingCertificates()), ['pending']);
  assert.deepEqual(await referring(reference.certificateName('a.example')), ['expired', 'issued', 'pending']);
  assert.deepEqual(await referring(reference.certificateName('*.pending.example')), ['pending']);
});

test('a file that is no database is refused with its reason', async (t) => {
  const path = join(temporaryDirectory(t), 'sallyport.db');
  writeFileSync(path, randomBytes(8_192));
  await assert.rejects(openEmbeddedStore(path, log), (error) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, 'ServiceUnavailableException');
    assert.match(String(error.cause), /not a database/);
    return true;
  });
});
