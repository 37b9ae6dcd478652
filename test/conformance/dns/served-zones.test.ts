// One name, one served zone. Any account may create any zone, as in Route 53; here is which of them DNS answers from: the first of
// its name, and below another account's zone only what that zone delegates.

import { DeleteHostedZoneCommand } from '@aws-sdk/client-route-53';
import { after, test } from 'node:test';
import { createClients } from '../../../demo/chain.ts';
import { REGION, startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { nxdomain, REFUSED, says, type Said } from './questions.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });
const { dnsServer } = gateway;
const [alice, bob, carol] = ['111111111111', '222222222222', '333333333333'].map((account) =>
  createClients(gateway.endpoint, REGION, account),
) as [ReturnType<typeof createClients>, ReturnType<typeof createClients>, ReturnType<typeof createClients>];

const ALICE = 'www 60 A 192.0.2.1';
const BOB = 'www 60 A 192.0.2.2';
const CAROL = 'www 60 A 192.0.2.3';
const from = (name: string, address: string): Partial<Said> => ({ answer: [`${name}. 60 A ${address}`] });
const NS = (label: string) => `${label} 60 NS ns-1.dns.localhost`;

test('of two zones of one name in two accounts the first is served', { skip }, async () => {
  await makeZone(alice, 'equal.example', ALICE);
  await makeZone(bob, 'equal.example', BOB);
  await says(dnsServer, 'www.equal.example A', from('www.equal.example', '192.0.2.1'));
});

test('of two zones of one name in one account the first is served', { skip }, async () => {
  await makeZone(alice, 'same.example', ALICE);
  await makeZone(alice, 'same.example', BOB);
  await says(dnsServer, 'www.same.example A', from('www.same.example', '192.0.2.1'));
});

test('what the second zone holds beyond the first is not served', { skip }, async () => {
  await makeZone(alice, 'more.example');
  await makeZone(bob, 'more.example', BOB);
  await says(dnsServer, 'www.more.example A', nxdomain('more.example'));
});

test('the second zone is served when the first is deleted', { skip }, async () => {
  const first = await makeZone(alice, 'heir.example');
  await makeZone(bob, 'heir.example', BOB);
  await says(dnsServer, 'www.heir.example A', nxdomain('heir.example'));
  await alice.route53.send(new DeleteHostedZoneCommand({ Id: first }));
  await says(dnsServer, 'www.heir.example A', from('www.heir.example', '192.0.2.2'));
});

test('a zone below one of another account is not served without a delegation', { skip }, async () => {
  await makeZone(alice, 'guarded.example', '* 60 A 192.0.2.1');
  await makeZone(bob, 'sub.guarded.example', BOB);
  await says(dnsServer, 'www.sub.guarded.example A', from('www.sub.guarded.example', '192.0.2.1'));
});

test(
  'a zone below one of another account is served once that delegates to it, and until it does no more',
  { skip },
  async () => {
    const above = await makeZone(alice, 'giving.example');
    await makeZone(bob, 'sub.giving.example', BOB);
    await says(dnsServer, 'www.sub.giving.example A', nxdomain('giving.example'));
    await changeZone(alice, above, 'giving.example', 'CREATE', NS('sub'));
    await says(dnsServer, 'www.sub.giving.example A', from('www.sub.giving.example', '192.0.2.2'));
    await changeZone(alice, above, 'giving.example', 'DELETE', NS('sub'));
    await says(dnsServer, 'www.sub.giving.example A', nxdomain('giving.example'));
  },
);

test('a delegation to one name serves no zone of another name', { skip }, async () => {
  await makeZone(alice, 'exact.example', NS('sub'));
  await makeZone(bob, 'other.exact.example', BOB);
  await says(dnsServer, 'www.other.exact.example A', nxdomain('exact.example'));
});

test('of two zones to which another account delegates the first is served', { skip }, async () => {
  await makeZone(alice, 'rivals.example', NS('sub'));
  await makeZone(bob, 'sub.rivals.example', BOB);
  await makeZone(carol, 'sub.rivals.example', CAROL);
  await says(dnsServer, 'www.sub.rivals.example A', from('www.sub.rivals.example', '192.0.2.2'));
});

test('below a zone that was delegated to it an account needs nobody else', { skip }, async () => {
  await makeZone(alice, 'chain.example', NS('sub'));
  await makeZone(bob, 'sub.chain.example');
  await makeZone(bob, 'deep.sub.chain.example', BOB);
  await says(dnsServer, 'www.deep.sub.chain.example A', from('www.deep.sub.chain.example', '192.0.2.2'));
});

test('an account that delegated a name has no more say below it', { skip }, async () => {
  await makeZone(alice, 'given.example', NS('sub'));
  await makeZone(bob, 'sub.given.example');
  await makeZone(alice, 'deep.sub.given.example', ALICE);
  await says(dnsServer, 'www.deep.sub.given.example A', nxdomain('sub.given.example'));
});

test('a zone below one of the same account is served without a delegation', { skip }, async () => {
  await makeZone(alice, 'own.example', '* 60 A 192.0.2.9');
  await makeZone(alice, 'sub.own.example', ALICE);
  await says(dnsServer, 'www.sub.own.example A', from('www.sub.own.example', '192.0.2.1'));
  await says(dnsServer, 'x.sub.own.example A', nxdomain('sub.own.example'));
});

test('a zone above one of another account is served, and the first one stays', { skip }, async () => {
  await makeZone(bob, 'sub.late.example', BOB);
  await says(dnsServer, 'www.late.example A', REFUSED);
  await makeZone(alice, 'late.example', `${ALICE}\nwww.sub 60 A 192.0.2.66`);
  await says(dnsServer, 'www.late.example A', from('www.late.example', '192.0.2.1'));
  await says(dnsServer, 'www.sub.late.example A', from('www.sub.late.example', '192.0.2.2'));
});

test('a zone that is deleted is served no more', { skip }, async () => {
  const zoneId = await makeZone(alice, 'gone.example', ALICE);
  await changeZone(alice, zoneId, 'gone.example', 'DELETE', ALICE);
  await alice.route53.send(new DeleteHostedZoneCommand({ Id: zoneId }));
  await says(dnsServer, 'gone.example SOA', REFUSED);
});
