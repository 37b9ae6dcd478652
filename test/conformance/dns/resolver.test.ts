// What a resolver makes of us: Debian's unbound, from an empty cache down from a root that delegates the endpoint suffix and a
// customer's zone to us. It asks label by label (RFC 9156), in mixed case, and believes nothing that it need not.

import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, test } from 'node:test';
import { openChallenge, startGatewayHere, type GatewayHere } from '../../harness/gateway-here.ts';
import { serveZones } from '../../harness/knot.ts';
import { missing } from '../../harness/peers.ts';
import { startUnboundFrom, whyNoPort53 } from '../../harness/unbound.ts';
import { digOnce } from './questions.ts';
import { certify, makeDomain } from './regional-name.ts';
import { changeZone, makeZone } from './zone-text.ts';

const SUFFIX = 'gw.provider.example';
const ZONE = 'customer.example';
/** Of this run alone: others may test on this machine as well. */
const loopback = () => `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`;
const [US, ROOT] = [loopback(), loopback()];
const peers = missing('unbound') || missing('knot') || missing('dig');
const skip = peers || (await whyNoPort53(US));

interface World {
  readonly gateway: GatewayHere;
  readonly regionalName: string;
  readonly validation: { readonly name: string; readonly value: string };
}

/** A customer's zone and domain names, by the gateway's own APIs. */
async function build(): Promise<World> {
  const flags = { dns: [`${US}:53`], 'endpoint-suffix': SUFFIX, 'public-address': [US] };
  const gateway = await startGatewayHere({ after }, flags);
  const { clients } = gateway;
  const zoneId = await makeZone(clients, ZONE, `_acme-challenge.ws 60 CNAME proof.acme-challenges.${SUFFIX}`);
  const certificate = await certify(clients, zoneId, ZONE);
  const regional = await makeDomain(clients, `ws.${ZONE}`, certificate);
  const wild = await makeDomain(clients, `*.${ZONE}`, certificate);
  const { name: regionalName } = regional;
  await changeZone(
    clients,
    zoneId,
    ZONE,
    'CREATE',
    `ws ALIAS A ${regional.zoneId} ${regionalName}
     *  ALIAS A ${wild.zoneId} ${wild.name}`,
  );
  const listed = await clients.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  const proof = listed.ResourceRecordSets!.find(({ Type, Name }) => Type === 'CNAME' && !Name!.includes('acme'))!;
  return { gateway, regionalName, validation: { name: proof.Name!, value: proof.ResourceRecords![0]!.Value! } };
}

const world = skip ? undefined : await build();

/** A root that delegates to us, and where a name is kept that leads to us by CNAME. */
const root = () =>
  [
    '. 3600 SOA root.example. admin.example. 1 7200 900 1209600 60',
    '. 3600 NS root.example.',
    `root.example. 3600 A ${ROOT}`,
    ...[1, 2, 3, 4].flatMap((number) => [
      `${SUFFIX}. 3600 NS ns-${number}.dns.${SUFFIX}.`,
      `ns-${number}.dns.${SUFFIX}. 3600 A ${US}`,
      `${ZONE}. 3600 NS ns-${number}.dns.${SUFFIX}.`,
    ]),
    `ws.elsewhere.example. 60 CNAME ${world!.regionalName}.`,
  ].join('\n');

if (!skip) await serveZones({ after }, { '.': root() }, `${ROOT}:53`);

/** Both ways of walking down: giving up minimisation where a server misbehaves, and never. */
const RESOLVERS = {
  'minimised names': ['qname-minimisation-strict: no'],
  'minimised names, strictly': ['qname-minimisation-strict: yes'],
  'whole names': ['qname-minimisation: no'],
};

for (const [way, settings] of Object.entries(RESOLVERS)) {
  const resolve = async (question: string, empty = false) => {
    // Each question is asked of an empty cache: what one left behind could help the next.
    const resolver = await startUnboundFrom({ after }, ROOT, settings);
    const reply = await digOnce(resolver.address, question, ['+rec']);
    assert.equal(reply.code, empty ? 'NXDOMAIN' : 'NOERROR', `${question}: ${JSON.stringify(reply)}`);
    // A resolver counts down how long it keeps what it was told, and a second may end in between.
    return { ...reply, answer: reply.answer.map((line) => line.replace(/^(\S+) \d+ /, '$1 ')) };
  };
  const addresses = (answer: readonly string[]) => answer.filter((line) => line.includes(' A '));

  test(`a resolver that asks ${way} finds a custom domain name by its alias`, { skip }, async () => {
    const { answer } = await resolve(`ws.${ZONE} A`);
    assert.deepEqual(answer, [`ws.${ZONE}. A ${US}`]);
  });

  test(`a resolver that asks ${way} finds a neighbour by the wildcard`, { skip }, async () => {
    const { answer } = await resolve(`a.b.${ZONE} A`);
    assert.deepEqual(answer, [`a.b.${ZONE}. A ${US}`]);
  });

  test(`a resolver that asks ${way} finds a Regional name from elsewhere`, { skip }, async () => {
    const { answer } = await resolve('ws.elsewhere.example A');
    assert.deepEqual(addresses(answer), [`${world!.regionalName}. A ${US}`]);
  });

  test(`a resolver that asks ${way} finds the host of approvals`, { skip }, async () => {
    const name = `approvals.execute-api.us-east-1.${SUFFIX}`;
    assert.deepEqual((await resolve(`${name} A`)).answer, [`${name}. A ${US}`]);
  });

  test(`a resolver that asks ${way} finds a challenge behind its CNAME`, { skip }, async () => {
    const close = await openChallenge(world!.gateway, { type: 'dns-01', key: 'proof', value: 'the-proof' });
    try {
      const { answer } = await resolve(`_acme-challenge.ws.${ZONE} TXT`);
      assert.deepEqual(answer, [
        `_acme-challenge.ws.${ZONE}. CNAME proof.acme-challenges.${SUFFIX}.`,
        `proof.acme-challenges.${SUFFIX}. TXT "the-proof"`,
      ]);
    } finally {
      await close();
    }
  });

  test(`a resolver that asks ${way} finds ACM's validation record`, { skip }, async () => {
    const { name, value } = world!.validation;
    const { answer } = await resolve(`${name} CNAME`);
    assert.deepEqual(answer, [`${name} CNAME ${value}`]);
  });

  test(`a resolver that asks ${way} is told what does not exist`, { skip }, async () => {
    const { answer, authority } = await resolve(`nobody.execute-api.us-east-1.${SUFFIX} A`, true);
    assert.deepEqual(answer, []);
    assert.match(authority.join(), /^us-east-1\.gw\.provider\.example\. \d+ SOA /);
  });

  test(`a resolver that asks ${way} has every name server of ours`, { skip }, async () => {
    for (const name of [SUFFIX, `us-east-1.${SUFFIX}`, `dns.${SUFFIX}`, `acme-challenges.${SUFFIX}`]) {
      const { answer } = await resolve(`${name} NS`);
      assert.deepEqual(
        answer.map((line) => line.split(' ')[2]).toSorted(),
        [1, 2, 3, 4].map((number) => `ns-${number}.dns.${SUFFIX}.`),
        name,
      );
    }
  });
}
