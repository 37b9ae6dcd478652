// What `context.…` means for one event: the variables of websocket-apis 7.1 that exist for this gateway's events, looked up by
// path. Nothing is built that no mapping asks for.

import { firstLabel, hostOfDomainName } from '../../protocol/host-name.ts';
import type { ContextMember, TemplateContext } from '../../protocol/vtl/variables.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import type { CloseReason } from '../connections/close-reasons.ts';
import type { ConnectionFacts } from '../connections/connection-facts.ts';
import type { Arrived, Routed } from '../stages.ts';
import type { Trace } from '../tracing.ts';
import { notesFor, type CallNotes } from './call-notes.ts';

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
  readonly disconnect?: CloseReason | undefined;
  /** True when an earlier process may have delivered this `$disconnect` already. */
  readonly isRedelivery?: boolean | undefined;
  /** Where traces are made: what is called for it belongs there. */
  readonly trace?: Trace | undefined;
  /** Where its integration writes down what it asks and is answered; undefined where nobody wants to know. */
  readonly notes?: CallNotes | undefined;
}

export interface Handshake {
  /** Names as sent, in pairs with their values. */
  readonly rawHeaders: readonly string[];
  readonly query: URLSearchParams;
  /** The value of the API key, where `$connect` asked for one: a secret, told to its integration alone. */
  readonly apiKey?: string | undefined;
}

/** The event of a message; of one that no route took as far as it is known. */
export function messageEvent(arrived: Arrived | Routed, stage: StageEntry | undefined): IntegrationEvent {
  const { requestId, messageId, atMs, body, connection } = arrived;
  const isRouted = 'route' in arrived;
  return {
    eventType: 'MESSAGE',
    routeKey: isRouted ? arrived.route.routeKey : '',
    requestId,
    messageId,
    atMs,
    connection: connection.facts,
    stageVariables: stage?.stageVariables ?? NO_VARIABLES,
    body,
    document: isRouted ? arrived.document : undefined,
    handshake: undefined,
    trace: arrived.trace,
    notes: isRouted ? notesFor(stage, arrived.route.routeKey) : undefined,
  };
}

const NO_VARIABLES = {};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common log format, UTC: `25/Sep/2026:00:22:29 +0000`. */
export function requestTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

const VARIABLES: Readonly<Record<string, (event: IntegrationEvent) => string | undefined>> = {
  apiId: (event) => event.connection.apiId,
  stage: (event) => event.connection.stageName,
  domainName: (event) => event.connection.domainName,
  domainPrefix: (event) => firstLabel(hostOfDomainName(event.connection.domainName)),
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
  'identity.apiKey': (event) => event.handshake?.apiKey,
  'identity.apiKeyId': (event) => event.connection.apiKeyId,
};

/** The value of `context.{path}`; undefined when there is none. */
export function contextValue(event: IntegrationEvent, path: readonly string[]): string | undefined {
  const name = path.join('.');
  if (Object.hasOwn(VARIABLES, name)) return VARIABLES[name]!(event);
  const [first, second, ...more] = path;
  if (second === undefined || more.length > 0) return undefined;
  if (first === 'authorizer') return ownText(authorizerOf(event), second);
  return first === 'identity' ? ownText(event.connection.iam ?? {}, second) : undefined;
}

/** What an authorizer said of whoever connected: `principalId` and the entries of its context, as texts. */
function authorizerOf({ connection }: IntegrationEvent): Readonly<Record<string, string>> {
  const { authorizer } = connection;
  return authorizer ? { ...authorizer.context, principalId: authorizer.principalId } : {};
}

function ownText(record: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

const MEMBERS = new Map(Object.entries(VARIABLES).filter(([name]) => !name.includes('.')));
const NAMES = [...MEMBERS.keys(), 'identity'];

/** `$context` as a template sees it, numbers as numbers: what it looks at is made, and all of it only where it is shown as a whole. */
export class EventContext implements TemplateContext {
  readonly #event: IntegrationEvent;

  constructor(event: IntegrationEvent) {
    this.#event = event;
  }

  names(): readonly string[] {
    return this.#event.connection.authorizer ? [...NAMES, 'authorizer'] : NAMES;
  }

  member(name: string): ContextMember | undefined {
    const event = this.#event;
    switch (name) {
      case 'requestTimeEpoch':
        return event.atMs;
      case 'connectedAt':
        return event.connection.connectedAtMs;
      case 'identity':
        return identityOf(event);
      case 'authorizer':
        return event.connection.authorizer && authorizerOf(event);
      default:
        return MEMBERS.get(name)?.(event);
    }
  }
}

function identityOf({ connection, handshake }: IntegrationEvent): ContextMember {
  const { iam, sourceIp, userAgent, apiKeyId } = connection;
  return { ...iam, sourceIp, userAgent, apiKey: handshake?.apiKey, apiKeyId };
}
