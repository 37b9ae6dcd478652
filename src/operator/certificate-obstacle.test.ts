// What stands in the way of a certificate and what to do next, state by state: from rows and notes as the work on certificates
// leaves them, against a table of zones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate, CertificateProgress, DomainValidation, NameProgress } from '../model/certificate.ts';
import { recordSetId, type RecordSet } from '../model/hosted-zone.ts';
import { limit } from '../settings/limits.ts';
import { SnapshotTable } from '../snapshot/snapshot.ts';
import { obstacleOf } from './certificate-obstacle.ts';

const ACCOUNT = '000000000000';
const OWNER = { account: ACCOUNT, region: 'us-east-1' };
const ARN = 'arn:aws:acm:us-east-1:000000000000:certificate/1';
const NOW = Date.parse('2026-06-01T00:00:00Z');
const DAY_MS = 86_400_000;
const NEXT_TRY = '2026-06-01T00:01:00.000Z';

function record(name: string, type: string, value: string): RecordSet {
  return { id: recordSetId('Z1', name, type), ...OWNER, hostedZoneId: 'Z1', name, type, ttl: 300, values: [value] };
}

/** A zone of the account's with `example.com` in it, and one of somebody else's. */
const snapshot = new SnapshotTable();
snapshot.apply(1, [], (zones) => {
  const zone = { region: 'us-east-1', callerReference: 'x', nameServers: [], recordSetCount: 0, createdAtMs: 1 };
  zones.putZone({ ...zone, id: 'Z1', account: ACCOUNT, name: 'example.com.' });
  zones.putZone({ ...zone, id: 'Z2', account: '111122223333', name: 'foreign.test.' });
  zones.putRecordSet(record('_there.example.com.', 'CNAME', '_value.there.'));
  zones.putRecordSet(record('caa.example.com.', 'CAA', '0 issue "other.test"'));
  zones.putRecordSet(record('wild.example.com.', 'CAA', '0 issuewild ";"'));
  zones.putRecordSet(record('allowed.example.com.', 'CAA', '0 issue "Ours.test; account=1"'));
  zones.putRecordSet(record('_acme-challenge.old.example.com.', 'TXT', '"left behind"'));
});
const worldOf = (isOperator: boolean) => {
  return { snapshot, region: 'us-east-1', nowMs: () => NOW, identities: () => ({ isOperator: () => isOperator }) };
};
const world = worldOf(true);

function validation(domainName: string, more: Partial<DomainValidation> = {}): DomainValidation {
  return {
    domainName,
    status: 'PENDING_VALIDATION',
    validationDomain: domainName,
    recordName: `_x.${domainName}.`,
    recordValue: '_y.acm-validations.aws.',
    ...more,
  };
}

function certificate(more: Partial<Certificate> = {}): Certificate {
  const names = more.validations?.map(({ domainName }) => domainName) ?? ['ws.example.com'];
  return {
    id: ARN,
    ...OWNER,
    arn: ARN,
    type: 'AMAZON_ISSUED',
    domainName: names[0]!,
    subjectAlternativeNames: names,
    validationMethod: 'DNS',
    issuer: 'local',
    keyAlgorithm: 'EC_prime256v1',
    status: 'PENDING_VALIDATION',
    validations: names.map((name) => validation(name)),
    transparencyLogging: 'ENABLED',
    exportOption: 'DISABLED',
    tags: {},
    createdAtMs: NOW,
    ...more,
  };
}

const proven = (name: string) => validation(name, { status: 'SUCCESS' });

function issued(daysLeft: number, more: Partial<Certificate> = {}): Certificate {
  const notAfterMs = NOW + daysLeft * DAY_MS;
  return certificate({
    status: 'ISSUED',
    validations: [proven('ws.example.com')],
    issued: {
      keyPairReference: 'key1',
      serial: 'aa',
      notBeforeMs: NOW - DAY_MS,
      notAfterMs,
      issuedAtMs: NOW - DAY_MS,
      renewAtMs: notAfterMs - DAY_MS,
      reviewAtMs: notAfterMs - DAY_MS,
    },
    ...more,
  });
}

function note(more: Partial<CertificateProgress> = {}): CertificateProgress {
  return { attempts: 1, triedAtMs: NOW, nextTryAtMs: Date.parse(NEXT_TRY), names: [], ...more };
}

function look(domainName: string, found: string, more: { lookedUp?: string; advice?: string } = {}) {
  return { domainName, lookedUp: `_x.${domainName}. CNAME`, server: '127.0.0.1:53', found, ...more };
}

function forbidden(domainName: string): NameProgress {
  const lookedUp = `${domainName.replace(/^\*\./, '')} CAA`;
  return { ...look(domainName, 'they allow none of ours', { lookedUp, advice: 'add ours' }), caaName: 'ours.test' };
}

/** The CAA records of a name as they are, and one more. */
function allowing(name: string, added: string, before = '0 issue "other.test"'): string {
  const values = [before, added].map((value) => JSON.stringify({ Value: value })).join(',');
  return `{"Action":"UPSERT","ResourceRecordSet":{"Name":"${name}","Type":"CAA","TTL":300,"ResourceRecords":[${values}]}}`;
}

const renewal = (status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION', validations: DomainValidation[]) => ({
  status,
  validations,
  updatedAtMs: NOW,
});

function mailed(mailedAtMs: number): Certificate {
  const validations = [validation('ws.example.com', { validationDomain: 'example.com', mailedAtMs })];
  return certificate({ validationMethod: 'EMAIL', validations });
}

interface Row {
  readonly name: string;
  readonly certificate: Certificate;
  readonly progress?: CertificateProgress;
  readonly isTenant?: true;
  readonly cause: string | RegExp;
  /** What a list says, where that is less. */
  readonly brief?: string;
  readonly next: string | RegExp;
}

const upsert = (name: string, value: string) =>
  `{"Action":"UPSERT","ResourceRecordSet":{"Name":"${name}","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"${value}"}]}}`;
const inZone = (...changes: string[]) =>
  `aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '{"Changes":[${changes.join(',')}]}'`;
const RESEND = `aws acm resend-validation-email --certificate-arn ${ARN} --domain ws.example.com --validation-domain example.com`;
const WAIT = `wait until ${NEXT_TRY}, or: aws acm describe-certificate --certificate-arn ${ARN}`;

const ROWS: readonly Row[] = [
  {
    name: 'a record that is missing in an own zone, with what the look found and its advice',
    certificate: certificate(),
    progress: note({ names: [look('ws.example.com', 'NXDOMAIN', { advice: 'create it' })] }),
    cause: `_x.ws.example.com. CNAME, asked 127.0.0.1:53: NXDOMAIN; create it; next try ${NEXT_TRY}`,
    brief: '_x.ws.example.com. CNAME: NXDOMAIN',
    next: inZone(upsert('_x.ws.example.com.', '_y.acm-validations.aws.')),
  },
  {
    name: 'a certificate that nobody looked at yet',
    certificate: certificate(),
    cause: 'it was not looked at yet',
    next: inZone(upsert('_x.ws.example.com.', '_y.acm-validations.aws.')),
  },
  {
    name: 'several names, of which a name and its wildcard share a record',
    certificate: certificate({
      validations: [
        validation('a.example.com'),
        validation('*.a.example.com', { recordName: '_x.a.example.com.' }),
        validation('b.example.com'),
        proven('c.example.com'),
      ],
    }),
    progress: note(),
    cause: `3 names are not proven; next try ${NEXT_TRY}`,
    brief: '3 names are not proven',
    next: inZone(
      upsert('_x.a.example.com.', '_y.acm-validations.aws.'),
      upsert('_x.b.example.com.', '_y.acm-validations.aws.'),
    ),
  },
  {
    name: 'a record that is there in the own zone already, so that there is nothing to type',
    certificate: certificate({
      validations: [
        validation('there.example.com', { recordName: '_there.example.com.', recordValue: '_value.there.' }),
      ],
    }),
    progress: note({ names: [look('there.example.com', 'no answer in time')] }),
    cause: /no answer in time; next try/,
    next: WAIT,
  },
  {
    name: 'what a client of an authority left beside the CNAME to come',
    certificate: certificate({
      validations: [validation('old.example.com', { recordName: '_acme-challenge.old.example.com.' })],
    }),
    progress: note(),
    cause: `next try ${NEXT_TRY}`,
    next: inZone(
      '{"Action":"DELETE","ResourceRecordSet":{"Name":"_acme-challenge.old.example.com.","Type":"TXT","TTL":300,"ResourceRecords":[{"Value":"\\"left behind\\""}]}}',
      upsert('_acme-challenge.old.example.com.', '_y.acm-validations.aws.'),
    ),
  },
  {
    name: "a zone of another account's, and another provider",
    certificate: certificate({ validations: [validation('ws.foreign.test'), validation('ws.elsewhere.test')] }),
    progress: note(),
    cause: /2 names are not proven/,
    next: 'at your DNS provider: _x.ws.foreign.test. CNAME _y.acm-validations.aws., _x.ws.elsewhere.test. CNAME _y.acm-validations.aws.',
  },
  {
    name: 'a name that is held up by another record than its own',
    certificate: certificate({ validations: [validation('ws.elsewhere.test')] }),
    progress: note({
      names: [look('ws.elsewhere.test', 'x', { lookedUp: 'ws.elsewhere.test CAA', advice: 'add ours' })],
    }),
    cause: `ws.elsewhere.test CAA, asked 127.0.0.1:53: x; add ours; next try ${NEXT_TRY}`,
    next: 'add ours',
  },
  {
    name: "the issuer's word, when all names are proven",
    certificate: certificate({ validations: [proven('ws.example.com')] }),
    progress: note({ problem: 'the authority allows 50 certificates in 7 days' }),
    cause: `the authority allows 50 certificates in 7 days; next try ${NEXT_TRY}`,
    brief: 'the authority allows 50 certificates in 7 days',
    next: `wait until ${NEXT_TRY}`,
  },
  {
    name: 'mail that is still to be sent',
    certificate: certificate({ validationMethod: 'EMAIL' }),
    progress: note(),
    cause: `the mail that asks about ws.example.com is still to be sent; next try ${NEXT_TRY}`,
    next: WAIT,
  },
  {
    name: 'mail that was sent, where it lies, and how to have it sent again',
    certificate: mailed(NOW),
    cause:
      'the mail that asks about ws.example.com was sent to the mailboxes of example.com at 2026-06-01T00:00:00.000Z, and nobody approved it yet',
    next: `open the link that this shows: sallyport certificates mail, or: ${RESEND}`,
  },
  {
    name: 'mail that was sent, to an account that sees no links',
    certificate: mailed(NOW),
    isTenant: true,
    cause: /and nobody approved it yet$/,
    next: `read the mailbox, or ask the operator, or: ${RESEND}`,
  },
  {
    name: 'mail whose link may still be followed',
    certificate: mailed(NOW - limit('validationTimeoutMs') + 1),
    cause: /and nobody approved it yet$/,
    next: /^open the link/,
  },
  {
    name: 'mail whose link has expired',
    certificate: mailed(NOW - limit('validationTimeoutMs')),
    cause: /; the link of that mail has expired: send another$/,
    next: RESEND,
  },
  {
    name: 'a problem of the authority that the operator mends',
    certificate: certificate(),
    progress: note({ problem: 'the authority has terms', remedy: 'restart with --acme-agree-terms' }),
    cause: `the authority has terms; next try ${NEXT_TRY}`,
    brief: 'the authority has terms',
    next: 'restart with --acme-agree-terms',
  },
  {
    name: 'the same to whoever is no operator',
    certificate: certificate(),
    isTenant: true,
    progress: note({ problem: 'the authority has terms', remedy: 'restart with --acme-agree-terms' }),
    cause: `the authority has terms; next try ${NEXT_TRY}`,
    next: 'ask the operator of the server: restart with --acme-agree-terms',
  },
  {
    name: 'a failure for good, with its reason, the look and the advice',
    certificate: certificate({ status: 'FAILED', failureReason: 'CAA_ERROR' }),
    progress: note({
      names: [look('ws.example.com', 'issue "other"', { lookedUp: 'ws.example.com CAA', advice: 'add ours' })],
    }),
    cause: 'it failed: CAA_ERROR; ws.example.com CAA, asked 127.0.0.1:53: issue "other"; add ours',
    brief: 'it failed: CAA_ERROR; issue "other"',
    next: 'aws acm request-certificate --domain-name ws.example.com --validation-method DNS --key-algorithm EC_prime256v1',
  },
  {
    name: 'names that nobody proved in time; the same is asked for again, whole',
    certificate: certificate({
      status: 'VALIDATION_TIMED_OUT',
      region: 'eu-west-1',
      validations: [validation('example.com'), validation('*.example.com')],
    }),
    cause: 'its names were not proven within 72 hours',
    next: `aws acm request-certificate --domain-name example.com --subject-alternative-names '["*.example.com"]' --validation-method DNS --key-algorithm EC_prime256v1 --region eu-west-1`,
  },
  {
    name: 'one that has expired with its renewal not done',
    certificate: issued(-1, {
      status: 'EXPIRED',
      renewal: { status: 'FAILED', validations: [], reason: 'CAA_ERROR', updatedAtMs: NOW },
    }),
    progress: note({ problem: 'the authority is away' }),
    cause: 'it expired on 2026-05-31; its renewal is FAILED (CAA_ERROR): the authority is away',
    brief: 'it expired on 2026-05-31',
    next: /^aws acm request-certificate --domain-name ws\.example\.com /,
  },
  {
    name: 'one that is over and not marked so yet',
    certificate: issued(0),
    cause: 'it expired on 2026-06-01',
    next: /^aws acm request-certificate /,
  },
  {
    name: 'an imported one near its end',
    certificate: issued(44, { type: 'IMPORTED', validations: [] }),
    cause: 'it ends on 2026-07-15, and what is imported is renewed by nobody',
    next: `aws acm import-certificate --certificate-arn ${ARN} --certificate fileb://certificate.pem --private-key fileb://key.pem`,
  },
  {
    name: 'a renewal whose name is not proven any more',
    certificate: issued(40, { renewal: renewal('PENDING_VALIDATION', [validation('ws.example.com')]) }),
    progress: note({ names: [look('ws.example.com', 'NXDOMAIN')] }),
    cause: `its renewal is PENDING_VALIDATION: _x.ws.example.com. CNAME, asked 127.0.0.1:53: NXDOMAIN; next try ${NEXT_TRY}`,
    next: inZone(upsert('_x.ws.example.com.', '_y.acm-validations.aws.')),
  },
  {
    name: 'a renewal that the issuer refuses',
    certificate: issued(40, { renewal: renewal('PENDING_AUTO_RENEWAL', [proven('ws.example.com')]) }),
    progress: note({ problem: 'the authority is away' }),
    cause: `its renewal is PENDING_AUTO_RENEWAL: the authority is away; next try ${NEXT_TRY}`,
    next: `wait until ${NEXT_TRY}`,
  },
  {
    name: 'a renewal that CAA records of an own zone forbid, at the name above',
    certificate: issued(40, {
      validations: [proven('ws.caa.example.com')],
      renewal: { ...renewal('PENDING_VALIDATION', [validation('ws.caa.example.com')]), reason: 'CAA_ERROR' },
    }),
    progress: note({ names: [forbidden('ws.caa.example.com')] }),
    cause: /^its renewal is PENDING_VALIDATION \(CAA_ERROR\): /,
    brief: 'its renewal is PENDING_VALIDATION (CAA_ERROR): ws.caa.example.com CAA: they allow none of ours',
    next: `${inZone(allowing('caa.example.com.', '0 issue "ours.test"'))} && ${inZone(upsert('_x.ws.caa.example.com.', '_y.acm-validations.aws.'))}`,
  },
  {
    name: 'a failure by the same, which is asked for again when they are mended, once for all names and for wildcards apart',
    certificate: certificate({
      status: 'FAILED',
      failureReason: 'CAA_ERROR',
      validations: ['a.caa.example.com', 'b.caa.example.com', '*.wild.example.com'].map((name) => validation(name)),
    }),
    progress: note({ names: ['a.caa.example.com', 'b.caa.example.com', '*.wild.example.com'].map(forbidden) }),
    cause: /^it failed: CAA_ERROR; /,
    brief: 'it failed: CAA_ERROR; they allow none of ours',
    next: `${inZone(
      allowing('caa.example.com.', '0 issue "ours.test"'),
      allowing('wild.example.com.', '0 issuewild "ours.test"', '0 issuewild ";"'),
    )} && aws acm request-certificate --domain-name a.caa.example.com --subject-alternative-names '["b.caa.example.com","*.wild.example.com"]' --validation-method DNS --key-algorithm EC_prime256v1`,
  },
  ...['allowed.example.com', 'ws.foreign.test'].map((name) => ({
    name: `CAA records that let it through meanwhile, or are not the account's to change (${name})`,
    certificate: certificate({ status: 'FAILED', failureReason: 'CAA_ERROR', validations: [validation(name)] }),
    progress: note({ names: [forbidden(name)] }),
    cause: /^it failed: CAA_ERROR; /,
    brief: 'it failed: CAA_ERROR; they allow none of ours',
    next: /^aws acm request-certificate /,
  })),
  {
    name: 'a change to DNS whose record is missing, although the name is proven by mail',
    certificate: issued(90, { methodUpdate: 'PENDING_DOMAIN_VALIDATION' }),
    progress: note({ names: [look('ws.example.com', 'NXDOMAIN')] }),
    cause: `it cannot be validated by DNS yet: _x.ws.example.com. CNAME, asked 127.0.0.1:53: NXDOMAIN; next try ${NEXT_TRY}`,
    next: inZone(upsert('_x.ws.example.com.', '_y.acm-validations.aws.')),
  },
];

for (const { name, certificate: one, progress, isTenant, cause, brief, next } of ROWS) {
  test(`tells of ${name}`, () => {
    const obstacle = obstacleOf({ certificate: one, progress }, worldOf(isTenant !== true));
    assert.ok(obstacle);
    if (brief !== undefined) assert.equal(obstacle.brief, brief);
    if (typeof cause === 'string') assert.equal(obstacle.cause, cause);
    else assert.match(obstacle.cause, cause);
    if (typeof next === 'string') assert.equal(obstacle.next, next);
    else assert.match(obstacle.next, next);
    const isTriedAgain = obstacle.cause.includes('next try');
    assert.equal(obstacle.nextTryAtMs, isTriedAgain ? Date.parse(NEXT_TRY) : undefined);
  });
}

const WELL: readonly (readonly [name: string, certificate: Certificate])[] = [
  ['one that is issued', issued(90)],
  [
    'one whose renewal has just begun',
    issued(40, { renewal: renewal('PENDING_AUTO_RENEWAL', [validation('ws.example.com')]) }),
  ],
  ['one that was renewed', issued(90, { renewal: { status: 'SUCCESS', validations: [], updatedAtMs: NOW } })],
  ['an imported one with time left', issued(46, { type: 'IMPORTED', validations: [] })],
];
for (const [name, one] of WELL) {
  test(`nothing stands in the way of ${name}`, () => {
    assert.equal(obstacleOf({ certificate: one, progress: undefined }, world), undefined);
  });
}
