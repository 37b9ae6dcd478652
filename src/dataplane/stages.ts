// The types of the path: each step's output is the proof of what is known so far. They grow by type, never by mutation.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CompiledRoute } from '../snapshot/compile-deployment.ts';
import type { ResolvedConnect } from '../snapshot/resolve.ts';
import type { StageEntry } from '../snapshot/snapshot.ts';
import type { UsedApiKey } from './admit/api-keys.ts';
import type { Connection, TextMessage } from './connections/connection.ts';
import type { AuthorizerFacts } from './connections/connection-facts.ts';
import type { Trace } from './tracing.ts';

/** A handshake request as the listener got it. */
export interface Accepted {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly requestId: string;
  /** Normalised Host. */
  readonly host: string;
  /** The TLS server name, or `''`. */
  readonly serverName: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly sourceIp: string;
  /** When it began, by `monotonicMs`. */
  readonly startedMs: number;
  /** Where traces are made. */
  readonly trace?: Trace | undefined;
}

/** It means a stage with a deployment. */
export interface Resolved extends Accepted, ResolvedConnect {}

/** The `$connect` route, if there is one, said yes. */
export interface Admitted extends Resolved {
  readonly connectionId: string;
  readonly connectedAtMs: number;
  readonly subprotocol: string | undefined;
  /** What `$connect` found out about the client, where it asks. */
  readonly authorizer?: AuthorizerFacts;
  readonly iam?: Readonly<Record<string, string>>;
  /** The key it connected with, where `$connect` asks for one. */
  readonly apiKey?: UsedApiKey;
}

/** One text message of an open connection. */
export interface Arrived extends TextMessage {
  readonly connection: Connection;
}

/** Its route is known. `document` is the parsed body; undefined when it is not JSON. */
export interface Routed extends Arrived {
  readonly stage: StageEntry;
  readonly route: CompiledRoute;
  readonly document: unknown;
}

/** What a backend or a mock answered. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What the backend said, where a template made another status of it. */
  readonly backendStatus?: number;
}
