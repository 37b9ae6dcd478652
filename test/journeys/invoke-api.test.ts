// The Lambda Invoke API on the control port: what `aws lambda invoke`, the SDK and boto3 get of functions of the settings file, and every
// way in which one of them goes wrong, in Lambda's words.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as lambda from '@aws-sdk/client-lambda';
import { eventually } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { makeProject } from '../harness/local-functions.ts';

const NODE = {
  throws: `exports.handler = async () => { throw new TypeError('no such thing') };`,
  rejects: `exports.handler = () => Promise.reject(Object.assign(new Error('later'), { name: 'Later' }));`,
  floats: `exports.handler = async () => { Promise.reject(new Error('nobody waits')); await new Promise((end) => setTimeout(end, 5000)); };`,
  bursts: `exports.handler = async () => { setImmediate(() => { throw new RangeError('far away') }); await new Promise((end) => setTimeout(end, 5000)); };`,
  hangs: `exports.handler = async () => { for (;;); };`,
  waits: `exports.handler = async () => { await new Promise((end) => setTimeout(end, 60000)); };`,
  forgets: `exports.handler = () => new Promise(() => {});`,
  exits: `exports.handler = async () => process.exit(1);`,
  leaves: `exports.handler = async () => process.exit(0);`,
  kills: `exports.handler = async () => process.kill(process.pid, 'SIGKILL');`,
  eats: `exports.handler = async () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)); };`,
  grows: `exports.handler = async () => { const all = []; for (;;) all.push({ text: 'x'.repeat(10) + all.length }); };`,
  prints: `exports.handler = async () => { const line = 'y'.repeat(99) + '\\n'; const block = line.repeat(10000);
    for (let n = 0; n < 1000; n += 1) if (!process.stdout.write(block)) await new Promise((end) => process.stdout.once('drain', end)); return 'printed'; };`,
  answers: `exports.handler = async () => 'x'.repeat(7 * 1024 * 1024);`,
  circles: `exports.handler = async () => { const all = {}; all.all = all; return all; };`,
  nothing: `exports.handler = async () => {};`,
  broken: `exports.handler = async () => {`,
  needs: `require('./not-there'); exports.handler = async () => 1;`,
  starts: `throw new Error('at start');`,
  exported: `exports.other = 1; exports.text = 'text';`,
} as const;
const PYTHON = {
  py_throws: `def handler(event, context):\n    raise KeyError("gone")\n`,
  py_broken: `def handler(event, context)\n    pass\n`,
  py_needs: `import not_there\n`,
  py_exits: `import sys\ndef handler(event, context):\n    sys.exit(3)\n`,
  py_set: `def handler(event, context):\n    return {1, 2}\n`,
  py_hangs: `def handler(event, context):\n    while True: pass\n`,
  py_eats: `def handler(event, context):\n    all = []\n    while True: all.append(b"x" * (1 << 20))\n`,
} as const;
const named = (prefix: string, extension: string, sources: object) =>
  Object.fromEntries(Object.entries(sources).map(([name, text]) => [`${prefix}/${name}${extension}`, text as string]));
const SHORT = { timeout: 1 };
const FUNCTIONS = {
  ...Object.fromEntries(Object.keys(NODE).map((name) => [name, { handler: `js/${name}.handler`, timeout: 20 }])),
  ...Object.fromEntries(Object.keys(PYTHON).map((name) => [name, { handler: `fn/${name}.handler`, timeout: 20 }])),
  hangs: { handler: 'js/hangs.handler', ...SHORT },
  waits: { handler: 'js/waits.handler', ...SHORT },
  py_hangs: { handler: 'fn/py_hangs.handler', ...SHORT },
  missing: { handler: 'js/gone.handler' },
  unexported: { handler: 'js/exported.handler' },
  uncallable: { handler: 'js/exported.text' },
  nameless: { handler: 'js/exported', runtime: 'nodejs' },
  py_missing: { handler: 'fn/gone.handler', runtime: 'python' },
  py_unexported: { handler: 'fn/py_throws.other' },
  no_command: { handler: 'bin/gone', runtime: 'command' },
  not_executable: { handler: 'js/throws.js', runtime: 'command' },
  echo: { handler: 'js/echo.handler', env: { MINE: 'secret of the function' }, timeout: 7, memory: 256 },
  command_exits: { handler: 'bin/exits' },
};
const project = makeProject({ after }, FUNCTIONS, {
  ...named('js', '.js', NODE),
  ...named('fn', '.py', PYTHON),
  'js/echo.js': `exports.handler = async (event, { clientContext, ...context }) => ({ event, context, clientContext, env: process.env, left: context.getRemainingTimeInMillis() });`,
  'bin/exits': '#!/bin/sh\nexit 42\n',
});
const gateway = await project.start([], { SALLYPORT_TEST_SECRET: 'of the gateway', NODE_OPTIONS: '--no-deprecation' });
const client = new lambda.LambdaClient({
  endpoint: gateway.endpoint,
  region: REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
after(() => client.destroy());

async function invoke(name: string, event: unknown = {}, more: object = {}) {
  const input = { FunctionName: name, Payload: Buffer.from(JSON.stringify(event)), ...more };
  const { Payload, FunctionError, StatusCode, $metadata } = await client.send(new lambda.InvokeCommand(input));
  const text = Buffer.from(Payload ?? []).toString();
  const payload = (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown>;
  return { status: StatusCode, error: FunctionError, payload, requestId: $metadata.requestId! };
}

const EXIT = (how: string) => ['Runtime.ExitError', `RequestId: <id> Error: ${how}`] as const;
const TIME = ['Sandbox.Timedout', 'RequestId: <id> Error: Task timed out after 1.00 seconds'] as const;
/** function → errorType and errorMessage. */
const ENDS: readonly (readonly [name: string, end: readonly [type: string, message: string | RegExp]])[] = [
  ['throws', ['TypeError', 'no such thing']],
  ['rejects', ['Later', 'later']],
  ['floats', ['Runtime.UnhandledPromiseRejection', 'Error: nobody waits']],
  ['bursts', ['RangeError', 'far away']],
  ['hangs', TIME],
  ['waits', TIME],
  ['exits', EXIT('Runtime exited with error: exit status 1')],
  ['leaves', EXIT('Runtime exited without providing a reason')],
  ['kills', EXIT('Runtime exited with error: signal: killed')],
  ['eats', EXIT('Runtime exited with error: signal: killed')],
  ['grows', ['Runtime.ExitError', /^RequestId: <id> Error: Runtime exited with error: signal: (aborted|killed)$/]],
  [
    'answers',
    ['Function.ResponseSizeTooLarge', 'Response payload size exceeded maximum allowed payload size (6291556 bytes).'],
  ],
  ['circles', ['Error', 'Unable to stringify response body']],
  ['broken', ['Runtime.UserCodeSyntaxError', /^SyntaxError: /]],
  ['needs', ['Runtime.ImportModuleError', /^Error: Cannot find module '.\/not-there'\nRequire stack:/]],
  ['starts', ['Error', 'at start']],
  ['missing', ['Runtime.ImportModuleError', "Error: Cannot find module 'js/gone'"]],
  ['unexported', ['Runtime.HandlerNotFound', 'exported.handler is undefined or not exported']],
  ['uncallable', ['Runtime.HandlerNotFound', 'exported.text is not a function']],
  ['nameless', ['Runtime.MalformedHandlerName', 'Bad handler']],
  ['py_throws', ['KeyError', "'gone'"]],
  ['py_broken', ['Runtime.UserCodeSyntaxError', /^Syntax error in module 'fn\/py_broken': /]],
  ['py_needs', ['Runtime.ImportModuleError', "Unable to import module 'fn/py_needs': No module named 'not_there'"]],
  ['py_exits', EXIT('Runtime exited with error: exit status 3')],
  ['py_set', ['Runtime.MarshalError', /^Unable to marshal response: Object of type set is not JSON serializable/]],
  ['py_hangs', TIME],
  ['py_eats', EXIT('Runtime exited with error: signal: killed')],
  ['py_missing', ['Runtime.ImportModuleError', "Unable to import module 'fn/gone': No module named 'fn.gone'"]],
  ['py_unexported', ['Runtime.HandlerNotFound', "Handler 'other' missing on module 'fn/py_throws'"]],
  ['no_command', ['Runtime.InvalidEntrypoint', 'RequestId: <id> Error: fork/exec bin/gone: no such file or directory']],
  ['not_executable', ['Runtime.InvalidEntrypoint', 'RequestId: <id> Error: fork/exec js/throws.js: permission denied']],
  ['command_exits', EXIT('Runtime exited with error: exit status 42')],
];
for (const [name, [errorType, errorMessage]] of ENDS) {
  void test(`a function that is ${name} says so in Lambda's words, and one line of the log does`, async () => {
    const { status, error, payload, requestId } = await invoke(name);
    assert.deepEqual(
      { status, error, type: payload['errorType'] },
      { status: 200, error: 'Unhandled', type: errorType },
    );
    const message = String(payload['errorMessage']).replace(requestId, '<id>');
    if (typeof errorMessage === 'string') assert.equal(message, errorMessage);
    else assert.match(message, errorMessage);
    const lines = () =>
      gateway.logged().filter((line) => line['message'] === 'a function failed' && line['requestId'] === requestId);
    await eventually('the log tells of it', () => lines()[0]);
    assert.deepEqual(
      lines().map((line) => [line['level'], line['function'], line['errorType'], line['errorMessage']]),
      [['warn', name, errorType, payload['errorMessage']]],
    );
  });
}

void test('a thrown error has its trace, in each language', async () => {
  const { payload } = await invoke('throws');
  assert.match((payload['trace'] as string[])[1]!, /at .*handler .*js\/throws\.js:1/);
  const python = await invoke('py_throws');
  assert.match((python.payload['stackTrace'] as string[])[0]!, /fn\/py_throws\.py", line 2, in handler/);
  assert.equal(python.payload['requestId'], python.requestId);
});

void test('a function that returns nothing, or can never answer, has answered null', async () => {
  for (const name of ['nothing', 'forgets']) {
    const { error, payload } = await invoke(name);
    assert.deepEqual({ error, payload }, { error: undefined, payload: null });
  }
});

void test('a gigabyte of output costs the log one line that says so', async () => {
  const before = gateway.lines.length;
  const { payload } = await invoke('prints');
  assert.equal(payload, 'printed');
  const { leftOutBytes } = await eventually('the line that tells of it', async () =>
    gateway.logged().find((line) => line['function'] === 'prints' && line['leftOutBytes'] !== undefined),
  );
  assert.ok(Number(leftOutBytes) > 800_000_000, String(leftOutBytes));
  assert.ok(gateway.lines.length - before < 20_000);
});

void test('the function has its own environment, and nothing of the gateway', async () => {
  const context = Buffer.from(JSON.stringify({ custom: { größe: 1 } })).toString('base64');
  const { payload } = await invoke('echo', { ö: [1] }, { ClientContext: context });
  assert.deepEqual(payload['event'], { ö: [1] });
  assert.deepEqual(payload['clientContext'], { custom: { größe: 1 } });
  const env = payload['env'] as Record<string, string>;
  assert.equal(env['MINE'], 'secret of the function');
  assert.equal(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'], '256');
  assert.equal(env['AWS_ACCESS_KEY_ID'], 'test');
  assert.equal(env['SALLYPORT_TEST_SECRET'], undefined);
  assert.equal(env['NODE_OPTIONS'], undefined);
  assert.ok(Number(payload['left']) <= 7_000 && Number(payload['left']) > 5_000);
  const { functionName, invokedFunctionArn } = payload['context'] as Record<string, unknown>;
  assert.deepEqual([functionName, invokedFunctionArn], ['echo', `arn:aws:lambda:${REGION}:000000000000:function:echo`]);
});

void test('an Event is accepted and runs, a DryRun runs nothing', async () => {
  const said = (requestId: string) =>
    gateway.logged().some((line) => line['message'] === 'a function failed' && line['requestId'] === requestId);
  const event = await invoke('throws', {}, { InvocationType: 'Event' });
  assert.deepEqual({ status: event.status, payload: event.payload }, { status: 202, payload: undefined });
  await eventually('it has failed', async () => said(event.requestId) || undefined);
  const dry = await invoke('throws', {}, { InvocationType: 'DryRun' });
  assert.deepEqual({ status: dry.status, payload: dry.payload }, { status: 204, payload: undefined });
});

const REFUSALS: readonly (readonly [what: string, input: object, name: string, message: RegExp])[] = [
  [
    'a function that is not there',
    { FunctionName: 'gone' },
    'ResourceNotFoundException',
    /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:gone$/,
  ],
  [
    'a function of another account',
    { FunctionName: '111122223333:function:echo' },
    'ResourceNotFoundException',
    /^Function not found: /,
  ],
  [
    'a payload that is not JSON',
    { FunctionName: 'echo', Payload: Buffer.from('{') },
    'InvalidRequestContentException',
    /^Could not parse request body into json: /,
  ],
  [
    'a client context that is not JSON',
    { FunctionName: 'echo', ClientContext: 'eA==' },
    'InvalidRequestContentException',
    /^Client context must be/,
  ],
];
for (const [what, input, name, message] of REFUSALS) {
  void test(`${what} is refused as ${name}`, async () => {
    await assert.rejects(client.send(new lambda.InvokeCommand(input as lambda.InvokeCommandInput)), { name, message });
  });
}

void test('functions are named by their name, a part of their ARN or all of it, with a version or without', async () => {
  const arn = `arn:aws:lambda:${REGION}:000000000000:function:nothing`;
  for (const name of ['nothing', 'nothing:$LATEST', '000000000000:function:nothing', arn, `${arn}:live`])
    assert.equal((await invoke(name)).payload, null);
});

void test('functions are listed and shown, without what their variables hold', async () => {
  const { Functions = [] } = await client.send(new lambda.ListFunctionsCommand({}));
  assert.deepEqual(
    Functions.map(({ FunctionName }) => FunctionName),
    Object.keys(FUNCTIONS).toSorted(),
  );
  const { Configuration } = await client.send(new lambda.GetFunctionCommand({ FunctionName: 'echo' }));
  assert.deepEqual(
    [Configuration?.Timeout, Configuration?.MemorySize, Configuration?.Handler],
    [7, 256, 'js/echo.handler'],
  );
  assert.deepEqual(Configuration?.LoggingConfig, { LogFormat: 'Text', LogGroup: '/aws/lambda/echo' });
  assert.ok(!JSON.stringify([Functions, Configuration]).includes('secret of the function'));
});

void test('an operation that is not there is refused by its name', async () => {
  const made = client.send(new lambda.DeleteFunctionCommand({ FunctionName: 'echo' }));
  await assert.rejects(made, { name: 'NotImplemented', message: /^DeleteFunction is not available/ });
});
