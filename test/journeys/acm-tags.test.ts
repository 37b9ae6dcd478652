// Tags of certificates, requested and imported, through the SDK and the AWS CLI.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { importCertificate, requestCertificate } from '../harness/domains.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';

const gateway = await startTestGateway({ after });
const { clients } = gateway;

async function tagsOf(CertificateArn: string): Promise<Record<string, string>> {
  const { Tags } = await clients.acm.send(new acm.ListTagsForCertificateCommand({ CertificateArn }));
  return Object.fromEntries(Tags!.map(({ Key, Value }) => [Key!, Value!]));
}

function add(CertificateArn: string, Tags: acm.Tag[], as = clients): Promise<unknown> {
  return as.acm.send(new acm.AddTagsToCertificateCommand({ CertificateArn, Tags }));
}

function remove(CertificateArn: string, Tags: acm.Tag[]): Promise<unknown> {
  return clients.acm.send(new acm.RemoveTagsFromCertificateCommand({ CertificateArn, Tags }));
}

const tagged = (tags: Record<string, string>) =>
  requestCertificate(clients, 'tagged.localhost', {
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });

test('tags are added, and replace those of the same key; what is in other letters is another key', async () => {
  const arn = await tagged({ a: '1', b: '2' });
  await add(arn, [
    { Key: 'b', Value: '3' },
    { Key: 'B', Value: '4' },
    { Key: 'Größe' },
    { Key: '__proto__', Value: 'x' },
  ]);
  assert.deepEqual(
    Object.entries(await tagsOf(arn)).sort(),
    Object.entries({ a: '1', b: '3', B: '4', Größe: '', ['__proto__']: 'x' }).sort(),
  );
});

const REMOVALS: readonly (readonly [name: string, tags: acm.Tag[], left: Record<string, string>])[] = [
  ['without a value goes whatever it is', [{ Key: 'a' }], { b: '', c: '3' }],
  ['with its value goes', [{ Key: 'a', Value: '1' }], { b: '', c: '3' }],
  ['with another value stays', [{ Key: 'a', Value: '2' }], { a: '1', b: '', c: '3' }],
  ['with an empty value goes when it is empty', [{ Key: 'b', Value: '' }], { a: '1', c: '3' }],
  ['with an empty value stays when it is not', [{ Key: 'a', Value: '' }], { a: '1', b: '', c: '3' }],
  ['that is not there is no fault', [{ Key: 'd' }], { a: '1', b: '', c: '3' }],
  ['of several goes with them', [{ Key: 'a' }, { Key: 'c', Value: '3' }], { b: '' }],
];
for (const [name, tags, left] of REMOVALS) {
  test(`a tag that is removed ${name}`, async () => {
    const arn = await tagged({ a: '1', b: '', c: '3' });
    await remove(arn, tags);
    assert.deepEqual(await tagsOf(arn), left);
  });
}

test('a certificate has at most 50 tags, and a request for more changes none', async () => {
  const arn = await tagged(Object.fromEntries(Array.from({ length: 49 }, (_, number) => [`k${number}`, ''])));
  await assert.rejects(add(arn, [{ Key: 'x' }, { Key: 'y' }]), {
    name: 'TooManyTagsException',
    message: 'The certificate would have 51 tags; at most 50 are allowed.',
  });
  assert.equal(Object.keys(await tagsOf(arn)).length, 49);
  await add(arn, [{ Key: 'x' }, { Key: 'k0', Value: 'replaced' }]);
  assert.equal(Object.keys(await tagsOf(arn)).length, 50);
});

const one = await tagged({ a: '1' });
const REFUSED: readonly (readonly [name: string, call: () => Promise<unknown>, error: string, message: RegExp])[] = [
  ['a reserved key', () => add(one, [{ Key: 'aws:x' }]), 'InvalidTagException', /key 'aws:x'/],
  ['a reserved value', () => add(one, [{ Key: 'x', Value: 'aws:' }]), 'InvalidTagException', /value of 'x'/],
  ['a key twice', () => add(one, [{ Key: 'x' }, { Key: 'x' }]), 'InvalidParameterException', /more than once/],
  ['no tags', () => add(one, []), 'ValidationException', /'tags'/],
  ['an empty key', () => add(one, [{ Key: '' }]), 'ValidationException', /'tags\.1\.member\.key'/],
  ['a long value', () => add(one, [{ Key: 'x', Value: 'x'.repeat(257) }]), 'ValidationException', /256$/],
  ['nothing to remove', () => remove(one, []), 'ValidationException', /'tags'/],
  [
    'another account’s certificate',
    () => add(one, [{ Key: 'x' }], createClients(gateway.endpoint, REGION, '111122223333')),
    'ResourceNotFoundException',
    /not found in account 111122223333$/,
  ],
  [
    'an ARN of another kind',
    () => add(`arn:aws:acm:${REGION}:000000000000:account/x`, [{ Key: 'x' }]),
    'InvalidArnException',
    /account\/x/,
  ],
];
for (const [name, call, error, message] of REFUSED) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(call(), { name: error, message });
    assert.deepEqual(await tagsOf(one), { a: '1' });
  });
}

test('tags stay when a certificate is imported again', async () => {
  const authority = await foreignAuthority({ after });
  const arn = await importCertificate(clients, await authority.leaf(['imported.example.com']));
  await add(arn, [{ Key: 'team', Value: 'gate' }]);
  await importCertificate(clients, await authority.leaf(['imported.example.com']), arn);
  assert.deepEqual(await tagsOf(arn), { team: 'gate' });
});

test(
  'the AWS CLI adds, lists and removes tags, and asks for and moves a mail certificate',
  { skip: missing('aws') },
  async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: REGION,
      AWS_PAGER: '',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
    async function aws<T>(words: string): Promise<T> {
      const args = ['acm', ...words.split(' '), '--output', 'json', '--endpoint-url', gateway.endpoint];
      const { code, stdout, stderr } = await runPeer('aws', args, environment);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, words);
      return (stdout === '' ? undefined : JSON.parse(stdout)) as T;
    }
    const { CertificateArn: arn } = await aws<{ CertificateArn: string }>(
      'request-certificate --domain-name a.mail.localhost --tags Key=a,Value=1 ' +
        '--domain-validation-options DomainName=a.mail.localhost,ValidationDomain=mail.localhost',
    );
    await aws(`add-tags-to-certificate --certificate-arn ${arn} --tags Key=b,Value=2 Key=c`);
    await aws(`remove-tags-from-certificate --certificate-arn ${arn} --tags Key=a Key=b,Value=other`);
    const listed = await aws<{ Tags: acm.Tag[] }>(`list-tags-for-certificate --certificate-arn ${arn}`);
    assert.deepEqual(listed.Tags, [
      { Key: 'b', Value: '2' },
      { Key: 'c', Value: '' },
    ]);
    await aws(
      `resend-validation-email --certificate-arn ${arn} --domain a.mail.localhost --validation-domain mail.localhost`,
    );
    await aws(
      `update-certificate-options --certificate-arn ${arn} --options CertificateTransparencyLoggingPreference=DISABLED`,
    );
    await aws('put-account-configuration --expiry-events DaysBeforeExpiry=7 --idempotency-token seven');
    const days = await aws<{ ExpiryEvents: object }>('get-account-configuration');
    assert.deepEqual(days.ExpiryEvents, { DaysBeforeExpiry: 7 });
    const { Certificate } = await aws<{ Certificate: acm.CertificateDetail }>(
      `describe-certificate --certificate-arn ${arn}`,
    );
    assert.equal(Certificate.DomainValidationOptions![0]!.ValidationDomain, 'mail.localhost');
    await aws('list-certificates --include keyTypes=RSA_2048 --sort-by CREATED_AT --sort-order DESCENDING');
  },
);
