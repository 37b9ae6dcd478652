// Whom integrations call over HTTP, made once at start: pools for what a tenant names and for what the operator named, the services of AWS
// over both, and VPC links. Imported late, for the library below it is the largest.

import type { Settings } from '../../settings/settings.ts';
import { createEgress } from './egress.ts';
import { createHttpBackends, type HttpBackends } from './http-backends.ts';
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
  close(): Promise<void>;
}

export function openBackends({ settings, linkOf, ...options }: OpenBackendsOptions): OpenBackends {
  const { egressAllow, integrationCaFile: caFile, serviceEndpoints: endpoints, vpcLinks: targets } = settings;
  const http = createHttpBackends(createEgress(options.isDevelopment(), egressAllow), caFile);
  const anywhere = createEgress(true, []);
  const named = createHttpBackends(anywhere, caFile);
  const { nowMs } = options;
  const links = createVpcLinks({
    targets,
    linkOf,
    open: (linked) => createHttpBackends(anywhere, caFile, { targets: linked, nowMs }),
  });
  return {
    http,
    named,
    services: createServices({ ...options, endpoints, named, open: http }),
    links,
    close: async () => void (await Promise.all([http.close(), named.close(), links.close()])),
  };
}
