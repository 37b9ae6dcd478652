// What somebody who watches is told of one happening, one JSON line each, and what they may ask for: the same words in the live view, in
// the lists of sockets and on the command line. Nothing here knows where it comes from.

/** What a part of the traffic is told apart by. A member that is undefined is not known of it. */
export interface Place {
  readonly account: string | undefined;
  readonly apiId: string | undefined;
  readonly stageName: string | undefined;
  /** That the client, or the caller, used; without a port. */
  readonly host: string;
  readonly connectionId: string | undefined;
}

/** Which part of the traffic is asked about. A member that is undefined lets everything pass. */
export interface PlaceFilter {
  readonly account?: string | undefined;
  readonly apiId?: string | undefined;
  readonly stageName?: string | undefined;
  /** A custom domain name; a wildcard's are all hosts that it answers for. */
  readonly domainName?: string | undefined;
  /** A host, or its first label alone: then one under a wildcard. */
  readonly tenant?: string | undefined;
  readonly connectionId?: string | undefined;
}

export interface EventFilter extends PlaceFilter {
  readonly routeKey?: string | undefined;
  /** `404`, or `5xx`. */
  readonly status?: string | undefined;
  /** Only what took longer. */
  readonly slowerMs?: number | undefined;
  readonly isErrorsOnly: boolean;
}

/** `domainOf`: the custom domain name that answers for a host. */
export function isWithin(filter: PlaceFilter, place: Place, domainOf: (host: string) => string | undefined): boolean {
  const { account, apiId, stageName, domainName, tenant, connectionId } = filter;
  if (account !== undefined && account !== place.account) return false;
  if (apiId !== undefined && apiId !== place.apiId) return false;
  if (stageName !== undefined && stageName !== place.stageName) return false;
  if (connectionId !== undefined && connectionId !== place.connectionId) return false;
  if (domainName !== undefined && domainName !== domainOf(place.host)) return false;
  return tenant === undefined || isTenant(tenant, place.host, domainOf);
}

function isTenant(tenant: string, host: string, domainOf: (host: string) => string | undefined): boolean {
  if (host === tenant) return true;
  return !tenant.includes('.') && host.startsWith(`${tenant}.`) && domainOf(host)?.startsWith('*.') === true;
}

/** Who ended a connection. `network`: nobody said goodbye; `restart`: it was open when an earlier process was killed. */
export type EndedBy = 'client' | 'gateway' | 'network' | 'restart';

export interface LiveEvent {
  readonly event: 'CONNECT' | 'MESSAGE' | 'DISCONNECT' | 'CONNECTION_API';
  /** When it began. */
  readonly at: string;
  readonly requestId: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly apiId?: string | undefined;
  readonly stage?: string | undefined;
  readonly host: string;
  /** The custom domain name that answers for the host. */
  readonly domain?: string | undefined;
  /** Without its query, of handshakes and callbacks. */
  readonly path?: string | undefined;
  readonly route?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly sourceIp: string;
  /** Whom the authorizer named, or the ARN of whoever signed. */
  readonly principal?: string | undefined;
  readonly status: number;
  readonly tookMs: number;
  readonly integrationMs?: number | undefined;
  /** What the integration answered. */
  readonly integrationStatus?: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly refusal?: { readonly step: string; readonly code: string; readonly reason: string } | undefined;
  readonly close?: { readonly code: number; readonly reason: string; readonly by: EndedBy } | undefined;
  /** The client's message or the caller's, and what the integration answered; where bodies were asked for, and cut where they are long. */
  readonly body?: string | undefined;
  readonly integrationBody?: string | undefined;
}

/** Lines of the stream that tell of itself. */
export type StreamNote =
  /** The first line: from here on everything is told. */
  | {
      readonly event: 'WATCHING';
      readonly account: string;
      readonly isOperator: boolean;
      /** A line comes at least so often. */
      readonly heartbeatMs: number;
    }
  | { readonly event: 'HEARTBEAT' }
  /** The last line, with why. A watcher that goes on asks again at once, or after a while. */
  | { readonly event: 'END'; readonly reason: string; readonly next: 'nothing' | 'at once' | 'later' };
