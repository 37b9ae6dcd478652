// Lambda's operations and those of API keys with boto3 as Debian ships it, unmodified: one run of test/peers/functions.py; each test reads
// its part of what the client saw.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeProject } from '../harness/local-functions.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { makeApi } from '../harness/sockets.ts';

const SCRIPT = fileURLToPath(new URL('../peers/functions.py', import.meta.url));
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:';

interface Saw {
  readonly functions: Readonly<Record<string, unknown>>;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** What AWS shows of a function that was made from a package of code (GetFunctionConfiguration), but for LoggingConfig, which is younger than Debian's boto3. */
const SHOWN_BY_AWS = (
  'Architectures CodeSha256 CodeSize Description EphemeralStorage FunctionArn FunctionName Handler LastModified LastUpdateStatus ' +
  'MemorySize PackageType RevisionId Role Runtime RuntimeVersionConfig SnapStart State Timeout TracingConfig Version'
).split(' ');
/** What has no meaning for code that lies where it is written. */
const LEFT_OUT = 'CodeSha256 CodeSize EphemeralStorage LastModified RevisionId Role RuntimeVersionConfig'.split(' ');

describe('boto3 of Debian, unmodified, with functions and API keys', { skip: missing('boto3') }, () => {
  const ends: (() => unknown)[] = [];
  let saw: Saw;
  before(async () => {
    const owner = { after: (end: () => unknown) => ends.unshift(end) };
    const functions = {
      greet: { handler: 'greet.handler', env: { SECRET: 'of the function' } },
      fails: { handler: 'fails.handler' },
      other: { handler: 'other.handler', runtime: 'python' },
      program: { handler: 'program', runtime: 'command' },
      zebra: { handler: 'greet.handler' },
    };
    const gateway = await makeProject(owner, functions, {
      'greet.mjs': `export const handler = async ({ name }) => { console.log('greeting', name); return 'hello ' + name; };`,
      'fails.py': `def handler(event, context):\n    raise KeyError("gone")\n`,
    }).start();
    const target = { IntegrationType: 'MOCK' as const, RequestTemplates: { $default: '{"statusCode": 200}' } };
    const { apiId, stage } = await makeApi(gateway.clients, { $default: { target } });
    const env = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      NO_PROXY: '*',
    };
    const args = [SCRIPT, '--endpoint', gateway.endpoint, '--api', apiId, '--stage', stage];
    const { code, stdout, stderr } = await runPeer('boto3', args, env);
    if (code !== 0) throw new Error(`functions.py ended with ${code}:\n${stderr}`);
    saw = JSON.parse(stdout) as Saw;
  });
  after(async () => {
    for (const end of ends) await end();
  });
  const ofFunctions = <T>(member: string) => saw.functions[member] as T;
  const ofKeys = <T>(member: string) => saw.keys[member] as T;

  void test('a function is invoked, and its log is read', () => {
    const { log, ...returned } = ofFunctions<{ log: string[] }>('returned');
    assert.deepEqual(returned, { status: 200, StatusCode: 200, ExecutedVersion: '$LATEST', payload: 'hello ö' });
    assert.deepEqual(
      log.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['START RequestId:', 'greeting ö', 'END RequestId:', 'REPORT RequestId:'],
    );
  });

  void test('a function that fails, an event and a dry run are told apart', () => {
    const failed = ofFunctions<{ FunctionError: string; payload: { errorType: string } }>('failed');
    assert.deepEqual([failed.FunctionError, failed.payload.errorType], ['Unhandled', 'KeyError']);
    assert.deepEqual(ofFunctions('event'), { status: 202, StatusCode: 202, payload: null, log: null });
    const { StatusCode, payload } = ofFunctions<{ StatusCode: number; payload: unknown }>('dry');
    assert.deepEqual([StatusCode, payload], [204, null]);
  });

  void test('refusals are exceptions of their own type', () => {
    const typeOf = (member: string) => ofFunctions<{ type: string; status: number }>(member);
    const refused = ['gone', 'noJson', 'badMarker', 'tooMany'].map(typeOf).map(({ type, status }) => [type, status]);
    assert.deepEqual(refused, [
      ['ResourceNotFoundException', 404],
      ['InvalidRequestContentException', 400],
      ['InvalidParameterValueException', 400],
      ['InvalidParameterValueException', 400],
    ]);
  });

  void test('functions are listed page by page, by name', () => {
    assert.deepEqual(ofFunctions('pages'), [['fails', 'greet'], ['other', 'program'], ['zebra']]);
    assert.deepEqual(
      ofFunctions('versions'),
      ['fails', 'greet', 'other', 'program', 'zebra'].map((name) => `${ARN}${name}:$LATEST`),
    );
    assert.deepEqual(ofFunctions('elsewhere'), []);
  });

  void test('a function is shown with what AWS shows, but for what has no meaning here; a list leaves its state out', () => {
    const { status, ...configuration } = ofFunctions<Record<string, unknown>>('configuration');
    assert.equal(status, 200);
    assert.deepEqual([...Object.keys(configuration), ...LEFT_OUT].toSorted(), SHOWN_BY_AWS);
    const { Configuration } = ofFunctions<{ Configuration: object }>('function');
    assert.deepEqual(Configuration, configuration);
    assert.equal(configuration['FunctionArn'], `${ARN}greet`);
    assert.match(String(configuration['Runtime']), /^nodejs\d+\.x$/);
    // A Python function, whose version nobody knows.
    const listed = Object.keys(ofFunctions<object>('listed')).toSorted();
    const notListed = new Set([...LEFT_OUT, 'State', 'LastUpdateStatus', 'Runtime']);
    assert.deepEqual(
      listed,
      SHOWN_BY_AWS.filter((member) => !notListed.has(member)),
    );
    assert.ok(!JSON.stringify(saw).includes('of the function'));
  });

  void test('a key and a plan are made, joined, read and taken away', () => {
    const key = ofKeys<{ status: number; id: string; name: string; value: string; enabled: boolean; tags: object }>(
      'key',
    );
    assert.deepEqual([key.status, key.name, key.enabled, key.tags], [201, 'anne', true, { team: 'chat' }]);
    assert.equal(ofKeys('value'), key.value);
    assert.deepEqual(ofKeys('keys'), ['anne']);
    const plan = ofKeys<{ status: number; quota: object; throttle: object; apiStages: object[] }>('plan');
    assert.deepEqual(
      [plan.status, plan.quota, plan.throttle, plan.apiStages.length],
      [201, { limit: 100, offset: 0, period: 'DAY' }, { burstLimit: 20, rateLimit: 10 }, 1],
    );
    const planKey = ofKeys<{ status: number; id: string; type: string }>('planKey');
    assert.deepEqual([planKey.status, planKey.id, planKey.type], [201, key.id, 'API_KEY']);
    const usage = ofKeys<{ today: string; startDate: string; endDate: string; items: object }>('usage');
    assert.deepEqual([usage.startDate, usage.endDate], [usage.today, usage.today]);
    assert.deepEqual(usage.items, { [key.id]: [[0, 100]] });
    assert.deepEqual(ofKeys<{ type: string }>('again').type, 'ConflictException');
    assert.deepEqual(ofKeys<{ type: string }>('gone').type, 'NotFoundException');
    assert.deepEqual(ofKeys('left'), [[], []]);
  });
});
