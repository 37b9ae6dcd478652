// `sallyport certificates`: each certificate of the caller with its state and the next action, one in full, what it says to type
// typed, one renewed under its ARN; nobody sees another account's.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { paste, sallyport } from '../harness/command-line.ts';
import {
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  requestCertificate,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { missing } from '../harness/peers.ts';

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const authority = await foreignAuthority({ after });
const zoneId = await makeHostedZone(clients, 'example.com');

const certificates = (args: readonly string[] = [], accessKeyId = 'test') =>
  sallyport(['certificates', ...args, '--endpoint', gateway.endpoint], {
    env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'test' },
  });

interface Shown {
  readonly arn: string;
  readonly isWell: boolean;
  readonly status: string;
  readonly serial?: string;
  readonly renewal?: { readonly status: string };
  readonly validations: readonly { readonly status: string; readonly record?: string; readonly command?: string }[];
}

async function shown(arn: string): Promise<Shown> {
  const { stdout, stderr } = await certificates(['show', arn, '--json']);
  assert.equal(stderr, '');
  return (JSON.parse(stdout) as [Shown])[0];
}

async function notYetProven(arn: string): Promise<void> {
  await eventually('the pending name was looked up', async () =>
    /NXDOMAIN/.test((await certificates(['show', arn])).stdout) ? true : undefined,
  );
}

test('an account without certificates is told how to ask for one', async () => {
  const { code, stdout } = await certificates([], '999900000000');
  assert.deepEqual([code, stdout], [0, 'no certificates; aws acm request-certificate asks for one\n']);
});

test('each has its state and who uses it, and the one next action where one is needed; regions do not matter', async () => {
  const other = '999900000001';
  const here = createClients(gateway.endpoint, 'us-east-1', other);
  const there = createClients(gateway.endpoint, 'eu-west-1', other);
  await makeHostedZone(here, 'list.test');
  const imported = await importCertificate(there, await authority.leaf(['imported.list.test'], { days: 30 }));
  const users = ['a', 'b', 'c', 'd'].map((label) => `${label}.used.list.test`);
  const used = await importCertificate(here, await authority.leaf(users));
  for (const name of users) await createDomain(here, name, used);
  const pending = await requestCertificate(here, 'pending.list.test', {
    SubjectAlternativeNames: ['*.pending.list.test'],
  });
  await eventually('the pending name was looked up', async () =>
    /NXDOMAIN/.test((await certificates([], other)).stdout) ? true : undefined,
  );
  const { code, stdout } = await certificates([], other);
  assert.equal(code, 1);
  const aws = `aws --endpoint-url ${gateway.endpoint}`;
  const blocks: Record<string, readonly string[]> = {
    [imported]: [
      '✗ imported\\.list\\.test',
      `    arn         ${imported}`,
      '    status      ISSUED, imported, until 20\\d\\d-\\d\\d-\\d\\d \\(29 days\\)',
      '    in use by   nobody',
      '    next        it ends on 20\\S+, and what is imported is renewed by nobody',
      `                ${aws} acm import-certificate --certificate-arn ${imported} .* --region eu-west-1`,
    ],
    [used]: [
      '✓ a\\.used\\.list\\.test, b\\.used\\.list\\.test, c\\.used\\.list\\.test, d\\.used\\.list\\.test',
      `    arn         ${used}`,
      '    status      ISSUED, imported, until 20\\d\\d-\\d\\d-\\d\\d \\(89 days\\)',
      '    in use by   a\\.used\\.list\\.test, b\\.used\\.list\\.test, c\\.used\\.list\\.test, and more',
    ],
    [pending]: [
      '✗ pending\\.list\\.test, \\*\\.pending\\.list\\.test',
      `    arn         ${pending}`,
      '    status      PENDING_VALIDATION, issuer local',
      '    in use by   nobody',
      '    next        2 names are not proven; _\\S+\\.pending\\.list\\.test\\. CNAME: there is no such name \\(NXDOMAIN\\)',
      `                ${aws} route53 change-resource-record-sets --hosted-zone-id \\S+ --change-batch '.*'`,
    ],
  };
  const expected = [imported, used, pending].sort().flatMap((arn) => blocks[arn]!);
  assert.match(stdout, new RegExp(`^${expected.join('\n')}\n$`));
});

test(
  'one in full: its names with the record to create; what it says is typed, and it is issued',
  { skip: missing('aws') },
  async () => {
    const arn = await requestCertificate(clients, 'shown.example.com');
    await notYetProven(arn);
    const { code, stdout } = await certificates(['show', 'shown.example.com']);
    assert.equal(code, 1);
    const rows = [
      /^✗ shown\.example\.com$/m,
      new RegExp(`^ {4}arn {9}${arn}$`, 'm'),
      /^ {4}requested {3}20\S+Z( by \S+)?, account 000000000000, us-east-1, validation by DNS$/m,
      /^ {4}key {9}EC_prime256v1$/m,
      /^ {4}looked {6}(1 try|\d+ tries), the last at 20\S+Z, the next at 20\S+Z$/m,
      /^ {4}✗ shown\.example\.com PENDING_VALIDATION$/m,
      /^ {6}record {4}_\S+\.shown\.example\.com\. 60 IN CNAME _\S+\.acm-validations\.aws\.$/m,
      /^ {6}looked up _\S+ CNAME, asked 127\.0\.0\.1:\d+: there is no such name \(NXDOMAIN\)$/m,
      /^ {6}advice {4}create the CNAME /m,
    ];
    for (const row of rows) assert.match(stdout, row);
    const command = /^ {4}next {8}(aws .*)$/m.exec(stdout)?.[1];
    assert.ok(command, stdout);
    assert.equal(stdout.split(command).length, 2, 'what is to be typed is said once');
    const pasted = await paste(command);
    assert.equal(pasted.code, 0, pasted.stderr);
    await eventually('it is issued', async () => ((await shown(arn)).status === 'ISSUED' ? true : undefined));
    const now = await certificates(['show', arn]);
    assert.equal(now.code, 0, now.stdout);
    assert.match(now.stdout, /^✓ shown\.example\.com$/m);
    assert.match(now.stdout, /^ {4}chain {7}shown\.example\.com ← Sallyport local CA \w+$/m);
    const unused =
      /^ {4}renewal {5}none: nobody uses it \(a domain name or an export would begin it\); it ends 20\d\d-\d\d-\d\d$/m;
    assert.match(now.stdout, unused);
    assert.match((await certificates()).stdout, unused);
    await createDomain(clients, 'shown.example.com', arn);
    assert.match((await certificates(['show', arn])).stdout, /^ {4}renewal {5}begins 20\d\d-\d\d-\d\d$/m);
    const { Certificate } = await clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    assert.match(now.stdout, new RegExp(`^ {4}serial {6}${Certificate!.Serial!}$`, 'm'));
    assert.match(now.stdout, /^ {6}record {4}_\S+ 60 IN CNAME _\S+$/m, 'the record must stay, so it is told still');
    assert.doesNotMatch(now.stdout, /^ {6}command/m);
  },
);

test('one that is proven by mail has the mailboxes and no record; explain says so, too', async () => {
  const arn = await requestCertificate(clients, 'mail.example.com', { ValidationMethod: 'EMAIL' });
  const { code, stdout } = await eventually('the mail was sent', async () => {
    const seen = await certificates(['show', arn]);
    return seen.stdout.includes('nobody approved it yet') ? seen : undefined;
  });
  assert.equal(code, 1);
  assert.match(stdout, /, validation by EMAIL$/m);
  assert.match(stdout, /^ {6}mail {6}to the mailboxes of mail\.example\.com: sent 20\S+Z, nobody approved it yet$/m);
  assert.doesNotMatch(stdout, /^ {6}(record|command)/m);
  assert.match(stdout, /^ {4}next {8}open the link that this shows: sallyport certificates mail --endpoint /m);
  const why = /the mail that asks about mail\.example\.com was sent to the mailboxes of mail\.example\.com/;
  assert.match((await certificates()).stdout, why);
  const explained = await sallyport(['explain', 'wss://mail.example.com/', '--endpoint', gateway.endpoint]);
  assert.match(explained.stdout, why);
});

test('more than a page is printed in order, each once', async () => {
  const other = createClients(gateway.endpoint, 'us-east-1', '999900000002');
  const leaf = await authority.leaf(['pages.test']);
  const arns: string[] = [];
  for (let count = 0; count < 53; count += 1) arns.push(await importCertificate(other, leaf));
  const { stdout, code } = await certificates(['--json'], '999900000002');
  assert.equal(code, 0);
  assert.deepEqual(
    (JSON.parse(stdout) as Shown[]).map(({ arn }) => arn),
    arns.sort(),
  );
});

test('renewed now: another key and serial under the same ARN, and nothing but an issued certificate of one’s own', async () => {
  const arn = await issueCertificate(clients, zoneId, 'renewed.example.com');
  const before = await shown(arn);
  const { code, stdout } = await certificates(['renew', arn]);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^the renewal of ${arn} has begun`));
  const told = `sallyport certificates show --endpoint ${gateway.endpoint} ${arn} tells how far it is`;
  assert.ok(stdout.includes(told), stdout);
  const renewed = await eventually('it is renewed', async () => {
    const now = await shown(arn);
    return now.renewal?.status === 'SUCCESS' ? now : undefined;
  });
  assert.notEqual(renewed.serial, before.serial);
  assert.deepEqual([renewed.arn, renewed.status, renewed.isWell], [arn, 'ISSUED', true]);
  const renewal = async () => /^ {4}renewal {5}(.*)$/m.exec((await certificates(['show', arn])).stdout)?.[1] ?? '';
  assert.match(await renewal(), /^SUCCESS 20\d\d-\d\d-\d\d; no other: nobody uses it .*; it ends 20\d\d-\d\d-\d\d$/);
  await createDomain(clients, 'renewed.example.com', arn);
  assert.match(await renewal(), /^SUCCESS 20\d\d-\d\d-\d\d; the next begins 20\d\d-\d\d-\d\d$/);

  const imported = await importCertificate(clients, await authority.leaf(['imported.example.com']));
  const pending = await requestCertificate(clients, 'never.example.com');
  const refusals: readonly (readonly [arn: string, accessKeyId: string, why: RegExp])[] = [
    [
      imported,
      'test',
      /is imported, and its key is its owner's: import its successor with aws acm import-certificate /,
    ],
    [pending, 'test', /is PENDING_VALIDATION: only a certificate that is ISSUED can be renewed\./],
    [arn, '999900000003', /There is no certificate arn:\S+ in account 999900000003\./],
    ['0123-4567', 'test', /renew takes an ARN or a name, and '0123-4567' is neither: /],
    ['nothing.example.com', 'test', /There is no certificate for nothing\.example\.com in account 000000000000\./],
    [
      'never.example.com',
      'test',
      /no certificate that could be renewed covers never\.example\.com\. There is: arn:\S+ \(PENDING_VALIDATION, local\)\./,
    ],
  ];
  for (const [which, accessKeyId, why] of refusals) {
    const refused = await certificates(['renew', which], accessKeyId);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, why);
  }
  assert.equal((await shown(arn)).serial, renewed.serial, 'what another account asked for changed nothing');
});

test('renewed by a name, when one issued certificate covers it; else each is named', async () => {
  const name = 'byname.example.com';
  const first = await issueCertificate(clients, zoneId, name);
  const { code, stdout, stderr } = await certificates(['renew', name]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^the renewal of ${first} has begun`));
  const second = await issueCertificate(clients, zoneId, name, { KeyAlgorithm: 'EC_secp384r1' });
  const refused = await certificates(['renew', name]);
  assert.equal(refused.code, 2);
  assert.ok(refused.stderr.startsWith(`sallyport: 2 issued certificates cover ${name}. Give the ARN of one: `));
  for (const arn of [first, second]) assert.ok(refused.stderr.includes(arn));
});

test('another account neither sees nor finds one', async () => {
  const arn = await issueCertificate(clients, zoneId, 'private.example.com');
  for (const which of [arn, 'private.example.com']) {
    const { code, stdout, stderr } = await certificates(['show', which], '999900000003');
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^sallyport: .* answered 404: There is no certificate .* in account 999900000003\.\n$/);
  }
  assert.equal((await certificates(['--json'], '999900000003')).stdout, '[]\n');
});

test('without an ACME authority there is no budget', async () => {
  const { code, stdout } = await certificates(['budget']);
  assert.deepEqual([code, stdout], [0, 'no ACME authority is configured: nothing limits what the local CA issues\n']);
  assert.equal((await certificates(['budget', '--json'])).stdout, 'null\n');
});

test('every command has help with examples of itself, once, and the group has what its default takes', async () => {
  for (const [command, example] of [
    [[], 'sallyport certificates'],
    [['list'], 'sallyport certificates'],
    [['show'], 'sallyport certificates show ws.example.com'],
    [['renew'], 'sallyport certificates renew ws.example.com'],
    [['mail'], 'sallyport certificates mail'],
    [['budget'], 'sallyport certificates budget'],
  ] as const) {
    const { code, stdout } = await sallyport(['certificates', ...command, '--help']);
    assert.equal(code, 0);
    assert.deepEqual(stdout.match(/^Examples:\n {2}.*$/gm), [`Examples:\n  ${example}`]);
    assert.match(stdout, /--endpoint <URL>[^]*--json/);
  }
});

test('what is no command is called so', async () => {
  const { code, stdout, stderr } = await certificates(['lst']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^error: unknown command 'lst'\n/);
});

test('one that is over is replaced by what the account has, by one that is asked for, or is deleted', async (t) => {
  const moving = await startTestGateway(t, ['--clock', 'movable']);
  const own = moving.clients;
  const zone = await makeHostedZone(own, 'over.test');
  const over = await importCertificate(own, await authority.leaf(['ws.over.test', 'lost.over.test'], { days: 3 }));
  const idle = await importCertificate(own, await authority.leaf(['ws.over.test'], { days: 3 }));
  await createDomain(own, 'ws.over.test', over);
  const ready = await issueCertificate(own, zone, 'ws.over.test');
  await moving.advance('72h');
  const { stdout, code } = await sallyport(['certificates', '--endpoint', moving.endpoint]);
  assert.equal(code, 1);
  const nextOf = (arn: string) => new RegExp(`${arn}\n(?:    .*\n)*?    next .*\n {16}(.*)\n`).exec(stdout)?.[1];
  assert.match(stdout, /until 20\d\d-\d\d-\d\d \(over\)\n/);
  const aws = `aws --endpoint-url ${moving.endpoint}`;
  const use = `--domain-name ws.over.test --domain-name-configurations CertificateArn=${ready}`;
  assert.equal(nextOf(over), `${aws} apigatewayv2 update-domain-name ${use}`);
  assert.equal(nextOf(idle), `${aws} acm delete-certificate --certificate-arn ${idle}`);
});
