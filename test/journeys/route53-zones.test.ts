// Hosted zones by the unmodified SDK: made, counted, listed by name, commented, tagged, asked and deleted, and every refusal of
// these operations (custom-domains 6.1 to 6.3).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as r53 from '@aws-sdk/client-route-53';
import { createClients } from '../../demo/chain.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import {
  alias,
  changeZone,
  create,
  createZone,
  listZone,
  records,
  refusalOf,
  refusesEach,
  upsert,
} from '../harness/zone-changes.ts';

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const { route53 } = clients;
const accountOf = (account: string) => createClients(gateway.endpoint, REGION, account);
const others = accountOf('111122223333');
const noZone = (id: string) => `No hosted zone found with ID: ${id}`;

const get = (Id: string, as = clients) => as.route53.send(new r53.GetHostedZoneCommand({ Id }));
const count = async (as = clients) => (await as.route53.send(new r53.GetHostedZoneCountCommand({}))).HostedZoneCount;
const byName = (input: r53.ListHostedZonesByNameRequest, as = clients) =>
  as.route53.send(new r53.ListHostedZonesByNameCommand(input));
const comment = (Id: string, Comment?: string, as = clients) =>
  as.route53.send(new r53.UpdateHostedZoneCommentCommand({ Id, Comment }));

// ---- counting and listing ----

void test('zones are counted by account, across the pages of the store', async () => {
  const owner = accountOf('222233334444');
  assert.equal(await count(owner), 0);
  const made = Array.from({ length: 501 }, (_, at) => createZone(owner, `n${at}.example.org`));
  const [first] = await Promise.all(made);
  assert.equal(await count(owner), 501);
  await owner.route53.send(new r53.DeleteHostedZoneCommand({ Id: first! }));
  assert.equal(await count(owner), 500);
  const page = await byName({ MaxItems: 1_000 }, owner);
  assert.deepEqual([page.HostedZones!.length, page.IsTruncated, page.MaxItems], [100, true, 1_000]);
});

const lister = accountOf('333344445555');
const IN_ORDER = ['chat.test.', 'a-b.chat.test.', 'a.chat.test.', 'z.a.chat.test.', 'b.chat.test.', 'other.test.'];
for (const name of IN_ORDER.toReversed()) await createZone(lister, name);

void test('ListHostedZonesByName is in the order of reversed names, whatever the size of the page', async () => {
  for (const MaxItems of [1, 2, 4, 100]) {
    const seen: string[] = [];
    let start: r53.ListHostedZonesByNameRequest = {};
    for (;;) {
      const page = await byName({ ...start, MaxItems }, lister);
      assert.deepEqual([page.MaxItems, page.DNSName, page.HostedZoneId], [MaxItems, start.DNSName, start.HostedZoneId]);
      seen.push(...page.HostedZones!.map(({ Name }) => Name!));
      if (!page.IsTruncated) break;
      assert.equal(page.HostedZones!.length, MaxItems);
      start = { DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId };
    }
    assert.deepEqual(seen, IN_ORDER);
  }
});

const STARTS: readonly (readonly [dnsName: string, from: string | undefined])[] = [
  ['a.chat.test', 'a.chat.test.'],
  ['A.Chat.Test.', 'a.chat.test.'],
  ['aa.chat.test', 'b.chat.test.'],
  ['test', 'chat.test.'],
  ['zz.other.test', undefined],
];
for (const [DNSName, from] of STARTS) {
  void test(`a DNS name is where the list starts, not a filter: ${DNSName}`, async () => {
    const page = await byName({ DNSName, MaxItems: 1 }, lister);
    assert.equal(page.HostedZones![0]?.Name, from);
    assert.equal(page.DNSName, DNSName);
  });
}

void test('zones of one name are in the order of their ids, and a list can start at one of them', async () => {
  const owner = accountOf('444455556666');
  const ids = [];
  for (let at = 0; at < 4; at += 1) ids.push(await createZone(owner, 'same.example.net'));
  ids.sort();
  const listed = await byName({}, owner);
  assert.deepEqual(
    listed.HostedZones!.map(({ Id }) => Id),
    ids.map((id) => `/hostedzone/${id}`),
  );
  for (const HostedZoneId of [ids[2]!, `/hostedzone/${ids[2]!}`]) {
    const page = await byName({ DNSName: 'same.example.net', HostedZoneId }, owner);
    assert.deepEqual(
      page.HostedZones!.map(({ Id }) => Id),
      ids.slice(2).map((id) => `/hostedzone/${id}`),
    );
  }
});

void test('no zone is private, so a list of private ones is empty', async () => {
  const page = await lister.route53.send(new r53.ListHostedZonesCommand({ HostedZoneType: 'PrivateHostedZone' }));
  assert.deepEqual([page.HostedZones, page.IsTruncated], [[], false]);
});

void test('a marker is the first of its page while its zone is there, and a place in the list when it is not', async () => {
  const list = (Marker?: string) => lister.route53.send(new r53.ListHostedZonesCommand({ Marker }));
  const ids = (await list()).HostedZones!.map(({ Id }) => Id!);
  assert.deepEqual(
    (await list(ids[2]!.slice('/hostedzone/'.length))).HostedZones!.map(({ Id }) => Id),
    ids.slice(2),
  );
  const foreign = await createZone(others, 'marker.example.org');
  const place = ids.filter((id) => id > `/hostedzone/${foreign}`);
  assert.deepEqual(
    (await list(foreign)).HostedZones!.map(({ Id }) => Id),
    place,
  );
});

// ---- names ----

const NAMES: readonly (readonly [sent: string, name: string])[] = [
  ['Zone.Example.Org', 'zone.example.org.'],
  ['zone.example.org.', 'zone.example.org.'],
  ['_tcp.example.org', '_tcp.example.org.'],
  ['0/25.2.0.192.in-addr.arpa', String.raw`0\05725.2.0.192.in-addr.arpa.`],
  [String.raw`0\05725.2.0.192.in-addr.arpa`, String.raw`0\05725.2.0.192.in-addr.arpa.`],
  ['a.*.example.org', String.raw`a.\052.example.org.`],
];
for (const [sent, name] of NAMES) {
  void test(`a zone can be called ${sent}`, async () => {
    const id = await createZone(clients, sent);
    assert.equal((await get(id)).HostedZone!.Name, name);
    assert.deepEqual(
      (await listZone(clients, id)).ResourceRecordSets!.map((set) => [set.Name, set.Type]),
      [
        [name, 'NS'],
        [name, 'SOA'],
      ],
    );
  });
}

// ---- comment, DNSSEC ----

void test('a comment is replaced, and goes when none is given; the rest of the zone stays', async () => {
  const id = await createZone(clients, 'comment.example.org');
  const before = (await get(id)).HostedZone!;
  const first = await comment(id, 'a <first> & one');
  assert.deepEqual(first.HostedZone, { ...before, Config: { PrivateZone: false, Comment: 'a <first> & one' } });
  await changeZone(clients, id, create(records('x.comment.example.org', 'A', ['192.0.2.1'])));
  await comment(id, 'second');
  assert.deepEqual((await get(id)).HostedZone, {
    ...before,
    ResourceRecordSetCount: 3,
    Config: { PrivateZone: false, Comment: 'second' },
  });
  assert.deepEqual((await comment(id)).HostedZone!.Config, { PrivateZone: false });
  assert.deepEqual((await get(id)).HostedZone!.Config, { PrivateZone: false });
});

void test('no zone is signed', async () => {
  const HostedZoneId = await createZone(clients, 'unsigned.example.org');
  const dnssec = await route53.send(new r53.GetDNSSECCommand({ HostedZoneId }));
  assert.deepEqual([dnssec.Status, dnssec.KeySigningKeys], [{ ServeSignature: 'NOT_SIGNING' }, []]);
});

// ---- tags ----

type TagChange = Omit<r53.ChangeTagsForResourceRequest, 'ResourceType' | 'ResourceId'>;
const tag = (ResourceId: string, change: TagChange, as = clients) =>
  as.route53.send(new r53.ChangeTagsForResourceCommand({ ResourceType: 'hostedzone', ResourceId, ...change }));
const tagsOf = (ResourceId: string, as = clients) =>
  as.route53.send(new r53.ListTagsForResourceCommand({ ResourceType: 'hostedzone', ResourceId }));
const tags = (...texts: string[]) =>
  texts.map((text) => ({ Key: text.split('=')[0]!, Value: text.split('=')[1] ?? '' }));

void test('tags are added, replaced and removed, and read of one zone or of ten', async () => {
  const [first, second] = [
    await createZone(clients, 'tags.example.org'),
    await createZone(clients, 'tags.example.org'),
  ];
  assert.deepEqual((await tagsOf(first)).ResourceTagSet, { ResourceType: 'hostedzone', ResourceId: first, Tags: [] });
  await tag(first, { AddTags: tags('team=chat', 'cost=1', '__proto__=x') });
  await tag(first, { AddTags: tags('cost=2', 'empty'), RemoveTagKeys: ['team', 'unknown'] });
  const expected = tags('__proto__=x', 'cost=2', 'empty');
  assert.deepEqual((await tagsOf(first)).ResourceTagSet!.Tags, expected);
  const both = new r53.ListTagsForResourcesCommand({ ResourceType: 'hostedzone', ResourceIds: [second, first] });
  assert.deepEqual((await route53.send(both)).ResourceTagSets, [
    { ResourceType: 'hostedzone', ResourceId: second, Tags: [] },
    { ResourceType: 'hostedzone', ResourceId: first, Tags: expected },
  ]);
  assert.equal((await get(first)).HostedZone!.ResourceRecordSetCount, 2);
});

void test('a zone has 50 tags at most', async () => {
  const id = await createZone(clients, 'fifty.example.org');
  for (let at = 0; at < 5; at += 1) {
    await tag(id, { AddTags: tags(...Array.from({ length: 10 }, (_, n) => `k${at}${n}`)) });
  }
  const refusal = await refusalOf(tag(id, { AddTags: tags('more') }));
  assert.deepEqual([refusal.name, refusal.status], ['InvalidInput', 400]);
  assert.match(refusal.message, /at most 50 tags, and would have 51/);
  await tag(id, { AddTags: tags('more'), RemoveTagKeys: ['k00'] });
});

// ---- TestDNSAnswer ----

const asked = await createZone(clients, 'asked.example.org');
await changeZone(
  clients,
  asked,
  create(records('a.asked.example.org', 'A', ['192.0.2.1', '192.0.2.2'])),
  create(records('c.asked.example.org', 'CNAME', ['a.asked.example.org'])),
  create(records('t.asked.example.org', 'TXT', ['"one" "two"'])),
  create(records('*.w.asked.example.org', 'A', ['192.0.2.3'])),
  create(alias('l.asked.example.org', 'A', asked, 'a.asked.example.org')),
);
const ask = (RecordName: string, RecordType: r53.RRType, over: Partial<r53.TestDNSAnswerRequest> = {}) =>
  route53.send(new r53.TestDNSAnswerCommand({ HostedZoneId: asked, RecordName, RecordType, ...over }));

const ANSWERS: readonly (readonly [name: string, type: r53.RRType, code: string, data: string[]])[] = [
  ['a.asked.example.org', 'A', 'NOERROR', ['192.0.2.1', '192.0.2.2']],
  ['A.Asked.example.org.', 'A', 'NOERROR', ['192.0.2.1', '192.0.2.2']],
  ['a.asked.example.org', 'AAAA', 'NOERROR', []],
  ['c.asked.example.org', 'A', 'NOERROR', ['a.asked.example.org']],
  ['t.asked.example.org', 'TXT', 'NOERROR', ['"one" "two"']],
  ['x.y.w.asked.example.org', 'A', 'NOERROR', ['192.0.2.3']],
  ['l.asked.example.org', 'A', 'NOERROR', ['192.0.2.1', '192.0.2.2']],
  ['none.asked.example.org', 'A', 'NXDOMAIN', []],
  ['elsewhere.example.org', 'A', 'REFUSED', []],
];
for (const [name, type, code, data] of ANSWERS) {
  void test(`TestDNSAnswer of ${name} ${type} says ${code} and ${data.length} values`, async () => {
    const { Nameserver, RecordName, RecordType, RecordData, ResponseCode, Protocol } = await ask(name, type);
    assert.deepEqual(
      { Nameserver, RecordName, RecordType, RecordData, ResponseCode, Protocol },
      {
        Nameserver: 'ns-1.dns.localhost',
        RecordName: name,
        RecordType: type,
        RecordData: data,
        ResponseCode: code,
        Protocol: 'UDP',
      },
    );
  });
}

void test('TestDNSAnswer of a zone that is not served is REFUSED, whoever is served in its place', async () => {
  const second = await createZone(others, 'asked.example.org');
  await changeZone(others, second, upsert(records('a.asked.example.org', 'A', ['192.0.2.9'])));
  const answer = await others.route53.send(
    new r53.TestDNSAnswerCommand({ HostedZoneId: second, RecordName: 'a.asked.example.org', RecordType: 'A' }),
  );
  assert.deepEqual([answer.ResponseCode, answer.RecordData], ['REFUSED', []]);
});

void test('a resolver and its subnet make no difference', async () => {
  const over = { ResolverIP: '192.0.2.53', EDNS0ClientSubnetIP: '2001:db8::', EDNS0ClientSubnetMask: '128' };
  assert.equal((await ask('a.asked.example.org', 'A', over)).ResponseCode, 'NOERROR');
});

// ---- changes ----

void test('a change is known with and without its prefix, by any client of its account, and is in sync', async () => {
  const { Id, SubmittedAt } = await changeZone(
    clients,
    asked,
    upsert(records('s.asked.example.org', 'A', ['192.0.2.1'])),
  );
  for (const id of [Id!, Id!.replace('/change/', '')]) {
    const { ChangeInfo } = await route53.send(new r53.GetChangeCommand({ Id: id }));
    assert.deepEqual(ChangeInfo, { Id, Status: 'INSYNC', SubmittedAt });
  }
});

// ---- refusals ----

const zone = await createZone(clients, 'refuse.example.org');
const make = (Name: string, over: Partial<r53.CreateHostedZoneRequest> = {}) =>
  route53.send(new r53.CreateHostedZoneCommand({ Name, CallerReference: `${Name.slice(0, 64)} refused`, ...over }));
const list = (input: r53.ListHostedZonesRequest) => route53.send(new r53.ListHostedZonesCommand(input));
const tagsOfMany = (ResourceIds: string[], ResourceType: r53.TagResourceType = 'hostedzone') =>
  route53.send(new r53.ListTagsForResourcesCommand({ ResourceType, ResourceIds }));
const healthCheckTags = (ResourceId: string) =>
  route53.send(new r53.ListTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId }));
const NONE = 'NoSuchHostedZone';
const fatal = (problem: string, text: string) => `FATAL problem: ${problem} encountered with '${text}'`;
const tooLong = (path: string, value: string, max = 32) =>
  `1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`;
const VPC: r53.VPC = { VPCRegion: 'us-east-1', VPCId: 'vpc-1' };

// -- One refusal a line: it is read as a table.
// prettier-ignore
refusesEach([
  ['a comment on no zone', () => comment('Z0', 'x'), NONE, noZone('Z0'), 404],
  ['a comment on another account’s zone', () => comment(zone, 'x', others), NONE, noZone(zone), 404],
  ['a comment of 257 characters', () => comment(zone, 'x'.repeat(257)), 'InvalidInput', /'comment'.*less than or equal to 256$/],
  ['GetDNSSEC of no zone', () => route53.send(new r53.GetDNSSECCommand({ HostedZoneId: 'Z0' })), NONE, noZone('Z0'), 404],
  ['tags of no zone', () => tagsOf('Z0'), NONE, noZone('Z0'), 404],
  ['tags of another account’s zone', () => tagsOf(zone, others), NONE, noZone(zone), 404],
  ['tags of an id with its prefix, which is too long', () => tagsOf(`/hostedzone/${zone}`), 'InvalidInput', tooLong('resourceId', `/hostedzone/${zone}`)],
  ['tags of many, one of which does not exist', () => tagsOfMany([zone, 'Z0']), NONE, noZone('Z0'), 404],
  ['tags of eleven zones', () => tagsOfMany(Array.from({ length: 11 }, (_, at) => `Z${at}`)), 'InvalidInput', /'resourceIds'.*less than or equal to 10$/],
  ['tags of none', () => tagsOfMany([]), 'InvalidInput', /'resourceIds'.*greater than or equal to 1$/],
  ['tags of a health check', () => healthCheckTags('abc'), 'NoSuchHealthCheck', 'A health check with id abc does not exist.', 404],
  ['tags of health checks', () => tagsOfMany(['abc'], 'healthcheck'), 'NoSuchHealthCheck', /abc/, 404],
  ['tags of something else', () => route53.send(new r53.ListTagsForResourceCommand({ ResourceType: 'domain' as 'hostedzone', ResourceId: zone })), 'InvalidInput', /'domain' at 'resourceType'.*\[healthcheck, hostedzone\]$/],
  ['a change of the tags of no zone', () => tag('Z0', { AddTags: tags('a') }), NONE, noZone('Z0'), 404],
  ['a change of the tags of another account’s zone', () => tag(zone, { AddTags: tags('a') }, others), NONE, noZone(zone), 404],
  ['a change without tags', () => tag(zone, {}), 'InvalidInput', /none to add and none to remove/],
  ['eleven tags at once', () => tag(zone, { AddTags: tags(...'abcdefghijk') }), 'InvalidInput', /'addTags'.*less than or equal to 10$/],
  ['eleven keys at once', () => tag(zone, { RemoveTagKeys: [...'abcdefghijk'] }), 'InvalidInput', /'removeTagKeys'.*less than or equal to 10$/],
  ['a tag without a key', () => tag(zone, { AddTags: [{ Value: 'x' }] }), 'InvalidInput', /no key/],
  ['an empty key', () => tag(zone, { AddTags: [{ Key: '', Value: 'x' }] }), 'InvalidInput', /greater than or equal to 1$/],
  ['a key of 129 characters', () => tag(zone, { AddTags: tags('k'.repeat(129)) }), 'InvalidInput', /less than or equal to 128$/],
  ['a value of 257 characters', () => tag(zone, { AddTags: tags(`k=${'v'.repeat(257)}`) }), 'InvalidInput', /less than or equal to 256$/],
  ['a reserved key', () => tag(zone, { AddTags: tags('AWS:x') }), 'InvalidInput', /reserved/],
  ['a key twice', () => tag(zone, { AddTags: tags('a', 'a') }), 'InvalidInput', /'a' is given more than once/],
  ['a key that is added and removed', () => tag(zone, { AddTags: tags('a'), RemoveTagKeys: ['a'] }), 'InvalidInput', /added and removed/],

  ['a list that starts at a zone id without a name', () => byName({ HostedZoneId: zone }), 'InvalidInput', /needs a DNS name/],
  ['a list that starts at a name with an empty label', () => byName({ DNSName: 'a..b' }), 'InvalidDomainName', fatal('DomainLabelEmpty (Domain label is empty)', 'a..b')],
  ['a page by name of no zones', () => byName({ MaxItems: 0 }), 'InvalidInput', /'0' at 'maxItems'.*greater than or equal to 1$/],
  ['a page of no zones', () => list({ MaxItems: 0 }), 'InvalidInput', /'0' at 'maxItems'/],
  ['a page of half a zone', () => list({ MaxItems: 1.5 }), 'InvalidInput', /must be an integer$/],
  ['a page of a word', () => list({ MaxItems: 'ten' as unknown as number }), 'InvalidInput', /MaxItems must be a number, and is 'ten'/],
  ['a list of the zones of a delegation set', () => list({ DelegationSetId: 'N1' }), 'NoSuchDelegationSet', /N1/],

  ['a zone of a delegation set', () => make('d.example.org', { DelegationSetId: 'N1' }), 'NoSuchDelegationSet', /N1/],
  ['a zone of a VPC', () => make('v.example.org', { VPC }), 'NotImplemented', /^VPC /, 501],
  ['a private zone', () => make('v.example.org', { HostedZoneConfig: { PrivateZone: true } }), 'NotImplemented', /PrivateZone/, 501],
  ['a zone with a star in front', () => make('*.example.org'), 'InvalidDomainName', /cannot begin with a star/],
  ['a zone with the escape of a star in front', () => make(String.raw`\052.example.org`), 'InvalidDomainName', /cannot begin with a star/],
  ['a zone of a top-level domain', () => make('Org.'), 'InvalidDomainName', /top-level/],
  ['a zone of the root', () => make('.'), 'InvalidDomainName', fatal('DomainNameEmpty (Domain name is empty)', '.')],
  ['a zone without a name', () => make(''), 'InvalidDomainName', fatal('DomainNameEmpty (Domain name is empty)', '')],
  ['a zone with a blank', () => make('a b.org'), 'InvalidDomainName', fatal('UnsupportedCharacter (Value contains unsupported characters)', 'a b.org')],
  ['a zone with letters beyond ASCII', () => make('bücher.example'), 'InvalidDomainName', /UnsupportedCharacter/],
  ['a zone with a label of 64 octets', () => make(`${'a'.repeat(64)}.org`), 'InvalidDomainName', /DomainLabelTooLong \(Domain label is too long\)/],
  ['a zone of 256 octets', () => make(`${'a.'.repeat(127)}org`), 'InvalidDomainName', /DomainNameTooLong \(Domain name is too long\)/],
  ['a zone of 1025 characters', () => make('a'.repeat(1_025)), 'InvalidInput', tooLong('name', 'a'.repeat(256), 1024)],
  ['a zone without a caller reference', () => make('a.org', { CallerReference: '' }), 'InvalidInput', /'callerReference'/],
  ['a comment that is too long from the start', () => make('a.org', { HostedZoneConfig: { Comment: 'x'.repeat(257) } }), 'InvalidInput', /'hostedZoneConfig.comment'/],
  ['the end of another account’s zone', () => others.route53.send(new r53.DeleteHostedZoneCommand({ Id: zone })), NONE, noZone(zone), 404],
  ['another account’s zone', () => get(zone, others), NONE, noZone(zone), 404],

  ['TestDNSAnswer of no zone', () => ask('a.example.org', 'A', { HostedZoneId: 'Z0' }), NONE, noZone('Z0'), 404],
  ['TestDNSAnswer of another account’s zone', () => others.route53.send(new r53.TestDNSAnswerCommand({ HostedZoneId: zone, RecordName: 'a.org', RecordType: 'A' })), NONE, noZone(zone), 404],
  ['TestDNSAnswer of a bad name', () => ask('a..b', 'A'), 'InvalidInput', /DomainLabelEmpty/],
  ['TestDNSAnswer for a resolver that is none', () => ask('a.org', 'A', { ResolverIP: 'here' }), 'InvalidInput', /'here' is not an IP address/],
  ['TestDNSAnswer for a mask without a subnet', () => ask('a.org', 'A', { EDNS0ClientSubnetMask: '24' }), 'InvalidInput', /needs EDNS0ClientSubnetIP/],
  ['TestDNSAnswer for a mask that is too long', () => ask('a.org', 'A', { EDNS0ClientSubnetIP: '192.0.2.0', EDNS0ClientSubnetMask: '33' }), 'InvalidInput', /from 0 to 32/],
  ['TestDNSAnswer of a type that there is not', () => ask('a.org', 'LOC' as r53.RRType), 'InvalidInput', /'LOC' at 'recordType'/],

  ['reusable delegation sets', () => route53.send(new r53.ListReusableDelegationSetsCommand({})), 'NotImplemented', /^ListReusableDelegationSets /, 501],
  ['a new reusable delegation set', () => route53.send(new r53.CreateReusableDelegationSetCommand({ CallerReference: 'x' })), 'NotImplemented', /^CreateReusableDelegationSet /, 501],
  ['a health check', () => route53.send(new r53.GetHealthCheckCommand({ HealthCheckId: 'x' })), 'NotImplemented', /^GetHealthCheck /, 501],
]);
