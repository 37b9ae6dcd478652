// The delegated names of dns-01, `{label}.acme-challenges.{suffix}`, as an authority's resolver asks for them (RFC 8555 8.4).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChallenge, startGatewayHere } from '../../harness/gateway-here.ts';
import { missing } from '../../harness/peers.ts';
import { dig, digOnce, says, type Said } from './questions.ts';
import { makeZone } from './zone-text.ts';

const SUFFIX = 'gw.example.net';
const LABEL = '7f3k2m9qx4';
const NAME = `${LABEL}.acme-challenges.${SUFFIX}`;
const APEX = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
const WILDCARD = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const SOA = `acme-challenges.${SUFFIX}. 1 SOA ns-1.dns.${SUFFIX}. hostmaster.${SUFFIX}. 1 7200 900 1209600 60`;
const NODATA: Partial<Said> = { authority: [SOA] };
const NXDOMAIN: Partial<Said> = { code: 'NXDOMAIN', authority: [SOA] };

const skip = missing('dig');
const gateway = await startGatewayHere({ after }, { 'endpoint-suffix': SUFFIX });
const { clients, dnsServer } = gateway;
await makeZone(clients, 'example.com', `_acme-challenge 300 CNAME ${NAME}\n_acme-challenge.gone 300 CNAME x.${NAME}`);

const open = (value: string, key = LABEL) => openChallenge(gateway, { type: 'dns-01', key, value });

test('without a challenge the name does not exist', { skip }, () => says(dnsServer, `${NAME} TXT`, NXDOMAIN));

test('with one it is a TXT record of its value, and of no other type', { skip }, async () => {
  const close = await open(APEX);
  await says(dnsServer, `${NAME} TXT`, { answer: [`${NAME}. 1 TXT "${APEX}"`] });
  await says(dnsServer, `${NAME} ANY`, { answer: [`${NAME}. 1 TXT "${APEX}"`] });
  for (const type of ['A', 'AAAA', 'CNAME', 'CAA', 'NS', 'SOA']) await says(dnsServer, `${NAME} ${type}`, NODATA);
  await close();
  await says(dnsServer, `${NAME} TXT`, NXDOMAIN);
});

test('an apex and its wildcard are answered at once', { skip }, async () => {
  const closes = [await open(APEX), await open(WILDCARD), await open('somebody-else', 'another')];
  await says(dnsServer, `${NAME} TXT`, { answer: [`${NAME}. 1 TXT "${APEX}"`, `${NAME}. 1 TXT "${WILDCARD}"`] });
  await closes[0]!();
  await says(dnsServer, `${NAME} TXT`, { answer: [`${NAME}. 1 TXT "${WILDCARD}"`] });
  await closes[1]!();
  await closes[2]!();
});

test('a delegated name leads to it from the zone of the domain', { skip }, async () => {
  const alias = `_acme-challenge.example.com. 300 CNAME ${NAME}.`;
  await says(dnsServer, '_acme-challenge.example.com TXT', { ...NXDOMAIN, answer: [alias] });
  const closes = [await open(APEX), await open(WILDCARD)];
  await says(dnsServer, '_acme-challenge.example.com TXT', {
    answer: [alias, `${NAME}. 1 TXT "${APEX}"`, `${NAME}. 1 TXT "${WILDCARD}"`],
  });
  await says(dnsServer, '_acme-challenge.example.com A', { ...NODATA, answer: [alias] });
  for (const close of closes) await close();
});

test('names are compared without case, and answered in the case of the question', { skip }, async () => {
  const close = await open(APEX);
  const asked = NAME.toUpperCase();
  await says(dnsServer, `${asked} TXT`, { answer: [`${asked}. 1 TXT "${APEX}"`] });
  const { answer } = await dig(dnsServer, '_ACME-Challenge.Example.COM TXT');
  assert.equal(answer.at(-1), `${NAME}. 1 TXT "${APEX}"`);
  await close();
});

test('the name above is a zone of its own, with a challenge and without one', { skip }, async () => {
  const apexSoa = SOA.replace(' 1 SOA', ' 60 SOA');
  const look = async () => {
    for (const type of ['TXT', 'A']) {
      await says(dnsServer, `acme-challenges.${SUFFIX} ${type}`, { authority: [apexSoa] });
    }
    await says(dnsServer, `acme-challenges.${SUFFIX} SOA`, { answer: [apexSoa] });
    const { answer } = await digOnce(dnsServer, `acme-challenges.${SUFFIX} NS`);
    assert.deepEqual(
      answer,
      [1, 2, 3, 4].map((number) => `acme-challenges.${SUFFIX}. 3600 NS ns-${number}.dns.${SUFFIX}.`),
    );
  };
  await look();
  const close = await open(APEX);
  await look();
  await close();
});

test('nothing is below a challenge, nor beside it', { skip }, async () => {
  const close = await open(APEX);
  for (const name of [`x.${NAME}`, `_acme-challenge.${NAME}`, `other.acme-challenges.${SUFFIX}`]) {
    await says(dnsServer, `${name} TXT`, NXDOMAIN);
  }
  await says(dnsServer, `${LABEL}.xacme-challenges.${SUFFIX} TXT`, {
    code: 'NXDOMAIN',
    authority: [SOA.replace('acme-challenges.', '').replace(' 1 SOA', ' 60 SOA')],
  });
  await close();
});

test('challenges of other types are no records', { skip }, async () => {
  const close = await openChallenge(gateway, { type: 'http-01', key: LABEL, value: APEX });
  await says(dnsServer, `${NAME} TXT`, NXDOMAIN);
  await close();
});
