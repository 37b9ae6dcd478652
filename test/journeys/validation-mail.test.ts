// Validation mail on its way: five letters by a real SMTP server, with a login, over TLS, with mailboxes that there are not; and the
// outbox, where there is no server.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { LifecycleClock, realClock } from '../../src/ambient/clock.ts';
import { readApproval } from '../../src/certificates/mail/approval-token.ts';
import { createMailer, type Mailer } from '../../src/certificates/mail/mailer.ts';
import { createOutbox } from '../../src/certificates/mail/outbox.ts';
import type { Post } from '../../src/certificates/mail/post.ts';
import { createSmtp } from '../../src/certificates/mail/smtp.ts';
import type { Certificate } from '../../src/model/certificate.ts';
import { mailboxesOf } from '../../src/model/mailboxes.ts';
import type { LimitName } from '../../src/settings/limits.ts';
import { lowerLimit } from '../harness/lowered-limit.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { temporaryDirectory, type Owner } from '../harness/gateway.ts';
import { startMailServer } from '../harness/mail-server.ts';
import { mailedCertificate, renewing } from '../harness/mailed-certificates.ts';
import { missing } from '../harness/peers.ts';

const skip = missing('aiosmtpd');
const key = randomBytes(32);
const FIVE = mailboxesOf('example.com');
const CERTIFICATE = mailedCertificate(['www.example.com', '*.example.com']);
const HOUR_MS = 3_600_000;
const authority = await foreignAuthority({ after });
setDefaultCACertificates([...getCACertificates('default'), authority.certificatePem]);

function mailerTo(owner: Owner, post: Post): Mailer {
  const linkTo = (token: string) => `https://approvals.example.test/_sallyport/approve?token=${token}`;
  const mailer = createMailer({ post, key, from: 'certificates@gateway.example', linkTo });
  owner.after(() => mailer.close());
  return mailer;
}

const ask = (mailer: Mailer, certificate: Certificate = CERTIFICATE, at = 0) => {
  const validations = certificate.renewal?.validations ?? certificate.validations;
  return mailer.mail(certificate, validations[at]!, Date.now());
};

const tokenIn = (text: string) => /https:\/\/\S+\?token=(\S+)/.exec(text)![1]!;

/** A bound that is lowered for one test. */
function lower(owner: Owner, name: LimitName, value: number): void {
  owner.after(lowerLimit(name, value));
}

async function certificateFile(owner: Owner, name: string): Promise<string> {
  const { certificatePem, keyPem } = await authority.leaf([name, '127.0.0.1']);
  const file = join(temporaryDirectory(owner), 'server.pem');
  writeFileSync(file, `${certificatePem}\n${keyPem}`);
  return file;
}

test('each of the five mailboxes gets a letter of its own, with a link of its own', { skip }, async (t) => {
  const server = await startMailServer(t);
  const outcome = await ask(mailerTo(t, createSmtp(`smtp://${server.place}`)), CERTIFICATE, 1);
  assert.deepEqual(outcome, {
    accepted: FIVE,
    refused: [],
    place: server.place,
    found: `mail to ${FIVE.join(', ')} was accepted`,
  });
  assert.deepEqual(server.received.map(({ to }) => to).sort(), FIVE.map((mailbox) => [mailbox]).sort());
  for (const { from, to, headers, text, html } of server.received) {
    assert.equal(from, 'certificates@gateway.example');
    assert.equal(headers['from'], 'certificates@gateway.example');
    assert.equal(headers['to'], to[0]);
    assert.equal(headers['subject'], 'Certificate for *.example.com: approval needed');
    assert.equal(headers['auto-submitted'], 'auto-generated');
    assert.equal(headers['x-sallyport-link'], undefined);
    const until = new Date(CERTIFICATE.createdAtMs + 72 * HOUR_MS).toISOString().slice(0, 16).replace('T', ' ');
    const says = [
      CERTIFICATE.arn,
      '000000000000',
      'AKIDREQUESTER',
      'us-east-1',
      'www.example.com, *.example.com',
      until,
    ];
    for (const word of [...says, 'do nothing']) assert.ok(text.includes(word) && html.includes(word), word);
    const claims = readApproval(key, tokenIn(text), Date.now());
    assert.deepEqual(claims, {
      certificateArn: CERTIFICATE.arn,
      domainName: '*.example.com',
      mailbox: to[0],
      expiresAtMs: CERTIFICATE.createdAtMs + 72 * HOUR_MS,
      roundId: 'first',
    });
    assert.ok(html.includes(`href="https://approvals.example.test/_sallyport/approve?token=${tokenIn(text)}"`));
  }
});

test('a renewal is asked for in its own words, for a round and a time of its own', { skip }, async (t) => {
  const server = await startMailServer(t);
  const names = ['ws.example.com'];
  const certificate = mailedCertificate(names, { createdAtMs: 1, ...renewing(names, '0a:0b') });
  const nowMs = Date.now();
  await mailerTo(t, createSmtp(`smtp://${server.place}`)).mail(
    certificate,
    certificate.renewal!.validations[0]!,
    nowMs,
  );
  const [{ headers, text }] = server.received as [(typeof server.received)[0]];
  assert.equal(headers['subject'], 'Renewal of the certificate for ws.example.com: approval needed');
  assert.match(text, /^Somebody asks to renew /);
  assert.match(text, /no certificate after the present one ends/);
  const claims = readApproval(key, tokenIn(text), nowMs);
  assert.ok(typeof claims === 'object' && 'roundId' in claims);
  assert.deepEqual([claims.roundId, claims.expiresAtMs], ['after 0a:0b', nowMs + 72 * HOUR_MS]);
});

test('a mailbox that there is not is told, and stops no other', { skip }, async (t) => {
  const server = await startMailServer(t, ['--refuse', 'webmaster@example.com', 'admin@example.com']);
  const { accepted, refused, found } = await ask(mailerTo(t, createSmtp(`smtp://${server.place}`)));
  assert.deepEqual(accepted, ['administrator@example.com', 'hostmaster@example.com', 'postmaster@example.com']);
  assert.deepEqual(
    refused.map(({ mailbox }) => mailbox),
    ['admin@example.com', 'webmaster@example.com'],
  );
  for (const { mailbox, problem } of refused) assert.ok(problem.includes(`550 5.1.1 there is no ${mailbox}`), problem);
  assert.match(
    found,
    /^mail to 3 of 5 was accepted; refused for admin@example\.com: .*550.*; for webmaster@example\.com: .*550/,
  );
  assert.equal(server.received.length, 3);
});

test('a server that wants a login gets it, and a wrong one is told without it', { skip }, async (t) => {
  const server = await startMailServer(t, ['--login', 'mailer:p:ss/w@rd']);
  const good = createSmtp(`smtp://mailer:${encodeURIComponent('p:ss/w@rd')}@${server.place}`);
  assert.equal((await ask(mailerTo(t, good))).accepted.length, 5);
  assert.deepEqual([...new Set(server.received.map(({ login }) => login))], ['mailer']);
  assert.equal(good.place, server.place);

  const password = 'wr:ng/s%cret';
  const spelled = [`\0mailer\0${password}`, password].map((text) => Buffer.from(text).toString('base64'));
  const talkative = await startMailServer(t, [
    '--login',
    'other:other',
    '--echo',
    ...spelled,
    encodeURIComponent(password),
  ]);
  const wrong = createSmtp(`smtp://mailer:${encodeURIComponent(password)}@${talkative.place}`);
  const outcome = await ask(mailerTo(t, wrong));
  assert.deepEqual(outcome.accepted, []);
  assert.match(
    outcome.found,
    /^no mail was accepted; refused for admin@example\.com, .*webmaster@example\.com: .*535 5\.7\.8/,
  );
  for (const secret of [password, ...spelled, encodeURIComponent(password), 'mailer'])
    assert.ok(!JSON.stringify(outcome).includes(secret), secret);
});

test('smtps:// is TLS from the first byte, and a certificate for another name stops it', { skip }, async (t) => {
  const tls = ['--tls', 'implicit', '--certificate'];
  const good = await startMailServer(t, [...tls, await certificateFile(t, 'mail.example.test')]);
  assert.equal((await ask(mailerTo(t, createSmtp(`smtps://${good.place}`)))).accepted.length, 5);
  assert.ok(good.received.every(({ isEncrypted }) => isEncrypted));

  const { place } = good;
  const other = createSmtp(`smtps://${place.replace('127.0.0.1', 'localhost')}`);
  const { accepted, found } = await ask(mailerTo(t, other));
  assert.deepEqual(accepted, []);
  assert.match(found, /localhost/);
  assert.equal(good.received.length, 5);
});

test('smtp:// takes STARTTLS where it is offered', { skip }, async (t) => {
  const args = ['--tls', 'starttls', '--certificate', await certificateFile(t, 'mail.example.test')];
  const server = await startMailServer(t, args);
  assert.equal((await ask(mailerTo(t, createSmtp(`smtp://${server.place}`)))).accepted.length, 5);
  assert.ok(server.received.every(({ isEncrypted }) => isEncrypted));
});

test(
  'a server that is away, and one that says a byte now and then for ever, is one outcome each',
  { skip },
  async (t) => {
    const away = await ask(mailerTo(t, createSmtp('smtp://127.0.0.1:9')));
    assert.match(away.found, /^no mail was accepted; refused for admin@example\.com, .*: .*ECONNREFUSED/);
    lower(t, 'mailTimeoutMs', 300);
    const dawdling = await startMailServer(t, ['--dawdle']);
    const slow = await ask(mailerTo(t, createSmtp(`smtp://${dawdling.place}`)));
    assert.match(slow.found, /: not done within 300 ms$/);
  },
);

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

test(
  'credentials are shown to another machine under TLS alone',
  { skip: skip || (outside ? false : 'not shown: this machine has no address but loopback') },
  async (t) => {
    const server = await startMailServer(t, ['--login', 'mailer:secret', '--host', outside!]);
    const { accepted, found } = await ask(mailerTo(t, createSmtp(`smtp://mailer:secret@${server.place}`)));
    assert.deepEqual(accepted, []);
    assert.match(found, /STARTTLS/);
    assert.equal(server.received.length, 0);
  },
);

test('without a server each letter is a whole file that its owner alone reads', async (t) => {
  const directory = join(temporaryDirectory(t), 'outbox');
  const outbox = createOutbox(directory, realClock);
  assert.deepEqual(await outbox.list('000000000000', 9), []);
  const outcome = await ask(mailerTo(t, outbox), CERTIFICATE, 1);
  assert.deepEqual([outcome.accepted, outcome.place], [FIVE, `the outbox ${directory}`]);
  const files = readdirSync(directory).sort();
  assert.equal(files.length, 5);
  for (const file of files) {
    assert.match(file, /^\d{8}T\d{9}Z-wildcard\.example\.com-00000\d\.eml$/);
    assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600);
    const bytes = readFileSync(join(directory, file), 'utf8');
    assert.match(bytes, /^X-Sallyport-Account: 000000000000\r\n/m);
    assert.match(bytes, /\r\n\r\n/);
    assert.ok(!/[^\r]\n/.test(bytes), 'every line ends in CRLF');
  }
  const listed = await outbox.list('000000000000', 9);
  assert.deepEqual(listed.map(({ to }) => to).sort(), [...FIVE].sort());
  for (const { domainName, certificateArn, link, atMs, to } of listed) {
    assert.deepEqual([domainName, certificateArn], ['*.example.com', CERTIFICATE.arn]);
    assert.ok(Math.abs(atMs - Date.now()) < HOUR_MS);
    const claims = readApproval(key, tokenIn(link), Date.now());
    assert.ok(typeof claims === 'object' && 'mailbox' in claims);
    assert.equal(claims.mailbox, to);
  }
  assert.deepEqual(await outbox.list('111122223333', 9), []);
  assert.equal((await outbox.list('000000000000', 2)).length, 2);
});

test('the outbox keeps the newest of what was written, and nothing half written', async (t) => {
  lower(t, 'outboxFilesMax', 7);
  const directory = join(temporaryDirectory(t), 'outbox');
  mkdirSync(directory);
  writeFileSync(join(directory, '20200101T000000000Z-dead-000001.draft'), 'half');
  const clock = new LifecycleClock();
  const mailer = mailerTo(t, createOutbox(directory, clock));
  await Promise.all(['a', 'b'].map((name) => ask(mailer, mailedCertificate([`${name}.example.com`]))));
  clock.advance(HOUR_MS);
  await ask(mailer, mailedCertificate(['c.example.com']));
  const kept = readdirSync(directory);
  assert.equal(kept.length, 7);
  assert.equal(kept.filter((name) => name.includes('-c.example.com-')).length, 5);
  assert.ok(kept.every((name) => name.endsWith('.eml')));
});

test('an outbox that cannot be written is told with its place', async (t) => {
  const place = join(temporaryDirectory(t), 'file');
  writeFileSync(place, '');
  chmodSync(place, 0o400);
  const { accepted, found } = await ask(mailerTo(t, createOutbox(join(place, 'outbox'), realClock)));
  assert.deepEqual(accepted, []);
  assert.ok(found.endsWith(`: ${place}/outbox could not be written: ENOTDIR`), found);
  assert.ok(!existsSync(join(place, 'outbox')));
});

test('a file that names two accounts is the mail of neither', async (t) => {
  const directory = temporaryDirectory(t);
  const accounts = ['000000000000', '111122223333'];
  const head = accounts.map((account) => `X-Sallyport-Account: ${account}`).join('\r\n');
  writeFileSync(join(directory, '20200101T000000000Z-x-000001.eml'), `To: a@example.com\r\n${head}\r\n\r\nbody`);
  const outbox = createOutbox(directory, realClock);
  for (const account of accounts) assert.deepEqual(await outbox.list(account, 9), []);
});

test('names that look like headers, addresses, folders or HTML change nothing but themselves', async (t) => {
  const hostile =
    '../<b>"x"</b>\r\nX-Sallyport-Account: 111122223333\r\nBcc: evil@example.com\r\n\r\n, evil@example.net';
  const directory = join(temporaryDirectory(t), 'outbox');
  const outbox = createOutbox(directory, realClock);
  const certificate = mailedCertificate([hostile], { arn: 'arn', requestedBy: '<script>alert(1)</script>' });
  assert.equal((await ask(mailerTo(t, outbox), certificate)).accepted.length, 5);
  const files = readdirSync(directory);
  assert.equal(files.length, 5);
  const [head = ''] = readFileSync(join(directory, files[0]!), 'utf8').split('\r\n\r\n');
  assert.ok(!/^(Bcc|X-Sallyport-Account: 1)/m.test(head), head);
  assert.deepEqual(await outbox.list('111122223333', 9), []);
  const raw = readFileSync(join(directory, files[0]!), 'utf8');
  const [, html = ''] = raw.split(/Content-Type: text\/html[^]*?\r\n\r\n/);
  const decoded = html
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  assert.ok(decoded.includes('&#60;script&#62;'), decoded);
  assert.ok(!decoded.includes('<script') && !decoded.includes('<b>'), decoded);
});
