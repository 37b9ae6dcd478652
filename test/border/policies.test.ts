// Policies of keys, by every operation of the table and every signed page: without the permission AccessDenied and nothing changed; with a
// policy for exactly that action and that resource, through. The resources are spelled here from what the SDK sent, not by the server's code.
// And conditions, by the tags of what is there and of what is asked.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { SIGNED_PAGES } from '../../src/operator/page-actions.ts';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { SERVICES as MODELS } from '../../src/protocol/wire/model.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { makeObjects } from './account-objects.ts';
import { actorOf, ask, askPage, writeAccounts, type KeyRow, type RawAnswer } from './actors.ts';
import { ATTEMPTS, PAGES, type Means } from './attempts.ts';
import type { ControlService } from './crossing.ts';
import { ownView } from './own-view.ts';
import { tellSafety } from '../harness/safety-line.ts';

const ACCOUNT = '111122223333';
/** STS answers whoever signs, whatever the policies say. */
const SERVICES: readonly ControlService[] = ['apigatewayv2', 'apigateway', 'acm', 'route53'];
const ROOT: KeyRow = { account: ACCOUNT, keyId: 'AKIAROOT', isOperator: true };
const policy = (...Statement: object[]) => [{ Version: '2012-10-17', Statement }];
const allow = (Action: string, Resource: string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (Action: string, Resource: string, Condition?: object) => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});
const NOTHING: KeyRow = { account: ACCOUNT, keyId: 'AKIANOTHING', policies: policy(allow('s3:*', '*')) };
const dataDir = temporaryDirectory({ after });
const flags = ['--own-names', 'test', '--data-dir', dataDir];

const first = await startTestGateway({ after }, [...flags, '--accounts', writeAccounts({ after }, [ROOT, NOTHING])]);
const authority = await foreignAuthority({ after });
const maker = actorOf(first, ROOT, 'anne');
const ids = await makeObjects(maker, authority);
const other = await makeObjects(actorOf(first, ROOT, 'untold'), authority);
await first.stop();

/** Sorted so that what others need is deleted last. */
const PARENTS = [
  'DeleteRoute',
  'DeleteIntegration',
  'DeleteModel',
  'DeleteStage',
  'DeleteDeployment',
  'DeleteDomainName',
  'DeleteApi',
  'DeleteUsagePlan',
  'DeleteApiKey',
];
const rank = (name: string) => (PARENTS.includes(name) ? 2 + PARENTS.indexOf(name) : Number(name.startsWith('Delete')));
const means: Means = { own: ids, account: ACCOUNT, leaf: await authority.leaf([ids.importedName]) };

interface Case {
  readonly service: ControlService;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly action: string;
  readonly resource: string;
  readonly key: KeyRow;
}

/** What AWS's reference has no resource for. */
const ON_ALL = ['GetAccountConfiguration', 'ListCertificates', 'PutAccountConfiguration', 'RequestCertificate'];
const ON_ALL_ZONES = [
  'CreateHostedZone',
  'GetHostedZoneCount',
  'ListHostedZones',
  'ListHostedZonesByName',
  'TestDNSAnswer',
];

function resourceOf(service: ControlService, name: string, input: Readonly<Record<string, unknown>>): string {
  const text = (member: string) => String(input[member]);
  if (service === 'acm') return ON_ALL.includes(name) ? '*' : text('CertificateArn');
  if (service === 'apigatewayv2' || service === 'apigateway') {
    const { uri } = MODELS[service].operations[name]!.http!;
    const path = uri
      .replace(/^\/v2|\?.*$/g, '')
      .replace(/\{(\w+)\}/g, (_, member: string) => encodeURIComponent(text(member)));
    return `arn:aws:apigateway:${REGION}::${path}`;
  }
  if (ON_ALL_ZONES.includes(name)) return '*';
  return `arn:aws:route53:::${name === 'GetChange' ? `change/${ids.changeId}` : `hostedzone/${ids.zoneId}`}`;
}

const CASES: readonly Case[] = SERVICES.flatMap((service) =>
  Object.entries(ATTEMPTS[service])
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, { inputs }]): Case => {
      const input = inputs[0]!(ids, means) as Readonly<Record<string, unknown>>;
      const resource = resourceOf(service, name, input);
      const method = MODELS[service].operations[name]!.http?.method;
      const action = service.startsWith('apigateway') ? `apigateway:${method}` : `${service}:${name}`;
      const key = { account: ACCOUNT, keyId: `AKIA${service}${name}`, policies: policy(allow(action, resource)) };
      return { service, name, input, action, resource, key };
    }),
);
const PAGE_NAMES: Readonly<Record<string, string>> = {
  'GET /_sallyport/explain': 'ExplainUrl',
  'GET /_sallyport/domains': 'ListDomains',
  'GET /_sallyport/domains/impact': 'ShowDomainImpact',
  'GET /_sallyport/zones': 'ListZones',
  'POST /_sallyport/zones/serve': 'ServeZone',
  'POST /_sallyport/zones/serve/undo': 'UndoServingZone',
  'GET /_sallyport/keys': 'ListKeys',
  'POST /_sallyport/keys/rotate': 'RotateKeys',
  'GET /_sallyport/trust': 'GetTrust',
  'GET /_sallyport/certificates': 'ListCertificates',
  'GET /_sallyport/certificates/budget': 'GetIssuerBudget',
  'POST /_sallyport/certificates/renew': 'RenewCertificate',
  'GET /_sallyport/clock': 'GetClock',
  'POST /_sallyport/clock': 'MoveClock',
  'GET /_sallyport/mail': 'ListMail',
  'GET /_sallyport/metrics': 'GetMetrics',
  'GET /_sallyport/tenants': 'ListTenants',
  'GET /_sallyport/status': 'GetStatus',
  'POST /_sallyport/accounts/reload': 'ReloadAccounts',
  'POST /_sallyport/accounts/seal': 'SealSecret',
  'GET /_sallyport/stacks': 'ListStacks',
  'GET /_sallyport/stack': 'GetStack',
  'PUT /_sallyport/stack': 'PutStack',
  'DELETE /_sallyport/stack': 'DeleteStack',
  'GET /_sallyport/events': 'WatchEvents',
  'GET /_sallyport/connections': 'ListConnections',
  'POST /_sallyport/connections/close': 'CloseConnections',
};
const pageKey = (action: string): KeyRow => ({
  account: ACCOUNT,
  keyId: `AKIAPAGE${action}`,
  policies: policy(allow(`sallyport:${action}`, '*')),
});

const tag = `aws:ResourceTag/${ids.tagKey}`;
const isTagged = { StringEquals: { [tag]: ids.tagValue } };
const own = `arn:aws:apigateway:${REGION}::/apis/${ids.apiId}`;
const conditional = (keyId: string, ...statements: object[]): KeyRow => ({
  account: ACCOUNT,
  keyId: `AKIAIF${keyId}`,
  policies: policy(...statements),
});
const all = (Condition: object) => allow('*', '*', Condition);
const LIKE_CHAT = { StringEquals: { 'aws:RequestTag/Team': 'chat' } };
const KEYS = {
  tagged: conditional('TAGGED', all(isTagged)),
  notTagged: conditional('NOTTAGGED', allow('*', '*'), deny('*', '*', isTagged)),
  untagged: conditional('UNTAGGED', all({ Null: { [tag]: 'true' } })),
  chat: conditional('CHAT', all(LIKE_CHAT)),
  someKeys: conditional('SOMEKEYS', all({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['Team', 'Stage'] } })),
  noSecret: conditional(
    'NOSECRET',
    allow('*', '*'),
    deny('*', '*', { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'secret*' } }),
  ),
  here: conditional('HERE', all({ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })),
  elsewhere: conditional('ELSEWHERE', all({ NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })),
  before: conditional('BEFORE', all({ DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } })),
  secure: conditional('SECURE', all({ Bool: { 'aws:SecureTransport': 'true' } })),
  principal: conditional('PRINCIPAL', all({ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:*` } })),
  oneRecord: conditional(
    'ONERECORD',
    all({
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_challenge.anne.test', '\\052.anne.test'],
        'route53:ChangeResourceRecordSetsRecordTypes': 'TXT',
        'route53:ChangeResourceRecordSetsActions': ['CREATE', 'UPSERT'],
      },
    }),
  ),
  notRecord: conditional(
    'NOTRECORD',
    allow('*', '*'),
    deny('*', '*', {
      'ForAnyValue:StringEquals': { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': 'ws.anne.test' },
    }),
  ),
  notThis: conditional(
    'NOTTHIS',
    allow('*', '*'),
    deny('apigateway:*', own),
    deny('apigateway:*', `${own}/*`),
    deny('apigateway:*', `arn:aws:apigateway:${REGION}::/tags/${encodeURIComponent(ids.apiArn)}`),
    deny('route53:*', `arn:aws:route53:::hostedzone/${ids.zoneId}`),
  ),
} as const;

const rows = [
  ROOT,
  NOTHING,
  ...CASES.map(({ key }) => key),
  ...Object.values(PAGE_NAMES).map(pageKey),
  ...Object.values(KEYS),
];
const gateway = await startTestGateway({ after }, [...flags, '--accounts', writeAccounts({ after }, rows)]);
const as = (key: KeyRow) => actorOf(gateway, key, 'anne');
const root = as(ROOT);
const seen = { cases: 0 };
after(() => tellSafety('border policies', { cases: seen.cases }));

const askAs = (key: KeyRow, service: ControlService, name: string, input: object) => {
  seen.cases += 1;
  return ask(as(key), service, name, input);
};
const isDenied = ({ headers, body }: RawAnswer) => /AccessDenied/.test(`${headers['x-amzn-errortype']} ${body}`);

function assertDenied(answer: RawAnswer, action: string, resource: string): void {
  assert.ok(isDenied(answer), `it was not denied: ${answer.status} ${answer.body}`);
  assert.ok(
    answer.body.includes(`is not authorized to perform: ${action} on resource: ${resource} because`),
    answer.body,
  );
}

describe('without a permission', async () => {
  const before = await ownView(root, ids);
  for (const { service, name, input, action, resource } of CASES) {
    test(`${service} ${name} is denied`, async () => {
      const answer = await askAs(NOTHING, service, name, input);
      assertDenied(answer, action, resource);
      assert.equal(answer.status, 403);
    });
  }
  test('all signed pages have an action of their own, and nothing else is signed', () => {
    assert.deepEqual([...SIGNED_PAGES].sort(), Object.keys(PAGE_NAMES).sort());
    const pages = new Set(Object.keys(PAGES).map((page) => page.split('?')[0]!));
    const open = [...pages].filter((page) => !SIGNED_PAGES.includes(page));
    assert.deepEqual(open.sort(), [
      'GET /_localstack/health',
      'GET /_sallyport/ca.pem',
      'GET /_sallyport/health',
      'GET /_sallyport/ready',
    ]);
  });
  for (const [page, action] of Object.entries(PAGE_NAMES))
    test(`${page} is denied`, async () => assertDenied(await askPageOf(NOTHING, page), `sallyport:${action}`, '*'));
  for (const name of Object.keys(ATTEMPTS.sts)) {
    test(`sts ${name} is answered, as at AWS: whose key it is no policy can hide`, async () => {
      const answer = await askAs(NOTHING, 'sts', name, {});
      assert.equal(answer.status, 200, answer.body);
    });
  }
  test('nothing is changed', async () => assert.deepEqual(await ownView(root, ids), before));
});

function askPageOf(key: KeyRow, page: string): Promise<RawAnswer> {
  seen.cases += 1;
  const [method, target] = page.split(' ') as [string, string];
  const [query, body] = PAGES[page]!.asks[0]!(ids);
  return askPage(as(key), method, `${target}${query}`, body);
}

describe('a condition', () => {
  const read = (key: KeyRow, made = ids) => [
    askAs(key, 'apigatewayv2', 'GetApi', { ApiId: made.apiId }),
    askAs(key, 'apigatewayv2', 'GetRoute', { ApiId: made.apiId, RouteId: made.routeId }),
    askAs(key, 'apigatewayv2', 'GetStage', { ApiId: made.apiId, StageName: made.stageName }),
    askAs(key, 'apigatewayv2', 'GetTags', { ResourceArn: made.apiArn }),
    askAs(key, 'apigatewayv2', 'GetDomainName', { DomainName: made.domainName }),
    askAs(key, 'apigatewayv2', 'GetApiMappings', { DomainName: made.domainName }),
    askAs(key, 'acm', 'DescribeCertificate', { CertificateArn: made.certificateArn }),
    askAs(key, 'route53', 'GetHostedZone', { Id: made.zoneId }),
    askAs(key, 'route53', 'ListResourceRecordSets', { HostedZoneId: `/hostedzone/${made.zoneId}` }),
  ];
  const denials = async (answers: readonly Promise<RawAnswer>[]) => (await Promise.all(answers)).map(isDenied);
  const every = (is: boolean) => read(ROOT).map(() => is);

  test('on tags of the resource allows what has them, and its parts, alone', async () => {
    assert.deepEqual(await denials(read(KEYS.tagged)), every(false));
    assert.deepEqual(await denials(read(KEYS.tagged, other)), every(true));
    const pending = { CertificateArn: ids.pendingArn };
    assert.ok(isDenied(await askAs(KEYS.tagged, 'acm', 'DescribeCertificate', pending)), 'it has no tags');
  });

  test('on tags of the resource denies what has them, and its parts, alone', async () => {
    assert.deepEqual(await denials(read(KEYS.notTagged)), every(true));
    assert.deepEqual(await denials(read(KEYS.notTagged, other)), every(false));
  });

  test('on tags of what there is not, or of several, counts against the caller', async () => {
    const absent = { ApiId: 'absent0000' };
    assert.equal((await askAs(ROOT, 'apigatewayv2', 'GetApi', absent)).status, 404);
    for (const key of [KEYS.tagged, KEYS.notTagged, KEYS.untagged]) {
      assert.ok(isDenied(await askAs(key, 'apigatewayv2', 'GetApi', absent)));
      const zones = { ResourceType: 'hostedzone', ResourceIds: [other.zoneId] };
      assert.ok(isDenied(await askAs(key, 'route53', 'ListTagsForResources', zones)));
      assert.ok(isDenied(await askPage(as(key), 'GET', '/_sallyport/zones')));
    }
    // A list is about no object: it has no tags, and that is known.
    assert.ok(!isDenied(await askAs(KEYS.untagged, 'apigatewayv2', 'GetApis', {})));
    assert.ok(isDenied(await askAs(KEYS.tagged, 'apigatewayv2', 'GetApis', {})));
    assert.ok(!isDenied(await askAs(KEYS.notTagged, 'apigatewayv2', 'GetApis', {})));
  });

  const api = (Tags?: object) => ({
    Name: 'made',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.a',
    Tags,
  });
  const zoneTags = (more: object) => ({ ResourceType: 'hostedzone', ResourceId: other.zoneId, ...more });
  const requested: readonly (readonly [string, KeyRow, ControlService, string, object, isDenied: boolean])[] = [
    ['a tag that is asked for', KEYS.chat, 'apigatewayv2', 'CreateApi', api({ team: 'chat' }), false],
    ['another value', KEYS.chat, 'apigatewayv2', 'CreateApi', api({ team: 'mail' }), true],
    ['no tag', KEYS.chat, 'apigatewayv2', 'CreateApi', api(), true],
    [
      'a tag in a list',
      KEYS.chat,
      'acm',
      'AddTagsToCertificate',
      { CertificateArn: other.certificateArn, Tags: [{ Key: 'Team', Value: 'chat' }] },
      false,
    ],
    [
      'a tag of a zone',
      KEYS.chat,
      'route53',
      'ChangeTagsForResource',
      zoneTags({ AddTags: [{ Key: 'Team', Value: 'chat' }] }),
      false,
    ],
    ['keys that may be', KEYS.someKeys, 'apigatewayv2', 'CreateApi', api({ Team: 'a', Stage: 'b' }), false],
    ['a key too much', KEYS.someKeys, 'apigatewayv2', 'CreateApi', api({ Team: 'a', Other: 'b' }), true],
    ['one key that may not be', KEYS.noSecret, 'apigatewayv2', 'CreateApi', api({ Team: 'a', secret1: 'b' }), true],
    [
      'a key that is taken away',
      KEYS.noSecret,
      'apigatewayv2',
      'UntagResource',
      { ResourceArn: other.apiArn, TagKeys: ['secret1'] },
      true,
    ],
    [
      'a key that is taken from a zone',
      KEYS.noSecret,
      'route53',
      'ChangeTagsForResource',
      zoneTags({ RemoveTagKeys: ['secret1'] }),
      true,
    ],
    [
      'a key that is taken from a certificate',
      KEYS.noSecret,
      'acm',
      'RemoveTagsFromCertificate',
      { CertificateArn: other.certificateArn, Tags: [{ Key: 'secret1' }] },
      true,
    ],
    ['the address', KEYS.here, 'apigatewayv2', 'GetApis', {}, false],
    ['another address', KEYS.elsewhere, 'apigatewayv2', 'GetApis', {}, true],
    ['a day that is over', KEYS.before, 'apigatewayv2', 'GetApis', {}, true],
    ['TLS, which the control port has not', KEYS.secure, 'apigatewayv2', 'GetApis', {}, true],
    ['who signed', KEYS.principal, 'apigatewayv2', 'GetApis', {}, false],
  ];
  for (const [name, key, service, operation, input, expected] of requested) {
    test(`on ${name} ${expected ? 'does not let' : 'lets'} ${operation} through`, async () => {
      const answer = await askAs(key, service, operation, input);
      assert.equal(isDenied(answer), expected, answer.body);
      if (!expected) assert.ok(answer.status < 300, answer.body);
    });
  }
});

describe('a condition on records', () => {
  const text = { Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"proof"' }] };
  const change = (Name: string, more: object = {}, Action = 'UPSERT') => ({
    Action,
    ResourceRecordSet: { Name, ...text, ...more },
  });
  const A = { Type: 'A', ResourceRecords: [{ Value: '192.0.2.1' }] };
  const challenge = change('_challenge.anne.test');
  /** Let by a policy that allows the one record, and by a policy that denies another. */
  const rows: readonly (readonly [name: string, changes: object[], isLet: boolean, isLetElse: boolean])[] = [
    ['the record', [challenge], true, true],
    ['the record spelled otherwise', [change('_CHALLENGE.Anne.test.')], true, true],
    ['the record with octal escapes', [change('\\137challenge.\\141nne.test')], true, true],
    ['a wildcard', [change('*.anne.test')], true, true],
    ['another record', [change('other.anne.test')], false, true],
    ['another record beside it', [challenge, change('third.anne.test')], false, true],
    ['another type', [change('_challenge.anne.test', A)], false, true],
    ['a deletion', [change('_challenge.anne.test', {}, 'DELETE')], false, true],
    ['a record that is denied', [change('ws.anne.test')], false, false],
    ['a record that is denied, spelled otherwise', [challenge, change('W\\123.ANNE.test.')], false, false],
  ];
  for (const [name, Changes, isLet, isLetElse] of rows) {
    test(`${isLet ? 'lets' : 'does not let'} ${name} be changed`, async () => {
      const input = { HostedZoneId: ids.zoneId, ChangeBatch: { Changes } };
      for (const [key, expected] of [
        [KEYS.oneRecord, isLet],
        [KEYS.notRecord, isLetElse],
      ] as const) {
        const answer = await askAs(key, 'route53', 'ChangeResourceRecordSets', input);
        assert.equal(isDenied(answer), !expected, answer.body);
        if (expected) assert.equal(answer.status, 200, answer.body);
      }
    });
  }
});

describe('a deny of one Api, of its tags and of a zone', () => {
  const { apiId, zoneId } = ids;
  const [letter, rest] = [apiId.charCodeAt(0).toString(16), apiId.slice(1)];
  const tagsOf = (arn: string) => `/v2/tags/${encodeURIComponent(arn)}`;
  const zone = '/2013-04-01/hostedzone';
  const spelled: Readonly<Record<string, string>> = {
    'as it is': `/v2/apis/${apiId}`,
    'with a slash at the end': `/v2/apis/${apiId}/`,
    'with a letter encoded': `/v2/apis/%${letter}${rest}`,
    'with a letter encoded in upper case, and a slash': `/v2/apis/%${letter.toUpperCase()}${rest}/`,
    'with a part and a slash': `/v2/apis/${apiId}/routes/`,
    'with another id in the query': `/v2/apis/${apiId}?ApiId=${other.apiId}`,
    'by its ARN': tagsOf(ids.apiArn),
    'by its ARN, encoded in lower case': tagsOf(ids.apiArn).toLowerCase(),
    'by its ARN with an account': tagsOf(ids.apiArn.replace('::', `:${ACCOUNT}:`)),
    'by its ARN in another partition': tagsOf(ids.apiArn.replace('arn:aws:', 'arn:aws-cn:')),
    'the zone as it is': `${zone}/${zoneId}`,
    'the zone with its prefix': `${zone}/hostedzone%2F${zoneId}`,
    'the zone’s records with a slash at the end': `${zone}/${zoneId}/rrset/`,
    'the zone’s records with a letter encoded': `${zone}/%5A${zoneId.slice(1)}/rrset`,
  };
  for (const [name, target] of Object.entries(spelled)) {
    test(`holds however it is spelled: ${name}`, async () => {
      assert.equal((await raw(ROOT, target)).status, 200, 'it is there');
      const answer = await raw(KEYS.notThis, target);
      assert.equal(answer.status, 403, answer.body);
      assert.match(answer.body, /with an explicit deny in an identity-based policy/);
    });
  }
  test('is not one of another', async () => {
    const { apiId: otherId, apiArn, zoneId: otherZone } = other;
    for (const target of [`/v2/apis/${otherId}`, tagsOf(apiArn), `${zone}/hostedzone%2F${otherZone}`])
      assert.equal((await raw(KEYS.notThis, target)).status, 200);
  });

  async function raw({ keyId }: KeyRow, target: string) {
    seen.cases += 1;
    const { host } = new URL(gateway.endpoint);
    const { secret } = as({ account: ACCOUNT, keyId });
    const signed = { method: 'GET', target, host, body: Buffer.alloc(0) };
    const scope = { region: REGION, service: target.startsWith('/v2/') ? 'apigateway' : 'route53' };
    const headers = signRequest(signed, { accessKeyId: keyId, secret }, scope, Date.now());
    const response = await fetch(`${gateway.endpoint}${target}`, { headers });
    return { status: response.status, body: await response.text() };
  }
});

// Last, for it deletes.
describe('with exactly the permission', () => {
  for (const [at, { service, name, input, key, action, resource }] of CASES.entries()) {
    test(`${service} ${name} is let through, and no other`, async () => {
      const neighbour = CASES.find(
        (one, place) => place !== at && (one.action !== action || one.resource !== resource) && rank(one.name) === 0,
      )!;
      assert.ok(isDenied(await askAs(key, neighbour.service, neighbour.name, neighbour.input)), neighbour.name);
      const answer = await askAs(key, service, name, input);
      assert.ok(!isDenied(answer), answer.body);
      assert.ok(answer.status < 500, answer.body);
    });
  }
  for (const [page, action] of Object.entries(PAGE_NAMES)) {
    test(`${page} is let through, and no other`, async () => {
      const neighbour = Object.keys(PAGE_NAMES).find((one) => one !== page)!;
      assert.ok(isDenied(await askPageOf(pageKey(action), neighbour)));
      const answer = await askPageOf(pageKey(action), page);
      assert.ok(!isDenied(answer), answer.body);
      assert.ok(answer.status < 500, answer.body);
    });
  }
});
