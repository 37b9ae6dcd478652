// A store that counts how long its transactions take, and those that it could not do. In front of any implementation of the contract; it
// changes nothing of what the store does.

import { monotonicMs } from '../ambient/clock.ts';
import { Fault } from '../model/faults.ts';
import { Latency } from '../observe/metrics/latency.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import type { Store, Transaction } from './contract.ts';

/** What refuses a transaction for reasons of the store's, and of nobody who asked for it. */
const STORE_STEP = 'store';

export function meterStore(store: Store): { readonly store: Store; readonly metricSource: MetricSource } {
  const latency = new Latency();
  let failures = 0;
  const transact = async <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> => {
    const startedMs = monotonicMs();
    try {
      const result = await store.transact(work);
      latency.add(monotonicMs() - startedMs);
      return result;
    } catch (error) {
      if (error instanceof Fault && error.step === STORE_STEP) failures += 1;
      throw error;
    }
  };
  return {
    store: { ...store, transact },
    metricSource(readings, { account }) {
      if (account !== undefined) return;
      readings.addLatency('sallyport_store_commit_seconds', {}, latency);
      readings.add('sallyport_store_failures_total', {}, failures);
    },
  };
}
