// Lambda functions behind any server of the Lambda Invoke API (`--lambda-endpoint`): AWS itself, an emulator, a runtime interface. One
// call is one invocation, request and response, signed for the account that owns the API; nothing is tried again.

import { isRefusal, type Refusal } from '../model/faults.ts';
import { parseArn } from '../model/arn.ts';
import type { FunctionCall, FunctionOutcome } from '../model/function-call.ts';
import { signRequest } from '../protocol/sigv4.ts';
import type { Log } from '../observe/log.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken?: string | undefined;
}

interface HttpCall {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * One HTTP request, without redirects and without a retry.
 * @port function-calls
 */
export interface FunctionCalls {
  call(call: HttpCall): Promise<HttpAnswer | Refusal>;
}

export interface InvokeClientOptions {
  /** Undefined when no `--lambda-endpoint` was given: then no function is called. */
  readonly endpoint: string | undefined;
  readonly calls: FunctionCalls;
  /** What calls of an account are signed with, under a role of it where one is named; undefined when the operator bound none to it. */
  readonly credentialsOf: (account: string, role: string | undefined) => Credentials | undefined;
  readonly nowMs: () => number;
  readonly log: Log;
}

const SERVICE = 'lambda';
const JSON_TYPE = 'application/json';
/** What a refusal of the endpoint's may say in the log. */
const REASON_CHARACTERS_MAX = 300;

/** Never rejects. */
export function createInvokeClient(options: InvokeClientOptions) {
  const { endpoint, calls, nowMs } = options;
  const url = endpoint === undefined ? undefined : new URL(endpoint);
  const unsigned = new Set<string>();

  const headersFor = (call: FunctionCall, path: string, host: string): Record<string, string> => {
    const headers: Record<string, string> = {
      'content-type': JSON_TYPE,
      'x-amz-invocation-type': 'RequestResponse',
      ...(call.traceHeader !== undefined && { 'x-amzn-trace-id': call.traceHeader }),
    };
    const credentials = options.credentialsOf(call.account, call.role);
    if (!credentials) {
      if (!unsigned.has(call.account)) {
        unsigned.add(call.account);
        options.log.warn('functions are called without a signature: no backendCredentials are bound to the account', {
          account: call.account,
        });
      }
      return headers;
    }
    const request = { method: 'POST', target: path, host, body: call.payload, sessionToken: credentials.sessionToken };
    const scope = { region: parseArn(call.functionArn)?.region ?? call.region, service: SERVICE };
    return { ...headers, ...signRequest(request, credentials, scope, nowMs()) };
  };

  return async (call: FunctionCall): Promise<FunctionOutcome> => {
    if (!url) {
      return {
        kind: 'unreachable',
        reason: `${call.functionArn} is not called: name it in functions of sallyport.yaml, or start with --lambda-endpoint URL`,
      };
    }
    const path = `${url.pathname.replace(/\/$/, '')}/2015-03-31/functions/${encodeURIComponent(call.functionArn)}/invocations`;
    const outcome = await calls.call({
      origin: url.origin,
      host: url.hostname,
      path,
      method: 'POST',
      headers: headersFor(call, path, url.host),
      body: call.payload,
      timeoutMs: call.timeoutMs,
    });
    if (!isRefusal(outcome)) return outcomeOf(call.functionArn, outcome);
    if (outcome.code === 'IntegrationTimeout') return { kind: 'timedOut', reason: outcome.reason };
    return { kind: 'unreachable', reason: outcome.reason };
  };
}

function outcomeOf(functionArn: string, { status, headers, body }: HttpAnswer): FunctionOutcome {
  const requestId = String(headers['x-amzn-requestid'] ?? headers['x-amz-request-id'] ?? '');
  if (status < 200 || status > 299) {
    const type = String(headers['x-amzn-errortype'] ?? '').split(':')[0];
    const words = `${type} ${body.toString('utf8', 0, REASON_CHARACTERS_MAX)}`.trim().replaceAll(/\s+/g, ' ');
    return { kind: 'unreachable', reason: `${functionArn} was not invoked: ${status} ${words}` };
  }
  if (headers['x-amz-function-error'] === undefined) return { kind: 'returned', payload: body, requestId };
  const { errorType = '', errorMessage = '' } = readError(body);
  return { kind: 'failed', errorType, errorMessage, payload: body, requestId };
}

function readError(body: Buffer): { errorType?: string; errorMessage?: string } {
  try {
    const { errorType, errorMessage } = (JSON.parse(body.toString()) ?? {}) as Record<string, unknown>;
    return {
      ...(typeof errorType === 'string' && { errorType }),
      ...(typeof errorMessage === 'string' && { errorMessage }),
    };
  } catch {
    // A runtime that failed may say so in any words; there is no message then.
    return {};
  }
}
