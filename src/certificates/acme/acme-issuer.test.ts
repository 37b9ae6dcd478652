// From a certificate that is wanted to one that was checked: which challenge is answered and how, what is live before the authority
// is told, what account asks, what a renewal says, and what is left behind afterwards: nothing.

import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { openTestIssuer, delegatedLabel, requestFor, KEYS } from '../../../test/harness/acme-issuer.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { startScriptedAuthority } from '../../../test/harness/scripted-authority.ts';
import { limit } from '../../settings/limits.ts';
import type { Challenge } from '../../model/certificate.ts';
import { IssueProblem } from '../issuer.ts';
import type { FailureReason } from '../../model/certificate.ts';
import type { CertificateSource } from '../../store/contract.ts';

const EAB = { keyId: 'kid-1', macKey: Buffer.alloc(32, 9).toString('base64url') };

interface Wanted {
  readonly message: RegExp;
  readonly failureReason?: FailureReason;
  readonly domainName?: string;
  readonly retryAtMs?: number;
  readonly remedy?: RegExp;
}

function refuses(
  work: Promise<unknown>,
  { message, failureReason, domainName, retryAtMs, remedy }: Wanted,
): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof IssueProblem);
    assert.match(error.message, message);
    assert.equal(error.failureReason, failureReason);
    assert.equal(error.domainName, domainName);
    if (remedy !== undefined) assert.match(error.remedy ?? '', remedy);
    if (retryAtMs === undefined) assert.equal(error.retryAtMs, undefined);
    else assert.ok(Math.abs(error.retryAtMs! - retryAtMs) < 60_000, `${error.retryAtMs} is not near ${retryAtMs}`);
    return true;
  });
}

const ALGORITHMS = [
  ['RSA_2048', 'rsa'],
  ['EC_prime256v1', 'ec'],
  ['EC_secp384r1', 'ec'],
] as const;

for (const [keyAlgorithm, type] of ALGORITHMS) {
  test(`issues a certificate for a key of ${keyAlgorithm}, with the chain above it`, async (t) => {
    const authority = await startScriptedAuthority(t);
    const { issuer, store } = await openTestIssuer(t, authority);
    const names = ['example.com', '*.example.com', 'www.example.net'];
    const issued = await issuer.issue(requestFor(names, { keyAlgorithm }));
    const leaf = new X509Certificate(issued.certificatePem);
    assert.equal(leaf.checkPrivateKey(createPrivateKey(issued.keyPem)), true);
    assert.equal(leaf.publicKey.asymmetricKeyType, type);
    for (const host of ['example.com', 'any.example.com', 'www.example.net']) assert.ok(leaf.checkHost(host), host);
    assert.equal(issued.serial.replaceAll(':', '').toUpperCase(), leaf.serialNumber);
    assert.equal(issued.notAfterMs, leaf.validToDate.getTime());
    assert.equal(issued.notBeforeMs, leaf.validFromDate.getTime());
    const intermediate = new X509Certificate(issued.intermediatesPem);
    assert.ok(leaf.verify(intermediate.publicKey));
    assert.equal(issued.anchorPem, undefined);
    assert.deepEqual(await store.view.all('challenge'), []);
  });
}

/** Soon after the commit that removed it. */
function gone(source: CertificateSource, reference: string): Promise<true> {
  return eventually(`${reference} is gone`, () => (source.read(reference) === undefined ? true : undefined));
}

test('a root that came with the chain is the anchor, and no part of what is sent', async (t) => {
  const authority = await startScriptedAuthority(t);
  authority.script.returns = 'with the root';
  const { issuer } = await openTestIssuer(t, authority);
  const { intermediatesPem, anchorPem } = await issuer.issue(requestFor(['a.example.com']));
  assert.equal(intermediatesPem.match(/BEGIN/g)!.length, 1);
  assert.equal(new X509Certificate(anchorPem!).fingerprint256, new X509Certificate(authority.rootPem).fingerprint256);
});

type Proof = 'record' | 'address' | 'approval';
const CHOICES: readonly (readonly [
  Proof,
  isHttpServed: boolean,
  names: readonly string[],
  types: readonly string[],
])[] = [
  ['record', true, ['a.example.com'], ['dns-01']],
  ['address', true, ['a.example.com'], ['http-01']],
  ['address', false, ['a.example.com'], ['tls-alpn-01']],
  ['approval', true, ['a.example.com'], ['http-01']],
  ['address', true, ['a.example.com', '*.a.example.com'], ['http-01', 'dns-01']],
];

for (const [proof, isHttpServed, names, types] of CHOICES) {
  const where = isHttpServed ? 'with --http' : 'without --http';
  test(`${names.join(' and ')}, proven by ${proof} ${where}: ${types.join(' and ')}`, async (t) => {
    const authority = await startScriptedAuthority(t);
    const { issuer, store } = await openTestIssuer(t, authority, { isHttpServed });
    const asked: string[] = [];
    const live: string[] = [];
    authority.script.validate = async (type) => {
      asked.push(type);
      live.push(...(await store.view.all('challenge')).map((row) => row.type));
      return true;
    };
    await issuer.issue(requestFor(names, { proof }));
    assert.deepEqual(asked, types);
    // All of them are there before the first is told of.
    assert.deepEqual(new Set(live), new Set(types));
    assert.equal(live.length, types.length * types.length);
    assert.deepEqual(await store.view.all('challenge'), []);
  });
}

test('an apex and its wildcard are answered at one place, each with its own text', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store } = await openTestIssuer(t, authority);
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  const wanted: string[] = [];
  let rows: Challenge[] = [];
  authority.script.validate = async (_type, _name, keyAuthorization) => {
    wanted.push(digest(keyAuthorization));
    rows = await store.view.all('challenge');
    return true;
  };
  await issuer.issue(requestFor(['example.com', '*.example.com']));
  assert.deepEqual(
    rows.map(({ key }) => key),
    [delegatedLabel('example.com'), delegatedLabel('example.com')],
  );
  assert.deepEqual(new Set(rows.map(({ value }) => value)), new Set(wanted));
  assert.equal(rows[0]!.account, 'sallyport');
});

test('a path of http-01 holds the key authorization, under the host and the token', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store } = await openTestIssuer(t, authority, { isHttpServed: true });
  authority.script.validate = async (_type, name, keyAuthorization) => {
    const [row] = await store.view.all('challenge');
    return row!.key === `${name}/${keyAuthorization.split('.')[0]}` && row!.value === keyAuthorization;
  };
  await issuer.issue(requestFor(['a.example.com'], { proof: 'address' }));
});

test('tls-alpn-01 shows a certificate of either kind of key, which goes with its order', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store, certificateSource } = await openTestIssuer(t, authority);
  const references: string[] = [];
  authority.script.validate = async (_type, name, keyAuthorization) => {
    const [row] = await store.view.all('challenge');
    assert.equal(row!.key, name);
    assert.equal(row!.value, '');
    const digest = createHash('sha256').update(keyAuthorization).digest('hex');
    for (const [kind, reference] of Object.entries(row!.keyPairReferences!)) {
      references.push(reference);
      const { chainPem, sealedKey } = certificateSource.read(reference)!;
      const shown = new X509Certificate(chainPem);
      const key = createPrivateKey(KEYS.open(sealedKey, reference));
      assert.equal(shown.publicKey.asymmetricKeyType, kind);
      assert.ok(shown.checkPrivateKey(key));
      assert.equal(shown.subjectAltName, `DNS:${name}`);
      assert.ok(shown.verify(shown.publicKey));
      // id-pe-acmeIdentifier, critical, an OCTET STRING in the OCTET STRING of the extension (RFC 8737 3).
      const extension = `06082b060105050701${'1f'}0101ff04220420${digest}`;
      assert.ok(shown.raw.toString('hex').includes(extension), `${kind}: ${extension}`);
    }
    return true;
  };
  await issuer.issue(requestFor(['a.example.com'], { proof: 'address' }));
  assert.equal(references.length, 2);
  for (const reference of references) await gone(certificateSource, reference);
});

test('a name that the authority believes already needs no answer', async (t) => {
  const authority = await startScriptedAuthority(t);
  authority.script.isReusing = true;
  const { issuer } = await openTestIssuer(t, authority);
  await issuer.issue(requestFor(['a.example.com']));
  await issuer.issue(requestFor(['a.example.com', 'b.example.com']));
  assert.equal(authority.requests('challenge'), 2);
  assert.equal(authority.certificates.length, 2);
});

test('an authority is waited for as long as it works on names and on the order', async (t) => {
  const authority = await startScriptedAuthority(t);
  authority.script.readsUntilWord = 2;
  const { issuer } = await openTestIssuer(t, authority);
  await issuer.issue(requestFor(['a.example.com']));
  assert.ok(authority.requests('authorization') > 3);
  assert.ok(authority.requests('order-status') > 2);
});

test('an authority that offers nothing that can be answered is told so by name', async (t) => {
  const authority = await startScriptedAuthority(t);
  authority.script.challengeTypes = ['http-01', 'dns-account-01'];
  const { issuer } = await openTestIssuer(t, authority);
  await refuses(issuer.issue(requestFor(['a.example.com'])), {
    message:
      /no challenge for a\.example\.com that can be answered: it offers http-01, dns-account-01, and dns-01 is needed/,
    domainName: 'a.example.com',
  });
  assert.equal(authority.requests('challenge'), 0);
});

test('orders that share a name take turns, others do not', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store } = await openTestIssuer(t, authority);
  const together: string[][] = [];
  authority.script.validate = async () => {
    together.push((await store.view.all('challenge')).map(({ key }) => key));
    return true;
  };
  const issue = (...names: string[]) => issuer.issue(requestFor(names, { proof: 'address' }));
  await Promise.all([issue('a.example.com'), issue('a.example.com', 'b.example.com'), issue('b.example.com')]);
  for (const keys of together) assert.equal(new Set(keys).size, keys.length);
  assert.equal(authority.certificates.length, 3);
});

// The account.

test('one account is made at first use, kept for the next start, and its key is sealed', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store, certificateSource, again } = await openTestIssuer(t, authority, { email: 'a@example.com' });
  assert.equal(authority.requests('directory'), 0);
  await Promise.all(['a', 'b', 'c'].map((label) => issuer.issue(requestFor([`${label}.example.com`]))));
  const [row] = await store.view.all('acme-account');
  assert.equal(row!.id, authority.directoryUrl);
  assert.equal(row!.account, 'sallyport');
  const { sealedKey } = certificateSource.read(row!.keyPairReference)!;
  assert.equal(Buffer.from(sealedKey).includes('PRIVATE KEY'), false);
  assert.match(KEYS.open(sealedKey, row!.keyPairReference), /PRIVATE KEY/);
  await (await again()).issuer.issue(requestFor(['d.example.com']));
  assert.deepEqual(
    authority.accounts.map(({ contact }) => contact),
    [['mailto:a@example.com']],
  );
  assert.equal(authority.requests('account'), 1);
});

test('an account whose making was not heard of is not made twice', async (t) => {
  const authority = await startScriptedAuthority(t);
  authority.misbehave('account', 'lose-answer');
  const { issuer } = await openTestIssuer(t, authority);
  await refuses(issuer.issue(requestFor(['a.example.com'])), { message: /cannot be reached/ });
  await issuer.issue(requestFor(['a.example.com']));
  assert.equal(authority.accounts.length, 1);
});

test('terms must be agreed to, and the refusal says where they are', async (t) => {
  const authority = await startScriptedAuthority(t, { termsOfService: 'https://acme.example/terms' });
  const { issuer, again } = await openTestIssuer(t, authority);
  await refuses(issuer.issue(requestFor(['a.example.com'])), {
    message: /terms of service, https:\/\/acme\.example\/terms: agree to them with --acme-agree-terms/,
    remedy: /^restart with --acme-agree-terms$/,
  });
  assert.equal(authority.accounts.length, 0);
  await (await again({ areTermsAgreed: true })).issuer.issue(requestFor(['a.example.com']));
});

test('an external account is bound; another one makes another account', async (t) => {
  const authority = await startScriptedAuthority(t, { eab: EAB });
  const { issuer, store, certificateSource, again } = await openTestIssuer(t, authority);
  await refuses(issuer.issue(requestFor(['a.example.com'])), {
    message: /--acme-eab KID:KEY/,
    remedy: /^restart with --acme-eab KID:KEY/,
  });
  const wrong = { ...EAB, macKey: Buffer.alloc(32, 1).toString('base64url') };
  await refuses((await again({ eab: wrong })).issuer.issue(requestFor(['a.example.com'])), {
    message: /the account was refused: the binding is wrong\. Look at --acme-eab/,
    remedy: /^restart with --acme-eab/,
  });
  // One that was made before external accounts were wanted has no key of theirs, so it is not the one that is asked for now.
  await (await again({ eab: EAB })).issuer.issue(requestFor(['a.example.com']));
  const [row] = await store.view.all('acme-account');
  assert.equal(row!.eabKeyId, EAB.keyId);
  await store.transact(async (transaction) => transaction.put('acme-account', { ...row!, eabKeyId: 'another' }));
  await (await again({ eab: EAB })).issuer.issue(requestFor(['a.example.com']));
  assert.equal(authority.accounts.length, 2);
  await gone(certificateSource, row!.keyPairReference);
});

test('an account that the authority has lost is made again with the same key', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store } = await openTestIssuer(t, authority);
  await issuer.issue(requestFor(['a.example.com']));
  const [before] = await store.view.all('acme-account');
  authority.forgetAccounts();
  await issuer.issue(requestFor(['a.example.com']));
  const [after] = await store.view.all('acme-account');
  assert.notEqual(after!.accountUrl, before!.accountUrl);
  assert.equal(after!.keyPairReference, before!.keyPairReference);
  const [orders] = await issuer.budget();
  assert.equal(orders!.used, 2);
});

// Refusals.

const POLICY = 'The ACME server refuses to issue a certificate for this domain name, because it is forbidden by policy';
const about = (type: string, value: string, detail: string) => ({
  type: `urn:ietf:params:acme:error:${type}`,
  detail,
  identifier: { type: 'dns', value },
});
type Problem = Parameters<Awaited<ReturnType<typeof startScriptedAuthority>>['misbehave']>[1] & { problem: object };
const REFUSALS: readonly (readonly [string, 'order' | 'finalize', Problem['problem'], Wanted])[] = [
  [
    'CAA at the order',
    'order',
    { type: 'caa', detail: 'CAA record for a.example.com prevents issuance' },
    { message: /the order was refused: CAA record/, failureReason: 'CAA_ERROR' },
  ],
  [
    'CAA at its end, for one of the names',
    'finalize',
    { type: 'caa', detail: 'Rechecking CAA', subproblems: [about('caa', 'b.example.com', 'no issuewild for us')] },
    { message: /\(b\.example\.com: no issuewild for us\)/, failureReason: 'CAA_ERROR', domainName: 'b.example.com' },
  ],
  [
    'a name that is never signed',
    'order',
    { type: 'rejectedIdentifier', subproblems: [about('rejectedIdentifier', 'a.example.com', 'no public suffix')] },
    { message: /no public suffix/, failureReason: 'DOMAIN_NOT_ALLOWED', domainName: 'a.example.com' },
  ],
  [
    'a name that is held back by policy',
    'order',
    { type: 'rejectedIdentifier', detail: POLICY },
    { message: /forbidden by policy/, failureReason: 'ADDITIONAL_VERIFICATION_REQUIRED' },
  ],
  [
    'too many of them',
    'order',
    { type: 'rateLimited', detail: 'too many certificates', status: 429, retryAfter: '7200' },
    { message: /too many certificates/, retryAtMs: Date.now() + 7_200_000 },
  ],
  [
    'too many of them until a date',
    'order',
    { type: 'rateLimited', status: 429, retryAfter: new Date(Date.now() + 3_600_000).toUTCString() },
    { message: /it answered 429/, retryAtMs: Date.now() + 3_600_000 },
  ],
  [
    'a wait without end, which is held to a week',
    'order',
    { type: 'rateLimited', status: 429, retryAfter: '99999999999999999' },
    { message: /it answered 429/, retryAtMs: Date.now() + limit('acmeRetryAfterMsMax') },
  ],
  ['anything else', 'finalize', { type: 'badCSR', detail: 'no' }, { message: /the order was not finalized: no$/ }],
  [
    'new terms',
    'order',
    { type: 'userActionRequired', detail: 'new terms', instance: 'https://acme.example/terms/2' },
    { message: /new terms\. Something is to be done first at https:\/\/acme\.example\/terms\/2/ },
  ],
  [
    'words that would break a log, on one line',
    'order',
    { type: 'malformed', detail: `first\nsecond\u001b[31m ${'x'.repeat(5_000)}` },
    { message: /^the order was refused: first second \[31m x{100,400}…$/ },
  ],
];

for (const [what, kind, problem, wanted] of REFUSALS) {
  test(`a refusal for ${what}`, async (t) => {
    const authority = await startScriptedAuthority(t);
    const { issuer, store } = await openTestIssuer(t, authority);
    authority.misbehave(kind, { problem } as Problem);
    await refuses(issuer.issue(requestFor(['a.example.com', 'b.example.com'])), wanted);
    // An order that was refused was none; nothing was issued either way.
    const used = (await issuer.budget()).map((one) => one.used);
    assert.deepEqual(used, [kind === 'order' ? 0 : 1, 0, 0, 0]);
    assert.deepEqual(await store.view.all('challenge'), []);
    await issuer.issue(requestFor(['a.example.com', 'b.example.com']));
  });
}

test('a name that is found not proven is told of in the authority’s words, and counted', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer, store } = await openTestIssuer(t, authority);
  authority.script.validate = (_type, name) => name !== 'b.example.com';
  authority.script.readsUntilWord = 1;
  const names = ['a.example.com', 'b.example.com', 'c.example.com'];
  await refuses(issuer.issue(requestFor(names)), {
    message: /^the authority found b\.example\.com not proven by dns-01: b\.example\.com was not answered for$/,
    domainName: 'b.example.com',
  });
  assert.deepEqual(await store.view.all('challenge'), []);
  const [orders, certificates, , failures] = await issuer.budget();
  assert.deepEqual([orders!.used, certificates!.used, failures!.used], [1, 0, 1]);
  assert.deepEqual(
    failures!.fullest.map(({ name }) => name),
    ['b.example.com'],
  );
});

test('CAA that is found at a challenge ends it', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer } = await openTestIssuer(t, authority);
  authority.script.validate = () => ({ type: 'urn:ietf:params:acme:error:caa', detail: 'only for another' });
  await refuses(issuer.issue(requestFor(['a.example.com'])), {
    message: /only for another/,
    failureReason: 'CAA_ERROR',
    domainName: 'a.example.com',
  });
});

test('an order that the authority would refuse is not placed', async (t) => {
  const authority = await startScriptedAuthority(t);
  const budget = { count: 1, windowMs: 7 * 86_400_000 };
  const { issuer } = await openTestIssuer(t, authority, {
    budget: { orders: { count: 9, windowMs: 1_000 }, certificates: budget, duplicates: budget, failures: budget },
  });
  await issuer.issue(requestFor(['a.example.com']));
  await refuses(issuer.issue(requestFor(['b.example.com'])), {
    message: /b\.example\.com waits: the authority allows 1 certificates for example\.com in 7 days/,
    retryAtMs: Date.now() + 7 * 86_400_000,
  });
  assert.equal(authority.orders.length, 1);
});

// Renewals.

test('a renewal says what it replaces, and takes nothing of the budget', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer } = await openTestIssuer(t, authority);
  const { certificatePem } = await issuer.issue(requestFor(['a.example.com']));
  const before = await issuer.budget();
  await issuer.issue(requestFor(['a.example.com'], { replacedPem: certificatePem }));
  assert.equal(authority.orders[1]!.replaces, authority.certificates[0]!.identifier);
  assert.deepEqual(await issuer.budget(), before);
});

test('a certificate that was replaced already, or that is somebody else’s, is renewed by an order like any other', async (t) => {
  const authority = await startScriptedAuthority(t);
  const other = await startScriptedAuthority(t);
  const { issuer } = await openTestIssuer(t, authority);
  const first = await issuer.issue(requestFor(['a.example.com']));
  const elsewhere = await (await openTestIssuer(t, other)).issuer.issue(requestFor(['a.example.com']));
  for (const { certificatePem } of [first, first, elsewhere])
    await issuer.issue(requestFor(['a.example.com'], { replacedPem: certificatePem }));
  assert.deepEqual(
    authority.orders.map(({ replaces }) => replaces),
    [undefined, authority.certificates[0]!.identifier, undefined, undefined],
  );
  assert.equal((await issuer.budget())[0]!.used, 3);
});

test('an authority without renewal information is not told what is replaced', async (t) => {
  const authority = await startScriptedAuthority(t, { hasRenewalInfo: false });
  const { issuer } = await openTestIssuer(t, authority);
  const { certificatePem } = await issuer.issue(requestFor(['a.example.com']));
  await issuer.issue(requestFor(['a.example.com'], { replacedPem: certificatePem }));
  assert.equal(authority.orders[1]!.replaces, undefined);
  assert.equal((await issuer.budget())[0]!.used, 2);
  assert.equal(await issuer.renewalWindow(certificatePem), undefined);
});

test('the authority says when to renew and when to ask again', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer } = await openTestIssuer(t, authority);
  const { certificatePem } = await issuer.issue(requestFor(['a.example.com']));
  const asked: string[] = [];
  authority.script.renewalWindow = (identifier) => {
    asked.push(identifier);
    return { start: '2027-01-02T03:04:05Z', end: '2027-01-03T03:04:05.5+01:00', retryAfter: '3600' };
  };
  const window = await issuer.renewalWindow(certificatePem);
  assert.deepEqual(asked, [authority.certificates[0]!.identifier]);
  assert.equal(window!.startMs, Date.UTC(2027, 0, 2, 3, 4, 5));
  assert.equal(window!.endMs, Date.UTC(2027, 0, 3, 2, 4, 5, 500));
  assert.ok(Math.abs(window!.askAgainAtMs - Date.now() - 3_600_000) < 60_000);
  // It has not heard of this one; that is no error of ours.
  authority.script.renewalWindow = () => undefined;
  assert.equal(await issuer.renewalWindow(certificatePem), undefined);
  assert.equal(await issuer.renewalWindow('no certificate'), undefined);
});

// What is left.

test('the names of the authority in CAA records are its own word; none when it is away', async (t) => {
  const authority = await startScriptedAuthority(t, { caaIdentities: ['CA.example', 'other.example'] });
  const { issuer, again } = await openTestIssuer(t, authority);
  assert.deepEqual(await issuer.caaNames(), ['ca.example', 'other.example']);
  authority.misbehave('directory', 'close', 2);
  const { issuer: later } = await again();
  assert.deepEqual(await later.caaNames(), []);
  // It is left alone for a while, so that every name does not wait for it.
  assert.deepEqual(await later.caaNames(), []);
  assert.equal(authority.requests('directory'), 2);
});
