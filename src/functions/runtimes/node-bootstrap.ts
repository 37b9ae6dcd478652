// The Node runtime of a local function: the program of its process, not of the gateway's, of which it imports nothing. Loads the handler
// as it is (CommonJS, ES module, TypeScript), and answers for it in the words of Lambda's own Node runtime.

import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFrameReader, frameOf } from './frames.ts';
import { reachOwnNames } from './node-own-names.ts';

/** What comes with an event. */
interface InvocationHead {
  readonly id: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  readonly clientContext?: string;
}

/** Node's own stream of a pipe. */
interface PrintedTo {
  readonly _handle?: { setBlocking?(isBlocking: boolean): void };
}

type Callback = (error?: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

const { _HANDLER: handlerName = '', LAMBDA_TASK_ROOT: taskRoot = '.' } = process.env;
/** The sockets that the gateway has given us: for invocations, and for names. */
const CHANNEL_FD = 4;
const NAMES_FD = 5;
const NO_BOUND = { headBytesMax: Infinity, bodyBytesMax: Infinity };
const channel = new Socket({ fd: CHANNEL_FD });
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];
const HANDLER = /^([^.]*)\.(.*)$/;
const CALLBACK_PARAMETERS = 3;
/** What Lambda's runtime exits with. */
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT_EXCEPTION = 129;

/** The invocation that the handler is at, and how it is answered. */
let current: { readonly id: string; readonly callback: Callback } | undefined;

/** Resolves when it is written. */
function send(head: object, body = ''): Promise<void> {
  return new Promise((resolve) => channel.write(frameOf(head, body), () => resolve()));
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

/** `head`: what it is that failed. */
async function tell(head: object, error: unknown, type?: string): Promise<void> {
  const told = describe(error, type);
  // In the log as well: a client sees nothing of it.
  process.stderr.write(
    `${told.trace.length > 0 ? told.trace.join('\n') : `${told.errorType}: ${told.errorMessage}`}\n`,
  );
  await send(head, JSON.stringify(told));
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

function contextOf({ id, deadlineMs, functionArn, clientContext: client }: InvocationHead): object {
  const finish = (error?: unknown, result?: unknown) => current?.callback(error, result);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    clientContext: client === undefined ? undefined : (JSON.parse(client) as unknown),
    identity: undefined,
    invokedFunctionArn: functionArn,
    awsRequestId: id,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done: finish,
    fail: (error: unknown) => finish(error ?? 'handled'),
    succeed: (result: unknown) => finish(undefined, result),
  };
}

/** What the handler makes of the event: its promise, or its callback, whichever it uses. */
function run(handler: Handler, event: unknown, head: InvocationHead): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) =>
      error === undefined || error === null ? resolve(result) : reject(error);
    current = { id: head.id, callback };
    const returned = handler(event, contextOf(head), callback);
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

async function serve(handler: Handler, head: InvocationHead, payload: Buffer): Promise<void> {
  const { id, traceId } = head;
  process.env['_X_AMZN_TRACE_ID'] = traceId;
  try {
    const text = textOf(await run(handler, JSON.parse(payload.toString()), head));
    current = undefined;
    // Whatever the handler has left to do goes on; it is the gateway that keeps us.
    channel.ref();
    channel.write(frameOf({ answered: id, next: true }, text));
  } catch (error) {
    current = undefined;
    channel.ref();
    await tell({ failed: id, next: true }, error);
  }
}

function serveAll(handler: Handler): void {
  const take = createFrameReader(NO_BOUND, (head, body) => {
    // A handler that has nothing left to wait for has ended: only itself keeps the process at work.
    channel.unref();
    void serve(handler, head as unknown as InvocationHead, body!);
  });
  channel.on('data', take);
  void send({ next: true });
}

/** The process is of no use after it: the invocation is told, and Lambda's exit code is left. */
function endWith(exitCode: number, type?: string) {
  return (error: unknown) => {
    const text = isObject(error) ? `${String(error.name)}: ${String(error.message)}` : String(error);
    const told =
      type === undefined ? error : Object.assign(new Error(text), { stack: isObject(error) ? error.stack : text });
    void tell(current ? { failed: current.id } : { initFailed: true }, told, type).finally(() =>
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
// The gateway is gone.
channel.on('close', () => process.exit(1));
channel.on('error', () => process.exit(1));
reachOwnNames(NAMES_FD);
// What is printed before an answer is there before it, however much it is, and before an exit.
for (const { _handle: handle } of [process.stdout, process.stderr] as unknown as PrintedTo[])
  handle?.setBlocking?.(true);

// Not awaited here: a module that waits for ever ends with a code of its own, before `beforeExit`.
void loadHandler()
  .then(serveAll)
  .catch((error: unknown) => tell({ initFailed: true }, error).finally(() => process.exit(1)));
