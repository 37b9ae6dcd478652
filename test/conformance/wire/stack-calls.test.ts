// What `up` sends is what the control port reads: each call of the client, routed and read by the server's own parts, is the input again; and
// what the server writes is the output again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeRest, routeTarget } from '../../../src/controlplane/wire/operation-router.ts';
import { PROTOCOLS } from '../../../src/controlplane/wire/protocols.ts';
import { SERVICES, type ServiceName, type WireRecord } from '../../../src/protocol/wire/model.ts';
import { OperationProblem, outputOf, requestOf } from '../../../src/stacks/wire-call.ts';

const SIGNS = 'a/b?c=d&e%20f+g é';
const INPUTS: readonly (readonly [ServiceName, string, WireRecord])[] = [
  ['apigatewayv2', 'CreateApi', { Name: SIGNS, ProtocolType: 'WEBSOCKET', Tags: { a: SIGNS } }],
  ['apigatewayv2', 'UpdateRoute', { ApiId: 'a1', RouteId: 'r1', RequestParameters: { x: { Required: true } } }],
  ['apigatewayv2', 'GetRoutes', { ApiId: 'a1', NextToken: SIGNS }],
  ['apigatewayv2', 'TagResource', { ResourceArn: 'arn:aws:apigateway:us-east-1::/apis/a1', Tags: { a: 'b' } }],
  ['apigatewayv2', 'UntagResource', { ResourceArn: 'arn:aws:apigateway:us-east-1::/apis/a1', TagKeys: ['a', SIGNS] }],
  ['apigatewayv2', 'DeleteRouteSettings', { ApiId: 'a1', StageName: 'dev', RouteKey: '$default' }],
  ['apigateway', 'CreateUsagePlanKey', { usagePlanId: 'p', keyId: 'k', keyType: 'API_KEY' }],
  [
    'apigateway',
    'UpdateUsagePlan',
    { usagePlanId: 'p', patchOperations: [{ op: 'replace', path: '/name', value: SIGNS }] },
  ],
  ['acm', 'RequestCertificate', { DomainName: 'ws.example.com', Tags: [{ Key: 'a', Value: SIGNS }] }],
  [
    'route53',
    'CreateHostedZone',
    { Name: 'example.com', CallerReference: SIGNS, HostedZoneConfig: { Comment: '<&">' } },
  ],
  [
    'route53',
    'ChangeResourceRecordSets',
    {
      HostedZoneId: 'Z1',
      ChangeBatch: {
        Changes: [
          {
            Action: 'UPSERT',
            ResourceRecordSet: { Name: 'a.test', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"<&>"' }] },
          },
        ],
      },
    },
  ],
  ['route53', 'ListHostedZonesByName', { DNSName: 'example.com.' }],
];

for (const [service, operation, input] of INPUTS) {
  void test(`${service} ${operation} arrives as it was meant`, () => {
    const { method, target, headers, body } = requestOf(service, operation, input);
    const { pathname, searchParams } = new URL(target, 'http://gateway');
    const routed =
      SERVICES[service].protocol === 'json-1.1'
        ? routeTarget(service, headers['x-amz-target']!)
        : routeRest(service, method, pathname, searchParams);
    assert.equal(routed?.name, operation);
    const request = { query: searchParams, headers, body: Buffer.from(body) };
    assert.deepEqual(PROTOCOLS[SERVICES[service].protocol].readInput(routed!, request), input);
  });
}

const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  body,
  headers: { get: (name: string) => headers[name] ?? null },
});

void test('outputs are read as the server writes them', () => {
  const zone = { Id: '/hostedzone/Z1', Name: 'a.test.', CallerReference: '<&>' };
  const output = { HostedZone: zone, DelegationSet: { NameServers: ['ns1', 'ns2'] } };
  for (const [service, operation, written] of [
    ['route53', 'GetHostedZone', output],
    ['apigatewayv2', 'GetApi', { ApiId: 'a1', Name: 'chat', Tags: { a: 'b' } }],
    ['acm', 'RequestCertificate', { CertificateArn: 'arn' }],
  ] as const) {
    const routed = { service, name: operation, model: SERVICES[service].operations[operation]!, labels: {} };
    const { status, body } = PROTOCOLS[SERVICES[service].protocol].writeOutput(routed, written, 'id');
    assert.deepEqual(outputOf(service, operation, answer(status, String(body))), written);
  }
});

void test('a refusal is its code and its words, also where it is no answer of a gateway', () => {
  const rows: readonly (readonly [ServiceName, string, ReturnType<typeof answer>, string, RegExp])[] = [
    [
      'apigatewayv2',
      'GetApi',
      answer(409, '{"message":"m"}', { 'x-amzn-errortype': 'ConflictException:x' }),
      'ConflictException',
      /^m$/,
    ],
    [
      'acm',
      'DescribeCertificate',
      answer(400, '{"__type":"a#ValidationException","message":"m"}'),
      'ValidationException',
      /^m$/,
    ],
    [
      'route53',
      'GetHostedZone',
      answer(404, '<ErrorResponse><Error><Code>NoSuchHostedZone</Code><Message>m</Message></Error></ErrorResponse>'),
      'NoSuchHostedZone',
      /^m$/,
    ],
    ['apigatewayv2', 'GetApi', answer(502, '<html>'), 'UnknownError', /502/],
  ];
  for (const [service, operation, given, code, message] of rows)
    assert.throws(
      () => outputOf(service, operation, given),
      (error) => error instanceof OperationProblem && error.code === code && message.test(error.message),
    );
});
