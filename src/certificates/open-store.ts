// The embedded store of a data directory with the keys that seal what is in it: opened together, since neither is of use without the other,
// and let go of in reverse.

import type { Undo } from '../ambient/undo.ts';
import { realClock } from '../ambient/clock.ts';
import { StartProblem } from '../model/start-problem.ts';
import type { Log } from '../observe/log.ts';
import type { Settings } from '../settings/settings.ts';
import { openDataDirectory } from '../store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../store/embedded/embedded-store.ts';
import { readMasterKeys } from '../store/embedded/master-key.ts';
import { openKeyRing } from './key-ring.ts';

/** Throws StartProblem for a directory that holds no usable store. */
export async function openStore(settings: Settings, log: Log, undo: Undo) {
  const directory = openDataDirectory(settings.dataDir);
  undo.push(() => directory.release());
  const masterKeys = readMasterKeys(settings, process.env);
  const store = await openEmbeddedStore(directory.databasePath, log).catch((error: Error) => {
    throw new StartProblem(
      `--data-dir ${settings.dataDir} holds no usable store: ${String(error.cause ?? error.message)}.`,
    );
  });
  undo.push(() => store.close());
  const certificateSource = directory.openCertificateSource();
  undo.push(() => certificateSource.close());
  const parts = { ...masterKeys, vault: store.vault, certificateSource, dataDir: settings.dataDir, realClock, log };
  const keys = await openKeyRing(parts);
  undo.push(() => keys.stop());
  return { store, keys, certificateSource };
}
