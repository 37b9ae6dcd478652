// Takes away the answers to challenges that a crash left behind: before the first order of a start, and also where no authority is
// configured any more. While one is open, listeners look for those who ask for it.

import type { Challenge } from '../model/certificate.ts';
import type { Store } from '../store/contract.ts';

const PAGE = 500;

/** With their keys, in one commit for each page. */
export async function clearChallenges(store: Store): Promise<void> {
  for (;;) {
    const left = await store.view.all('challenge', { limit: PAGE });
    await removeChallenges(store, left);
    if (left.length < PAGE) return;
  }
}

export async function removeChallenges(store: Store, challenges: readonly Challenge[]): Promise<void> {
  if (challenges.length === 0) return;
  await store.transact(async (transaction) => {
    for (const { id, keyPairReferences } of challenges) {
      transaction.remove('challenge', id);
      if (!keyPairReferences) continue;
      transaction.removeKeyPair(keyPairReferences.ec);
      transaction.removeKeyPair(keyPairReferences.rsa);
    }
  });
}
