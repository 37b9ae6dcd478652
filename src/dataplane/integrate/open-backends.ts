// Whom integrations call over HTTP, made once at start: pools for what a tenant names and for what the operator named, the services of AWS
// over both, and VPC links. Imported late, for the library below it is the largest.

import type { MetricSource } from '../../observe/metrics/readings.ts';
import type { Settings } from '../../settings/settings.ts';
import { createEgress } from './egress.ts';
import { createHttpBackends, type BackendLoad, type HttpBackends } from './http-backends.ts';
import type { LinkTarget } from './link-connector.ts';
import { createServices, type Services, type ServicesOptions } from './services.ts';
import { createVpcLinks, type VpcLinks, type VpcLinksOptions } from './vpc-links.ts';

export interface OpenBackendsOptions
  extends Omit<ServicesOptions, 'endpoints' | 'named' | 'open'>, Pick<VpcLinksOptions, 'linkOf'> {
  readonly settings: Pick<Settings, 'egressAllow' | 'integrationCaFile' | 'serviceEndpoints' | 'vpcLinks'>;
}

export interface OpenBackends {
  /** Reaches what any integration may reach. */
  readonly http: HttpBackends;
  /** Reaches whom the operator named, wherever it is. */
  readonly named: HttpBackends;
  readonly services: Services;
  readonly links: VpcLinks;
  readonly metricSource: MetricSource;
  close(): Promise<void>;
}

export function openBackends({ settings, linkOf, ...options }: OpenBackendsOptions): OpenBackends {
  const { egressAllow, integrationCaFile: caFile, serviceEndpoints: endpoints, vpcLinks: targets } = settings;
  const http = createHttpBackends(createEgress(options.isDevelopment(), egressAllow), caFile);
  const anywhere = createEgress(true, []);
  const named = createHttpBackends(anywhere, caFile);
  const { nowMs } = options;
  const pools = [http, named];
  const openLink = (linked: readonly LinkTarget[]) => {
    const pool = createHttpBackends(anywhere, caFile, { targets: linked, nowMs });
    pools.push(pool);
    return pool;
  };
  const links = createVpcLinks({ targets, linkOf, open: openLink });
  return {
    http,
    named,
    services: createServices({ ...options, endpoints, named, open: http }),
    links,
    metricSource(readings, { account }) {
      if (account !== undefined) return;
      const loads = pools.map((pool) => pool.load());
      const sumOf = (what: keyof BackendLoad) => loads.reduce((sum, load) => sum + load[what], 0);
      readings.add('sallyport_backend_connections', { state: 'busy' }, sumOf('busy'));
      readings.add('sallyport_backend_connections', { state: 'idle' }, sumOf('idle'));
      readings.add('sallyport_backend_requests_waiting', {}, sumOf('waiting'));
    },
    close: async () => void (await Promise.all([http.close(), named.close(), links.close()])),
  };
}
