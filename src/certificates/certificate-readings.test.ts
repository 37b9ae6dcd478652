import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '../model/certificate.ts';
import type { DomainName } from '../model/domain-name.ts';
import { writeExposition } from '../observe/metrics/exposition.ts';
import type { Store } from '../store/contract.ts';
import { certificate } from '../../test/contracts/store-entities.ts';
import { parseMetrics } from '../../test/harness/metric-lines.ts';
import { openStoreHere } from '../../test/harness/store-here.ts';
import { createCertificateReadings } from './certificate-readings.ts';

const [ANNE, BERT] = ['111111111111', '222222222222'];
const DAY_MS = 86_400_000;
const NOW_MS = 1_000 * DAY_MS;
const DAY_S = 86_400;

/** Ends so many days from now; it is looked at for its renewal before. */
function issued(name: string, account: string, days: number): Certificate {
  const arn = `arn:aws:acm:us-east-1:${account}:certificate/${name}`;
  const notAfterMs = NOW_MS + days * DAY_MS;
  return {
    ...certificate(arn),
    arn,
    account,
    status: 'ISSUED',
    issued: {
      keyPairReference: name,
      serial: '00',
      notBeforeMs: 0,
      notAfterMs,
      issuedAtMs: 0,
      renewAtMs: notAfterMs - 30 * DAY_MS,
      reviewAtMs: notAfterMs - 30 * DAY_MS,
    },
  };
}

function domain(domainName: string, { arn: certificateArn, account }: Certificate): DomainName {
  return {
    id: domainName,
    domainName,
    account,
    region: 'us-east-1',
    certificateArn,
    regionalDomainName: `d-${domainName}`,
    hostedZoneId: 'Z',
    ipAddressType: 'ipv4',
    routingMode: 'API_MAPPING_ONLY',
    tags: {},
  };
}

async function watch(store: Store) {
  const time = { nowMs: NOW_MS, realMs: 0 };
  const gone = new Set<string>();
  const source = createCertificateReadings({
    store,
    clock: { now: () => time.nowMs },
    realClock: { now: () => time.realMs },
    isUsed: (_, domainName) => !gone.has(domainName),
    work: () => ({ waiting: 2, underWay: 1 }),
  });
  return {
    time,
    gone,
    /** Days by domain name. */
    async read(account?: string): Promise<Record<string, number>> {
      const { samples } = parseMetrics(await writeExposition([source], { account }));
      const endings = samples.filter(({ name }) => name === 'sallyport_certificate_expiry_seconds');
      return Object.fromEntries(endings.map(({ labels, value }) => [labels['domain'], value / DAY_S]));
    },
    work: async () => parseMetrics(await writeExposition([source], { account: undefined })),
  };
}

void test('tells when the certificate of each domain name ends, to each account of its own', async (t) => {
  const store = await openStoreHere(t);
  const [first, second, unused] = [issued('first', ANNE, 40), issued('second', BERT, 90), issued('unused', ANNE, 10)];
  await store.transact(async (transaction) => {
    for (const one of [first, second, unused]) transaction.put('certificate', one);
    transaction.put('domain-name', domain('a.example', first));
    transaction.put('domain-name', domain('b.example', first));
    transaction.put('domain-name', domain('c.example', second));
  });
  const watched = await watch(store);
  assert.deepEqual(await watched.read(), { 'a.example': 40, 'b.example': 40, 'c.example': 90 });
  assert.deepEqual(await watched.read(BERT), { 'c.example': 90 });
  watched.time.nowMs += 39 * DAY_MS;
  assert.deepEqual(await watched.read(ANNE), { 'a.example': 1, 'b.example': 1 });
  watched.gone.add('b.example');
  assert.deepEqual(await watched.read(ANNE), { 'a.example': 1 });
  const work = await watched.work();
  assert.deepEqual(
    [
      work.sum('sallyport_certificate_work', { state: 'waiting' }),
      work.sum('sallyport_certificate_work', { state: 'under_way' }),
    ],
    [2, 1],
  );
});

void test('goes on telling of one that has ended, as long as a domain name uses it', async (t) => {
  const store = await openStoreHere(t);
  const ending = issued('ending', ANNE, 1);
  await store.transact(async (transaction) => {
    transaction.put('certificate', ending);
    transaction.put('domain-name', domain('a.example', ending));
  });
  const watched = await watch(store);
  assert.deepEqual(await watched.read(), { 'a.example': 1 });
  await store.transact(async (transaction) => transaction.put('certificate', { ...ending, status: 'EXPIRED' }));
  watched.time.nowMs += 3 * DAY_MS;
  watched.time.realMs += 60_000;
  assert.deepEqual(await watched.read(), { 'a.example': -2 });
  await store.transact(async (transaction) => transaction.remove('domain-name', 'a.example'));
  assert.deepEqual(await watched.read(), { 'a.example': -2 }, 'the store is not asked each time');
  watched.time.realMs += 60_000;
  assert.deepEqual(await watched.read(), {});
});
