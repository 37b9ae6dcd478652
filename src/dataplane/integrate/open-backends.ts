// Whom integrations call over HTTP, made once at start: pools for what a tenant names and for what the operator named, and the services
// of AWS over both. Imported late, for the library below it is the largest.

import { createEgress } from './egress.ts';
import { createHttpBackends, type HttpBackends } from './http-backends.ts';
import { createServices, type Services, type ServicesOptions } from './services.ts';

export interface OpenBackendsOptions extends Omit<ServicesOptions, 'named' | 'open'> {
  readonly egressAllow: readonly string[];
  readonly caFile: string | undefined;
}

export interface OpenBackends {
  /** Reaches what any integration may reach. */
  readonly http: HttpBackends;
  /** Reaches whom the operator named, wherever it is. */
  readonly named: HttpBackends;
  readonly services: Services;
  close(): Promise<void>;
}

export function openBackends({ egressAllow, caFile, ...options }: OpenBackendsOptions): OpenBackends {
  const http = createHttpBackends(createEgress(options.isDevelopment(), egressAllow), caFile);
  const named = createHttpBackends(createEgress(true, []), caFile);
  return {
    http,
    named,
    services: createServices({ ...options, named, open: http }),
    close: async () => void (await Promise.all([http.close(), named.close()])),
  };
}
