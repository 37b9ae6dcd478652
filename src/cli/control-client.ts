// How commands ask a running gateway: signed requests to its control port, as the service `sallyport`.

import { CommandProblem } from './command-problem.ts';
import { signRequest } from '../protocol/sigv4.ts';

/** A gateway that does not answer, or refuses; the message is one line. */
export class ControlProblem extends CommandProblem {}

/** There is nobody at the endpoint. */
export class NoGatewayProblem extends ControlProblem {}

/** A page that went on broke off. */
export class StreamLost extends ControlProblem {}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken?: string;
}

export interface ControlOptions {
  readonly endpoint: string;
  /** Who asks, where it is not AWS's variables. */
  readonly credentials?: Credentials;
}

export const ENDPOINT_DEFAULT = 'http://127.0.0.1:4566';

/** What AWS's own tools read, too; in the order in which help tells of them. */
export const ENVIRONMENT = {
  endpoint: 'AWS_ENDPOINT_URL',
  keyId: 'AWS_ACCESS_KEY_ID',
  secret: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  region: 'AWS_REGION',
  defaultRegion: 'AWS_DEFAULT_REGION',
} as const;

/** GET a page of the operator's surface. Credentials are AWS's variables, or test/test where there are none. */
export function askControl(options: ControlOptions, target: string): Promise<unknown> {
  return askSigned(options, { method: 'GET', target });
}

/** The same of a page that is no JSON. */
export async function askControlText(options: ControlOptions, target: string): Promise<string> {
  return (await sendSigned(options, { method: 'GET', target })).text();
}

/** POST a JSON body to a page of the operator's surface. */
export function tellControl(options: ControlOptions, target: string, body: unknown): Promise<unknown> {
  return askSigned(options, { method: 'POST', target, json: JSON.stringify(body) });
}

/** Calls an operation of an AWS service in a region, as any client of it would. Resolves to its answer. */
export function callService(
  options: ControlOptions,
  scope: { readonly service: string; readonly region: string },
  method: 'GET' | 'DELETE',
  target: string,
): Promise<unknown> {
  return askSigned(options, { method, target, scope });
}

/** A page that is open to everybody, as text: no credentials are needed, none are sent. */
export async function readOpenPage(options: ControlOptions, target: string): Promise<string> {
  const response = await send(options, target, {});
  const text = await response.text();
  if (!response.ok) throw new ControlProblem(`${options.endpoint} answered ${response.status} for ${target}.`);
  return text;
}

/**
 * GET a page that goes on: yields its lines as they come, and ends with it, or when nothing came for as long as `silenceMs` says.
 * Rejects with StreamLost when the connection breaks.
 */
export async function* readLines(
  options: ControlOptions,
  target: string,
  { signal, silenceMs }: { readonly signal: AbortSignal; readonly silenceMs: () => number },
): AsyncGenerator<string> {
  const silent = new AbortController();
  const response = await sendSigned(options, {
    method: 'GET',
    target,
    signal: AbortSignal.any([signal, silent.signal]),
  });
  let timer: NodeJS.Timeout | undefined;
  let rest = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), silenceMs()).unref();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    if (error instanceof CommandProblem || signal.aborted) throw error;
    const { cause } = error as { cause?: Error };
    const why = silent.signal.aborted ? 'nothing came for a while' : (cause?.message ?? String(error));
    throw new StreamLost(`the connection to ${options.endpoint} is lost (${why})`);
  } finally {
    clearTimeout(timer);
  }
}

interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly target: string;
  readonly json?: string;
  readonly scope?: { readonly service: string; readonly region: string };
  readonly signal?: AbortSignal;
}

async function askSigned(options: ControlOptions, asked: Asked): Promise<unknown> {
  const response = await sendSigned(options, asked);
  return response.json().catch(() => ({}));
}

/** Resolves to a good answer, as soon as its head is there. */
async function sendSigned(options: ControlOptions, asked: Asked): Promise<Response> {
  const {
    method,
    target,
    json,
    signal,
    scope = { region: askedRegion() ?? 'us-east-1', service: 'sallyport' },
  } = asked;
  const { host } = endpointOf(options);
  const credentials: Credentials = options.credentials ?? readCredentials();
  const { sessionToken } = credentials;
  const body = Buffer.from(json ?? '');
  const signed = signRequest({ method, target, host, body, sessionToken }, credentials, scope, Date.now());
  const response = await send(options, target, {
    method,
    headers: json === undefined ? signed : { ...signed, 'content-type': 'application/json' },
    ...(json === undefined ? {} : { body: json }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  const answer = (await response.json().catch(() => ({}))) as { message?: string };
  const signedBy = response.status === 403 ? ` (signed with the access key ${credentials.accessKeyId})` : '';
  throw new ControlProblem(`${options.endpoint} answered ${response.status}: ${answer.message ?? ''}${signedBy}`);
}

/** Undefined, too, where it is empty. */
function variable(name: keyof typeof ENVIRONMENT): string | undefined {
  return process.env[ENVIRONMENT[name]] || undefined;
}

/** Undefined where no variable says it. */
export function askedRegion(): string | undefined {
  return variable('region') ?? variable('defaultRegion');
}

/** Whether AWS's variables say who asks, or try to. */
export function hasCredentials(): boolean {
  return variable('keyId') !== undefined || variable('secret') !== undefined;
}

/** Half of a pair is nobody's key: what belongs to it is not guessed. */
export function readCredentials(): Credentials {
  const [accessKeyId, secret] = [variable('keyId'), variable('secret')];
  const sessionToken = variable('sessionToken');
  if (accessKeyId !== undefined && secret !== undefined)
    return { accessKeyId, secret, ...(sessionToken !== undefined && { sessionToken }) };
  if (accessKeyId === undefined && secret === undefined) return { accessKeyId: 'test', secret: 'test' };
  const { keyId, secret: secretName } = ENVIRONMENT;
  const [given, lacking] = secret === undefined ? [keyId, secretName] : [secretName, keyId];
  throw new ControlProblem(
    `${given} is set and ${lacking} is not: set both, or neither for the development credentials.`,
  );
}

async function send(options: ControlOptions, target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(new URL(target, endpointOf(options)), init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    const { cause } = error as { cause?: Error };
    throw new NoGatewayProblem(
      `no gateway answers at ${options.endpoint} (${cause?.message ?? String(error)}). Start one, or give --endpoint.`,
    );
  }
}

function endpointOf({ endpoint }: ControlOptions): URL {
  if (URL.canParse(endpoint)) return new URL(endpoint);
  throw new ControlProblem(
    `--endpoint, or ${ENVIRONMENT.endpoint}: '${endpoint}' is not a URL, like ${ENDPOINT_DEFAULT}.`,
  );
}
