// The processes of functions: how many at once, until when, for which code; and that none outlives its gateway, however that ends.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as lambda from '@aws-sdk/client-lambda';
import { eventually } from '../harness/eventually.ts';
import { REGION, type TestGateway } from '../harness/gateway.ts';
import { makeProject } from '../harness/local-functions.ts';
import { missing, runPeer } from '../harness/peers.ts';

const WAITS = `import { appendFileSync, existsSync } from 'node:fs';
export const handler = async ({ until, began }) => {
  if (began) appendFileSync(began, 'one');
  while (!existsSync(until)) await new Promise((end) => setTimeout(end, 20));
  return process.pid;
};`;

/** Resolves when so many have told that they began. */
const begun = (file: string, count: number) =>
  eventually(`${count} have begun`, async () =>
    existsSync(file) && readFileSync(file, 'utf8') === 'one'.repeat(count) ? true : undefined,
  );

function clientOf(gateway: TestGateway, accessKeyId = 'test', secretAccessKey = 'test') {
  const client = new lambda.LambdaClient({
    endpoint: gateway.endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  after(() => client.destroy());
  return async (FunctionName: string, event: object = {}) => {
    const Payload = Buffer.from(JSON.stringify(event));
    const answer = await client.send(new lambda.InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(Buffer.from(answer.Payload!).toString()) as unknown;
  };
}

void test('as many run at once as the bound says, each in a process of its own, and more are throttled', async () => {
  const project = makeProject({ after }, { waits: { handler: 'waits.handler', timeout: 60 } }, { 'waits.mjs': WAITS });
  const gateway = await project.start(['--limit', 'functionConcurrencyMax=2']);
  const invoke = clientOf(gateway);
  const until = join(project.directory, 'go');
  const began = join(project.directory, 'began');
  const first = [invoke('waits', { until, began }), invoke('waits', { until, began })];
  await begun(began, 2);
  await assert.rejects(invoke('waits', { until }), (error: Error & { Reason?: string }) => {
    assert.deepEqual([error.name, error.message], ['TooManyRequestsException', 'Rate Exceeded.']);
    return error.Reason === 'ConcurrentInvocationLimitExceeded';
  });
  writeFileSync(until, '');
  const pids = await Promise.all(first);
  assert.equal(new Set(pids).size, 2);
  assert.ok(pids.includes(await invoke('waits', { until })));
});

void test('one invocation after the other is served by one process, and is never throttled', async () => {
  // It takes a while to ask for the next one: it is between the two that the bound would be met, or another process started.
  const source = `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  head=$(curl -sS -D - -o /dev/null "$api/next") || exit 1
  id=$(printf '%s' "$head" | tr -d '\\r' | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
  curl -sS -o /dev/null "$api/$id/response" -d $$
  sleep 0.03
done
`;
  const project = makeProject({ after }, { slow: { handler: 'bootstrap', runtime: 'command' } }, { bootstrap: source });
  const invoke = clientOf(
    await project.start(['--limit', 'functionConcurrencyMax=1', '--limit', 'functionTurnMs=5000']),
  );
  const pids = new Set<unknown>();
  for (let turn = 0; turn < 10; turn += 1) pids.add(await invoke('slow'));
  assert.equal(pids.size, 1);
});

void test('a save is seen: the next invocation runs the new code, and one that is under way ends with the old', async () => {
  const source = (word: string) =>
    `import { word } from './word.mjs';\n${WAITS.replace('process.pid', `[word, '${word}']`)}`;
  const files = { 'src/app.mjs': source('old'), 'src/word.mjs': `export const word = 'old';` };
  const project = makeProject({ after }, { app: { handler: 'src/app.handler', timeout: 60 } }, files);
  const gateway = await project.start();
  const invoke = clientOf(gateway);
  const [now, later] = [join(project.directory, 'sallyport.yaml'), join(project.directory, 'later')];
  assert.deepEqual(await invoke('app', { until: now }), ['old', 'old']);
  const began = join(project.directory, 'began');
  const underWay = invoke('app', { until: later, began });
  await begun(began, 1);
  project.write('src/word.mjs', `export const word = 'new';`);
  await eventually('the import is new', async () =>
    ((await invoke('app', { until: now })) as string[])[0] === 'new' ? true : undefined,
  );
  project.write('src/app.mjs', source('new'));
  await eventually('the handler is new', async () =>
    ((await invoke('app', { until: now })) as string[])[1] === 'new' ? true : undefined,
  );
  writeFileSync(later, '');
  assert.deepEqual(await underWay, ['old', 'old']);
});

void test('a function that is broken by a save, and mended by another, works again', async () => {
  const good = `exports.handler = async () => 'good';`;
  const project = makeProject({ after }, { app: { handler: 'app.handler' } }, { 'app.js': good });
  const invoke = clientOf(await project.start());
  assert.equal(await invoke('app'), 'good');
  project.write('app.js', 'exports.handler = ');
  await eventually('it is broken', async () =>
    ((await invoke('app')) as { errorType?: string }).errorType === 'Runtime.UserCodeSyntaxError' ? true : undefined,
  );
  project.write('app.js', good);
  await eventually('it is good', async () => ((await invoke('app')) === 'good' ? true : undefined));
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (pids: readonly number[]) =>
  eventually('every process is gone', async () => (pids.some(isAlive) ? undefined : true));

void test('a process that nobody needs ends after a while', async () => {
  const project = makeProject(
    { after },
    { pid: { handler: 'pid.handler' } },
    { 'pid.mjs': 'export const handler = async () => process.pid;' },
  );
  const gateway = await project.start(['--clock', 'movable']);
  const invoke = clientOf(gateway);
  const pid = (await invoke('pid')) as number;
  assert.equal(await invoke('pid'), pid);
  await gateway.advance('4m');
  assert.equal(await invoke('pid'), pid);
  // It is idle once it has asked for its next event, which may be after its answer has come.
  await eventually('it ends', async () => {
    await gateway.advance('5m');
    return isAlive(pid) ? undefined : true;
  });
});

// A function that starts a process of its own, and sleeps with it.
const FAMILY = `import { spawn } from 'node:child_process';
export const handler = async () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  return [process.pid, child.pid];
};`;
for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  void test(`no process of a function outlives a gateway that ends by ${signal}`, async () => {
    const functions = { family: { handler: 'family.handler' }, hangs: { handler: 'hangs.handler', timeout: 600 } };
    const hangs = `import { writeFileSync } from 'node:fs';
export const handler = async ({ file }) => { writeFileSync(file, String(process.pid)); for (;;); };`;
    const project = makeProject({ after }, functions, { 'family.mjs': FAMILY, 'hangs.mjs': hangs });
    const gateway = await project.start();
    const invoke = clientOf(gateway);
    const family = (await invoke('family')) as number[];
    const file = join(project.directory, 'pid');
    const hanging = invoke('hangs', { file }).catch(() => undefined);
    const pid = await eventually('it hangs', async () => {
      try {
        return Number(readFileSync(file, 'utf8')) || undefined;
      } catch {
        return undefined;
      }
    });
    assert.ok([...family, pid].every(isAlive));
    // The process itself, behind its launcher.
    process.kill(gateway.ready.pid, signal);
    await gone([...family, pid]);
    await hanging;
  });
}

void test('what ends in time leaves nothing behind: a process that a function started is killed with it', async () => {
  const source = `${FAMILY.replace('return [process.pid, child.pid];', 'console.log(`child ${child.pid}`); await new Promise((end) => setTimeout(end, 60000));')}`;
  const project = makeProject(
    { after },
    { family: { handler: 'family.handler', timeout: 1 } },
    { 'family.mjs': source },
  );
  const gateway = await project.start();
  const { errorType } = (await clientOf(gateway)('family')) as { errorType: string };
  assert.equal(errorType, 'Sandbox.Timedout');
  const line = await eventually('its child is told of', async () =>
    gateway.logged().find((one) => String(one['line']).startsWith('child ')),
  );
  await gone([Number(String(line['line']).slice('child '.length))]);
});

void test('aws lambda invoke writes what a function returns', { skip: missing('aws') }, async () => {
  const project = makeProject(
    { after },
    { hello: { handler: 'hello.handler' } },
    { 'hello.py': 'def handler(event, context):\n    return f"hello {event[\'name\']}"\n' },
  );
  const gateway = await project.start();
  const out = join(project.directory, 'out.json');
  const args = [
    'lambda',
    'invoke',
    '--function-name',
    'hello',
    '--cli-binary-format',
    'raw-in-base64-out',
    '--payload',
    '{"name":"world"}',
    '--endpoint-url',
    gateway.endpoint,
    out,
  ];
  const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: REGION, AWS_PAGER: '' };
  const { code, stdout, stderr } = await runPeer('aws', args, env);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.deepEqual(JSON.parse(stdout), { StatusCode: 200, ExecutedVersion: '$LATEST' });
  assert.equal(readFileSync(out, 'utf8'), '"hello world"');
});
