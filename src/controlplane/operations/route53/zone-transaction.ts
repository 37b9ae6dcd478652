// Changes to what is in one hosted zone. Those that meet there run again until each has its turn; one that never gets it is told so
// in the words of Route 53.

import { Fault } from '../../../model/faults.ts';
import type { Store, Transaction } from '../../../store/contract.ts';

/** Like `store.transact`. Throws PriorRequestNotComplete, and nothing was written, when other changes always came first. */
export async function transactInZone<T>(store: Store, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  try {
    return await store.transact(work);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'ConflictException') throw error;
    throw new Fault(
      'PriorRequestNotComplete',
      'The request was rejected because Route 53 was still processing a prior request.',
      { cause: error },
    );
  }
}
