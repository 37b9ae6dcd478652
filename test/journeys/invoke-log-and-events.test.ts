// The end of the log that Invoke shows (LogType Tail), and invocations that nobody waits for: tried again as Lambda does, in lifecycle time.

import assert from 'node:assert/strict';
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as lambda from '@aws-sdk/client-lambda';
import { eventually } from '../harness/eventually.ts';
import { REGION, type TestGateway } from '../harness/gateway.ts';
import { makeProject } from '../harness/local-functions.ts';
import { missing, runPeer } from '../harness/peers.ts';

const FUNCTIONS = {
  says: { handler: 'says.handler', memory: 256 },
  says_py: { handler: 'says_py.handler' },
  much: { handler: 'much.handler' },
  hangs: { handler: 'hangs.handler', timeout: 1 },
  exits: { handler: 'exits.handler' },
  broken: { handler: 'broken.handler' },
  gone: { handler: 'bin/gone', runtime: 'command' },
  counts: { handler: 'counts.handler' },
};
const project = makeProject({ after }, FUNCTIONS, {
  'says.js': `console.log('loaded'); exports.handler = async ({ word }) => { console.log('out ' + word); console.error('err ' + word); return word; };`,
  'says_py.py': `def handler(event, context):\n    print("out " + event["word"])\n    return event["word"]\n`,
  'much.js': `exports.handler = async () => { for (let n = 0; n < 100000; n += 1) console.log('line ' + n); };`,
  'hangs.js': `exports.handler = () => { process.stdout.write('no end of line'); for (;;); };`,
  'exits.js': `exports.handler = () => { console.log('soon'); process.exit(1); };`,
  'broken.js': `console.log('at start'); throw new Error('cannot');`,
  'counts.js': `const { appendFileSync, readFileSync } = require('node:fs');
exports.handler = async ({ file, good }) => { appendFileSync(file, 'x'); if (readFileSync(file).length < good) throw new Error('not yet'); };`,
});
const gateway = await project.start(['--clock', 'movable', '--limit', 'functionEventsMax=3']);

function clientOf(of: TestGateway): lambda.LambdaClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new lambda.LambdaClient({ endpoint: of.endpoint, region: REGION, credentials, maxAttempts: 1 });
  after(() => client.destroy());
  return client;
}
const client = clientOf(gateway);

async function tailOf(name: string, event: object = {}) {
  const Payload = Buffer.from(JSON.stringify(event));
  const input = { FunctionName: name, Payload, LogType: 'Tail' as const };
  const { LogResult, FunctionError, $metadata } = await client.send(new lambda.InvokeCommand(input));
  const text = Buffer.from(LogResult!, 'base64').toString();
  const shown = text
    .replaceAll($metadata.requestId!, '<id>')
    .replaceAll(/\d+\.\d\d ms/g, '<ms>')
    .replaceAll(/: \d+ ms/g, ': <whole ms>')
    .replaceAll(/Used: [1-9]\d* MB/g, 'Used: <MB>')
    .replaceAll(/^\d{4}-\d\d-\d\dT[\d:.]+Z/gm, '<time>');
  return { shown, text, FunctionError };
}

const REPORT = (memoryMb: number, isCold: boolean) =>
  `END RequestId: <id>\nREPORT RequestId: <id>\tDuration: <ms>\tBilled Duration: <whole ms>\tMemory Size: ${memoryMb} MB\t` +
  `Max Memory Used: <MB>\t${isCold ? 'Init Duration: <ms>\t' : ''}\n`;
const START = 'START RequestId: <id> Version: $LATEST\n';

void test('the log is what the invocation printed, between the lines of Lambda; a cold one says how long it took to start', async () => {
  const cold = await tailOf('says', { word: 'one' });
  assert.equal(cold.shown, `${START}loaded\nout one\nerr one\n${REPORT(256, true)}`);
  for (const word of ['two', 'three']) {
    const warm = await tailOf('says', { word });
    assert.equal(warm.shown, `${START}out ${word}\nerr ${word}\n${REPORT(256, false)}`);
  }
  assert.equal((await tailOf('says_py', { word: 'one' })).shown, `${START}out one\n${REPORT(128, true)}`);
});

void test('each of many at once has its own lines alone', async () => {
  const words = Array.from({ length: 12 }, (_, n) => `word${n}`);
  const tails = await Promise.all(words.map((word) => tailOf('says', { word })));
  tails.forEach(({ shown }, n) => {
    const said = shown.split('\n').filter((line) => /^(?:out|err) /.test(line));
    assert.deepEqual(said.toSorted(), [`err word${n}`, `out word${n}`]);
  });
});

void test('of a long log the last 4 KB are shown', async () => {
  const { text, shown } = await tailOf('much');
  assert.equal(Buffer.byteLength(text), 4_096);
  assert.ok(shown.endsWith(`line 99998\nline 99999\n${REPORT(128, true)}`), shown.slice(-400));
});

for (const [name, end] of [
  ['hangs', `no end of line\n<time> <id> Task timed out after 1.00 seconds\n\n${REPORT(128, true)}`],
  ['exits', `soon\nRequestId: <id> Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n`],
] as const) {
  void test(`the log of a function that ${name} says how it ended`, async () => {
    const { shown, FunctionError } = await tailOf(name);
    assert.equal(FunctionError, 'Unhandled');
    assert.ok(shown.startsWith(`${START}${end}`), shown);
  });
}

void test('the log of a function that does not start has what it printed, and its trace', async () => {
  const { shown } = await tailOf('broken');
  assert.match(shown, /^START RequestId: <id> Version: \$LATEST\nat start\nError: cannot\n {4}at .*broken\.js:1:/);
  assert.match(
    (await tailOf('gone')).shown,
    /fork\/exec bin\/gone: no such file or directory\nRuntime\.InvalidEntrypoint\n/,
  );
});

void test('nobody who did not ask for it gets a log', async () => {
  const Payload = Buffer.from('{"word":"x"}');
  for (const LogType of ['None', undefined] as const) {
    const answer = await client.send(new lambda.InvokeCommand({ FunctionName: 'says', Payload, LogType }));
    assert.equal(answer.LogResult, undefined);
  }
  await assert.rejects(client.send(new lambda.InvokeCommand({ FunctionName: 'says', LogType: 'All' as never })), {
    name: 'InvalidParameterValueException',
  });
});

void test('aws lambda invoke --log-type Tail shows it', { skip: missing('aws') }, async () => {
  const out = join(project.directory, 'out.json');
  const payload = ['--cli-binary-format', 'raw-in-base64-out', '--payload', '{"word":"cli"}'];
  const log = ['--log-type', 'Tail', '--query', 'LogResult', '--output', 'text', '--endpoint-url', gateway.endpoint];
  const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: REGION, AWS_PAGER: '' };
  const { stdout, stderr } = await runPeer(
    'aws',
    ['lambda', 'invoke', '--function-name', 'says', ...payload, ...log, out],
    env,
  );
  assert.equal(stderr, '');
  assert.match(Buffer.from(stdout, 'base64').toString(), /^START RequestId: .*\nout cli\nerr cli\nEND RequestId: /);
});

const sent = async (name: string, event: object) => {
  const Payload = Buffer.from(JSON.stringify(event));
  const answer = await client.send(new lambda.InvokeCommand({ FunctionName: name, Payload, InvocationType: 'Event' }));
  assert.equal(answer.StatusCode, 202);
  return answer.$metadata.requestId!;
};
const triesIn = (file: string) => (existsSync(file) ? readFileSync(file).length : 0);
const told = (requestId: string, message: RegExp) =>
  gateway.logged().filter((line) => line['requestId'] === requestId && message.test(String(line['message'])));
const failures = (requestId: string, count: number) =>
  eventually(`it has failed ${count} times`, async () =>
    told(requestId, /^a function failed$/).length === count ? true : undefined,
  );

void test('an event whose function fails is tried again after one minute and after two, and then given up with one line', async () => {
  const file = join(project.directory, 'never');
  const requestId = await sent('counts', { file, good: 100 });
  await failures(requestId, 1);
  await gateway.advance('59s');
  assert.equal(triesIn(file), 1);
  await gateway.advance('1s');
  await failures(requestId, 2);
  await gateway.advance('119s');
  assert.equal(triesIn(file), 2);
  await gateway.advance('1s');
  await failures(requestId, 3);
  const [line, ...more] = await eventually('it is given up', async () => {
    const lines = told(requestId, /given up/);
    return lines.length > 0 ? lines : undefined;
  });
  assert.deepEqual(
    [line?.['level'], line?.['message'], line?.['attempts'], more.length],
    ['warn', 'an event is given up: its function failed each time', 3, 0],
  );
  await gateway.advance('7h');
  assert.equal(triesIn(file), 3);
});

void test('an event that succeeds at the second attempt is not tried again', async () => {
  const file = join(project.directory, 'later');
  const requestId = await sent('counts', { file, good: 2 });
  await failures(requestId, 1);
  await gateway.advance('1m');
  await eventually('it has been tried again', async () => (triesIn(file) === 2 ? true : undefined));
  await gateway.advance('1h');
  assert.equal(triesIn(file), 2);
  assert.equal(told(requestId, /given up/).length, 0);
});

void test('an event is given up when it would be older than six hours at its next attempt', async () => {
  const file = join(project.directory, 'old');
  const requestId = await sent('counts', { file, good: 100 });
  await failures(requestId, 1);
  await gateway.advance('6h');
  await failures(requestId, 2);
  const line = await eventually('it is given up', async () => told(requestId, /given up/)[0]);
  assert.deepEqual([line['message'], line['attempts']], ['an event is given up: it is too old to be tried again', 2]);
});

void test('events that wait for another attempt count: more than the bound are refused', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1)
    ids.push(await sent('counts', { file: join(project.directory, `full${n}`), good: 100 }));
  for (const id of ids) await failures(id, 1);
  await assert.rejects(sent('counts', { file: join(project.directory, 'refused'), good: 1 }), {
    name: 'TooManyRequestsException',
  });
  // Of another function there are none.
  await sent('says', { word: 'x' });
  await gateway.advance('1m');
  for (const id of ids) await failures(id, 2);
  await gateway.advance('2m');
  for (const id of ids) await failures(id, 3);
  await eventually('there is room again', async () => told(ids[2]!, /given up/)[0]);
  const last = join(project.directory, 'room');
  await sent('counts', { file: last, good: 1 });
  await eventually('it has been run', async () => (triesIn(last) === 1 ? true : undefined));
});
