// What no client can bring about by itself, with the store of a running gateway at hand: a lot that falls on a Regional name that
// was given out before, a change to a zone that never gets its turn, and what an older version has stored.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DeleteDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import { drawRegionalName } from '../../src/controlplane/operations/apigatewayv2/regional-names.ts';
import { transactInZone } from '../../src/controlplane/operations/route53/zone-transaction.ts';
import { Fault } from '../../src/model/faults.ts';
import { recordSetId } from '../../src/model/hosted-zone.ts';
import { aliasRecord, createDomain, issueCertificate } from '../harness/domains.ts';
import { startGatewayHere } from '../harness/gateway-here.ts';
import { changeZone, create, createZone, records, refusalOf, remove, upsert } from '../harness/zone-changes.ts';

const gateway = await startGatewayHere({ after });
const { clients, store } = gateway;
const zone = await createZone(clients, 'example.com');

void test('a Regional name is never given out twice, also after its domain name is gone', async () => {
  const names = ['one.example.com', 'two.example.com'] as const;
  const SubjectAlternativeNames = [...names];
  const arn = await issueCertificate(clients, zone, names[0], { SubjectAlternativeNames });
  const [gone, living] = [await createDomain(clients, names[0], arn), await createDomain(clients, names[1], arn)];
  await clients.gateway.send(new DeleteDomainNameCommand({ DomainName: names[0] }));
  const [goneLabel, ...rest] = gone.regionalName.split('.') as [string, ...string[]];
  const livingLabel = living.regionalName.split('.')[0]!;
  const lots = [goneLabel, livingLabel, goneLabel, 'd-free000000', 'd-later00000'];
  const drawn = await store.transact((transaction) =>
    drawRegionalName(transaction, rest.join('.'), () => lots.shift()!),
  );
  assert.equal(drawn, `d-free000000.${rest.join('.')}`);
  assert.deepEqual(lots, ['d-later00000']);
  // Nobody's record leads there any more either.
  const refusal = await refusalOf(changeZone(clients, zone, create(aliasRecord('a.example.com', gone))));
  assert.match(refusal.message, /but that target was not found\]$/);
  // The name itself is free, and gets another.
  assert.notEqual((await createDomain(clients, names[0], arn)).regionalName, gone.regionalName);
});

void test('a value that could not be made today can be deleted', async () => {
  const name = 'old.example.com.';
  const old = { id: recordSetId(zone, name, 'TXT'), hostedZoneId: zone, name, type: 'TXT', ttl: 60, values: ['"é"'] };
  const { account, region } = (await store.view.get('hosted-zone', zone))!;
  await store.transact(async (transaction) => transaction.put('record-set', { ...old, account, region }));
  const set = records(name, 'TXT', ['"é"']);
  assert.equal((await refusalOf(changeZone(clients, zone, upsert(set)))).name, 'InvalidChangeBatch');
  await changeZone(clients, zone, remove(set));
  assert.equal(await store.view.get('record-set', old.id), undefined);
});

void test('a change to a zone that always meets others is told that the prior request is not complete, and does nothing', async () => {
  const before = (await store.view.get('hosted-zone', zone))!;
  let tries = 0;
  const starved = transactInZone(store, async (transaction) => {
    const read = (await transaction.get('hosted-zone', zone))!;
    tries += 1;
    await store.transact(async (other) => other.put('hosted-zone', { ...read, comment: `change ${tries}` }));
    transaction.put('hosted-zone', { ...read, comment: 'starved' });
  });
  await assert.rejects(starved, (error: Fault) => {
    assert.equal(error.code, 'PriorRequestNotComplete');
    assert.equal(error.message, 'The request was rejected because Route 53 was still processing a prior request.');
    return true;
  });
  assert.ok(tries > 1);
  assert.deepEqual(await store.view.get('hosted-zone', zone), { ...before, comment: `change ${tries}` });
});
