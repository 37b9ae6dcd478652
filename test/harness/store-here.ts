// The embedded store in the process of the test, over a data directory of its own.

import { createLog } from '../../src/observe/log.ts';
import type { Store } from '../../src/store/contract.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';

/** A store that lives as long as its owner. */
export async function openStoreHere(owner: Owner): Promise<Store> {
  const directory = openDataDirectory(temporaryDirectory(owner));
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  owner.after(async () => {
    await store.close();
    directory.release();
  });
  return store;
}
