// What `context.…` means for one event: the variables of websocket-apis 7.1 that exist for this gateway's events, looked up by
// path. Nothing is built that no mapping asks for.

import { firstLabel, normalizeHost } from '../../protocol/host-name.ts';
import type { ConnectionFacts } from '../connections/connection-facts.ts';

export interface IntegrationEvent {
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  readonly routeKey: string;
  readonly requestId: string;
  readonly messageId: string | undefined;
  readonly atMs: number;
  readonly connection: ConnectionFacts;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** The message's text; empty for the other events. */
  readonly body: Buffer;
  /** The parsed message; undefined when it is not JSON. */
  readonly document: unknown;
  /** The handshake, for `$connect` only. */
  readonly handshake: Handshake | undefined;
  /** How the connection ended, for `$disconnect` only. */
  readonly disconnect?: { readonly code: number; readonly reason: string } | undefined;
  /** True when an earlier process may have delivered this `$disconnect` already. */
  readonly isRedelivery?: boolean | undefined;
}

export interface Handshake {
  /** Names as sent, in pairs with their values. */
  readonly rawHeaders: readonly string[];
  readonly query: URLSearchParams;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common log format, UTC: `25/Sep/2026:00:22:29 +0000`. */
function requestTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

const VARIABLES: Readonly<Record<string, (event: IntegrationEvent) => string | undefined>> = {
  apiId: (event) => event.connection.apiId,
  stage: (event) => event.connection.stageName,
  domainName: (event) => event.connection.domainName,
  domainPrefix: (event) => firstLabel(normalizeHost(event.connection.domainName)),
  routeKey: (event) => event.routeKey,
  connectionId: (event) => event.connection.connectionId,
  connectedAt: (event) => String(event.connection.connectedAtMs),
  eventType: (event) => event.eventType,
  messageDirection: () => 'IN',
  messageId: (event) => event.messageId,
  requestId: (event) => event.requestId,
  extendedRequestId: (event) => event.requestId,
  requestTime: (event) => requestTime(event.atMs),
  requestTimeEpoch: (event) => String(event.atMs),
  disconnectStatusCode: (event) => event.disconnect && String(event.disconnect.code),
  disconnectReason: (event) => event.disconnect?.reason,
  'identity.sourceIp': (event) => event.connection.sourceIp,
  'identity.userAgent': (event) => event.connection.userAgent,
};

/** The value of `context.{path}`; undefined when there is none. */
export function contextValue(event: IntegrationEvent, path: readonly string[]): string | undefined {
  const name = path.join('.');
  return Object.hasOwn(VARIABLES, name) ? VARIABLES[name]!(event) : undefined;
}
