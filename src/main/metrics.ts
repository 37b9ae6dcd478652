// What is counted, wired by hand: each room's own numbers, for whoever reads the metrics. Part of the composition root.

import { realClock } from '../ambient/clock.ts';
import type { Certificates } from '../certificates/open-certificates.ts';
import type { MeteredWorld } from '../dataplane/meters/meter-readings.ts';
import type { HostTable } from '../dataplane/meters/host-meters.ts';
import type { Watching } from '../dataplane/witness/open-witnesses.ts';
import type { SecureContexts } from '../dataplane/terminate/secure-contexts.ts';
import type { OpenBackends } from '../dataplane/integrate/open-backends.ts';
import type { DnsServer } from '../dns/dns-server.ts';
import type { Functions } from '../functions/open-functions.ts';
import { fromFirstRead } from '../observe/metrics/first-read.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import type { MetricSources } from '../operator/metrics-page.ts';
import { readVersion } from '../settings/version.ts';
import type { Ground } from './ground.ts';

/** The rooms that count. */
export interface CountingRooms {
  readonly plane: Pick<MeteredWorld, 'meters' | 'delivery'> & {
    readonly contexts: SecureContexts;
    readonly backends: OpenBackends;
    readonly functions: Functions;
    readonly watching: Watching;
  };
  readonly dns: DnsServer;
  readonly certificates: Certificates;
}

export function openMetrics(
  { store, storeMetrics, snapshot, clock }: Ground,
  { plane, dns, certificates }: CountingRooms,
): { readonly metricSources: MetricSources; readonly tenantCounts: HostTable } {
  const { meters, delivery, contexts, backends, functions, watching } = plane;
  const unknownServerNames = () => contexts.unknownServerNames();
  const isUsed = (arn: string, name: string) => snapshot.domain(name)?.certificateArn === arn;
  const work = () => certificates.reconciler.state();
  const served: MetricSource = (readings, { account }) => {
    if (account === undefined) readings.add('sallyport_revision', {}, snapshot.revision);
  };
  const all: MetricSource[] = [
    fromFirstRead(async () =>
      (await import('../observe/metrics/process-readings.ts')).createProcessReadings(readVersion()),
    ),
    fromFirstRead(async () =>
      (await import('../dataplane/meters/meter-readings.ts')).createMeterReadings({
        meters,
        delivery,
        realClock,
        unknownServerNames,
      }),
    ),
    fromFirstRead(async () =>
      (await import('../certificates/certificate-readings.ts')).createCertificateReadings({
        store,
        clock,
        realClock,
        isUsed,
        work,
      }),
    ),
    backends.metricSource,
    watching.logMetrics,
    functions.metricSource,
    dns.metricSource,
    storeMetrics,
    served,
  ];
  return { metricSources: { all }, tenantCounts: meters.hosts };
}
