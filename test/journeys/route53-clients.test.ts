// Route 53 by the clients that Debian ships, unmodified: every operation on hosted zones and their records with the AWS CLI, command
// by command, and with boto3 in one run of test/peers/route53.py (custom-domains 6).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: REGION,
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  NO_PROXY: '*',
};
const SCRIPT = fileURLToPath(new URL('../peers/route53.py', import.meta.url));
const gateway = await startTestGateway({ after });
const OTHER = { ...ENVIRONMENT, AWS_ACCESS_KEY_ID: '111122223333' };

interface Refusal {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** What route53.py prints. */
interface Saw {
  readonly created: { readonly status: number; readonly HostedZone: Named & { readonly Id: string } };
  readonly commented: object;
  readonly count: object;
  readonly left: object;
  readonly byName: object;
  readonly dnssec: object;
  readonly zones: readonly string[];
  readonly tagged: object;
  readonly tags: object;
  readonly tagsOfMany: object;
  readonly prefixedTags: Refusal;
  readonly kinds: readonly string[];
  readonly sent: readonly Named[];
  readonly listed: readonly Named[];
  readonly change: { readonly ChangeInfo: { readonly Status: string } };
  readonly answer: object;
  readonly refusals: Readonly<Record<string, Refusal>>;
  readonly deleted: { readonly status: number };
}

interface Named {
  readonly Name: string;
  readonly SetIdentifier?: string;
}

function inOrder(sets: readonly Named[]): Named[] {
  const key = ({ Name, SetIdentifier = '' }: Named) => `${Name} ${SetIdentifier}`;
  return sets.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

function run(words: string, more: readonly string[], env: NodeJS.ProcessEnv = ENVIRONMENT) {
  const args = ['route53', ...words.split(' '), ...more, '--output', 'json', '--endpoint-url', gateway.endpoint];
  return runPeer('aws', args, env);
}

/** What a command that must end with 0 prints. */
async function aws<T = Record<string, unknown>>(words: string, ...more: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(words, more);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, `aws route53 ${words}`);
  return (stdout === '' ? undefined : JSON.parse(stdout)) as T;
}

/** The sentence of a command that must be refused. */
async function refused(words: string, ...more: string[]): Promise<string> {
  const { code, stderr } = await run(words, more);
  assert.equal(code, 254, stderr);
  return stderr.trim();
}

const SHA256 = '0123456789abcdef'.repeat(4);
const SETS = [
  ['a', 'A', '192.0.2.1'],
  ['aaaa', 'AAAA', '2001:db8::1'],
  ['caa', 'CAA', '0 issue "ca.example.net"'],
  ['cname', 'CNAME', 'target.example.net'],
  ['ds', 'DS', `12345 13 2 ${SHA256}`],
  ['https', 'HTTPS', '1 . alpn="h3,h2"'],
  ['mx', 'MX', '10 mail.example.net'],
  ['naptr', 'NAPTR', '100 50 "u" "E2U+sip" "!^.*$!sip:a@example.net!" .'],
  ['ns', 'NS', 'ns.example.net'],
  ['ptr', 'PTR', 'host.example.net'],
  ['spf', 'SPF', '"v=spf1 -all"'],
  ['srv', 'SRV', '1 2 8443 ws.example.net'],
  ['sshfp', 'SSHFP', `4 2 ${SHA256}`],
  ['svcb', 'SVCB', '0 svc.example.net'],
  ['tlsa', 'TLSA', `3 1 1 ${SHA256}`],
  ['txt', 'TXT', '"a < b & c"'],
].map(([label, Type, Value]) => ({
  Name: `${label}.cli.example.org.`,
  Type,
  TTL: 60,
  ResourceRecords: [{ Value }],
}));
const WEIGHTED = ['blue', 'green'].map((SetIdentifier, Weight) => ({
  Name: 'w.cli.example.org.',
  Type: 'A',
  SetIdentifier,
  Weight,
  TTL: 60,
  ResourceRecords: [{ Value: `192.0.2.${Weight}` }],
}));

void test('the AWS CLI does all that can be done to a hosted zone', { skip: missing('aws') }, async () => {
  const created = await aws<{ HostedZone: { Id: string }; Location: string; DelegationSet: { NameServers: string[] } }>(
    'create-hosted-zone --name cli.example.org --caller-reference cli --hosted-zone-config Comment=first',
  );
  const { Id } = created.HostedZone;
  const bare = Id.replace('/hostedzone/', '');
  const zone = {
    Id,
    Name: 'cli.example.org.',
    CallerReference: 'cli',
    Config: { Comment: 'first', PrivateZone: false },
    ResourceRecordSetCount: 2,
  };
  assert.deepEqual(created.HostedZone, zone);
  assert.equal(created.Location, `https://route53.amazonaws.com/2013-04-01${Id}`);
  const { NameServers } = created.DelegationSet;
  assert.deepEqual(await aws(`get-hosted-zone --id ${Id}`), { HostedZone: zone, DelegationSet: { NameServers } });
  const second = { ...zone, Config: { Comment: 'second', PrivateZone: false } };
  assert.deepEqual(await aws(`update-hosted-zone-comment --id ${Id} --comment second`), { HostedZone: second });
  assert.deepEqual(await aws('list-hosted-zones'), { HostedZones: [second] });
  assert.deepEqual(await aws('list-hosted-zones-by-name --dns-name cli.example.org --max-items 1'), {
    HostedZones: [second],
    DNSName: 'cli.example.org',
    IsTruncated: false,
    MaxItems: '1',
  });
  assert.deepEqual(await aws('get-hosted-zone-count'), { HostedZoneCount: 1 });
  const unsigned = { Status: { ServeSignature: 'NOT_SIGNING' }, KeySigningKeys: [] };
  assert.deepEqual(await aws(`get-dnssec --hosted-zone-id ${Id}`), unsigned);

  const tags = `--resource-type hostedzone --resource-id ${bare}`;
  await aws(`change-tags-for-resource ${tags} --add-tags Key=team,Value=chat Key=cost,Value=1`);
  await aws(`change-tags-for-resource ${tags} --remove-tag-keys cost`);
  const tagSet = { ResourceType: 'hostedzone', ResourceId: bare, Tags: [{ Key: 'team', Value: 'chat' }] };
  assert.deepEqual(await aws(`list-tags-for-resource ${tags}`), { ResourceTagSet: tagSet });
  const many = `list-tags-for-resources --resource-type hostedzone --resource-ids ${bare}`;
  assert.deepEqual(await aws(many), { ResourceTagSets: [tagSet] });

  const changeRecords = `change-resource-record-sets --hosted-zone-id ${Id} --change-batch`;
  const batch = (action: string, sets: readonly object[]) =>
    JSON.stringify({ Changes: sets.map((ResourceRecordSet) => ({ Action: action, ResourceRecordSet })) });
  const { ChangeInfo } = await aws<{ ChangeInfo: { Id: string; Status: string; SubmittedAt: string } }>(
    changeRecords,
    batch('CREATE', [...SETS, ...WEIGHTED]),
  );
  assert.equal(ChangeInfo.Status, 'PENDING');
  await aws(`wait resource-record-sets-changed --id ${ChangeInfo.Id}`);
  const inSync = { ChangeInfo: { ...ChangeInfo, Status: 'INSYNC' } };
  assert.deepEqual(await aws(`get-change --id ${ChangeInfo.Id}`), inSync);
  // The CLI asks for page after page until it has them all.
  const list = await aws<{ ResourceRecordSets: { Name: string }[] }>(
    `list-resource-record-sets --hosted-zone-id ${Id} --page-size 2`,
  );
  const listed = list.ResourceRecordSets.filter(({ Name }) => Name !== zone.Name);
  assert.deepEqual(listed, [...SETS, ...WEIGHTED]);
  const page = await aws<{ ResourceRecordSets: object[]; NextRecordIdentifier?: string }>(
    `list-resource-record-sets --hosted-zone-id ${Id} --no-paginate --max-items 1 ` +
      '--start-record-name w.cli.example.org --start-record-type A --start-record-identifier blue',
  );
  assert.deepEqual(page.ResourceRecordSets, [WEIGHTED[0]]);
  const answer = `test-dns-answer --hosted-zone-id ${bare} --record-name a.cli.example.org --record-type A`;
  assert.deepEqual(await aws(answer), {
    Nameserver: NameServers[0],
    RecordName: 'a.cli.example.org',
    RecordType: 'A',
    RecordData: ['192.0.2.1'],
    ResponseCode: 'NOERROR',
    Protocol: 'UDP',
  });

  assert.equal(
    await refused(changeRecords, batch('CREATE', WEIGHTED.slice(0, 1))),
    'An error occurred (InvalidChangeBatch) when calling the ChangeResourceRecordSets operation: [Tried to create resource ' +
      "record set [name='w.cli.example.org.', type='A', set-identifier='blue'] but it already exists]",
  );
  assert.match(await refused(`delete-hosted-zone --id ${Id}`), /\(HostedZoneNotEmpty\)/);
  const foreign = await run(`get-hosted-zone --id ${Id}`, [], OTHER);
  assert.ok(
    foreign.stderr.includes(
      `(NoSuchHostedZone) when calling the GetHostedZone operation: No hosted zone found with ID: ${bare}`,
    ),
  );
  await aws(changeRecords, batch('DELETE', listed));
  const deleted = await aws<{ ChangeInfo: { Status: string } }>(`delete-hosted-zone --id ${Id}`);
  assert.equal(deleted.ChangeInfo.Status, 'PENDING');
  assert.deepEqual(await aws('list-hosted-zones'), { HostedZones: [] });
});

void test(
  'boto3 does all that can be done to a hosted zone, and knows each refusal',
  { skip: missing('boto3') },
  async () => {
    const env = { ...ENVIRONMENT, AWS_ACCESS_KEY_ID: '222233334444' };
    const { code, stdout, stderr } = await runPeer('boto3', [SCRIPT, '--endpoint', gateway.endpoint], env);
    assert.equal(code, 0, stderr);
    const saw = JSON.parse(stdout) as Saw;
    const { HostedZone: zone } = saw.created;
    const id = zone.Id.replace('/hostedzone/', '');
    assert.equal(saw.created.status, 201);
    const second = { ...zone, Config: { Comment: 'second', PrivateZone: false } };
    assert.deepEqual(saw.commented, { status: 200, HostedZone: second });
    assert.deepEqual(
      [saw.count, saw.left],
      [
        { status: 200, HostedZoneCount: 1 },
        { status: 200, HostedZoneCount: 0 },
      ],
    );
    assert.partialDeepStrictEqual(saw.byName, { HostedZones: [second], IsTruncated: false, MaxItems: '1' });
    assert.deepEqual(saw.dnssec, { status: 200, Status: { ServeSignature: 'NOT_SIGNING' }, KeySigningKeys: [] });
    assert.deepEqual(saw.zones, ['boto.example.org.']);

    const tagSet = { ResourceType: 'hostedzone', ResourceId: id, Tags: [{ Key: 'b', Value: '' }] };
    assert.deepEqual(saw.tagged, { status: 200 });
    assert.deepEqual(saw.tags, { status: 200, ResourceTagSet: tagSet });
    assert.deepEqual(saw.tagsOfMany, { status: 200, ResourceTagSets: [tagSet] });
    const tooLong = saw.prefixedTags;
    assert.deepEqual([tooLong.type, tooLong.status], ['InvalidInput', 400]);
    assert.match(
      tooLong.message,
      /at 'resourceId' failed to satisfy constraint: Member must have length less than or equal to 32$/,
    );

    assert.ok(saw.kinds.length >= 13, 'the model knows at least the types of ten years');
    const sent = saw.sent.map((set) => ({ ...set, Name: `${set.Name}.` }));
    assert.deepEqual(inOrder(saw.listed), inOrder(sent));
    assert.equal(saw.change.ChangeInfo.Status, 'INSYNC');
    assert.partialDeepStrictEqual(saw.answer, { ResponseCode: 'NOERROR', RecordData: ['192.0.2.1', '192.0.2.2'] });

    const refusals = saw.refusals;
    const told = Object.fromEntries(
      Object.entries(refusals).map(([name, { type, code: fault, status }]) => [name, [type, fault, status]]),
    );
    const typed = (name: string, status = 400) => [name, name, status];
    assert.deepEqual(told, {
      mixed: typed('InvalidChangeBatch'),
      notEmpty: typed('HostedZoneNotEmpty'),
      unknownZone: typed('NoSuchHostedZone', 404),
      unknownChange: typed('NoSuchChange', 404),
      badName: typed('InvalidDomainName'),
      again: typed('HostedZoneAlreadyExists', 409),
      healthCheck: typed('NoSuchHealthCheck', 404),
      delegationSet: typed('NoSuchDelegationSet'),
      delegationSets: ['ClientError', 'NotImplemented', 501],
    });
    assert.equal(
      refusals['mixed']!.message,
      '[RRSet with DNS name a.boto.example.org., type A, SetIdentifier x cannot be created as a non-weighted set exists with the same name and type.]',
    );
    assert.equal(saw.deleted.status, 200);
  },
);
