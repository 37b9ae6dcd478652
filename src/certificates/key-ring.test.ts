// Keys at rest over a real store: what opens with which master key, what a first version left is brought over, and a rotation loses
// nothing, whatever is written while it runs and wherever it stops.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test, type TestContext } from 'node:test';
import { Fault } from '../model/faults.ts';
import type { Log } from '../observe/log.ts';
import { deriveKey, keyIdOf, seal } from '../protocol/sealed-envelope.ts';
import type { Store, Vault } from '../store/contract.ts';
import { openDataDirectory } from '../store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../store/embedded/embedded-store.ts';
import { MasterKeyProblem, newMasterKey, readMasterKey } from '../store/embedded/master-key.ts';
import { openKeyRing, type KeyRing } from './key-ring.ts';
import { dataKeySecret, wrapAll } from './wrapped-secrets.ts';

const OWNER = { account: '000000000000', region: 'us-east-1' } as const;
const DONE = 'private keys are sealed under the new data key; the old one is gone';
const DAMAGED = 'some private keys do not open; their data key is kept';

function temporaryDirectory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-keys-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Keeps the words of every line, and tells of each. */
class Words extends EventEmitter {
  readonly said: string[] = [];
  readonly log: Log = {
    debug: (message) => this.#say(message),
    info: (message) => this.#say(message),
    warn: (message) => this.#say(message),
    error: (message) => this.#say(message),
    with: () => this.log,
  };

  #say(message: string): void {
    this.said.push(message);
    this.emit(message);
  }

  async hear(message: string): Promise<void> {
    if (!this.said.includes(message)) await once(this, message, { signal: AbortSignal.timeout(20_000) });
  }
}

interface Given {
  readonly masterKey?: string;
  readonly previous?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Between the key ring and its vault. */
  readonly vault?: (vault: Vault) => Vault;
}

interface Opened {
  readonly ring: KeyRing;
  readonly store: Store;
  readonly words: Words;
  readonly clock: { atMs: number };
  /** Seals a text and writes it. */
  put(reference: string, text?: string): Promise<void>;
  /** What a handshake would read. */
  read(reference: string): string | undefined;
  /** The number of the data key above it. */
  under(reference: string): number | undefined;
  close(): Promise<void>;
}

const write = (store: Store, reference: string, sealedKey: Uint8Array) =>
  store.transact(async (tx) => tx.putKeyPair({ ...OWNER, reference, chainPem: 'chain', sealedKey }));

async function openRing(context: TestContext, dataDir: string, given: Given = {}): Promise<Opened> {
  const directory = openDataDirectory(dataDir);
  const words = new Words();
  const store = await openEmbeddedStore(directory.databasePath, words.log);
  const certificateSource = directory.openCertificateSource();
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const step of closing.splice(0)) await step();
  };
  closing.push(
    () => certificateSource.close(),
    () => store.close(),
    () => directory.release(),
  );
  context.after(close);
  const { environment = {}, previous } = given;
  const clock = { atMs: 1_000_000 };
  const read = (text: string | undefined, flag: 'master-key' | 'previous-master-key') =>
    readMasterKey(text, { dataDir, environment, flag });
  try {
    const ring = await openKeyRing({
      vault: given.vault?.(store.vault) ?? store.vault,
      certificateSource,
      master: read(given.masterKey, 'master-key'),
      previous: previous === undefined ? undefined : () => read(previous, 'previous-master-key'),
      dataDir,
      realClock: { now: () => clock.atMs },
      log: words.log,
    });
    closing.unshift(() => ring.stop());
    return {
      ring,
      store,
      words,
      clock,
      put: (reference, text = reference) => write(store, reference, ring.seal(text, reference)),
      read(reference) {
        const row = certificateSource.read(reference);
        return row && ring.open(row.sealedKey, reference);
      },
      under: (reference) => keyIdOf(certificateSource.read(reference)?.sealedKey ?? new Uint8Array()),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const masterKeyOf = (dataDir: string) => readFileSync(join(dataDir, 'master.key'), 'utf8');
const variables = (keys: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, Buffer.from(key).toString('base64')]));

/** What the first versions left: envelopes under a key derived from the master key, and no secrets. */
async function firstVersion(context: TestContext, master: Uint8Array, references: readonly string[]): Promise<string> {
  const dataDir = temporaryDirectory(context);
  const directory = openDataDirectory(dataDir);
  const store = await openEmbeddedStore(directory.databasePath, new Words().log);
  const key = { id: 1, bytes: deriveKey(master, 'private keys') };
  for (const one of references) await write(store, one, seal(key, Buffer.from(one), one));
  await store.close();
  directory.release();
  return dataDir;
}

function refused(attempt: Promise<unknown>, line: RegExp): Promise<void> {
  return assert.rejects(attempt, (error: unknown) => {
    assert.ok(error instanceof MasterKeyProblem, String(error));
    assert.match(error.message, line);
    assert.match(error.message, / No key was changed\. /);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
}

describe('the master key', () => {
  test('what was sealed opens at a later start, and the secrets stay', async (t) => {
    const dataDir = temporaryDirectory(t);
    const first = await openRing(t, dataDir);
    await first.put('a');
    await first.close();
    const second = await openRing(t, dataDir);
    assert.equal(second.read('a'), 'a');
    assert.deepEqual(second.ring.tokenKey, first.ring.tokenKey);
    assert.deepEqual(second.ring.connectionIdKey, first.ring.connectionIdKey);
    assert.notDeepEqual(first.ring.tokenKey, first.ring.connectionIdKey);
    const other = await openRing(t, temporaryDirectory(t));
    assert.notDeepEqual(other.ring.tokenKey, first.ring.tokenKey);
  });

  test('another key is refused in one line that names the setting, and the right one still opens', async (t) => {
    const dataDir = temporaryDirectory(t);
    const environment = variables({ RIGHT: newMasterKey(), WRONG: newMasterKey(), THIRD: newMasterKey() });
    const first = await openRing(t, dataDir, { masterKey: 'env:RIGHT', environment });
    await first.put('a');
    await first.close();
    const with_ = (more: Given) => openRing(t, dataDir, { environment, ...more });
    await refused(
      with_({ masterKey: 'env:WRONG' }),
      /^the master key --master-key env:WRONG does not open .*--previous/,
    );
    await refused(
      with_({ masterKey: 'env:WRONG', previous: 'env:THIRD' }),
      /^neither .* nor --previous-master-key env:THIRD opens/,
    );
    await refused(with_({}), /^the master key \S+master\.key is not there, .* Restore it, or .*--master-key\.$/);
    assert.equal(existsSync(join(dataDir, 'master.key')), false, 'none is made in place of it');
    await refused(
      with_({ masterKey: 'passphrase-env:WORDS', environment: { WORDS: 'twelve letters' } }),
      /with the salt of \S+master\.salt\) does not open/,
    );
    assert.equal(existsSync(join(dataDir, 'master.salt')), false, 'no salt is made for one that does not open');
    assert.equal((await with_({ masterKey: 'env:RIGHT' })).read('a'), 'a');
  });

  const TAMPERED: readonly (readonly [name: string, change: (wrapped: Uint8Array[]) => Uint8Array[]])[] = [
    [
      'a bit of a secret is changed',
      ([first, ...rest]) => [first!.map((byte, at) => (at === 20 ? byte ^ 1 : byte)), ...rest],
    ],
    ['two secrets are exchanged', ([first, second, ...rest]) => [second!, first!, ...rest]],
    ['a secret is cut', ([first, ...rest]) => [first!.subarray(0, 40), ...rest]],
  ];
  for (const [name, change] of TAMPERED) {
    test(`nothing opens when ${name}`, async (t) => {
      const dataDir = temporaryDirectory(t);
      const first = await openRing(t, dataDir);
      const { vault } = first.store;
      const before = await vault.secrets();
      const wrapped = change(before.map((secret) => secret.wrapped));
      await vault.swapSecrets(
        before,
        before.map((secret, at) => ({ ...secret, wrapped: wrapped[at]! })),
      );
      await first.close();
      await refused(openRing(t, dataDir), /^the master key \S+master\.key does not open/);
    });
  }

  test('a previous key moves everything under the new one in one step, and is not needed again', async (t) => {
    const dataDir = temporaryDirectory(t);
    const first = await openRing(t, dataDir);
    await first.put('a');
    await first.close();
    const environment = { WORDS: 'twelve letters and more' };
    const moved = { masterKey: 'passphrase-env:WORDS', environment };
    const previous = join(dataDir, 'master.key');
    const second = await openRing(t, dataDir, { ...moved, previous });
    assert.equal(second.read('a'), 'a');
    assert.ok(second.words.said.some((line) => line.includes('--previous-master-key is not needed any more')));
    assert.deepEqual(second.ring.tokenKey, first.ring.tokenKey);
    await second.close();
    rmSync(previous);
    const third = await openRing(t, dataDir, { ...moved, previous });
    assert.equal(third.read('a'), 'a', 'what is not needed is not even read');
    assert.ok(third.words.said.some((line) => line.includes('--previous-master-key is not needed any more')));
    await third.close();
    await refused(openRing(t, dataDir), /is not there/);
  });
});

test('a secret that a later version has come to need is made at its first start, and stays', async (t) => {
  const dataDir = temporaryDirectory(t);
  const first = await openRing(t, dataDir);
  const before = await first.store.vault.secrets();
  await first.store.vault.swapSecrets(
    before,
    before.filter(({ purpose }) => purpose !== 'approvals'),
  );
  await first.close();
  const second = await openRing(t, dataDir);
  assert.deepEqual(second.ring.tokenKey, first.ring.tokenKey);
  assert.notDeepEqual(second.ring.approvalKey, first.ring.approvalKey);
  await second.close();
  assert.deepEqual((await openRing(t, dataDir)).ring.approvalKey, second.ring.approvalKey);
});

describe('a data directory of a first version', () => {
  const master = newMasterKey();
  const environment = variables({ OLD: master, NEW: newMasterKey() });

  test('is brought over whole: its keys open, and the secrets stay what they were', async (t) => {
    const dataDir = await firstVersion(t, master, ['a', 'b']);
    for (const _ of ['at first', 'and later']) {
      const opened = await openRing(t, dataDir, { masterKey: 'env:OLD', environment });
      assert.deepEqual([opened.read('a'), opened.read('b'), opened.under('a')], ['a', 'b', 1]);
      assert.deepEqual(opened.ring.tokenKey, deriveKey(master, 'tokens'));
      assert.deepEqual(opened.ring.connectionIdKey, deriveKey(master, 'connection ids'));
      assert.deepEqual(opened.ring.approvalKey, deriveKey(master, 'approvals'));
      assert.deepEqual(opened.ring.accessKeysKey, deriveKey(master, 'access keys'));
      assert.deepEqual((await opened.store.vault.secrets()).map(({ purpose }) => purpose).sort(), [
        'access keys',
        'approvals',
        'connection ids',
        'private keys',
        'tokens',
      ]);
      await opened.close();
    }
  });

  test('is brought over under another master key at once', async (t) => {
    const dataDir = await firstVersion(t, master, ['a']);
    const first = await openRing(t, dataDir, { masterKey: 'env:NEW', previous: 'env:OLD', environment });
    assert.equal(first.read('a'), 'a');
    await first.close();
    const second = await openRing(t, dataDir, { masterKey: 'env:NEW', environment });
    assert.deepEqual(second.ring.tokenKey, deriveKey(master, 'tokens'));
  });

  test('is left alone when the key is not the one', async (t) => {
    const dataDir = await firstVersion(t, master, ['a']);
    await refused(
      openRing(t, dataDir, { masterKey: 'env:NEW', environment }),
      /^the master key --master-key env:NEW does/,
    );
    await refused(openRing(t, dataDir), /^the master key \S+master\.key is not there/);
    const opened = await openRing(t, dataDir, { masterKey: 'env:OLD', environment });
    assert.equal(opened.read('a'), 'a');
  });

  test('rotates like any other', async (t) => {
    const dataDir = await firstVersion(t, master, ['a', 'b']);
    const opened = await openRing(t, dataDir, { masterKey: 'env:OLD', environment });
    await opened.ring.rotate();
    await opened.words.hear(DONE);
    assert.deepEqual([opened.read('a'), opened.under('a'), opened.under('b')], ['a', 2, 2]);
    assert.deepEqual(opened.ring.tokenKey, deriveKey(master, 'tokens'));
  });
});

/** A vault whose next swaps end with an error: after they were done, or before. */
function troubled(troubles: ('done' | 'not done')[]): (vault: Vault) => Vault {
  return (vault) => ({
    ...vault,
    async swapSecrets(before, after) {
      const trouble = troubles.shift();
      if (trouble === undefined) return vault.swapSecrets(before, after);
      if (trouble === 'done') await vault.swapSecrets(before, after);
      throw new Error('the disk is full');
    },
  });
}

describe('a rotation', () => {
  for (const troubles of [
    ['done'],
    ['not done'],
    ['done', 'not done'],
    ['not done', 'done'],
    ['not done', 'not done'],
  ] as const) {
    test(`that ends with an error, ${troubles.join(' and then ')}, loses no key`, async (t) => {
      const dataDir = temporaryDirectory(t);
      const coming: ('done' | 'not done')[] = [];
      const opened = await openRing(t, dataDir, { vault: troubled(coming) });
      coming.push(...troubles);
      await opened.put('old');
      for (const _ of troubles) await opened.ring.rotate().catch(() => {});
      await opened.put('newer');
      await opened.close();
      const again = await openRing(t, dataDir);
      assert.deepEqual([again.read('old'), again.read('newer')], ['old', 'newer']);
      await again.ring.rotate();
      await again.words.hear(DONE);
      assert.equal(again.read('old'), 'old');
    });
  }

  test('seals everything anew, removes the old data key, and replaces the own master key', async (t) => {
    const dataDir = temporaryDirectory(t);
    const opened = await openRing(t, dataDir);
    const references = Array.from({ length: 250 }, (_, at) => `key-${at}`);
    for (const one of references) await opened.put(one);
    const before = masterKeyOf(dataDir);
    await opened.ring.rotate();
    assert.equal(opened.read('key-249'), 'key-249', 'under either key');
    await opened.put('new');
    assert.equal(opened.under('new'), 2);
    await opened.words.hear(DONE);
    assert.deepEqual(references.map(opened.read), references);
    const { keys, rotation, masterKey } = await opened.ring.report();
    assert.deepEqual(
      keys.map(({ id, keyPairs }) => [id, keyPairs]),
      [
        ['access-keys', undefined],
        ['approvals', undefined],
        ['connection-ids', undefined],
        ['private-keys-2', 251],
        ['tokens', undefined],
      ],
    );
    assert.deepEqual(rotation, { from: 1, to: 2, isRunning: false, resealed: 250, left: 0, problem: undefined });
    assert.equal(masterKey.isReplacedByRotation, true);
    const after = masterKeyOf(dataDir);
    assert.notEqual(after, before);
    assert.equal(after.trim().split('\n').length, 1);
    await opened.close();
    const again = await openRing(t, dataDir);
    assert.deepEqual(references.map(again.read), references);
    assert.deepEqual(again.ring.tokenKey, opened.ring.tokenKey);
    assert.deepEqual(again.ring.connectionIdKey, opened.ring.connectionIdKey);
    await again.close();
    writeFileSync(join(dataDir, 'master.key'), before);
    await refused(openRing(t, dataDir), /^the master key \S+master\.key does not open/);
  });

  test('leaves a master key that is the operator’s', async (t) => {
    const dataDir = temporaryDirectory(t);
    const given = { masterKey: 'env:KEY', environment: variables({ KEY: newMasterKey() }) };
    const opened = await openRing(t, dataDir, given);
    await opened.put('a');
    await opened.ring.rotate();
    await opened.words.hear(DONE);
    assert.equal((await opened.ring.report()).masterKey.isReplacedByRotation, false);
    await opened.close();
    assert.equal((await openRing(t, dataDir, given)).read('a'), 'a');
    assert.equal(existsSync(join(dataDir, 'master.key')), false);
  });

  test('that is asked for twice at once is one', async (t) => {
    const opened = await openRing(t, temporaryDirectory(t));
    for (let at = 0; at < 20; at += 1) await opened.put(`key-${at}`);
    await Promise.all([opened.ring.rotate(), opened.ring.rotate(), opened.ring.rotate()]);
    await opened.words.hear(DONE);
    assert.equal(opened.under('key-0'), 2);
    assert.equal(opened.words.said.filter((line) => line === DONE).length, 1);
  });

  test('undoes no renewal and no removal that happens meanwhile', async (t) => {
    const opened = await openRing(t, temporaryDirectory(t));
    const references = Array.from({ length: 300 }, (_, at) => `key-${String(at).padStart(3, '0')}`);
    for (const one of references) await opened.put(one);
    const { store } = opened;
    const changing = references.map(async (one, at) => {
      if (at % 3 === 0) await opened.put(one, `${one} renewed`);
      if (at % 3 === 1) await store.transact(async (tx) => tx.removeKeyPair(one));
    });
    await Promise.all([opened.ring.rotate(), ...changing]);
    // What was removed a moment after it was sealed cannot be told from what is not written yet.
    opened.clock.atMs += 60_000;
    await opened.words.hear(DONE);
    assert.deepEqual(
      references.map(opened.read),
      references.map((one, at) => [`${one} renewed`, undefined, one][at % 3]),
    );
    assert.deepEqual([...(await store.vault.countSealed()).keys()], [2]);
  });

  test('numbers go round, and the newest is the current one at the next start', async (t) => {
    const dataDir = temporaryDirectory(t);
    const key = newMasterKey();
    const given = { masterKey: 'env:KEY', environment: variables({ KEY: key }) };
    const first = await openRing(t, dataDir, given);
    const { vault } = first.store;
    const before = await vault.secrets();
    const [last] = wrapAll(key, [dataKeySecret(255, newMasterKey(), 1)]);
    await vault.swapSecrets(before, [...before.filter(({ dataKey }) => dataKey === undefined), last!]);
    await first.close();
    const second = await openRing(t, dataDir, given);
    await second.put('a');
    const damaged = seal({ id: 255, bytes: newMasterKey() }, Buffer.from('x'), 'damaged');
    await write(second.store, 'damaged', damaged);
    await second.ring.rotate();
    await second.words.hear(DAMAGED);
    await second.close();
    const third = await openRing(t, dataDir, given);
    await third.put('b');
    assert.deepEqual([third.under('a'), third.under('b'), third.read('a')], [1, 1, 'a']);
  });

  test('keeps the old data key while a private key does not open, says so, and ends once it is gone', async (t) => {
    const opened = await openRing(t, temporaryDirectory(t));
    await opened.put('a');
    const { store, ring, words } = opened;
    await write(store, 'damaged', seal({ id: 1, bytes: newMasterKey() }, Buffer.from('x'), 'damaged'));
    await ring.rotate();
    await words.hear(DAMAGED);
    const { rotation, keys } = await ring.report();
    assert.deepEqual([rotation?.isRunning, rotation?.left], [false, 1]);
    assert.match(
      rotation!.problem!,
      /^1 private keys do not open under data key 1, which is kept: damaged is the first$/,
    );
    assert.equal(keys.length, 6);
    assert.equal(opened.under('a'), 2);
    await store.transact(async (tx) => tx.removeKeyPair('damaged'));
    await ring.rotate();
    await words.hear(DONE);
    assert.equal((await ring.report()).keys.length, 5);
  });

  test('waits for what was sealed before it and is not written yet', async (t) => {
    const opened = await openRing(t, temporaryDirectory(t));
    const { ring, store, words } = opened;
    const late = ring.seal('late', 'late');
    await ring.rotate();
    // It looked at least once, found nothing to do, and did not end.
    for (let asked = 0; asked < 50; asked += 1) await store.vault.countSealed();
    assert.equal((await ring.report()).rotation?.isRunning, true);
    await write(store, 'late', late);
    await words.hear(DONE);
    assert.deepEqual([opened.read('late'), opened.under('late')], ['late', 2]);
  });

  test('waits no longer than a bound, and what comes later still is refused', async (t) => {
    const opened = await openRing(t, temporaryDirectory(t));
    const late = opened.ring.seal('late', 'late');
    await opened.ring.rotate();
    opened.clock.atMs += 60_000;
    await opened.words.hear(DONE);
    await assert.rejects(write(opened.store, 'late', late), (error) => (error as Fault).code === 'ConflictException');
  });

  test('that cannot write the master key changes nothing, and says so', async (t) => {
    const dataDir = temporaryDirectory(t);
    const opened = await openRing(t, dataDir);
    await opened.put('a');
    const before = masterKeyOf(dataDir);
    // A folder in the place of the draft: nothing can be written there, whoever runs the test.
    mkdirSync(join(dataDir, 'master.key.new'));
    await assert.rejects(opened.ring.rotate(), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, 'ServiceUnavailableException');
      assert.match(error.message, /^The master key cannot be replaced: \S+master\.key cannot be written: \w+\. No key/);
      return true;
    });
    assert.equal(masterKeyOf(dataDir), before);
    assert.equal((await opened.ring.report()).keys.length, 5);
    await opened.close();
    assert.equal((await openRing(t, dataDir)).read('a'), 'a');
  });
});

describe('a replacement of the master key that was cut short', () => {
  test('by a store that cannot be written, keeps both until one is known to be in force', async (t) => {
    const dataDir = temporaryDirectory(t);
    const opened = await openRing(t, dataDir);
    await opened.put('a');
    const before = masterKeyOf(dataDir);
    const other = new DatabaseSync(join(dataDir, 'sallyport.db'));
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(opened.ring.rotate(), (error) => (error as Fault).code === 'ServiceUnavailableException');
    const between = masterKeyOf(dataDir);
    assert.ok(between.startsWith(before), 'the one in force is still there');
    assert.equal(between.trim().split('\n').length, 2);
    other.exec('ROLLBACK');
    other.close();
    await opened.put('b');
    assert.equal(opened.under('b'), 1, 'nothing was changed');
    await opened.ring.rotate();
    await opened.words.hear(DONE);
    await opened.close();
    const again = await openRing(t, dataDir);
    assert.deepEqual([again.read('a'), again.read('b'), again.under('a')], ['a', 'b', 2]);
  });

  test('before its commit, leaves the old one in force', async (t) => {
    const dataDir = temporaryDirectory(t);
    const first = await openRing(t, dataDir);
    await first.put('a');
    await first.close();
    const before = masterKeyOf(dataDir);
    writeFileSync(join(dataDir, 'master.key'), `${before}${Buffer.from(newMasterKey()).toString('base64')}\n`);
    const second = await openRing(t, dataDir);
    assert.equal(second.read('a'), 'a');
    assert.equal(masterKeyOf(dataDir), before);
  });

  test('after its commit, leaves the new one in force, and the next start goes on', async (t) => {
    const dataDir = temporaryDirectory(t);
    const first = await openRing(t, dataDir);
    for (let at = 0; at < 300; at += 1) await first.put(`key-${at}`);
    const before = masterKeyOf(dataDir);
    await first.ring.rotate();
    await first.close();
    const after = masterKeyOf(dataDir);
    writeFileSync(join(dataDir, 'master.key'), `${before}${after}`);
    const second = await openRing(t, dataDir);
    assert.equal(masterKeyOf(dataDir), after);
    second.ring.resume();
    if ((await second.ring.report()).keys.length > 4) await second.words.hear(DONE);
    for (let at = 0; at < 300; at += 1) assert.equal(second.read(`key-${at}`), `key-${at}`);
    assert.deepEqual([...(await second.store.vault.countSealed()).keys()], [2]);
  });
});
