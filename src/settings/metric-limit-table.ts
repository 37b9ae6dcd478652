// Every bound of what is counted and of what is told of it. A table alone, like limit-table.ts, which takes it up.

import type { Limit } from './limit.ts';

export const METRIC_LIMITS = {
  metricsRoutesShownMax: {
    value: 2_000,
    aws: null,
    fault: null,
    protects:
      'whoever reads metrics: stages, or routes with detailed metrics, of their own; the busiest, and the rest summed',
  },
  metricsRoutesPerStageMax: {
    value: 300,
    aws: null,
    fault: null,
    protects: 'memory: routes of a stage with detailed metrics that are counted by themselves',
  },
  metricsStagesShownMax: {
    value: 1_000,
    aws: null,
    fault: null,
    protects: 'whoever reads metrics: stages whose connections and bytes are told; the busiest, and the rest summed',
  },
  metricsDomainsShownMax: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'whoever reads metrics: custom domain names of their own; the busiest, and the rest summed',
  },
  metricsTenantsShownMax: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'whoever reads metrics: hosts under wildcards of their own; the busiest, and the rest summed',
  },
  metricsFunctionsShownMax: {
    value: 500,
    aws: null,
    fault: null,
    protects: 'whoever reads metrics: local functions of their own; those that are invoked later are summed',
  },
  metricsCertificatesShownMax: {
    value: 200,
    aws: null,
    fault: null,
    protects: 'whoever reads metrics: custom domain names whose certificate ends first',
  },
  metricsCertificatesReadMs: {
    value: 60_000,
    aws: null,
    fault: null,
    protects: 'the store from whoever reads metrics: how often it is asked which certificates those are',
  },
  metricsRankIntervalMs: {
    value: 60_000,
    aws: null,
    fault: null,
    protects: 'whoever keeps metrics: how often it is looked anew which are the busiest',
  },
  hostsCountedPerAccountMax: {
    value: 10_000,
    aws: null,
    fault: null,
    protects:
      'the other accounts: hosts of one account that are counted by themselves; those without a socket make room, or the new one is counted with the rest of its domain name',
  },
  hostsCountedMax: { value: 100_000, aws: null, fault: null, protects: 'memory: the same, of all accounts' },
  tenantsListedMax: {
    value: 1_000,
    aws: null,
    fault: null,
    protects: 'whoever reads a list of tenants: the first of the order that was asked for, and the rest summed',
  },
} as const satisfies Record<string, Limit>;
