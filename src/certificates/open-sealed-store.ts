// Opens the data directory: the store, and the key ring that opens what lies sealed in it. For main.ts alone, at the start; what is opened
// is closed by `undo`.

import { realClock } from '../ambient/clock.ts';
import type { Undo } from '../ambient/undo.ts';
import { StartProblem } from '../model/start-problem.ts';
import type { Log } from '../observe/log.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import type { Settings } from '../settings/settings.ts';
import type { CertificateSource, Store } from '../store/contract.ts';
import { openDataDirectory } from '../store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../store/embedded/embedded-store.ts';
import { readMasterKeys } from '../store/embedded/master-key.ts';
import { meterStore } from '../store/metered-store.ts';
import { openKeyRing, type KeyRing } from './key-ring.ts';

export interface SealedStore {
  readonly store: Store;
  readonly storeMetrics: MetricSource;
  readonly keys: KeyRing;
  readonly certificateSource: CertificateSource;
}

/** Throws StartProblem for a data directory or a master key that cannot be used. */
export async function openSealedStore(settings: Settings, log: Log, undo: Undo): Promise<SealedStore> {
  const directory = openDataDirectory(settings.dataDir);
  undo.push(() => directory.release());
  const masterKeys = readMasterKeys(settings, process.env);
  const opened = await openEmbeddedStore(directory.databasePath, log).catch((error: Error) => {
    throw new StartProblem(
      `--data-dir ${settings.dataDir} holds no usable store: ${String(error.cause ?? error.message)}.`,
    );
  });
  undo.push(() => opened.close());
  const { store, metricSource: storeMetrics } = meterStore(opened);
  const certificateSource = directory.openCertificateSource();
  undo.push(() => certificateSource.close());
  const parts = { ...masterKeys, vault: store.vault, certificateSource, dataDir: settings.dataDir, realClock, log };
  const keys = await openKeyRing(parts);
  undo.push(() => keys.stop());
  return { store, storeMetrics, keys, certificateSource };
}
