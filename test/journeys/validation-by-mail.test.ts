// A certificate by mail, from the request to its renewal, by what users have: the AWS SDK, the outbox as `sallyport certificates mail`
// lists it, and the page behind the link.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  DescribeCertificateCommand,
  RequestCertificateCommand,
  ResendValidationEmailCommand,
  UpdateCertificateOptionsCommand,
} from '@aws-sdk/client-acm';
import { askPage, submit } from '../harness/approval-requests.ts';
import { sallyport } from '../harness/command-line.ts';
import { createDomain, makeHostedZone, putRecord } from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';

interface Mail {
  readonly domainName: string;
  readonly to: string;
  readonly certificateArn: string;
  readonly link: string;
}

async function outboxOf(gateway: TestGateway, arn: string): Promise<Mail[]> {
  const { stdout, code, stderr } = await sallyport(['certificates', 'mail', '--json', '--endpoint', gateway.endpoint]);
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as Mail[]).filter(({ certificateArn }) => certificateArn === arn);
}

async function approve(gateway: TestGateway, { link, domainName }: Mail): Promise<void> {
  const { host, pathname, searchParams } = new URL(link);
  const headers = { Origin: `https://${host}`, 'Sec-Fetch-Site': 'same-origin' };
  const answer = await askPage(gateway, submit(searchParams.get('token')!, { host, path: pathname, headers }));
  assert.equal(answer.status, 200, answer.body);
  assert.ok(answer.body.includes(`${domainName} is approved`), answer.body);
}

async function request(t: TestContext, names: readonly [string, ...string[]], ...args: string[]) {
  const gateway = await startTestGateway(t, ['--clock', 'movable', ...args]);
  const { acm } = gateway.clients;
  const [DomainName, ...SubjectAlternativeNames] = names;
  const more = SubjectAlternativeNames.length > 0 ? { SubjectAlternativeNames } : {};
  const made = await acm.send(
    new RequestCertificateCommand({ DomainName, ...more, ValidationMethod: 'EMAIL', KeyAlgorithm: 'EC_prime256v1' }),
  );
  const arn = made.CertificateArn!;
  const describe = async () => (await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))).Certificate!;
  return { gateway, arn, describe };
}

void test('requested, mailed, approved, issued, used, and renewed by another approval', async (t) => {
  const { gateway, arn, describe } = await request(t, ['ws.example.com', '*.example.com']);
  await gateway.settled();
  const mails = await outboxOf(gateway, arn);
  const mailboxes = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'];
  for (const name of ['ws.example.com', '*.example.com']) {
    assert.deepEqual(
      mails
        .filter(({ domainName }) => domainName === name)
        .map(({ to }) => to.split('@')[0])
        .sort(),
      mailboxes,
    );
  }
  assert.equal((await describe()).DomainValidationOptions![0]!.ValidationEmails!.length, 5);
  await approve(
    gateway,
    mails.find(({ domainName }) => domainName === 'ws.example.com')!,
  );
  await gateway.settled();
  assert.equal((await describe()).Status, 'PENDING_VALIDATION', 'one name of two');
  await approve(
    gateway,
    mails.find(({ domainName }) => domainName === '*.example.com')!,
  );
  await gateway.settled();
  const first = await describe();
  assert.equal(first.Status, 'ISSUED');
  await createDomain(gateway.clients, 'ws.example.com', arn);

  await gateway.advance('163d');
  await gateway.settled();
  const waiting = await describe();
  assert.equal(waiting.Serial, first.Serial);
  assert.equal(waiting.RenewalSummary?.RenewalStatus, 'PENDING_VALIDATION');
  const again = (await outboxOf(gateway, arn)).slice(0, 10);
  assert.equal(new Set([...mails, ...again].map(({ link }) => link)).size, 20, 'new mail, new links');
  for (const name of ['ws.example.com', '*.example.com']) {
    await approve(
      gateway,
      again.find(({ domainName }) => domainName === name)!,
    );
  }
  await gateway.settled();
  const second = await describe();
  assert.notEqual(second.Serial, first.Serial);
  assert.equal(second.RenewalSummary?.RenewalStatus, 'SUCCESS');
});

void test('mail of a renewal that nobody followed is sent again before the end, and one of it is enough', async (t) => {
  const { gateway, arn, describe } = await request(t, ['ws.example.com']);
  await gateway.settled();
  await approve(gateway, (await outboxOf(gateway, arn))[0]!);
  await gateway.settled();
  const first = await describe();
  await createDomain(gateway.clients, 'ws.example.com', arn);
  await gateway.advance('163d');
  await gateway.settled();
  assert.equal((await outboxOf(gateway, arn)).length, 10);
  // Past 30 days before the end, and past 15.
  for (const step of ['7d', '14d']) {
    await gateway.advance(step);
    await gateway.settled();
  }
  const again = await outboxOf(gateway, arn);
  assert.equal(again.length, 20);
  await approve(gateway, again[0]!);
  await gateway.settled();
  assert.notEqual((await describe()).Serial, first.Serial);
});

void test('a link of the first mail still works after more was asked for, and none after 72 hours', async (t) => {
  const { gateway, arn, describe } = await request(t, ['ws.example.com']);
  await gateway.settled();
  const [first] = await outboxOf(gateway, arn);
  const pair = { Domain: 'ws.example.com', ValidationDomain: 'ws.example.com' };
  await gateway.clients.acm.send(new ResendValidationEmailCommand({ CertificateArn: arn, ...pair }));
  await eventually('there is more mail', async () => ((await outboxOf(gateway, arn)).length === 10 ? true : undefined));
  await gateway.advance('73h');
  await gateway.settled();
  assert.equal((await describe()).Status, 'VALIDATION_TIMED_OUT');
  const { host, pathname, searchParams } = new URL(first!.link);
  const late = await askPage(gateway, submit(searchParams.get('token')!, { host, path: pathname, headers: {} }));
  assert.equal(late.status, 410);
  assert.equal((await describe()).Status, 'VALIDATION_TIMED_OUT');
});

void test('a mail server that is away is told of in words, and asked again', async (t) => {
  const { gateway, arn, describe } = await request(
    t,
    ['ws.example.com'],
    '--smtp',
    'smtp://user:pass-word@127.0.0.1:1',
  );
  await gateway.settled();
  const shown = await sallyport(['certificates', 'show', arn, '--endpoint', gateway.endpoint]);
  assert.match(shown.stdout, /ECONNREFUSED|refused/i);
  assert.match(shown.stdout, /127\.0\.0\.1:1/);
  assert.ok(!shown.stdout.includes('pass-word'));
  assert.ok(!gateway.lines.some((line) => line.includes('pass-word')));
  assert.deepEqual((await describe()).DomainValidationOptions![0]!.ValidationEmails, []);
});

void test('a certificate by mail moves to DNS, and is renewed without anybody', async (t) => {
  const { gateway, arn, describe } = await request(t, ['ws.example.com']);
  const { clients } = gateway;
  await gateway.settled();
  await approve(gateway, (await outboxOf(gateway, arn))[0]!);
  await gateway.settled();
  const first = await describe();
  await createDomain(clients, 'ws.example.com', arn);
  await clients.acm.send(
    new UpdateCertificateOptionsCommand({ CertificateArn: arn, Options: { ValidationMethod: 'DNS' } }),
  );
  await gateway.settled();
  const asked = await describe();
  assert.equal(asked.UpdateSummary?.Status, 'PENDING_DOMAIN_VALIDATION');
  const { Name, Value } = asked.DomainValidationOptions![0]!.ResourceRecord!;
  const zoneId = await makeHostedZone(clients, 'example.com');
  await putRecord(clients, zoneId, { Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] });
  await gateway.settled();
  assert.equal((await describe()).UpdateSummary?.Status, 'SUCCESS');
  await gateway.advance('163d');
  await gateway.settled();
  const second = await describe();
  assert.notEqual(second.Serial, first.Serial);
  assert.equal(second.RenewalSummary?.RenewalStatus, 'SUCCESS');
});

void test('a move to DNS goes on after a restart, and before the first issue is done with it', async (t) => {
  const { gateway, arn, describe } = await request(t, ['ws.example.com']);
  const moved = (Options: { ValidationMethod: 'DNS' }) =>
    gateway.clients.acm.send(new UpdateCertificateOptionsCommand({ CertificateArn: arn, Options }));
  await gateway.settled();
  await approve(gateway, (await outboxOf(gateway, arn))[0]!);
  await gateway.settled();
  await moved({ ValidationMethod: 'DNS' });
  await gateway.settled();
  const { Name, Value } = (await describe()).DomainValidationOptions![0]!.ResourceRecord!;
  await gateway.stop('SIGKILL');
  const again = await startTestGateway(t, ['--data-dir', gateway.dataDir, '--clock', 'movable']);
  const zoneId = await makeHostedZone(again.clients, 'example.com');
  await putRecord(again.clients, zoneId, { Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] });
  await eventually('it is moved', async () => {
    const { Certificate } = await again.clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    return Certificate!.UpdateSummary?.Status === 'SUCCESS' ? true : undefined;
  });
  const early = await again.clients.acm.send(
    new RequestCertificateCommand({ DomainName: 'other.example.com', ValidationMethod: 'EMAIL' }),
  );
  const CertificateArn = early.CertificateArn!;
  await again.clients.acm.send(
    new UpdateCertificateOptionsCommand({ CertificateArn, Options: { ValidationMethod: 'DNS' } }),
  );
  const look = async () =>
    (await again.clients.acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!;
  const record = (await look()).DomainValidationOptions![0]!.ResourceRecord!;
  const ResourceRecords = [{ Value: record.Value }];
  await putRecord(again.clients, zoneId, { Name: record.Name, Type: 'CNAME', TTL: 60, ResourceRecords });
  const issued = await eventually('it is issued', async () => {
    const found = await look();
    return found.Status === 'ISSUED' ? found : undefined;
  });
  assert.equal(issued.UpdateSummary?.Status, 'SUCCESS');
});

void test('a move to DNS that nobody proves fails after 72 hours', async (t) => {
  const { gateway, arn, describe } = await request(t, ['ws.example.com']);
  await gateway.settled();
  await approve(gateway, (await outboxOf(gateway, arn))[0]!);
  await gateway.settled();
  await gateway.clients.acm.send(
    new UpdateCertificateOptionsCommand({ CertificateArn: arn, Options: { ValidationMethod: 'DNS' } }),
  );
  await gateway.settled();
  await gateway.advance('71h');
  await gateway.settled();
  assert.equal((await describe()).UpdateSummary?.Status, 'PENDING_DOMAIN_VALIDATION');
  await gateway.advance('61m');
  await gateway.settled();
  assert.equal((await describe()).UpdateSummary?.Status, 'FAILED');
  assert.equal((await describe()).Status, 'ISSUED');
});
