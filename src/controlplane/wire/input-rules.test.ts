// The check of a decoded input: required members, legal values, lengths, ranges and patterns, and AWS's words for each.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SERVICES, shapeOf, type MemberModel, type ServiceModel, type ServiceName } from '../../protocol/wire/model.ts';
import { describeViolations, violationsOf } from './input-rules.ts';

/** Characters of a string, elements of a list or the value of a number, per member: the bounds that the services document. */
const BOUNDS: Readonly<Record<string, Readonly<Record<string, readonly [min: number, max: number]>>>> = {
  apigatewayv2: {
    'CreateApiRequest.Name': [1, 128],
    'CreateApiRequest.Description': [0, 1024],
    'CreateApiRequest.Version': [1, 64],
    'UpdateApiRequest.Name': [1, 128],
    'UpdateApiRequest.Description': [0, 1024],
    'UpdateApiRequest.Version': [1, 64],
    'CreateRouteRequest.RouteKey': [1, 128],
    'CreateRouteRequest.OperationName': [1, 64],
    'CreateDeploymentRequest.Description': [0, 1024],
    'CreateStageRequest.StageName': [1, 128],
    'CreateStageRequest.Description': [0, 1024],
    'UpdateStageRequest.Description': [0, 1024],
    'CreateDomainNameRequest.DomainName': [1, 512],
    'CreateApiMappingRequest.Stage': [1, 128],
    'UpdateApiMappingRequest.Stage': [1, 128],
  },
  acm: {
    'RequestCertificateRequest.DomainName': [1, 253],
    'RequestCertificateRequest.SubjectAlternativeNames': [1, 100],
    'RequestCertificateRequest.IdempotencyToken': [1, 32],
    'RequestCertificateRequest.Tags': [1, 50],
    'RequestCertificateRequest.DomainValidationOptions': [1, 100],
    'RequestCertificateRequest.CertificateAuthorityArn': [20, 2048],
    'DomainValidationOption.DomainName': [1, 253],
    'DomainValidationOption.ValidationDomain': [1, 253],
    'Tag.Key': [1, 128],
    'Tag.Value': [0, 256],
    'ListCertificateDomainValidationsRequest.CertificateArn': [20, 2048],
    'ListCertificateDomainValidationsRequest.MaxItems': [1, 1000],
    'ListCertificateDomainValidationsRequest.NextToken': [1, 10_000],
    'ExportCertificateRequest.CertificateArn': [20, 2048],
    'ExportCertificateRequest.Passphrase': [4, 128],
    'RenewCertificateRequest.CertificateArn': [20, 2048],
    'ResendValidationEmailRequest.CertificateArn': [20, 2048],
    'ResendValidationEmailRequest.Domain': [1, 253],
    'ResendValidationEmailRequest.ValidationDomain': [1, 253],
    'UpdateCertificateOptionsRequest.CertificateArn': [20, 2048],
    'AddTagsToCertificateRequest.CertificateArn': [20, 2048],
    'AddTagsToCertificateRequest.Tags': [1, 50],
    'RemoveTagsFromCertificateRequest.CertificateArn': [20, 2048],
    'RemoveTagsFromCertificateRequest.Tags': [1, 50],
    'ListTagsForCertificateRequest.CertificateArn': [20, 2048],
    'PutAccountConfigurationRequest.IdempotencyToken': [1, 32],
    'ExpiryEventsConfiguration.DaysBeforeExpiry': [1, 45],
    'ListCertificatesRequest.MaxItems': [1, 1000],
    'ListCertificatesRequest.NextToken': [1, 10_000],
    'DescribeCertificateRequest.CertificateArn': [20, 2048],
    'GetCertificateRequest.CertificateArn': [20, 2048],
    'DeleteCertificateRequest.CertificateArn': [20, 2048],
  },
  route53: {
    'CreateHostedZoneRequest.Name': [0, 1024],
    'CreateHostedZoneRequest.CallerReference': [1, 128],
    'HostedZoneConfig.Comment': [0, 256],
    'ChangeResourceRecordSetsRequest.HostedZoneId': [0, 32],
    'GetHostedZoneRequest.Id': [0, 32],
    'DeleteHostedZoneRequest.Id': [0, 32],
    'ListResourceRecordSetsRequest.HostedZoneId': [0, 32],
    'ResourceRecordSet.Name': [0, 1024],
    'ResourceRecordSet.TTL': [0, 2_147_483_647],
    'ResourceRecord.Value': [0, 4000],
    'AliasTarget.HostedZoneId': [0, 64],
    'AliasTarget.DNSName': [0, 1024],
    'ChangeBatch.Comment': [0, 256],
    'ResourceRecordSet.SetIdentifier': [1, 128],
    'ResourceRecordSet.Weight': [0, 255],
    'ResourceRecordSet.HealthCheckId': [0, 64],
    'ChangeTagsForResourceRequest.ResourceId': [0, 32],
    'ChangeTagsForResourceRequest.AddTags': [1, 10],
    'ChangeTagsForResourceRequest.RemoveTagKeys': [1, 10],
    'Tag.Key': [1, 128],
    'Tag.Value': [0, 256],
    'GetDNSSECRequest.HostedZoneId': [0, 32],
    'ListHostedZonesByNameRequest.DNSName': [0, 1024],
    'ListHostedZonesByNameRequest.HostedZoneId': [0, 32],
    'ListResourceRecordSetsRequest.StartRecordName': [0, 1024],
    'ListResourceRecordSetsRequest.StartRecordIdentifier': [1, 128],
    'ListTagsForResourceRequest.ResourceId': [0, 32],
    'ListTagsForResourcesRequest.ResourceIds': [1, 10],
    'TestDNSAnswerRequest.HostedZoneId': [0, 32],
    'TestDNSAnswerRequest.RecordName': [0, 1024],
    'UpdateHostedZoneCommentRequest.Id': [0, 32],
    'UpdateHostedZoneCommentRequest.Comment': [0, 256],
  },
};

const BOUND_ROWS = Object.entries(BOUNDS).flatMap(([service, members]) =>
  Object.entries(members).map(([member, [min, max]]) => [service as ServiceName, member, min, max] as const),
);

/** A value of the member's type with this many characters or elements, or this number. */
function sized(service: ServiceModel, member: MemberModel, size: number): unknown {
  if (member.type === 'number') return size;
  const count = Math.max(size, 0);
  if (member.type !== 'list') return 'a'.repeat(count);
  const isText = shapeOf(service, member.shape!).element!.type === 'string';
  return Array.from({ length: count }, () => (isText ? 'a' : {}));
}

for (const [service, rule, min, max] of BOUND_ROWS) {
  void test(`${service} ${rule} is from ${min} to ${max}`, () => {
    const [shape, name] = rule.split('.') as [string, string];
    const member = shapeOf(SERVICES[service], shape).members?.[name];
    assert.ok(member, 'the model has no such member');
    const path = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const what = member.type === 'number' ? 'value' : 'length';
    /** The constraints of this member that a value of this size breaks. */
    const broken = (size: number): string[] => {
      const value = sized(SERVICES[service], member, size);
      return violationsOf(service, shape, { [name]: value })
        .filter((one) => one.path === path)
        .map((one) => one.constraint);
    };
    assert.deepEqual(broken(min), []);
    assert.deepEqual(broken(max), []);
    assert.deepEqual(broken(max + 1), [`Member must have ${what} less than or equal to ${max}`]);
    const below = broken(min - 1)[0];
    if (min > 0 || member.type === 'number') {
      assert.equal(below, `Member must have ${what} greater than or equal to ${min}`);
    } else assert.equal(below, undefined);
  });
}

for (const rule of ['ResourceRecordSet.TTL', 'ResourceRecordSet.Weight', 'ListHostedZonesRequest.MaxItems']) {
  void test(`route53 ${rule} has no fraction`, () => {
    const [shape, name] = rule.split('.') as [string, string];
    const constraints = (value: number) =>
      violationsOf('route53', shape, { [name]: value })
        .filter((one) => one.path.toLowerCase() === name.toLowerCase())
        .map((one) => one.constraint);
    assert.deepEqual([constraints(1), constraints(1.5)], [[], ['Member must be an integer']]);
  });
}

const PATTERNS: readonly (readonly [
  name: string,
  service: ServiceName,
  shape: string,
  member: string,
  value: string,
  good: boolean,
])[] = [
  ['a stage name', 'apigatewayv2', 'CreateStageRequest', 'StageName', 'prod_1-a', true],
  ['the default stage', 'apigatewayv2', 'CreateStageRequest', 'StageName', '$default', true],
  ['another stage with a dollar', 'apigatewayv2', 'CreateStageRequest', 'StageName', '$other', false],
  ['a stage name with a slash', 'apigatewayv2', 'CreateStageRequest', 'StageName', 'a/b', false],
  ['a stage name with a space', 'apigatewayv2', 'CreateStageRequest', 'StageName', 'a b', false],
  ['a stage name with a line break', 'apigatewayv2', 'CreateStageRequest', 'StageName', 'a\n', false],
  ['a stage name beyond ASCII', 'apigatewayv2', 'CreateStageRequest', 'StageName', 'é', false],
  ['a token', 'acm', 'RequestCertificateRequest', 'IdempotencyToken', 'aZ_9', true],
  ['a token with a hyphen', 'acm', 'RequestCertificateRequest', 'IdempotencyToken', 'a-b', false],
  ['a tag key of letters beyond ASCII and signs', 'acm', 'Tag', 'Key', 'Größe _.:/=+-@', true],
  ['a tag key with a comma', 'acm', 'Tag', 'Key', 'a,b', false],
  ['a tag value with a line break', 'acm', 'Tag', 'Value', 'a\n', false],
];

for (const [name, service, shape, member, value, good] of PATTERNS) {
  void test(`${good ? 'takes' : 'refuses'} ${name}`, () => {
    const found = violationsOf(service, shape, { [member]: value }).filter((one) => one.value === value);
    assert.equal(found.length, good ? 0 : 1);
    if (!good) assert.match(found[0]!.constraint, /^Member must satisfy regular expression pattern: \^/);
  });
}

const CHANGE = { Action: 'CREATE', ResourceRecordSet: { Name: 'a.example.com', Type: 'A' } };
const API = { ApiId: 'a', Name: 'n', ProtocolType: 'WEBSOCKET' };

type Row = readonly [
  name: string,
  service: ServiceName,
  shape: string,
  input: Readonly<Record<string, unknown>>,
  want: readonly (readonly [path: string, value: unknown, constraint: string])[],
];

const NOT_NULL = 'Member must not be null';

const ROWS: readonly Row[] = [
  ['a whole input', 'apigatewayv2', 'CreateApiRequest', API, []],
  ['an input without members', 'apigatewayv2', 'GetApisRequest', {}, []],
  [
    'what is missing, in the order of the model',
    'route53',
    'CreateHostedZoneRequest',
    {},
    [
      ['name', undefined, NOT_NULL],
      ['callerReference', undefined, NOT_NULL],
    ],
  ],
  [
    'what is missing further in',
    'route53',
    'ChangeResourceRecordSetsRequest',
    { HostedZoneId: 'Z1', ChangeBatch: { Changes: [CHANGE, { Action: 'CREATE', ResourceRecordSet: { Name: 'a' } }] } },
    [['changeBatch.changes.2.member.resourceRecordSet.type', undefined, NOT_NULL]],
  ],
  [
    'a rule further in',
    'route53',
    'ChangeResourceRecordSetsRequest',
    {
      HostedZoneId: 'Z1',
      ChangeBatch: { Changes: [{ ...CHANGE, ResourceRecordSet: { Name: 'a', Type: 'A', TTL: -1 } }] },
    },
    [['changeBatch.changes.1.member.resourceRecordSet.tTL', -1, 'Member must have value greater than or equal to 0']],
  ],
  [
    'a value that is none of the legal ones',
    'route53',
    'ChangeResourceRecordSetsRequest',
    { HostedZoneId: 'Z1', ChangeBatch: { Changes: [{ ...CHANGE, Action: 'create' }] } },
    [['changeBatch.changes.1.member.action', 'create', 'Member must satisfy enum value set: [CREATE, DELETE, UPSERT]']],
  ],
  [
    'a value of a list that is none of the legal ones',
    'acm',
    'ListCertificatesRequest',
    { CertificateStatuses: ['ISSUED', 'LOST'] },
    [
      [
        'certificateStatuses.2.member',
        'LOST',
        `Member must satisfy enum value set: [${SERVICES.acm.enums['CertificateStatus']!.join(', ')}]`,
      ],
    ],
  ],
  [
    'a value in a map of structures',
    'apigatewayv2',
    'CreateStageRequest',
    { ApiId: 'a', StageName: 's', RouteSettings: { $default: { LoggingLevel: 'LOUD' } } },
    [['routeSettings.$default.loggingLevel', 'LOUD', 'Member must satisfy enum value set: [ERROR, INFO, OFF]']],
  ],
  [
    'two rules of one member',
    'acm',
    'RequestCertificateRequest',
    { DomainName: 'a', IdempotencyToken: '-'.repeat(33) },
    [
      ['idempotencyToken', '-'.repeat(33), 'Member must have length less than or equal to 32'],
      ['idempotencyToken', '-'.repeat(33), 'Member must satisfy regular expression pattern: ^\\w+$'],
    ],
  ],
];

for (const [name, service, shape, input, want] of ROWS) {
  void test(`finds ${want.length === 0 ? 'nothing in ' : ''}${name}`, () => {
    assert.deepEqual(
      violationsOf(service, shape, input),
      want.map(([path, value, constraint]) => ({ path, value, constraint })),
    );
  });
}

void test('words one violation and several as AWS does', () => {
  const first = { path: 'name', value: undefined, constraint: NOT_NULL };
  const second = { path: 'a.b', value: 'x'.repeat(300), constraint: 'Member must have length less than or equal to 5' };
  assert.equal(
    describeViolations([first]),
    "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
  );
  assert.equal(
    describeViolations([first, second]),
    "2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; " +
      `Value '${'x'.repeat(256)}' at 'a.b' failed to satisfy constraint: Member must have length less than or equal to 5`,
  );
});
