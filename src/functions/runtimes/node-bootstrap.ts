// The Node runtime of a local function: the program of its process, not of the gateway's, of which it imports nothing. Loads the handler
// as it is (CommonJS, ES module, TypeScript), and answers the Runtime API for it in the words of Lambda's own Node runtime.

import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reachOwnNames } from './node-own-names.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

const { AWS_LAMBDA_RUNTIME_API: api = '', _HANDLER: handlerName = '', LAMBDA_TASK_ROOT: taskRoot = '.' } = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];
const HANDLER = /^([^.]*)\.(.*)$/;
const CALLBACK_PARAMETERS = 3;
/** What Lambda's runtime exits with. */
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT_EXCEPTION = 129;

/** The invocation that the handler is at, and how it is answered. */
let current: { readonly id: string; readonly callback: Callback } | undefined;

function call(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = `http://${api}/2018-06-01/runtime/${path}`;
    const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(
      url,
      { method, agent, headers: method === 'POST' ? { ...length, ...headers } : headers },
      (got) => {
        const chunks: Buffer[] = [];
        got.on('data', (chunk: Buffer) => chunks.push(chunk));
        got.on('end', () =>
          resolve({ status: got.statusCode ?? 0, headers: got.headers, body: Buffer.concat(chunks) }),
        );
        got.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

class NamedError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
}

const isObject = (value: unknown): value is Thrown => typeof value === 'object' && value !== null;

/** `{errorType, errorMessage, trace}` of whatever was thrown. */
function describe(error: unknown, type?: string): { errorType: string; errorMessage: string; trace: string[] } {
  if (!isObject(error)) return { errorType: type ?? typeof error, errorMessage: String(error), trace: [] };
  const { name, message, stack } = error;
  return {
    errorType: type ?? (typeof name === 'string' ? name : 'Error'),
    errorMessage: typeof message === 'string' ? message : String(error),
    trace: typeof stack === 'string' ? stack.split('\n') : [],
  };
}

async function tell(path: string, error: unknown, type?: string): Promise<void> {
  const told = describe(error, type);
  // In the log as well: a client sees nothing of it.
  process.stderr.write(
    `${told.trace.length > 0 ? told.trace.join('\n') : `${told.errorType}: ${told.errorMessage}`}\n`,
  );
  await call('POST', path, JSON.stringify(told), { 'lambda-runtime-function-error-type': told.errorType });
}

async function loadHandler(): Promise<Handler> {
  const [, moduleName, exported] = HANDLER.exec(basename(handlerName)) ?? [];
  if (moduleName === undefined || exported === undefined)
    throw new NamedError('Runtime.MalformedHandlerName', 'Bad handler');
  const shown = join(dirname(handlerName), moduleName);
  const path = join(taskRoot, shown);
  const file = EXTENSIONS.map((extension) => path + extension).find((one) => existsSync(one));
  if (file === undefined) throw new NamedError('Runtime.ImportModuleError', `Error: Cannot find module '${shown}'`);
  const loaded = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw importError(error);
  });
  const names = exported.split('.');
  const found = [loaded, (loaded as { default?: unknown }).default]
    .map((from) => names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], from))
    .find((value) => value !== undefined);
  if (found === undefined) {
    throw new NamedError('Runtime.HandlerNotFound', `${basename(handlerName)} is undefined or not exported`);
  }
  if (typeof found !== 'function') {
    throw new NamedError('Runtime.HandlerNotFound', `${basename(handlerName)} is not a function`);
  }
  return found as Handler;
}

function importError(error: unknown): unknown {
  if (!isObject(error)) return error;
  const { name, code, message } = error;
  const text = `${String(name)}: ${String(message)}`;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND')
    return new NamedError('Runtime.ImportModuleError', text);
  if (name === 'SyntaxError' || String(code).endsWith('_TYPESCRIPT_SYNTAX')) {
    return new NamedError('Runtime.UserCodeSyntaxError', text);
  }
  return error;
}

function contextOf(headers: Answer['headers'], id: string): object {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  const finish = (error?: unknown, result?: unknown) => current?.callback(error, result);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    clientContext: typeof client === 'string' ? (JSON.parse(client) as unknown) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: id,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done: finish,
    fail: (error: unknown) => finish(error ?? 'handled'),
    succeed: (result: unknown) => finish(undefined, result),
  };
}

/** What the handler makes of the event: its promise, or its callback, whichever it uses. */
function run(handler: Handler, event: unknown, headers: Answer['headers'], id: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) =>
      error === undefined || error === null ? resolve(result) : reject(error);
    current = { id, callback };
    const returned = handler(event, contextOf(headers, id), callback);
    const isPromise = isObject(returned) && typeof (returned as { then?: unknown }).then === 'function';
    // Followed, not taken over: the callback may still end it.
    if (isPromise) (returned as Promise<unknown>).then(resolve, reject);
    else if (handler.length < CALLBACK_PARAMETERS) resolve(returned);
  });
}

function textOf(result: unknown): string {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

async function serve(handler: Handler): Promise<never> {
  for (;;) {
    const { headers, body } = await call('GET', 'invocation/next');
    const id = String(headers['lambda-runtime-aws-request-id']);
    process.env['_X_AMZN_TRACE_ID'] = String(headers['lambda-runtime-trace-id'] ?? '');
    try {
      const text = textOf(await run(handler, JSON.parse(body.toString()), headers, id));
      current = undefined;
      await call('POST', `invocation/${id}/response`, text);
    } catch (error) {
      current = undefined;
      await tell(`invocation/${id}/error`, error);
    }
  }
}

/** The process is of no use after it: the invocation is told, and Lambda's exit code is left. */
function endWith(exitCode: number, type?: string) {
  return (error: unknown) => {
    const text = isObject(error) ? `${String(error.name)}: ${String(error.message)}` : String(error);
    const told =
      type === undefined ? error : Object.assign(new Error(text), { stack: isObject(error) ? error.stack : text });
    void tell(current ? `invocation/${current.id}/error` : 'init/error', told, type).finally(() =>
      process.exit(exitCode),
    );
  };
}

process.on('unhandledRejection', endWith(EXIT_UNHANDLED_REJECTION, 'Runtime.UnhandledPromiseRejection'));
process.on('uncaughtException', endWith(EXIT_UNCAUGHT_EXCEPTION));
process.on('beforeExit', () => {
  if (!current) return;
  process.stderr.write(
    'the handler has not answered, and nothing that it waits for can still happen: null is its answer\n',
  );
  current.callback(undefined, null);
});
reachOwnNames(api);

// Not awaited here: a module that waits for ever ends with a code of its own, before `beforeExit`.
void loadHandler()
  .then(serve)
  // Before the first invocation: the handler could not be loaded. After it: the gateway is gone.
  .catch((error: unknown) => tell('init/error', error))
  .finally(() => process.exit(1));
