// How often local functions were invoked, how that ended, and how often a process was started for it: plain numbers for each function.

import type { MetricSource } from '../observe/metrics/readings.ts';
import { limit } from '../settings/limits.ts';
import type { LocalOutcome } from './invocation.ts';

export interface FunctionCounts {
  readonly account: string;
  readonly name: string;
  readonly outcomes: Record<LocalOutcome['kind'], number>;
  starts: number;
}

/** Of those over the bound, all together. */
const OTHER = 'other';

export class InvocationCounts {
  readonly #counts = new Map<string, FunctionCounts>();

  of(account: string, name: string): FunctionCounts {
    const known = this.#counts.get(`${account}/${name}`);
    if (known) return known;
    if (this.#counts.size >= limit('metricsFunctionsShownMax')) return this.#add(OTHER, OTHER);
    return this.#add(account, name);
  }

  /** `processesOf` a function that there is now. */
  source(processesOf: (account: string, name: string) => number | undefined): MetricSource {
    return (readings, reader) => {
      for (const { account, name, outcomes, starts } of this.#counts.values()) {
        if (reader.account !== undefined && reader.account !== account) continue;
        const labels = { account, function: name };
        for (const [outcome, count] of Object.entries(outcomes))
          readings.add('sallyport_function_invocations_total', { ...labels, outcome }, count);
        readings.add('sallyport_function_starts_total', labels, starts);
        const processes = processesOf(account, name);
        if (processes !== undefined) readings.add('sallyport_function_processes', labels, processes);
      }
    };
  }

  #add(account: string, name: string): FunctionCounts {
    const key = `${account}/${name}`;
    const counts = this.#counts.get(key) ?? {
      account,
      name,
      outcomes: { returned: 0, failed: 0, throttled: 0 },
      starts: 0,
    };
    this.#counts.set(key, counts);
    return counts;
  }
}
