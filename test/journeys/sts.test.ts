// STS: who signs, told to the SDK, to Debian's AWS CLI and to a presigned URL; sessions, which may do what their key may, and end with it;
// and what is not there, refused by name.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
  type Credentials,
} from '@aws-sdk/client-sts';
import { createClients } from '../../demo/chain.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { signerOf } from '../harness/signer.ts';

const READS = { Effect: 'Allow', Action: 'apigateway:GET', Resource: '*' };
const OWNER = { accessKeyId: 'AKIAOWNER', secretAccessKey: 'secret-of-the-owner' };
const READER = { accessKeyId: 'AKIAREADER', secretAccessKey: 'secret-of-the-reader' };

const file = join(temporaryDirectory({ after }), 'accounts.yaml');
/** JSON is YAML. */
const accountsText = (isReaderDisabled: boolean) =>
  JSON.stringify({
    accounts: [
      {
        id: '111122223333',
        keys: [
          { id: OWNER.accessKeyId, secret: OWNER.secretAccessKey },
          {
            id: READER.accessKeyId,
            secret: READER.secretAccessKey,
            user: 'reader',
            policies: [{ Version: '2012-10-17', Statement: [READS] }],
            disabled: isReaderDisabled,
          },
        ],
      },
    ],
  });
writeFileSync(file, accountsText(false), { mode: 0o600 });
const gateway = await startTestGateway({ after }, ['--accounts', file]);

function sts(credentials: typeof OWNER & { sessionToken?: string }): STSClient {
  const client = new STSClient({ endpoint: gateway.endpoint, region: REGION, credentials, maxAttempts: 1 });
  after(() => client.destroy());
  return client;
}

const spelled = ({ AccessKeyId, SecretAccessKey, SessionToken }: Credentials) => ({
  accessKeyId: AccessKeyId!,
  secretAccessKey: SecretAccessKey!,
  sessionToken: SessionToken!,
});

const sessionOf = async (credentials: typeof OWNER, DurationSeconds?: number) =>
  (await sts(credentials).send(new GetSessionTokenCommand({ DurationSeconds }))).Credentials!;

const nameOf = (error: unknown) => (error as Error).name;

void test('tells the root of an account and a user who they are, whatever their policies say', async () => {
  const { $metadata: own, ...root } = await sts(OWNER).send(new GetCallerIdentityCommand({}));
  assert.deepEqual(root, { UserId: '111122223333', Account: '111122223333', Arn: 'arn:aws:iam::111122223333:root' });
  assert.match(own.requestId ?? '', /^[0-9a-f-]{36}$/);
  const { UserId, Arn } = await sts(READER).send(new GetCallerIdentityCommand({}));
  assert.equal(Arn, 'arn:aws:iam::111122223333:user/reader');
  assert.match(UserId!, /^AIDA[0-9A-F]{17}$/);
});

void test(
  'answers Debian’s AWS CLI, with permanent credentials and with those of a session',
  { skip: missing('aws') },
  async () => {
    const aws = async (words: string, env: NodeJS.ProcessEnv) => {
      const args = [...words.split(' '), '--output', 'json', '--endpoint-url', gateway.endpoint];
      const settings = {
        AWS_DEFAULT_REGION: REGION,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      };
      const { code, stdout, stderr } = await runPeer('aws', args, { ...settings, AWS_PAGER: '', ...env });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, words);
      return JSON.parse(stdout) as Record<string, string> & {
        Credentials: Required<Record<keyof Credentials, string>>;
      };
    };
    const env = { AWS_ACCESS_KEY_ID: OWNER.accessKeyId, AWS_SECRET_ACCESS_KEY: OWNER.secretAccessKey };
    assert.equal((await aws('sts get-caller-identity', env))['Account'], '111122223333');
    const { Credentials: made } = await aws('sts get-session-token --duration-seconds 900', env);
    const session = {
      AWS_ACCESS_KEY_ID: made.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: made.SecretAccessKey,
      AWS_SESSION_TOKEN: made.SessionToken,
    };
    assert.equal((await aws('sts get-caller-identity', session))['Arn'], 'arn:aws:iam::111122223333:root');
  },
);

void test('a presigned URL of GetCallerIdentity, which others ask to know the signer, is answered', async () => {
  const { host, hostname } = new URL(gateway.endpoint);
  const signer = signerOf(OWNER, 'sts', REGION);
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
  const signed = await signer.presign({
    method: 'GET',
    protocol: 'http:',
    hostname,
    path: '/',
    query,
    headers: { host },
  });
  const search = new URLSearchParams(signed.query as Record<string, string>);
  const answer = await fetch(`${gateway.endpoint}/?${search}`);
  assert.match(await answer.text(), /<Arn>arn:aws:iam::111122223333:root<\/Arn>/);
});

void test('a session may do what its key may, and no more', async () => {
  const made = await sessionOf(READER, 900);
  const endsInMs = made.Expiration!.getTime() - Date.now();
  assert.ok(endsInMs > 890_000 && endsInMs <= 900_000, `it ends in ${endsInMs} ms`);
  const { accessKeyId, secretAccessKey, sessionToken } = spelled(made);
  const { gateway: apis, acm } = createClients(gateway.endpoint, REGION, accessKeyId, secretAccessKey, sessionToken);
  assert.deepEqual((await apis.send(new GetApisCommand({}))).Items, []);
  await assert.rejects(acm.send(new ListCertificatesCommand({})), { name: 'AccessDeniedException' });
  await assert.rejects(sts(spelled(made)).send(new GetSessionTokenCommand({})), {
    name: 'AccessDenied',
    message: 'Cannot call GetSessionToken with session credentials',
  });
});

void test('of a session every part must be its own', async () => {
  const [one, other] = [spelled(await sessionOf(OWNER)), spelled(await sessionOf(OWNER))];
  const { sessionToken: _, ...withoutToken } = one;
  const flipped = `${one.sessionToken.slice(0, 20)}${one.sessionToken[20] === 'A' ? 'B' : 'A'}${one.sessionToken.slice(21)}`;
  const wrong: readonly (readonly [
    what: string,
    credentials: typeof OWNER & { sessionToken?: string },
    name: string,
  ])[] = [
    ['no token', withoutToken, 'InvalidClientTokenId'],
    ['another session’s token', { ...one, sessionToken: other.sessionToken }, 'InvalidClientTokenId'],
    ['a token with one character changed', { ...one, sessionToken: flipped }, 'InvalidClientTokenId'],
    ['a token that is none', { ...one, sessionToken: 'token' }, 'InvalidClientTokenId'],
    ['another session’s secret', { ...one, secretAccessKey: other.secretAccessKey }, 'SignatureDoesNotMatch'],
    ['a token beside a permanent key', { ...OWNER, sessionToken: one.sessionToken }, 'InvalidClientTokenId'],
  ];
  for (const [what, credentials, name] of wrong) {
    assert.equal(
      await sts(credentials)
        .send(new GetCallerIdentityCommand({}))
        .then(() => 'none', nameOf),
      name,
      what,
    );
  }
  assert.ok((await sts(one).send(new GetCallerIdentityCommand({}))).Arn);
});

void test('a session ends with its key', async () => {
  const made = spelled(await sessionOf(READER));
  assert.ok((await sts(made).send(new GetCallerIdentityCommand({}))).Arn);
  const reload = async (isReaderDisabled: boolean) => {
    writeFileSync(file, accountsText(isReaderDisabled));
    const told = gateway.logged().length;
    process.kill(gateway.ready.pid, 'SIGHUP');
    const isRead = (line: Record<string, unknown>) => line['message'] === 'the accounts file was read anew';
    await eventually('the file was read', () => gateway.logged().slice(told).find(isRead));
  };
  await reload(true);
  await assert.rejects(sts(made).send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' });
  await reload(false);
});

void test('bounds the length of a session, and refuses what is not there by its name', async () => {
  for (const DurationSeconds of [899, 129_601]) {
    await assert.rejects(sts(OWNER).send(new GetSessionTokenCommand({ DurationSeconds })), {
      name: 'ValidationError',
      message: /1 validation error detected: Value '\d+' at 'durationSeconds' failed to satisfy constraint/,
    });
  }
  const role = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/any', RoleSessionName: 'any' });
  await assert.rejects(sts(OWNER).send(role), {
    name: 'NotImplemented',
    message: 'AssumeRole is not available in this version of Sallyport.',
  });
  const device = new GetSessionTokenCommand({ SerialNumber: 'arn:aws:iam::111122223333:mfa/any', TokenCode: '123456' });
  await assert.rejects(sts(OWNER).send(device), { name: 'AccessDenied', message: /There are no MFA devices here/ });
});
