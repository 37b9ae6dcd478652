// Calls to HTTP backends over kept-alive connections: one bounded pool an origin, a deadline for each call, a bound on the answer,
// no retry (a message is delivered at most once), no redirect.

import { StartProblem } from '../../model/start-problem.ts';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Agent, Dispatcher } from 'undici';
import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { limit } from '../../settings/limits.ts';
import type { Answer } from '../stages.ts';
import type { Egress } from './egress.ts';
import type { IntegrationEvent } from './event-context.ts';
import { linkConnector, type LinkTarget } from './link-connector.ts';

export interface BackendCall {
  /** `https://host:port` */
  readonly origin: string;
  /** Its host name, or an address (IPv6 in brackets). */
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | undefined;
  readonly timeoutMs: number;
}

/** A file of --integration-ca that cannot be used; the message is one line. */
export class IntegrationCaProblem extends StartProblem {}

/** What there is at the moment, to all origins together. */
export interface BackendLoad {
  readonly busy: number;
  readonly idle: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
}

export interface HttpBackends {
  call(call: BackendCall): Promise<Answer | Refusal>;
  load(): BackendLoad;
  close(): Promise<void>;
}

/** A call whose ends are written down where the event's route asks for that. `headers`: other ones than those that are sent. */
export function callNoted(
  backends: HttpBackends,
  call: BackendCall,
  { notes }: IntegrationEvent,
  headers = call.headers,
): Promise<Answer | Refusal> {
  if (!notes) return backends.call(call);
  notes.request = { uri: `${call.origin}${call.path}`, headers, body: call.body };
  return backends.call(call).then((answer) => {
    if (!isRefusal(answer)) notes.response = answer;
    return answer;
  });
}

const STEP = 'integrate';
const KEEP_ALIVE_MS = 30_000;

/** Where all connections go, whatever the host of the URI says. */
export interface Linked {
  readonly targets: readonly LinkTarget[];
  readonly nowMs: () => number;
}

/** `caFile`: certificates that HTTPS backends may chain to, besides the public ones. Read at once, so that a bad file stops the start. */
export function createHttpBackends(egress: Egress, caFile: string | undefined, linked?: Linked): HttpBackends {
  const ca = caFile === undefined ? undefined : [...rootCertificates, readCa(caFile)];
  let opening: Promise<Agent> | undefined;
  let agent: Agent | undefined;
  const open = async () => {
    // A fifth of the memory of a start; a gateway that calls no backend never needs it.
    const undici = await import('undici');
    agent = new undici.Agent(agentOptions(undici, egress, ca, linked));
    return agent;
  };
  return {
    call(call) {
      const host = call.host.startsWith('[') ? call.host.slice(1, -1) : call.host;
      // A literal address is never looked up, so it is checked here.
      const problem = linked || isIP(host) === 0 ? undefined : egress.problemWith(host);
      if (problem !== undefined) return Promise.resolve(refuse('IntegrationFailure', STEP, problem));
      if (agent) return new Promise((resolve) => dispatch(agent!, call, resolve));
      opening ??= open();
      return opening.then((opened) => new Promise((resolve) => dispatch(opened, call, resolve)));
    },
    load: () => loadOf(agent),
    close: async () => (await opening)?.destroy(),
  };
}

function loadOf(agent: Agent | undefined): BackendLoad {
  const all = Object.values(agent?.stats ?? {});
  // One call at a time has a connection of its own.
  const busy = all.reduce((sum, { running }) => sum + running, 0);
  const connected = all.reduce((sum, one) => sum + Number(one.connected), 0);
  const waiting = all.reduce((sum, { size, running }) => sum + size - running, 0);
  return { busy, idle: Math.max(0, connected - busy), waiting };
}

function readCa(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    // Throws when there is no certificate in it.
    void new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new IntegrationCaProblem(
      `--integration-ca ${file} holds no certificate that can be read: ${(error as Error).message}.`,
    );
  }
}

type Undici = Pick<typeof import('undici'), 'buildConnector'>;

function agentOptions(undici: Undici, egress: Egress, ca: string[] | undefined, linked?: Linked): Agent.Options {
  const timeout = limit(linked ? 'linkConnectTimeoutMs' : 'integrationTimeoutMsMax');
  const connect = { lookup: egress.lookup, timeout, ...(ca === undefined ? {} : { ca }) };
  return {
    connections: limit('integrationConnectionsPerOriginMax'),
    pipelining: 1,
    maxHeaderSize: limit('headerBytesMax'),
    // Its header bounds are others, and connections are not what they are counted as here.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Deadlines are kept by the call itself: those of the library are coarser than our shortest timeout.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: linked
      ? linkConnector(undici.buildConnector({ ...connect, allowH2: false }), linked.targets, egress, linked.nowMs)
      : connect,
  };
}

function dispatch(agent: Agent, call: BackendCall, resolve: (outcome: Answer | Refusal) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let status = 0;
  let headers: Answer['headers'] = {};
  let controller: Dispatcher.DispatchController | undefined;
  let isDone = false;
  const settle = (outcome: Answer | Refusal) => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    resolve(outcome);
  };
  const abort = (outcome: Refusal) => {
    settle(outcome);
    controller?.abort(new Error(outcome.reason));
  };
  const timer = setTimeout(
    () => abort(refuse('IntegrationTimeout', STEP, `${call.origin} did not answer within ${call.timeoutMs} ms`)),
    call.timeoutMs,
  );
  agent.dispatch(
    {
      origin: call.origin,
      path: call.path,
      method: call.method as 'POST',
      headers: call.headers,
      body: call.body ?? null,
    },
    {
      onRequestStart(started) {
        controller = started;
        // The deadline passed while the call waited for a connection.
        if (isDone) started.abort(new Error('too late'));
      },
      onResponseStart(_, statusCode, responseHeaders) {
        status = statusCode;
        headers = responseHeaders;
      },
      onResponseData(_, chunk) {
        length += chunk.length;
        chunks.push(chunk);
        const max = limit('integrationResponseBytesMax');
        if (length > max)
          abort(refuse('IntegrationFailure', STEP, `the answer of ${call.origin} exceeds ${max} bytes`));
      },
      onResponseEnd() {
        settle({ status, headers, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
      },
      onResponseError(_, error) {
        settle(refuse('IntegrationFailure', STEP, `${call.origin} could not be called: ${error.message}`));
      },
    },
  );
}
