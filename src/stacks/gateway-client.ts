// The gateway as `up` and `down` see it: any operation of its control port, and its pages of stacks, signed as somebody's key. Whoever
// made it says who; it reads no variables and no files.

import { setTimeout as after } from 'node:timers/promises';
import { signRequest } from '../protocol/sigv4.ts';
import type { ServiceName, WireRecord } from '../protocol/wire/model.ts';
import { limit } from '../settings/limits.ts';
import {
  OperationProblem,
  outputOf,
  problemOfJson,
  requestOf,
  type WireAnswer,
  type WireRequest,
} from './wire-call.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secret: string; readonly sessionToken?: string };
  readonly region: string;
}

/** Nobody answers, or no gateway does; the message is one line. */
export class UnreachableProblem extends Error {}

const SIGNING_NAMES: Readonly<Partial<Record<ServiceName, string>>> = {
  apigatewayv2: 'apigateway',
  apigateway: 'apigateway',
};

export interface Elsewhere {
  readonly endpoint: string;
  /** In the scope of signatures. */
  readonly service: string;
  /** `DynamoDB_20120810.CreateTable` */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
}

export interface GatewayClient {
  readonly region: string;
  /** Throws OperationProblem where it is refused, UnreachableProblem where nobody answers. */
  call(service: ServiceName, operation: string, input: WireRecord): Promise<WireRecord>;
  /** A JSON operation of a service that is not the gateway's. Throws the same. */
  elsewhere(at: Elsewhere, input: object): Promise<unknown>;
  /** A page below `/_sallyport`. Throws the same. */
  page(method: 'GET' | 'PUT' | 'DELETE', target: string, body?: unknown): Promise<unknown>;
}

export function createGatewayClient(options: ClientOptions): GatewayClient {
  return {
    region: options.region,
    async call(service, operation, input) {
      const request = requestOf(service, operation, input);
      const answer = await send(options, SIGNING_NAMES[service] ?? service, request);
      return outputOf(service, operation, answer);
    },
    async elsewhere({ endpoint, service, target, jsonVersion }, input) {
      const headers = { 'content-type': `application/x-amz-json-${jsonVersion}`, 'x-amz-target': target };
      const body = JSON.stringify(input);
      const answer = await send({ ...options, endpoint }, service, { method: 'POST', target: '/', headers, body });
      if (answer.status < 300) return parsed(answer.body);
      throw problemOfJson(answer);
    },
    async page(method, target, body) {
      const json = body === undefined ? '' : JSON.stringify(body);
      const headers: Record<string, string> = json === '' ? {} : { 'content-type': 'application/json' };
      const answer = await send(options, 'sallyport', { method, target, headers, body: json });
      const content = parsed(answer.body);
      if (answer.status < 300) return content;
      const { message } = (content ?? {}) as { readonly message?: string };
      const code = answer.headers.get('x-amzn-errortype') ?? 'UnknownError';
      throw new OperationProblem(
        code,
        answer.status,
        message ?? `the answer to ${method} ${target} was ${answer.status}`,
      );
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // No gateway of ours: its status says what there is to say.
    return undefined;
  }
}

/** What is throttled is asked again, later each time. */
async function send(options: ClientOptions, service: string, request: WireRequest): Promise<WireAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(options, service, request);
    if (!isThrottled(answer) || attempt >= limit('stackAttemptsMax')) return answer;
    await after(limit('stackPollMs') * attempt);
  }
}

function isThrottled({ status, headers, body }: WireAnswer): boolean {
  return (
    status === 429 || (status === 400 && /Throttling/.test(`${headers.get('x-amzn-errortype')} ${body.slice(0, 512)}`))
  );
}

async function sendOnce(options: ClientOptions, service: string, request: WireRequest): Promise<WireAnswer> {
  const { endpoint, credentials, region } = options;
  const { method, target, headers, body } = request;
  const { host } = new URL(endpoint);
  const { sessionToken } = credentials;
  const signed = signRequest(
    { method, target, host, headers, body: Buffer.from(body), ...(sessionToken !== undefined && { sessionToken }) },
    credentials,
    { region, service },
    Date.now(),
  );
  try {
    const response = await fetch(new URL(target, endpoint), {
      method,
      headers: { ...headers, ...signed },
      signal: AbortSignal.timeout(limit('controlRequestTimeoutMs')),
      ...(body !== '' && { body }),
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    throw new UnreachableProblem(`nobody answers at ${endpoint} (${cause?.message ?? message})`);
  }
}
