// Record sets that share a name and type, and aliases, by the unmodified SDK: weighted and multivalue sets, what may not stand
// together, where an alias may lead (custom-domains 6.2, 6.4, 6.7).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type * as r53 from '@aws-sdk/client-route-53';
import { createDomain, issueCertificate } from '../harness/domains.ts';
import { startTestGateway } from '../harness/gateway.ts';
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
  type RecordSet,
} from '../harness/zone-changes.ts';

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const BATCH = 'InvalidChangeBatch';

const weighted = (name: string, SetIdentifier: string, Weight: number, value: string, over: Partial<RecordSet> = {}) =>
  records(name, 'A', [value], { SetIdentifier, Weight, ...over });
const multivalue = (name: string, SetIdentifier: string, value: string, over: Partial<RecordSet> = {}) =>
  records(name, 'A', [value], { SetIdentifier, MultiValueAnswer: true, ...over });

// ---- there and back ----

const zone = await createZone(clients, 'sets.example.org');
const at = (label: string) => `${label}.sets.example.org`;
const change = (...changes: r53.Change[]) => changeZone(clients, zone, ...changes);

void test('weighted sets are kept apart by their identifiers: made, listed, replaced and deleted one by one', async () => {
  const id = await createZone(clients, 'apart.example.org');
  const name = 'w.apart.example.org';
  const [blue, green] = [weighted(name, 'blue', 255, '192.0.2.1'), weighted(name, 'green', 0, '192.0.2.2')];
  await changeZone(clients, id, create(green), create(blue));
  const listed = (...sets: RecordSet[]) => sets.map((set) => ({ ...set, Name: `${name}.` }));
  assert.deepEqual(await recordSetsOf(clients, id), listed(blue, green));
  const bluer = { ...blue, Weight: 1 };
  await changeZone(clients, id, upsert(bluer));
  assert.deepEqual(await recordSetsOf(clients, id), listed(bluer, green));
  await changeZone(clients, id, remove(bluer));
  assert.deepEqual(await recordSetsOf(clients, id), listed(green));
});

void test('multivalue sets are kept apart by their identifiers, and weighted aliases too', async () => {
  const id = await createZone(clients, 'many.example.org');
  const sets = [
    multivalue('m.many.example.org.', 'one/two', '192.0.2.1'),
    multivalue('m.many.example.org.', 'zwei äöü', '192.0.2.2', { TTL: 30 }),
  ];
  await changeZone(clients, id, ...sets.map(create));
  const aliases = ['a', 'b'].map((SetIdentifier) =>
    alias('w.many.example.org.', 'A', id, 'm.many.example.org.', { SetIdentifier, Weight: 1 }),
  );
  await changeZone(clients, id, ...aliases.map(create));
  assert.deepEqual(await recordSetsOf(clients, id), [...sets, ...aliases]);
  await changeZone(clients, id, ...[...sets, ...aliases].toReversed().map(remove));
  assert.deepEqual(await recordSetsOf(clients, id), []);
});

void test('pages go on at the next identifier, and a list can start at one', async () => {
  const id = await createZone(clients, 'pages.example.org');
  const name = 'w.pages.example.org.';
  const identifiers = ['B', 'a', 'a/b', 'b', 'c-1'];
  const sets = identifiers.map((identifier, n) => weighted(name, identifier, 1, `192.0.2.${n}`));
  const txt = records(name, 'TXT', ['"t"']);
  await changeZone(clients, id, ...[...sets, txt].toReversed().map(create));
  for (const MaxItems of [1, 2, 3, 9]) {
    const seen: (string | undefined)[] = [];
    let start: Partial<r53.ListResourceRecordSetsRequest> = { StartRecordName: name };
    for (;;) {
      const page = await listZone(clients, id, { ...start, MaxItems });
      seen.push(...page.ResourceRecordSets!.map((set) => set.SetIdentifier));
      if (!page.IsTruncated) break;
      start = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      };
    }
    assert.deepEqual(seen, [...identifiers, undefined]);
  }
  const from = async (StartRecordIdentifier?: string) => {
    const page = await listZone(clients, id, { StartRecordName: name, StartRecordType: 'A', StartRecordIdentifier });
    return page.ResourceRecordSets!.map((set) => set.SetIdentifier);
  };
  assert.deepEqual(await from(), [...identifiers, undefined]);
  assert.deepEqual(await from('a/b'), ['a/b', 'b', 'c-1', undefined]);
  assert.deepEqual(await from('aa'), ['b', 'c-1', undefined]);
  assert.deepEqual(await from('d'), [undefined]);
});

void test('a name changes its policy in one batch that first takes the old sets away', async () => {
  const [simple, w, m] = [
    records(at('policy'), 'A', ['192.0.2.1']),
    weighted(at('policy'), 'x', 1, '192.0.2.1'),
    multivalue(at('policy'), 'x', '192.0.2.1'),
  ];
  await change(create(simple));
  await change(remove(simple), create(w));
  await change(remove(w), create(m));
  await change(remove(m), create(simple));
});

void test('the TTL of weighted sets is changed by a batch that changes all of them', async () => {
  const [a, b] = [weighted(at('ttl'), 'a', 1, '192.0.2.1'), weighted(at('ttl'), 'b', 1, '192.0.2.2')];
  await change(create(a), create(b));
  const subject = `RRSet with DNS name ${at('ttl')}., type A, SetIdentifier a`;
  assert.deepEqual(await refusalOf(change(upsert({ ...a, TTL: 61 }))), {
    name: BATCH,
    status: 400,
    message: `[${subject} cannot be created as weighted sets must contain the same TTL.]`,
  });
  await change(upsert({ ...a, TTL: 61 }), upsert({ ...b, TTL: 61 }));
});

void test('a name and type have 100 sets at most', async () => {
  const sets = Array.from({ length: 101 }, (_, n) => multivalue(at('hundred'), `s${n}`, `192.0.2.${n}`));
  await change(...sets.slice(0, 100).map(create));
  const refusal = await refusalOf(change(create(sets[100]!)));
  assert.match(refusal.message, /as 100 sets exist with the same name and type\.\]$/);
  await change(upsert({ ...sets[99]!, TTL: 1 }));
  await change(remove(sets[0]!), create(sets[100]!));
});

// ---- refusals ----

await change(
  create(records(at('simple'), 'A', ['192.0.2.1'])),
  create(weighted(at('weighted'), 'blue', 1, '192.0.2.1')),
  create(multivalue(at('multi'), 'one', '192.0.2.1')),
);
const WHERE = (identifier: string) =>
  `in Change with [Action=CREATE, Name=${at('n')}, Type=A, SetIdentifier=${identifier}]`;
const POLICIES =
  'Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig]';
const n = (over: Partial<RecordSet>) => change(create(records(at('n'), 'A', ['192.0.2.1'], over)));
const subject = (label: string, identifier?: string) =>
  `RRSet with DNS name ${at(label)}., type A${identifier === undefined ? '' : `, SetIdentifier ${identifier}`}`;
const blue = `resource record set [name='${at('weighted')}.', type='A', set-identifier='blue']`;
const weight = 'changeBatch.changes.1.member.resourceRecordSet.weight';

// -- One refusal a line: it is read as a table.
// prettier-ignore
refusesEach([
  ['an identifier without a policy', () => n({ SetIdentifier: 'x' }), 'InvalidInput', `${POLICIES}, but found none ${WHERE('x')}`],
  ['an identifier with MultiValueAnswer=false', () => n({ SetIdentifier: 'x', MultiValueAnswer: false }), 'InvalidInput', `${POLICIES}, but found none ${WHERE('x')}`],
  ['two policies', () => n({ SetIdentifier: 'x', Weight: 1, MultiValueAnswer: true }), 'InvalidInput', `${POLICIES}, but found more than one ${WHERE('x')}`],
  ['a weight without an identifier', () => n({ Weight: 0 }), 'InvalidInput', `Invalid request: Missing field 'SetIdentifier' ${WHERE('null')}`],
  ['a multivalue answer without an identifier', () => n({ MultiValueAnswer: true }), 'InvalidInput', /Missing field 'SetIdentifier'/],
  ['MultiValueAnswer=false without an identifier', () => n({ MultiValueAnswer: false }), 'InvalidInput', /Missing field 'SetIdentifier'/],
  ['an empty identifier', () => n({ SetIdentifier: '', Weight: 1 }), 'InvalidInput', /setIdentifier'.*greater than or equal to 1$/],
  ['an identifier of 129 characters', () => n({ SetIdentifier: 'x'.repeat(129), Weight: 1 }), 'InvalidInput', /setIdentifier'.*less than or equal to 128$/],
  ['a weight of 256', () => n({ SetIdentifier: 'x', Weight: 256 }), 'InvalidInput', `1 validation error detected: Value '256' at '${weight}' failed to satisfy constraint: Member must have value less than or equal to 255`],
  ['a weight of -1', () => n({ SetIdentifier: 'x', Weight: -1 }), 'InvalidInput', /greater than or equal to 0$/],
  ['half a weight', () => n({ SetIdentifier: 'x', Weight: 0.5 }), 'InvalidInput', /must be an integer$/],

  ['a weighted set beside a simple one', () => change(create(weighted(at('simple'), 'x', 1, '192.0.2.2'))), BATCH, `[${subject('simple', 'x')} cannot be created as a non-weighted set exists with the same name and type.]`],
  ['a weighted set beside a multivalue one', () => change(create(weighted(at('multi'), 'x', 1, '192.0.2.2'))), BATCH, `[${subject('multi', 'x')} cannot be created as a non-weighted set exists with the same name and type.]`],
  ['a multivalue set beside a simple one', () => change(create(multivalue(at('simple'), 'x', '192.0.2.2'))), BATCH, `[${subject('simple', 'x')} cannot be created because a non multivalue answer rrset exists with the same name and type.]`],
  ['a multivalue set beside a weighted one', () => change(create(multivalue(at('weighted'), 'x', '192.0.2.2'))), BATCH, `[${subject('weighted', 'x')} cannot be created because a non multivalue answer rrset exists with the same name and type.]`],
  ['a simple set beside a weighted one', () => change(upsert(records(at('weighted'), 'A', ['192.0.2.2']))), BATCH, `[${subject('weighted')} cannot be created as other RRSets exist with the same name and type.]`],
  ['a simple set beside a multivalue one', () => change(create(records(at('multi'), 'A', ['192.0.2.2']))), BATCH, `[${subject('multi')} cannot be created as other RRSets exist with the same name and type.]`],
  ['a multivalue set in place of a weighted one', () => change(upsert(multivalue(at('weighted'), 'green', '192.0.2.2'))), BATCH, /non multivalue answer rrset/],
  ['CREATE of an identifier that is there', () => change(create(weighted(at('weighted'), 'blue', 2, '192.0.2.2'))), BATCH, `[Tried to create ${blue} but it already exists]`],
  ['DELETE of an identifier that is not', () => change(remove(weighted(at('weighted'), 'red', 1, '192.0.2.1'))), BATCH, `[Tried to delete ${blue.replace('blue', 'red')} but it was not found]`],
  ['DELETE without the identifier', () => change(remove(records(at('weighted'), 'A', ['192.0.2.1']))), BATCH, `[Tried to delete resource record set [name='${at('weighted')}.', type='A'] but it was not found]`],
  ['DELETE with another weight', () => change(remove(weighted(at('weighted'), 'blue', 2, '192.0.2.1'))), BATCH, `[Tried to delete ${blue} but the values provided do not match the current values]`],
  ['DELETE of a weighted set as a multivalue one', () => change(remove(multivalue(at('weighted'), 'blue', '192.0.2.1'))), BATCH, `[Tried to delete ${blue} but the values provided do not match the current values]`],
  ['DELETE with another TTL', () => change(remove(weighted(at('weighted'), 'blue', 1, '192.0.2.1', { TTL: 61 }))), BATCH, `[Tried to delete ${blue} but the values provided do not match the current values]`],
  ['a weighted NS', () => change(create({ ...records(at('n'), 'NS', ['ns.example.net']), SetIdentifier: 'x', Weight: 1 })), BATCH, /type NS is never weighted\.\]$/],
  ['a multivalue CNAME', () => change(create({ ...records(at('n'), 'CNAME', ['a.example.net']), SetIdentifier: 'x', MultiValueAnswer: true })), BATCH, /type CNAME is never multivalue\.\]$/],
  ['a multivalue alias', () => change(create(alias(at('n'), 'A', zone, at('simple'), { SetIdentifier: 'x', MultiValueAnswer: true }))), BATCH, '[Multivalue answer rrset should not be an alias rrset]'],
  ['a weighted CNAME beside another type', () => change(create(records(at('simple'), 'CNAME', ['a.example.net'], { SetIdentifier: 'x', Weight: 1 }))), BATCH, /^\[RRSet of type CNAME .* conflicts with other records/],
]);

// ---- aliases ----

void test('aliases lead to simple, weighted and multivalue sets, and through eight aliases, but not a ninth', async () => {
  const toEach = ['simple', 'weighted', 'multi'].map((label) => create(alias(at(`to-${label}`), 'A', zone, at(label))));
  await change(...toEach);
  const chain = Array.from({ length: 8 }, (_, step) =>
    create(alias(at(`step${step}`), 'A', zone, at(step === 0 ? 'simple' : `step${step - 1}`))),
  );
  await change(...chain);
  const ninth = create(alias(at('step8'), 'A', zone, at('step7')));
  const tried = `Tried to create an alias that targets ${at('step7')}., type A in zone ${zone}`;
  const message = `[${tried}, but the alias would lead through more than 8 aliases]`;
  assert.deepEqual(await refusalOf(change(ninth)), { name: BATCH, status: 400, message });
});

void test('no alias leads back to itself, by whichever way and in whichever batch', async () => {
  const [a, b, c] = ['round-a', 'round-b', 'round-c'].map(at) as [string, string, string];
  const tried = (name: string) => `Tried to create an alias that targets ${name}., type A in zone ${zone}`;
  const back = 'but the alias would lead back to itself';
  const itself = await refusalOf(change(create(alias(a, 'A', zone, a))));
  assert.equal(itself.message, `[${tried(a)}, ${back}]`);
  await change(create(records(a, 'A', ['192.0.2.1'])), create(alias(b, 'A', zone, a)));
  assert.equal((await refusalOf(change(upsert(alias(a, 'A', zone, b))))).message, `[${tried(b)}, ${back}]`);
  const batch = change(create(alias(c, 'A', zone, b)), upsert(alias(a, 'A', zone, c)));
  assert.equal((await refusalOf(batch)).message, `[${tried(c)}, ${back}]`);
  const byWeight = alias(at('round-w'), 'A', zone, at('simple'), { SetIdentifier: 'one', Weight: 1 });
  await change(create(byWeight), create(alias(at('round-x'), 'A', zone, at('round-w'))));
  const second = alias(at('round-w'), 'A', zone, at('round-x'), { SetIdentifier: 'two', Weight: 1 });
  assert.match((await refusalOf(change(create(second)))).message, /lead back to itself\]$/);
});

void test('an alias of type AAAA to the Regional name of an IPv4 domain is accepted, and weighted ones are', async () => {
  const domain = 'ws.sets.example.org';
  const made = await createDomain(clients, domain, await issueCertificate(clients, zone, domain));
  const lead = (type: r53.RRType, over: Partial<RecordSet> = {}) =>
    alias(domain, type, made.hostedZoneId, made.regionalName, over);
  await change(upsert(lead('A')), upsert(lead('AAAA')));
  await change(remove(lead('A')), create(lead('A', { SetIdentifier: 'here', Weight: 10 })));
  const refusal = await refusalOf(change(create(lead('TXT'))));
  assert.match(refusal.message, /type TXT in zone Z1UJRXOUMOOFQ8, but that target was not found\]$/);
});
