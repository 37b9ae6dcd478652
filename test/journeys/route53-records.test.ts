// ChangeResourceRecordSets and ListResourceRecordSets by the unmodified SDK: every type there and back, names in every spelling,
// batches whole or not at all with all their faults, many at once (custom-domains 6.2, 6.4, 6.5).

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
  recordSetsOf,
  refusalOf,
  refusesEach,
  remove,
  upsert,
} from '../harness/zone-changes.ts';

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const others = createClients(gateway.endpoint, REGION, '111122223333');
const BATCH = 'InvalidChangeBatch';

const countIn = async (Id: string) =>
  (await clients.route53.send(new r53.GetHostedZoneCommand({ Id }))).HostedZone!.ResourceRecordSetCount;

// ---- every type ----

const SHA256 = '0123456789abcdef'.repeat(4);
const TYPES: readonly (readonly [type: r53.RRType, ...values: string[]])[] = [
  ['A', '192.0.2.2', '192.0.2.1'],
  ['AAAA', '2001:DB8::1', '::ffff:192.0.2.1'],
  ['CAA', '0 issue "ca.example.net"', '128 issuewild ";"'],
  ['CNAME', 'Target.Example.NET'],
  ['DS', `12345 13 2 ${SHA256.toUpperCase()}`],
  ['HTTPS', '1 . alpn="h3,h2" port=8443', '2 svc.example.net. ipv4hint=192.0.2.1'],
  ['MX', '10 mail.example.net.', '20  backup.example.net'],
  ['NAPTR', String.raw`100 50 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.net!" .`],
  ['NS', 'ns1.example.net.', 'ns2.example.net.'],
  ['PTR', 'host.example.net.'],
  ['SPF', '"v=spf1 -all"'],
  ['SRV', '1 2 8443 ws.example.net.'],
  ['SSHFP', `4 2 ${SHA256}`],
  ['SVCB', '0 svc.example.net.'],
  ['TLSA', `3 1 1 ${SHA256}`],
  ['TXT', '"one" "two"', String.raw`"\"q\" \\ \303\251"`, '"<&>"'],
];
const typesZone = await createZone(clients, 'types.example.org');

for (const [type, ...values] of TYPES) {
  void test(`${type} is kept as it was given: made, listed, replaced by UPSERT, and deleted by what was listed`, async () => {
    const name = `${type.toLowerCase()}.types.example.org`;
    const listed = async () =>
      (await listZone(clients, typesZone, { StartRecordName: name, StartRecordType: type, MaxItems: 1 }))
        .ResourceRecordSets![0];
    await changeZone(clients, typesZone, create(records(name, type, values)));
    assert.deepEqual(await listed(), records(`${name}.`, type, values));
    const [first] = values;
    await changeZone(clients, typesZone, upsert(records(name, type, [first!], { TTL: 0 })));
    const replaced = await listed();
    assert.deepEqual(replaced, records(`${name}.`, type, [first!], { TTL: 0 }));
    await changeZone(clients, typesZone, remove(replaced!));
    assert.notEqual((await listed())?.Name, `${name}.`);
  });
}

void test('every type of the service is among them, but the SOA that a zone begins with', () => {
  assert.deepEqual([...TYPES.map(([type]) => type), 'SOA'].toSorted(), Object.values(r53.RRType).toSorted());
});

void test('the zone’s own NS and SOA are replaced by UPSERT', async () => {
  const zone = await createZone(clients, 'own.example.org');
  const soa = ['ns.example.net. who.example.net. 7 1 2 3 4'];
  await changeZone(
    clients,
    zone,
    upsert(records('own.example.org', 'NS', ['ns.example.net.'])),
    upsert(records('own.example.org', 'SOA', soa)),
  );
  assert.deepEqual((await listZone(clients, zone)).ResourceRecordSets, [
    records('own.example.org.', 'NS', ['ns.example.net.']),
    records('own.example.org.', 'SOA', soa),
  ]);
  assert.equal(await countIn(zone), 2);
});

// ---- names ----

const NAMES: readonly (readonly [sent: string, listed: string])[] = [
  ['WWW.Names.Example.Org', 'www.names.example.org.'],
  ['dot.names.example.org.', 'dot.names.example.org.'],
  ['*.names.example.org', String.raw`\052.names.example.org.`],
  [String.raw`\052.e.names.example.org`, String.raw`\052.e.names.example.org.`],
  ['x.*.names.example.org', String.raw`x.\052.names.example.org.`],
  ['_dmarc.names.example.org', '_dmarc.names.example.org.'],
  ['a!b.names.example.org', String.raw`a\041b.names.example.org.`],
  [String.raw`a\040b.names.example.org`, String.raw`a\040b.names.example.org.`],
  [String.raw`a\056b.names.example.org`, String.raw`a\056b.names.example.org.`],
  [String.raw`\303\274.names.example.org`, String.raw`\303\274.names.example.org.`],
  [String.raw`\101\102.names.example.org`, 'ab.names.example.org.'],
  [`${'a'.repeat(63)}.names.example.org`, `${'a'.repeat(63)}.names.example.org.`],
];
const namesZone = await createZone(clients, 'names.example.org');

for (const [sent, listed] of NAMES) {
  void test(`${sent} is listed as ${listed}, and found by both`, async () => {
    await changeZone(clients, namesZone, create(records(sent, 'A', ['192.0.2.1'])));
    for (const StartRecordName of [sent, listed]) {
      const page = await listZone(clients, namesZone, { StartRecordName, StartRecordType: 'A', MaxItems: 1 });
      assert.equal(page.ResourceRecordSets![0]!.Name, listed);
    }
    await changeZone(clients, namesZone, remove(records(listed, 'A', ['192.0.2.1'])));
  });
}

// ---- batches ----

void test('a batch of many faults tells all of them in their order, and changes nothing', async () => {
  const zone = await createZone(clients, 'faults.example.org');
  const at = (label: string) => `${label}.faults.example.org`;
  await changeZone(clients, zone, create(records(at('*'), 'A', ['192.0.2.1'])));
  const refusal = await refusalOf(
    changeZone(
      clients,
      zone,
      create(records(at('good'), 'A', ['192.0.2.1'])),
      create(records(at('a'), 'A', ['x', '192.0.2.1', '192.0.2.1'])),
      upsert(records(at('t'), 'TXT', ['bare', `"${'x'.repeat(256)}"`])),
      create(records(at('a b'), 'AAAA', ['192.0.2.1'])),
      create(records('elsewhere.example.net', 'A', ['192.0.2.1'])),
      create(records(at('*'), 'A', ['192.0.2.1'])),
      remove(records(at('*'), 'A', ['192.0.2.2'])),
      create(alias(at('l'), 'A', zone, 'a..b')),
    ),
  );
  const invalid = (problem: string, value: string) =>
    `Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`;
  const star = String.raw`resource record set [name='\052.faults.example.org.', type='A']`;
  assert.deepEqual(refusal, {
    name: BATCH,
    status: 400,
    message: `[${[
      invalid('ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)', 'x'),
      "Duplicate Resource Record: '192.0.2.1'",
      invalid('InvalidCharacterString (Value should be enclosed in quotation marks)', 'bare'),
      invalid('CharacterStringTooLong (Value is too long)', `"${'x'.repeat(255)}`),
      invalid('AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)', '192.0.2.1'),
      "FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with 'a b.faults.example.org'",
      'RRSet with DNS name elsewhere.example.net. is not permitted in zone faults.example.org.',
      `Tried to create ${star} but it already exists`,
      `Tried to delete ${star} but the values provided do not match the current values`,
      "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..b'",
    ].join(', ')}]`,
  });
  assert.deepEqual(await recordSetsOf(clients, zone), [
    records(String.raw`\052.faults.example.org.`, 'A', ['192.0.2.1']),
  ]);
  assert.equal(await countIn(zone), 3);
});

void test('both limits of a batch are told', async () => {
  const zone = await createZone(clients, 'limits.example.org');
  const values = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => `"${String(at).padStart(length, 'x')}"`);
  const big = (label: string) => create(records(`${label}.limits.example.org`, 'TXT', values(400, 78)));
  const refusal = await refusalOf(changeZone(clients, zone, big('a'), big('b'), big('c')));
  const message = '[Number of records limit of 1000 exceeded., Number of characters limit of 32000 exceeded.]';
  assert.deepEqual(refusal, { name: BATCH, status: 400, message });
  await changeZone(clients, zone, big('a'));
  const twice = upsert(records('a.limits.example.org', 'TXT', values(300, 78)));
  assert.equal(
    (await refusalOf(changeZone(clients, zone, twice))).message,
    '[Number of characters limit of 32000 exceeded.]',
  );
});

void test('a name that holds a record can become a CNAME, and back, in one batch', async () => {
  const zone = await createZone(clients, 'turn.example.org');
  const [a, cname] = [
    records('x.turn.example.org', 'A', ['192.0.2.1']),
    records('x.turn.example.org', 'CNAME', ['www.example.net']),
  ];
  await changeZone(clients, zone, create(a));
  await changeZone(clients, zone, remove(a), upsert(cname));
  await changeZone(clients, zone, remove(cname), create(a));
  assert.deepEqual(
    (await recordSetsOf(clients, zone)).map(({ Type }) => Type),
    ['A'],
  );
  const refusal = await refusalOf(changeZone(clients, zone, upsert(cname), remove(a)));
  assert.match(refusal.message, /^\[RRSet of type CNAME .* conflicts with other records/);
});

void test('batches on one zone at the same time are whole, and none that was acknowledged is lost', async () => {
  const zone = await createZone(clients, 'busy.example.org');
  const batches = Array.from({ length: 40 }, (_, at) =>
    changeZone(
      clients,
      zone,
      create(records(`a${at}.busy.example.org`, 'A', ['192.0.2.1'])),
      create(records(`b${at}.busy.example.org`, 'A', ['192.0.2.1'])),
      upsert(records('last.busy.example.org', 'TXT', [`"${at}"`])),
    ).then(
      () => at,
      (error: r53.Route53ServiceException) => {
        assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['PriorRequestNotComplete', 400]);
        return undefined;
      },
    ),
  );
  const done = (await Promise.all(batches)).filter((at) => at !== undefined);
  assert.ok(done.length > 0);
  const names = (await recordSetsOf(clients, zone)).map(({ Name }) => Name!.split('.')[0]!);
  const expected = [...done.flatMap((at) => [`a${at}`, `b${at}`]), 'last'];
  assert.deepEqual(names.toSorted(), expected.toSorted());
  assert.equal(await countIn(zone), expected.length + 2);
});

void test('of two that make the same record at the same time, one is told that it exists', async () => {
  const zone = await createZone(clients, 'race.example.org');
  const make = (value: string) => changeZone(clients, zone, create(records('x.race.example.org', 'A', [value])));
  const outcomes = await Promise.allSettled([make('192.0.2.1'), make('192.0.2.2')]);
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const { reason } = outcomes.find((outcome) => outcome.status === 'rejected')!;
  assert.match(String(reason), /already exists/);
});

// ---- refusals ----

const zone = await createZone(clients, 'rules.example.org');
await changeZone(clients, zone, create(records('c.rules.example.org', 'CNAME', ['www.example.net'])));
const at = (label: string) => `${label}.rules.example.org`;
const change = (set: r53.ResourceRecordSet, as = clients) => changeZone(as, zone, create(set));
const a = (over: Partial<r53.ResourceRecordSet>) => records(at('n'), 'A', ['192.0.2.1'], over);
const start = (over: Partial<r53.ListResourceRecordSetsRequest>) => listZone(clients, zone, over);
const fatal = (problem: string, text: string) => `FATAL problem: ${problem} encountered with '${text}'`;
const [TOO_MANY] = [Array.from({ length: 401 }, (_, n) => `10.0.${n >> 8}.${n & 255}`)];

// -- One refusal a line: it is read as a table.
// prettier-ignore
refusesEach([
  ['a batch for another account’s zone', () => change(a({}), others), 'NoSuchHostedZone', `No hosted zone found with ID: ${zone}`, 404],
  ['a list of another account’s zone', () => listZone(others, zone), 'NoSuchHostedZone', `No hosted zone found with ID: ${zone}`, 404],
  ['a set by region', () => change(a({ SetIdentifier: 'x', Region: 'us-east-1' })), 'NotImplemented', /^Region /, 501],
  ['a set by place', () => change(a({ SetIdentifier: 'x', GeoLocation: { CountryCode: 'DE' } })), 'NotImplemented', /^GeoLocation /, 501],
  ['a set by failure', () => change(a({ SetIdentifier: 'x', Failover: 'PRIMARY' })), 'NotImplemented', /^Failover /, 501],
  ['a set by network', () => change(a({ SetIdentifier: 'x', CidrRoutingConfig: { CollectionId: 'x', LocationName: 'y' } })), 'NotImplemented', /^CidrRoutingConfig /, 501],
  ['a set by proximity', () => change(a({ SetIdentifier: 'x', GeoProximityLocation: { Bias: 1 } })), 'NotImplemented', /^GeoProximityLocation /, 501],
  ['a set of a traffic policy', () => change(a({ TrafficPolicyInstanceId: 'x' })), 'NotImplemented', /^TrafficPolicyInstanceId /, 501],
  ['a set with a health check', () => change(a({ HealthCheckId: 'abc' })), 'NoSuchHealthCheck', 'A health check with id abc does not exist.', 404],
  ['a weighted set with a health check', () => change(a({ SetIdentifier: 'x', Weight: 1, HealthCheckId: 'abc' })), 'NoSuchHealthCheck', /abc/, 404],
  ['a type that there is not', () => change(a({ Type: 'LOC' as r53.RRType })), 'InvalidInput', /'LOC' at 'changeBatch.changes.1.member.resourceRecordSet.type'.*\[A, AAAA, /],
  ['an action that there is not', () => changeZone(clients, zone, { Action: 'REPLACE' as 'CREATE', ResourceRecordSet: a({}) }), 'InvalidInput', /'REPLACE' at 'changeBatch.changes.1.member.action'/],
  ['a TTL with a fraction', () => change(a({ TTL: 1.5 })), 'InvalidInput', /'1.5'.*must be an integer$/],
  ['a TTL of 2147483648', () => change(a({ TTL: 2_147_483_648 })), 'InvalidInput', /less than or equal to 2147483647$/],
  ['a value of 4001 characters', () => change(records(at('n'), 'TXT', [`"${'x'.repeat(3_999)}"`])), 'InvalidInput', /'changeBatch.changes.1.member.resourceRecordSet.resourceRecords.1.member.value'.*less than or equal to 4000$/],
  ['401 values', () => change(records(at('n'), 'A', TOO_MANY!)), 'InvalidInput', /at most 400 values, and .* has 401/],
  ['two SOA', () => changeZone(clients, zone, upsert(records('rules.example.org', 'SOA', ['a. b. 1 1 1 1 1', 'a. b. 2 1 1 1 1']))), 'InvalidInput', /at most 1 values/],
  ['an alias of type NS', () => change(alias(at('n'), 'NS', zone, 'rules.example.org')), 'InvalidInput', /type NS cannot be an alias/],
  ['an alias of type SOA', () => changeZone(clients, zone, upsert(alias('rules.example.org', 'SOA', zone, 'rules.example.org'))), 'InvalidInput', /type SOA cannot be an alias/],
  ['a SOA below the apex', () => change(records(at('n'), 'SOA', ['a. b. 1 1 1 1 1'])), BATCH, /only the apex has one\]$/],
  ['a delegation of a wildcard', () => change(records(at('*'), 'NS', ['ns.example.net'])), BATCH, /^\[RRSet of type NS with DNS name \\052\.rules\.example\.org\. is not permitted/],
  ['CREATE of the zone’s own NS', () => change(records('rules.example.org', 'NS', ['ns.example.net'])), BATCH, "[Tried to create resource record set [name='rules.example.org.', type='NS'] but it already exists]"],
  ['a comment of 257 characters', () => clients.route53.send(new r53.ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes: [create(a({}))], Comment: 'x'.repeat(257) } })), 'InvalidInput', /'changeBatch.comment'/],
  ['a name of the root', () => change(a({ Name: '.' })), BATCH, `[${fatal('DomainNameEmpty (Domain name is empty)', '.')}]`],
  ['a name with an empty label', () => change(a({ Name: 'a..rules.example.org' })), BATCH, `[${fatal('DomainLabelEmpty (Domain label is empty)', 'a..rules.example.org')}]`],
  ['a name with a label of 64 octets', () => change(a({ Name: at('a'.repeat(64)) })), BATCH, /DomainLabelTooLong \(Domain label is too long\)/],
  ['a name of more than 255 octets', () => change(a({ Name: at('a.'.repeat(120).slice(0, -1)) })), BATCH, /DomainNameTooLong \(Domain name is too long\)/],
  ['a name with an escape that is none', () => change(a({ Name: at(String.raw`\400`) })), BATCH, /UnsupportedCharacter/],
  ['a name with letters beyond ASCII', () => change(a({ Name: at('ü') })), BATCH, /UnsupportedCharacter/],
  ['an alias to no Regional name of another type', () => change(alias(at('n'), 'TXT', 'Z1UJRXOUMOOFQ8', 'd-1.execute-api.us-east-1.localhost')), BATCH, /but that target was not found\]$/],
  ['an alias to a type that its target has not', () => change(alias(at('n'), 'A', zone, at('c'))), BATCH, /but that target was not found\]$/],

  ['a list from an identifier without a type', () => start({ StartRecordName: at('n'), StartRecordIdentifier: 'x' }), 'InvalidInput', /identifier needs a record type/],
  ['a list from an identifier alone', () => start({ StartRecordIdentifier: 'x' }), 'InvalidInput', /needs a record name/],
  ['a list from a type alone', () => start({ StartRecordType: 'A' }), 'InvalidInput', /needs a record name/],
  ['a list from a type that there is not', () => start({ StartRecordName: at('n'), StartRecordType: 'LOC' as r53.RRType }), 'InvalidInput', /'LOC' at 'startRecordType'/],
  ['a list from a bad name', () => start({ StartRecordName: 'a..b' }), 'InvalidInput', fatal('DomainLabelEmpty (Domain label is empty)', 'a..b')],
  ['a page of no records', () => start({ MaxItems: 0 }), 'InvalidInput', /'0' at 'maxItems'/],
]);
