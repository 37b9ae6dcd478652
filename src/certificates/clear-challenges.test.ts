// What a crash left open of an order goes at the next start, page by page, and its keys with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../../test/harness/acme-issuer.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { clearChallenges } from './clear-challenges.ts';

test('answers that a crash left behind are taken away, with their keys', async (t) => {
  const on = await openTestStore(t);
  const owner = { account: 'sallyport', region: 'local' };
  await on.store.transact(async (transaction) => {
    for (let at = 0; at < 1_001; at += 1) {
      const row = { ...owner, id: `dns-01/${at}`, type: 'dns-01' as const, key: String(at), value: 'text' };
      transaction.put('challenge', row);
    }
    const keyPairReferences = { ec: 'key-ec', rsa: 'key-rsa' };
    transaction.put('challenge', { ...owner, id: 'x', type: 'tls-alpn-01', key: 'a', value: '', keyPairReferences });
    for (const reference of Object.values(keyPairReferences))
      transaction.putKeyPair({ ...owner, reference, chainPem: 'chain', sealedKey: Buffer.of(1) });
  });
  assert.ok(on.certificateSource.read('key-rsa'));
  await clearChallenges(on.store);
  assert.deepEqual(await on.store.view.all('challenge'), []);
  for (const reference of ['key-ec', 'key-rsa']) {
    await eventually(`${reference} is gone`, () =>
      on.certificateSource.read(reference) === undefined ? true : undefined,
    );
  }
});
