// Who may sign, from the operator's side: `sallyport accounts` makes the file, changes it under a gateway that serves, and what it prints
// works at once; a file that cannot be used changes nothing, whoever asks for it to be read.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createClients } from '../../demo/chain.ts';
import { sallyport } from '../harness/command-line.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

interface MadeKey {
  readonly account: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly gateway: { readonly loaded?: { readonly keys: number }; readonly notLoaded?: string };
}

/** A command on the file of a test, without AWS's variables: the file itself says who asks. */
function commandsOn(file: string, endpoint: () => string) {
  const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
  const run = async (...words: string[]) => {
    const listed = words[0] === 'list' ? words : words;
    return sallyport(['accounts', ...listed, '--accounts', file, '--endpoint', endpoint()], { env });
  };
  const made = async (...words: string[]): Promise<MadeKey> => {
    const { code, stdout, stderr } = await run(...words, '--json');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, words.join(' '));
    return JSON.parse(stdout) as MadeKey;
  };
  return { run, made };
}

async function whoIs(gateway: TestGateway, { accessKeyId, secretAccessKey }: MadeKey): Promise<string> {
  const client = new STSClient({
    endpoint: gateway.endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Arn!;
  } catch (error) {
    return (error as Error).name;
  } finally {
    client.destroy();
  }
}

/** A file with one operator, made by the command itself, and a gateway on it. */
async function startOn(context: TestContext) {
  const file = join(temporaryDirectory(context), 'accounts.yaml');
  let endpoint = 'http://127.0.0.1:1';
  const commands = commandsOn(file, () => endpoint);
  const operator = await commands.made('add', '111122223333', '--name', 'team-a', '--operator');
  const gateway = await startTestGateway(context, ['--accounts', file]);
  ({ endpoint } = gateway);
  return { file, gateway, operator, ...commands };
}

void test('makes a file with an operator, readable by its owner alone, before there is a gateway', async (context) => {
  const folder = temporaryDirectory(context);
  const file = join(folder, 'accounts.yaml');
  const { made, run } = commandsOn(file, () => 'http://127.0.0.1:1');
  const operator = await made('add', '--name', 'team-a', '--operator');
  assert.match(operator.account, /^\d{12}$/);
  assert.match(operator.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.match(
    operator.gateway.notLoaded ?? '',
    /does not answer at http:\/\/127\.0\.0\.1:1: it reads the file when it starts/,
  );
  const secretFile = join(folder, 'accounts.secrets', `${operator.accessKeyId}.secret`);
  assert.equal(readFileSync(secretFile, 'utf8'), `${operator.secretAccessKey}\n`);
  for (const path of [file, secretFile]) assert.equal(statSync(path).mode & 0o777, 0o600, path);
  assert.ok(!readFileSync(file, 'utf8').includes(operator.secretAccessKey), 'the secret is not in the file');
  const { stdout } = await run('list');
  assert.match(stdout, new RegExp(`${operator.account}  team-a  operator\n    ${operator.accessKeyId}  in use`));
  assert.ok(!stdout.includes(operator.secretAccessKey));
  assert.deepEqual(readdirSync(folder).sort(), ['accounts.secrets', 'accounts.yaml'], 'no draft is left');
});

void test('an account that is added may sign at once, and no socket closes', async (context) => {
  const { gateway, operator, made } = await startOn(context);
  const own = createClients(gateway.endpoint, REGION, operator.accessKeyId, operator.secretAccessKey);
  const api = await makeApi(own, { $default: { target: mock('{"still":"here"}'), isTwoWay: true } });
  const socket = await openSocket(gateway, pathForm(gateway, api));
  const added = await made('add', '444455556666', '--user', 'deploy');
  assert.equal(added.gateway.loaded?.keys, 2);
  assert.equal(await whoIs(gateway, added), 'arn:aws:iam::444455556666:user/deploy');
  assert.equal(await whoIs(gateway, operator), 'arn:aws:iam::111122223333:root');
  assert.equal(await ask(socket, '{}'), '{"still":"here"}');
  socket.socket.terminate();
});

void test('a sealed secret lies in the file, opens for its own key alone, and outlives a rotation of the keys', async (context) => {
  const { file, gateway, operator, made, run } = await startOn(context);
  const sealed = await made('add', '444455556666', '--seal');
  const text = readFileSync(file, 'utf8');
  assert.match(text, /sealedSecret: [A-Za-z0-9+/=]{60,}/);
  assert.ok(!text.includes(sealed.secretAccessKey));
  assert.equal(await whoIs(gateway, sealed), 'arn:aws:iam::444455556666:root');
  const env = { AWS_ACCESS_KEY_ID: operator.accessKeyId, AWS_SECRET_ACCESS_KEY: operator.secretAccessKey };
  const rotated = await sallyport(['keys', 'rotate', '--endpoint', gateway.endpoint], { env });
  assert.equal(rotated.code, 0, rotated.stderr);
  const rotatedKey = await made('rotate', sealed.accessKeyId, '--keep', '1h');
  assert.equal(await whoIs(gateway, rotatedKey), 'arn:aws:iam::444455556666:root');
  assert.equal(await whoIs(gateway, sealed), 'arn:aws:iam::444455556666:root', 'the old one counts for an hour');
  // The envelope of one key in the place of another's.
  const [first, second] = [...readFileSync(file, 'utf8').matchAll(/sealedSecret: (\S+)/g)].map(([, value]) => value!);
  writeFileSync(file, readFileSync(file, 'utf8').replace(second!, first!));
  const refused = await run('enable', sealed.accessKeyId);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stdout,
    /did not take the file: .*the sealed secret of AKIA\w+ was not sealed by this gateway's data directory/,
  );
  assert.equal(await whoIs(gateway, rotatedKey), 'arn:aws:iam::444455556666:root', 'the table stayed as it was');
});

void test('a key that is rotated away, and an account that is disabled, are refused at once; enabled again it may sign', async (context) => {
  const { gateway, operator, made, run } = await startOn(context);
  const key = await made('add', '444455556666', '--user', 'deploy');
  const next = await made('rotate', key.accessKeyId, '--keep', '0s');
  assert.equal(await whoIs(gateway, key), 'InvalidClientTokenId');
  assert.equal(await whoIs(gateway, next), 'arn:aws:iam::444455556666:user/deploy');
  assert.equal((await run('disable', '444455556666')).code, 0);
  assert.equal(await whoIs(gateway, next), 'InvalidClientTokenId');
  assert.equal(await whoIs(gateway, operator), 'arn:aws:iam::111122223333:root');
  assert.equal((await run('enable', '444455556666')).code, 0);
  assert.equal(await whoIs(gateway, next), 'arn:aws:iam::444455556666:user/deploy');
});

void test('SIGHUP has the file read anew, and one that cannot be used leaves everything as it was', async (context) => {
  const { file, gateway, operator, made } = await startOn(context);
  const added = await made('add', '444455556666', '--no-reload');
  assert.equal(await whoIs(gateway, added), 'InvalidClientTokenId');
  process.kill(gateway.ready.pid, 'SIGHUP');
  await eventually('the added key may sign', async () => (await whoIs(gateway, added)).startsWith('arn:') || undefined);
  const good = readFileSync(file, 'utf8');
  for (const [bad, why] of [
    ['accounts: []', /Too small.*accounts/],
    [good.replace('operator: true', 'operator: maybe'), /operator/],
    [good.replaceAll(/\.secret\b/g, '.gone'), /the secret file .*\.gone of AKIA\w+ cannot be read: ENOENT/],
  ] as const) {
    writeFileSync(file, bad);
    process.kill(gateway.ready.pid, 'SIGHUP');
    const isTold = (line: Record<string, unknown>) =>
      String(line['message']).startsWith('the accounts file was not taken') && why.test(String(line['reason']));
    await eventually(`the log says why: ${why}`, () => gateway.logged().find(isTold));
    assert.equal(await whoIs(gateway, operator), 'arn:aws:iam::111122223333:root');
    assert.equal(await whoIs(gateway, added), 'arn:aws:iam::444455556666:root');
  }
});

void test('is for operators alone, and says what is wrong in one line', async (context) => {
  const { file, gateway, made, run } = await startOn(context);
  const stranger = await made('add', '444455556666');
  const env = { AWS_ACCESS_KEY_ID: stranger.accessKeyId, AWS_SECRET_ACCESS_KEY: stranger.secretAccessKey };
  const words = ['accounts', 'add', '777788889999', '--accounts', file, '--endpoint', gateway.endpoint];
  const refused = await sallyport(words, { env });
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /the gateway did not take the file: .*account 444455556666 is none/);
  const clients = createClients(gateway.endpoint, REGION, stranger.accessKeyId, stranger.secretAccessKey);
  assert.deepEqual((await clients.gateway.send(new GetApisCommand({}))).Items, []);
  const lines: readonly (readonly [words: string[], problem: RegExp])[] = [
    [['add', '123'], /^sallyport: an account id is 12 digits, and '123' is not\.\n$/],
    [['disable', 'AKIANOBODY'], /there is no access key AKIANOBODY\.\n$/],
    [['rotate', 'AKIANOBODY'], /there is no access key AKIANOBODY\.\n$/],
    [['rotate', stranger.accessKeyId, '--keep', 'long'], /--keep long: expected a duration/],
    [['add', '111122223333', '--name', 'another'], /the account 111122223333 is there, and is not changed by a key/],
    [['add', '--policy', '/nowhere.json'], /--policy \/nowhere\.json: ENOENT/],
    [['add', '--user', 'a b'], /a user is named by up to 64 letters, digits and/],
  ];
  const before = readdirSync(join(file, '..', 'accounts.secrets')).length;
  for (const [line, problem] of lines) {
    const { code, stderr } = await run(...line);
    assert.equal(code, 2, line.join(' '));
    assert.match(stderr, problem);
  }
  assert.equal(readdirSync(join(file, '..', 'accounts.secrets')).length, before, 'no secret is left of what failed');
  writeFileSync(`${file}.new`, '');
  const busy = await run('disable', '444455556666');
  assert.equal(busy.code, 2);
  assert.match(
    busy.stderr,
    /accounts\.yaml\.new is there: another command changes .* at this moment, or was broken off/,
  );
});

void test('SIGHUP without an accounts file changes nothing, and ends nothing', async (context) => {
  const gateway = await startTestGateway(context);
  process.kill(gateway.ready.pid, 'SIGHUP');
  const isTold = (line: Record<string, unknown>) => line['message'] === 'there is no accounts file to read anew';
  await eventually('the log says so', () => gateway.logged().find(isTold));
  assert.equal((await fetch(`${gateway.endpoint}/_sallyport/health`)).status, 200);
});
