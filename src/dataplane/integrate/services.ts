// Where the services of AWS are, and whom calls to them are signed for: what the operator said of each (`--service-endpoint`), else AWS
// itself. Credentials are those that are bound to the account of the API, and go nowhere but into a signature.

import { refuse, type Refusal } from '../../model/faults.ts';
import type { ServiceUri } from '../../model/aws-services.ts';
import type { Log } from '../../observe/log.ts';
import type { HttpBackends } from './http-backends.ts';

export interface ServiceCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken: string | undefined;
}

export interface ServicesOptions {
  /** By service: what the operator named, which may be anywhere. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** True while no accounts are configured: then nobody has credentials that AWS would know. */
  readonly isDevelopment: () => boolean;
  /** What calls of an account are signed with, under a role of it; undefined when the operator bound none to it. */
  readonly credentialsOf: (account: string, role: string | undefined) => ServiceCredentials | undefined;
  /** Reaches what the operator named. */
  readonly named: HttpBackends;
  /** Reaches what any integration may reach. */
  readonly open: HttpBackends;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Where one service is. */
export interface ServicePlace {
  /** A URL without a slash at its end. */
  readonly url: string;
  readonly backends: HttpBackends;
}

export interface Services {
  /** Refuses a service that nobody said the place of, while AWS itself is none. */
  placeOf(uri: ServiceUri): ServicePlace | Refusal;
  /** Refuses an account that the operator bound no credentials to. */
  credentialsOf(account: string, role: string | undefined, service: string): ServiceCredentials | Refusal;
  nowMs(): number;
  /** Says once in the log that a service does not take the credentials of an account, until it does. */
  noteStatus(status: number, account: string, service: string): void;
}

const STEP = 'integrate';
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const FORBIDDEN = 403;
/** Actions that are served under another host name. */
const SYNCHRONOUS = /^StartSyncExecution(?:&|$)/;

export function createServices(options: ServicesOptions): Services {
  const { endpoints, isDevelopment, named, open, nowMs, log } = options;
  const refused = new Set<string>();
  return {
    nowMs,
    placeOf(uri) {
      const { service, region } = uri;
      // It becomes a part of the signature and of the host name, and a stage variable may hold anything.
      if (!REGION.test(region)) {
        return refuse('ConfigurationError', STEP, `'${region.slice(0, 64)}' in the integration URI is no region`);
      }
      const url = Object.hasOwn(endpoints, service) ? endpoints[service] : undefined;
      if (url !== undefined) return { url: url.replace(/\/$/, ''), backends: named };
      if (isDevelopment()) {
        const ways = `start with --service-endpoint ${service}=URL, or with accounts that have backendCredentials`;
        return refuse('ConfigurationError', STEP, `${service} is not called: ${ways}`);
      }
      return { url: `https://${hostOf(uri)}`, backends: open };
    },
    credentialsOf(account, role, service) {
      const credentials = options.credentialsOf(account, role);
      if (credentials) return credentials;
      return refuse(
        'ConfigurationError',
        STEP,
        `Execution failed due to configuration error: Invalid permissions to call ${service}: no backendCredentials are bound to the account ${account}`,
      );
    },
    noteStatus(status, account, service) {
      if (status !== FORBIDDEN && refused.size === 0) return;
      const name = `${account} ${service}`;
      if (status !== FORBIDDEN) return void refused.delete(name);
      if (refused.has(name)) return;
      refused.add(name);
      log.warn('a service refuses what is signed for an account: see its backendCredentials', { service, account });
    },
  };
}

function hostOf({ subdomain, service, region, form, called }: ServiceUri): string {
  const isSynchronous = service === 'states' && form === 'action' && SYNCHRONOUS.test(called);
  const name = `${isSynchronous ? 'sync-' : ''}${service}`;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${subdomain === undefined ? '' : `${subdomain}.`}${name}.${region}.${suffix}`;
}
