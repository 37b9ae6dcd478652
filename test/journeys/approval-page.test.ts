// An approval, from the mail in the outbox to the issued certificate; and everything that must not approve: looking, scanners, links
// that are forged, used, old or of another round, other hosts, other sites, other forms.

import { DeleteCertificateCommand, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createClients } from '../../demo/chain.ts';
import { createLookup } from '../../demo/client-side.ts';
import { LifecycleClock, realClock } from '../../src/ambient/clock.ts';
import { createApprovals } from '../../src/certificates/mail/approvals.ts';
import { signApproval, type ApprovalClaims } from '../../src/certificates/mail/approval-token.ts';
import { createMailer } from '../../src/certificates/mail/mailer.ts';
import { createOutbox } from '../../src/certificates/mail/outbox.ts';
import { APPROVAL_PATH, approvalHost, createApprovalPage } from '../../src/dataplane/listen/approval-page.ts';
import type { Certificate } from '../../src/model/certificate.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { askPage, look, submit, type PageRequest } from '../harness/approval-requests.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { sallyport } from '../harness/command-line.ts';
import { createDomain, importCertificate } from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { mailedCertificate, mailedDataDirectory, renewing, waiting } from '../harness/mailed-certificates.ts';

const HOSTILE = `"><script>alert('x')</script>&`;
const one = (name: string, over: Partial<Certificate> = {}) => mailedCertificate([name], over);
const rows = {
  whole: mailedCertificate(['ws.example.com', '*.example.com']),
  looked: one('looked.example.com'),
  guarded: one('guarded.example.com'),
  strict: one('strict.example.com'),
  deleted: one('deleted.example.com'),
  timedOut: one('late.example.com', { status: 'VALIDATION_TIMED_OUT' }),
  denied: one('denied.example.com', { validations: [waiting('denied.example.com', { status: 'FAILED' })] }),
  moved: one('moved.example.com', { validationMethod: 'DNS' }),
  renewing: one('renewing.example.com', renewing(['renewing.example.com'], '0a')),
  renewed: one('renewed.example.com', { ...renewing(['renewed.example.com'], '0b'), renewal: undefined! }),
  hostile: mailedCertificate(['hostile.example.com', HOSTILE], { requestedBy: HOSTILE }),
  foreign: one('foreign.example.com', { account: '111122223333' }),
};
const { path: dataDir, approvalKey } = await mailedDataDirectory({ after }, Object.values(rows));
const gateway = await startTestGateway({ after }, ['--data-dir', dataDir, '--clock', 'movable']);
const outbox = createOutbox(join(dataDir, 'outbox'), realClock);
const mailer = createMailer({
  post: outbox,
  key: approvalKey,
  from: 'certificates@localhost',
  linkTo: (token) => `https://localhost:${gateway.tlsPort}${APPROVAL_PATH}?token=${token}`,
});

const HOUR_MS = 3_600_000;
const tokenFor = (certificate: Certificate, over: Partial<ApprovalClaims> = {}) =>
  signApproval(approvalKey, {
    certificateArn: certificate.arn,
    domainName: certificate.domainName,
    mailbox: `admin@${certificate.domainName}`,
    expiresAtMs: Date.now() + HOUR_MS,
    roundId: 'first',
    ...over,
  });
const page = (asked: PageRequest) => askPage(gateway, asked);
const describe = async ({ arn }: Certificate, clients = gateway.clients) =>
  (await clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))).Certificate!;
const statusesOf = async (certificate: Certificate) =>
  (await describe(certificate)).DomainValidationOptions!.map((option) => option.ValidationStatus);
const followed = () => gateway.logged().filter(({ message }) => message === 'an approval link was followed');
const approvedByMail = () => gateway.logged().filter(({ message }) => message === 'a name was approved by mail');

test('a developer finds the links in the outbox, approves each name, and the certificate is issued', async () => {
  for (const validation of rows.whole.validations) await mailer.mail(rows.whole, validation, Date.now());
  const { stdout, code } = await sallyport(['certificates', 'mail', '--json', '--endpoint', gateway.endpoint]);
  assert.equal(code, 0);
  const mails = JSON.parse(stdout) as { to: string; domainName: string; certificateArn: string; link: string }[];
  assert.equal(mails.length, 10);
  assert.ok(mails.every(({ certificateArn }) => certificateArn === rows.whole.arn));
  assert.equal(mails[0]!.domainName, '*.example.com', 'the newest come first');

  const links = ['ws.example.com', '*.example.com'].map((name) => mails.find((mail) => mail.domainName === name)!);
  for (const { link, domainName } of links) {
    const { pathname, search, host } = new URL(link);
    const shown = await page({ host, path: `${pathname}${search}` });
    assert.equal(shown.status, 200);
    for (const word of [domainName, 'ws.example.com, *.example.com', '000000000000', 'AKIDREQUESTER', 'us-east-1'])
      assert.ok(shown.body.includes(word), word);
    // The form, as a browser would read it out of the page.
    const [, action] = /<form method="post" action="([^"]+)">/.exec(shown.body)!;
    const [, token] = /<input type="hidden" name="token" value="([^"]+)">/.exec(shown.body)!;
    const headers = { Origin: `https://${host}`, 'Sec-Fetch-Site': 'same-origin' };
    const approved = await page(submit(token!, { host, path: action!, headers }));
    assert.equal(approved.status, 200);
    assert.ok(approved.body.includes(`<h1>${domainName} is approved</h1>`), approved.body);
  }
  const issued = await eventually('the certificate is issued', async () => {
    const found = await describe(rows.whole);
    return found.Status === 'ISSUED' ? found : undefined;
  });
  assert.deepEqual(issued.SubjectAlternativeNames, ['ws.example.com', '*.example.com']);
  const logged = approvedByMail().map(({ domainName, arn, account, from }) => [domainName, arn, account, from]);
  assert.deepEqual(
    logged,
    ['ws.example.com', '*.example.com'].map((name) => [name, rows.whole.arn, '000000000000', '127.0.0.1']),
  );
});

test('approving again says so and changes nothing, also when the certificate is issued', async () => {
  const again = await page(submit(tokenFor(rows.whole, { domainName: '*.example.com' })));
  assert.equal(again.status, 200);
  assert.match(again.body, /<h1>\*\.example\.com is approved already<\/h1>\n<p>Nothing was changed\.<\/p>/);
  assert.equal(approvedByMail().length, 2);
  const looked = await page(look(tokenFor(rows.whole)));
  assert.match(looked.body, /ws\.example\.com is approved already/);
  assert.ok(!looked.body.includes('<form'));
});

test('looking approves nothing, however often and by whichever method a scanner does it', async () => {
  const token = tokenFor(rows.looked);
  for (const headers of [{}, { 'Sec-Purpose': 'prefetch' }, { 'Sec-Fetch-Site': 'cross-site' }, { Purpose: 'preview' }])
    assert.equal((await page(look(token, { headers }))).status, 200);
  const head = await page(look(token, { method: 'HEAD' }));
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal(Number(head.headers['content-length']) > 500, true);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const refused = await page(look(token, { method }));
    assert.deepEqual([refused.status, refused.headers['allow']], [405, 'GET, HEAD, POST']);
  }
  // A token in the URL of a POST is no form.
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  assert.equal((await page(look(token, { method: 'POST', headers: form, body: '' }))).status, 400);
  assert.deepEqual(await statusesOf(rows.looked), ['PENDING_VALIDATION']);
});

const forged = signApproval(randomBytes(32), {
  certificateArn: rows.guarded.arn,
  domainName: 'guarded.example.com',
  mailbox: 'admin@guarded.example.com',
  expiresAtMs: Date.now() + HOUR_MS,
  roundId: 'first',
});
const whole = tokenFor(rows.guarded);
const NOT_APPROVING: readonly (readonly [shows: string, token: string, status: number, words: RegExp])[] = [
  ['a link of another key', forged, 400, /not whole/],
  ['a link that was cut off', whole.slice(0, -1), 400, /not whole/],
  ['a link whose name was changed', `x${whole}`, 400, /not whole/],
  ['no token', '', 400, /not whole/],
  ['an old link', tokenFor(rows.guarded, { expiresAtMs: Date.now() - 1 }), 410, /has expired/],
  ['a link of a renewal', tokenFor(rows.guarded, { roundId: 'after 0a' }), 410, /superseded/],
  ['a link of the first validation while it is renewed', tokenFor(rows.renewing), 410, /superseded/],
  ['a link of an earlier renewal', tokenFor(rows.renewing, { roundId: 'after 09' }), 410, /superseded/],
  ['a link of a certificate that DNS validates since', tokenFor(rows.moved), 410, /superseded/],
  ['a link of a certificate that timed out', tokenFor(rows.timedOut), 410, /waits for no approval/],
  ['a link of a name that failed', tokenFor(rows.denied), 410, /waits for no approval/],
  ['a link of a renewal that is over', tokenFor(rows.renewed, { roundId: 'after 0b' }), 410, /waits for no approval/],
  [
    'a name that is not in the certificate',
    tokenFor(rows.guarded, { domainName: 'x.example.com' }),
    410,
    /waits for no/,
  ],
  ['a link of an unknown certificate', tokenFor(rows.guarded, { certificateArn: 'arn' }), 410, /was deleted/],
];

for (const [shows, token, status, words] of NOT_APPROVING) {
  test(`${shows} approves nothing and is told apart, looked at or sent`, async () => {
    const before = approvedByMail().length;
    for (const asked of [look(token), submit(token)]) {
      const answer = await page(asked);
      assert.equal(answer.status, status);
      assert.match(answer.body, words);
      assert.match(answer.body, /Nothing was approved/);
      assert.ok(!answer.body.includes('<form'));
    }
    assert.equal(approvedByMail().length, before);
    assert.deepEqual(await statusesOf(rows.guarded), ['PENDING_VALIDATION']);
  });
}

test('a link of a certificate that was deleted says so', async () => {
  const token = tokenFor(rows.deleted);
  assert.equal((await page(look(token))).status, 200);
  await gateway.clients.acm.send(new DeleteCertificateCommand({ CertificateArn: rows.deleted.arn }));
  const gone = await page(submit(token));
  assert.equal(gone.status, 410);
  assert.match(gone.body, /This certificate was deleted/);
});

test('a renewal is approved in its own round, once', async () => {
  const token = tokenFor(rows.renewing, { roundId: 'after 0a' });
  const shown = await page(look(token));
  assert.match(shown.body, /Somebody asks to renew a certificate/);
  assert.match((await page(submit(token))).body, /renewing\.example\.com is approved</);
  assert.match((await page(submit(token))).body, /approved already/);
});

test('of many that approve at once, one does', async () => {
  const certificate = rows.foreign;
  const answers = await Promise.all(Array.from({ length: 8 }, () => page(submit(tokenFor(certificate)))));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(answers.filter(({ body }) => body.includes('is approved</h1>')).length, 1);
  assert.equal(approvedByMail().filter(({ arn }) => arn === certificate.arn).length, 1);
});

const REFUSED_FORMS: readonly (readonly [
  shows: string,
  status: number,
  headers: Record<string, string>,
  body?: string,
])[] = [
  ['from another site', 403, { 'Sec-Fetch-Site': 'cross-site' }],
  ['from a sibling of the site', 403, { 'Sec-Fetch-Site': 'same-site' }],
  ['from another origin', 403, { Origin: 'https://evil.example' }],
  ['from the host over plain HTTP', 403, { Origin: 'http://localhost' }],
  ['from another port', 403, { Origin: 'https://localhost:1' }],
  ['from a sandboxed frame of another site', 403, { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
  ['as JSON', 415, { 'Content-Type': 'application/json' }],
  ['as text', 415, { 'Content-Type': 'text/plain' }],
  ['in parts', 415, { 'Content-Type': 'multipart/form-data; boundary=x' }],
  ['of too many bytes', 413, {}, `token=${'x'.repeat(4_096)}`],
  ['with two tokens', 400, {}, `token=${whole}&token=${whole}`],
];

for (const [shows, status, headers, body] of REFUSED_FORMS) {
  test(`a form ${shows} is refused with ${status}`, async () => {
    const answer = await page(submit(whole, { headers, ...(body === undefined ? {} : { body }) }));
    assert.equal(answer.status, status);
    assert.deepEqual(await statusesOf(rows.guarded), ['PENDING_VALIDATION']);
  });
}

test('a form of unknown length is bounded, too', async () => {
  const headers = { 'Transfer-Encoding': 'chunked' };
  assert.equal((await page(submit(whole, { headers, body: `token=${'x'.repeat(9_000)}` }))).status, 413);
});

test('what a browser sends under our own Referrer-Policy is no foreign form', async () => {
  const answer = await page(
    submit(tokenFor(rows.looked), { headers: { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' } }),
  );
  assert.equal(answer.status, 200);
  assert.match(answer.body, /looked\.example\.com is approved</);
});

test('every answer forbids scripts, frames, caches and referrers', async () => {
  for (const asked of [
    look(whole),
    look('x'),
    submit('x'),
    submit(whole, { headers: { Origin: 'https://x' } }),
    look(whole, { method: 'PUT' }),
  ]) {
    const { headers, body } = await page(asked);
    const policy = headers['content-security-policy'] as string;
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    const style = /<style>([^]*)<\/style>/.exec(body)![1]!;
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(style))).toString('base64');
    assert.ok(policy.includes(digest), 'the style sheet is the one that the policy allows');
    assert.ok(!/<script|<img|<link|style=|src=|\son\w+=/.test(body));
  }
});

test('names and keys that are HTML are shown as text', async () => {
  const { body } = await page(look(tokenFor(rows.hostile, { domainName: HOSTILE })));
  assert.equal(body.split('&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;&#38;').length - 1 >= 4, true);
  assert.ok(!body.includes('<script'));
  assert.ok(!body.includes('"><'));
});

test('a custom domain name does not serve the page, whatever its owner calls it', async () => {
  const authority = await foreignAuthority({ after });
  const certificateArn = await importCertificate(gateway.clients, await authority.leaf(['tenant.example.com']));
  await createDomain(gateway.clients, 'tenant.example.com', certificateArn);
  const trusted = { ...gateway, ca: authority.certificatePem };
  for (const asked of [look(whole), submit(whole)]) {
    const answer = await askPage(trusted, { ...asked, host: 'tenant.example.com' });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['content-type'], 'application/json');
  }
  assert.deepEqual(await statusesOf(rows.guarded), ['PENDING_VALIDATION']);
});

test('it is served on loopback by name and by address, and on the host of its own, at its one path', async () => {
  for (const host of ['localhost', `127.0.0.1:${gateway.tlsPort}`, 'approvals.execute-api.us-east-1.localhost'])
    assert.equal((await page(look(whole, { host }))).status, 200, host);
  for (const host of ['abcdefghij.execute-api.us-east-1.localhost', 'approvals.execute-api.eu-west-1.localhost'])
    assert.equal(
      (await askPage(gateway, look(whole, { host: 'localhost', headers: { Host: host } }))).status,
      403,
      host,
    );
  for (const path of [
    '/_sallyport',
    '/_sallyport/approve/',
    '/_sallyport/approve/x',
    '//_sallyport/approve',
    '/_sallyport/health',
  ])
    assert.equal((await page({ path: `${path}?token=${whole}` })).status, 403, path);
});

test('the mail of another account is not listed', async () => {
  await mailer.mail(rows.foreign, rows.foreign.validations[0]!, Date.now());
  const listed = (account: string) =>
    sallyport(['certificates', 'mail', '--endpoint', gateway.endpoint], {
      env: { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'test' },
    });
  const own = await listed('111122223333');
  assert.match(
    own.stdout,
    /^20\S+Z {2}foreign\.example\.com {2}to \w+@foreign\.example\.com\n {4}certificate {2}arn:\S+\n {4}link {9}approved already\n/,
  );
  assert.ok(!own.stdout.includes('ws.example.com'));
  const none = await listed('999999999999');
  assert.equal(none.stdout, `no mail for this account in the outbox; mail goes to the outbox ${dataDir}/outbox\n`);
  const unsigned = await fetch(`${gateway.endpoint}/_sallyport/mail`);
  assert.equal(unsigned.status, 403);
});

test('no token is in any log line, and each request is', () => {
  const lines = gateway.lines.join('\n');
  for (const secret of [whole, forged, 'token=', tokenFor(rows.looked).split('.')[0]!.slice(0, 40)])
    assert.ok(!lines.includes(secret), secret);
  assert.ok(followed().some(({ method, status, state }) => method === 'HEAD' && status === 200 && state === 'waiting'));
  assert.ok(followed().some(({ method, status, state }) => method === 'POST' && status === 400 && state === 'forged'));
});

test('a link expires in lifecycle time', async () => {
  const token = tokenFor(rows.strict, { expiresAtMs: Date.now() + 2 * HOUR_MS });
  assert.equal((await page(look(token))).status, 200);
  await gateway.advance('3h');
  const answer = await page(submit(token));
  assert.equal(answer.status, 410);
  assert.match(answer.body, /has expired/);
  assert.deepEqual(await statusesOf(rows.strict), ['PENDING_VALIDATION']);
});

test('behind a name of its own: found by DNS, under the listener certificate, and nowhere else', async (t) => {
  const certificate = mailedCertificate(['ws.example.com']);
  const directory = await mailedDataDirectory(t, [certificate]);
  const named = await startTestGateway(t, [
    '--data-dir',
    directory.path,
    '--endpoint-suffix',
    'gw.example.net',
    '--strict-host',
  ]);
  const host = approvalHost('gw.example.net', 'us-east-1');
  assert.equal(host, 'approvals.execute-api.us-east-1.gw.example.net');
  const addresses = await new Promise((resolve) => {
    createLookup(named.dnsServer)(host, { all: true }, (error, found) => resolve(error ?? found));
  });
  assert.deepEqual(addresses, [{ address: '127.0.0.1', family: 4 }]);
  const token = signApproval(directory.approvalKey, {
    certificateArn: certificate.arn,
    domainName: 'ws.example.com',
    mailbox: 'admin@ws.example.com',
    expiresAtMs: Date.now() + HOUR_MS,
    roundId: 'first',
  });
  assert.equal((await askPage(named, look(token, { host }))).status, 200);
  assert.equal((await askPage(named, look(token, { host: 'localhost' }))).status, 403);
  assert.equal((await askPage(named, look(token, { host: '127.0.0.1' }))).status, 403);
  assert.equal((await askPage(named, look(token, { host, headers: { Host: 'localhost' } }))).status, 421);
});

test('where accounts are configured, the list of mail has no links: only who reads the mailbox may approve', async (t) => {
  const certificate = mailedCertificate(['ws.example.com'], { account: '111111111111' });
  const directory = await mailedDataDirectory(t, [certificate]);
  const accounts = join(temporaryDirectory(t), 'accounts.yaml');
  const keys = [{ id: 'AKIAONE', secret: 'secret of one' }];
  writeFileSync(accounts, JSON.stringify({ accounts: [{ id: '111111111111', keys }] }), { mode: 0o600 });
  const guarded = await startTestGateway(t, ['--data-dir', directory.path, '--accounts', accounts]);
  const post = createOutbox(join(directory.path, 'outbox'), realClock);
  const linkTo = (token: string) => `https://localhost/?token=${token}`;
  const writer = createMailer({ post, key: directory.approvalKey, from: 'certificates@localhost', linkTo });
  await writer.mail(certificate, certificate.validations[0]!, Date.now());
  const env = { AWS_ACCESS_KEY_ID: 'AKIAONE', AWS_SECRET_ACCESS_KEY: 'secret of one' };
  const { stdout } = await sallyport(['certificates', 'mail', '--endpoint', guarded.endpoint], { env });
  assert.equal(stdout.match(/ws\.example\.com {2}to /g)?.length, 5);
  assert.ok(!stdout.includes('token='));
  assert.ok(!stdout.includes(directory.path), 'a tenant is not told of the disk');
  assert.match(stdout, /\nlinks are for the operator alone: read the mailbox, or ask the operator\n$/);
  const found = await createClients(guarded.endpoint, 'us-east-1', 'AKIAONE', 'secret of one').acm.send(
    new DescribeCertificateCommand({ CertificateArn: certificate.arn }),
  );
  assert.equal(found.Certificate!.Status, 'PENDING_VALIDATION');
});

test('with SMTP the list says where mail goes, without the credentials', async (t) => {
  const gone = await startTestGateway(t, ['--smtp', 'smtp://mailer:s3cret@mail.example.test']);
  const { stdout } = await sallyport(['certificates', 'mail', '--endpoint', gone.endpoint]);
  assert.equal(stdout, 'no mail for this account in the outbox; mail goes to mail.example.test:587\n');
});

test('a store that is away is a 503 that approves nothing; a forged link does not ask it', async (t) => {
  const directory = openDataDirectory(temporaryDirectory(t));
  t.after(() => directory.release());
  const log = createLog('error', false);
  const store = await openEmbeddedStore(directory.databasePath, log);
  await store.close();
  const approvals = createApprovals({ store, key: approvalKey, clock: new LifecycleClock(), log });
  const served = createApprovalPage({ approvals, suffix: 'localhost', region: 'us-east-1', log });
  const asked = { requestId: 'a request', sourceIp: '127.0.0.1' };
  const server = createServer((request, response) => void served.answer(request, response, asked));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${APPROVAL_PATH}`;
  const body = new URLSearchParams({ token: whole });
  for (const answer of [await fetch(`${url}?token=${whole}`), await fetch(url, { method: 'POST', body })]) {
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    assert.match(await answer.text(), /Nothing was changed\. Try again in a moment/);
  }
  assert.equal((await fetch(`${url}?token=${forged}`)).status, 400);
});

test('help shows examples', async () => {
  const { stdout } = await sallyport(['certificates', 'mail', '--help']);
  assert.match(stdout, /Examples:\n {2}sallyport certificates mail\n/);
});
