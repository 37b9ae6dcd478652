// What every store keeps of its vault: secrets that are swapped whole, and key pairs that are found and sealed anew by data key.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret, Store } from '../../src/store/contract.ts';
import { certificate, isFault, keyPair, listen, write, type OpenStore, type TestedStore } from './store-entities.ts';

const secret = (id: string, over: Partial<Secret> = {}): Secret => ({
  id,
  purpose: 'a purpose',
  wrapped: new Uint8Array([0, 255, ...Buffer.from(id)]),
  createdAtMs: 1,
  ...over,
});
const dataKey = (number: number, over: Partial<Secret> = {}) =>
  secret(`data-key-${number}`, { dataKey: number, ...over });

/** A key pair under a data key: its number is the second byte. */
const sealed = (reference: string, under: number, text = reference) => ({
  ...keyPair(reference, text),
  sealedKey: new Uint8Array([1, under, ...Buffer.from(text)]),
});

const plain = (secrets: readonly Secret[]) => secrets.map((one) => ({ ...one, wrapped: [...one.wrapped] }));
const referencesUnder = async (store: Store, under: number, page = {}) =>
  (await store.vault.sealedUnder(under, page)).map(({ reference }) => reference);
const read = (store: TestedStore, reference: string) => {
  const row = store.certificateSource.read(reference);
  return row && Buffer.from(row.sealedKey).subarray(2).toString();
};
const putSealed = (store: Store, ...rows: ReturnType<typeof sealed>[]) =>
  write(store, (tx) => rows.forEach((row) => tx.putKeyPair(row)));

export function vaultTests(open: OpenStore): void {
  secretTests(open);
  resealTests(open);
  dataKeyTests(open);
}

function secretTests(open: OpenStore): void {
  test('secrets read back as they were, in order of id', async (t) => {
    const { vault } = await open(t);
    assert.deepEqual(await vault.secrets(), []);
    assert.equal(await vault.swapSecrets([], [secret('tokens'), dataKey(7, { createdAtMs: 5 })]), true);
    assert.deepEqual(plain(await vault.secrets()), plain([dataKey(7, { createdAtMs: 5 }), secret('tokens')]));
  });

  test('a swap takes the place of all of them', async (t) => {
    const { vault } = await open(t);
    await vault.swapSecrets([], [secret('a'), secret('b')]);
    const before = await vault.secrets();
    const wrapped = new Uint8Array([9]);
    assert.equal(await vault.swapSecrets(before, [secret('b', { wrapped }), secret('c')]), true);
    assert.deepEqual(plain(await vault.secrets()), plain([secret('b', { wrapped }), secret('c')]));
  });

  const STALE: readonly (readonly [name: string, before: readonly Secret[]])[] = [
    ['less', [secret('a')]],
    ['more', [secret('a'), secret('b'), secret('c')]],
    ['other bytes', [secret('a', { wrapped: new Uint8Array([1]) }), secret('b')]],
    ['another purpose', [secret('a', { purpose: 'another' }), secret('b')]],
    ['another number', [secret('a', { dataKey: 3 }), secret('b')]],
  ];
  for (const [name, before] of STALE) {
    test(`a swap by who knows ${name} than there is changes nothing`, async (t) => {
      const { vault } = await open(t);
      await vault.swapSecrets([], [secret('a'), secret('b')]);
      assert.equal(await vault.swapSecrets(before, [secret('z')]), false);
      assert.deepEqual(plain(await vault.secrets()), plain([secret('a'), secret('b')]));
    });
  }

  test('of two swaps at once one is done', async (t) => {
    const { vault } = await open(t);
    const done = await Promise.all(['a', 'b', 'c'].map((id) => vault.swapSecrets([], [secret(id)])));
    assert.equal(done.filter(Boolean).length, 1);
    assert.equal((await vault.secrets()).length, 1);
  });

  test('a data key that still seals a key pair does not go, and goes when it seals none', async (t) => {
    const store = await open(t);
    const { vault } = store;
    await vault.swapSecrets([], [dataKey(1), dataKey(2), secret('tokens')]);
    await putSealed(store, sealed('a', 1));
    const before = await vault.secrets();
    assert.equal(await vault.swapSecrets(before, [dataKey(2), secret('tokens')]), false);
    assert.deepEqual(plain(await vault.secrets()), plain(before));
    await write(store, (tx) => tx.removeKeyPair('a'));
    assert.equal(await vault.swapSecrets(before, [dataKey(2), secret('tokens')]), true);
  });
}

function resealTests(open: OpenStore): void {
  test('key pairs are found by their data key, page by page in order of reference, and counted', async (t) => {
    const store = await open(t);
    const odd = ['a', 'c', 'e', 'g', 'i'];
    await putSealed(store, ...odd.map((one) => sealed(one, 1)), sealed('b', 2), sealed('d', 255));
    assert.deepEqual(await referencesUnder(store, 1), odd);
    assert.deepEqual(await referencesUnder(store, 1, { limit: 2 }), ['a', 'c']);
    assert.deepEqual(await referencesUnder(store, 1, { after: 'c', limit: 2 }), ['e', 'g']);
    assert.deepEqual(await referencesUnder(store, 1, { after: 'i' }), []);
    assert.deepEqual(await referencesUnder(store, 3), []);
    const [first] = await store.vault.sealedUnder(255);
    assert.deepEqual([...first!.sealedKey], [...sealed('d', 255).sealedKey]);
    assert.deepEqual(
      await store.vault.countSealed(),
      new Map([
        [1, 5],
        [2, 1],
        [255, 1],
      ]),
    );
  });

  test('a key pair that is sealed anew keeps its chain, is readable at once, and makes no revision and no event', async (t) => {
    const store = await open(t);
    await putSealed(store, sealed('a', 1), sealed('b', 1));
    const [revision, events, chain] = [await store.revision(), listen(store), await store.chainOf('a')];
    const swaps = [{ reference: 'a', before: sealed('a', 1).sealedKey, after: sealed('a', 2, 'anew').sealedKey }];
    assert.equal(await store.vault.reseal(swaps), 1);
    assert.deepEqual([read(store, 'a'), read(store, 'b')], ['anew', 'b']);
    assert.deepEqual([await referencesUnder(store, 1), await referencesUnder(store, 2)], [['b'], ['a']]);
    assert.equal(await store.revision(), revision);
    assert.deepEqual(events, []);
    assert.equal(await store.chainOf('a'), chain);
  });

  test('one that was replaced or removed meanwhile stays so, and the others are sealed anew', async (t) => {
    const store = await open(t);
    await putSealed(store, sealed('gone', 1), sealed('renewed', 1), sealed('same', 1));
    const rows = await store.vault.sealedUnder(1);
    await write(store, (tx) => {
      tx.removeKeyPair('gone');
      tx.putKeyPair(sealed('renewed', 1, 'by a renewal'));
    });
    const swaps = rows.map(({ reference, sealedKey: before }) => ({
      reference,
      before,
      after: sealed(reference, 2, `${reference} anew`).sealedKey,
    }));
    assert.equal(await store.vault.reseal(swaps), 1);
    assert.deepEqual(
      ['gone', 'renewed', 'same'].map((one) => read(store, one)),
      [undefined, 'by a renewal', 'same anew'],
    );
  });
}

function dataKeyTests(open: OpenStore): void {
  test('a key pair under a data key that is gone is not written, nor is anything with it', async (t) => {
    const store = await open(t);
    await store.vault.swapSecrets([], [dataKey(2), secret('tokens')]);
    const both = (under: number) =>
      write(store, (tx) => {
        tx.put('certificate', certificate('c1'));
        tx.putKeyPair(sealed('key', under));
      });
    await assert.rejects(both(1), isFault('ConflictException'));
    assert.equal(await store.view.get('certificate', 'c1'), undefined);
    assert.equal(read(store, 'key'), undefined);
    await both(2);
    assert.equal(read(store, 'key'), 'key');
  });

  test('removals, and objects without keys, ask for no data key', async (t) => {
    const store = await open(t);
    await putSealed(store, sealed('old', 1));
    await store.vault.swapSecrets([], [dataKey(2)]);
    await write(store, (tx) => {
      tx.put('certificate', certificate('c1'));
      tx.removeKeyPair('old');
    });
    assert.deepEqual(await store.vault.countSealed(), new Map());
  });
}
