// Properties by their spec: what is taken as it is, what is read as CloudFormation reads it, and what is told to be wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conformStructure, specOfShape, toWire, UNKNOWN_MARK, withMembers, type Properties } from './property-spec.ts';

const ROUTE = specOfShape('apigatewayv2', 'CreateRouteRequest');
const PLAN = specOfShape('apigateway', 'CreateUsagePlanRequest');

function read(spec: typeof ROUTE, value: Properties) {
  const problems: string[] = [];
  const properties = conformStructure(spec, value, [], (path, message) =>
    problems.push(`${path.join('.')} ${message}`),
  );
  return { properties, problems };
}

const UNKNOWN = `${UNKNOWN_MARK}Api${UNKNOWN_MARK}`;
const ROWS: readonly (readonly [string, Properties, Properties])[] = [
  [
    'as it is',
    { ApiId: 'a', RouteKey: 'k', ApiKeyRequired: true },
    { ApiId: 'a', RouteKey: 'k', ApiKeyRequired: true },
  ],
  [
    'texts that are booleans',
    { ApiId: 'a', RouteKey: 'k', ApiKeyRequired: 'true' },
    { ApiId: 'a', RouteKey: 'k', ApiKeyRequired: true },
  ],
  ['numbers that are texts', { ApiId: 'a', RouteKey: 1 }, { ApiId: 'a', RouteKey: '1' }],
  [
    'what is not known yet',
    { ApiId: UNKNOWN, RouteKey: 'k', ApiKeyRequired: UNKNOWN },
    { ApiId: UNKNOWN, RouteKey: 'k', ApiKeyRequired: UNKNOWN },
  ],
  ['null as left out', { ApiId: 'a', RouteKey: 'k', Target: null }, { ApiId: 'a', RouteKey: 'k' }],
];
for (const [name, given, wanted] of ROWS)
  void test(`takes ${name}`, () => assert.deepEqual(read(ROUTE, given), { properties: wanted, problems: [] }));

const WRONG: readonly (readonly [string, Properties, string])[] = [
  [
    'a property that is not there',
    { ApiId: 'a', RouteKey: 'k', Routekey: 'x' },
    'Routekey is no property that there is: it is spelled RouteKey',
  ],
  ['a property that is missing', { ApiId: 'a' }, ' RouteKey is missing'],
  ['a list in the place of a text', { ApiId: ['a'], RouteKey: 'k' }, 'ApiId must be a text'],
  [
    'a text in the place of a list',
    { ApiId: 'a', RouteKey: 'k', AuthorizationScopes: 'x' },
    'AuthorizationScopes must be a list',
  ],
  [
    'a word that is none of the set',
    { ApiId: 'a', RouteKey: 'k', AuthorizationType: 'SOME' },
    'AuthorizationType must be one of AWS_IAM, CUSTOM, JWT, NONE',
  ],
  [
    'what is wrong within',
    { ApiId: 'a', RouteKey: 'k', RequestParameters: { q: { Required: 'so' } } },
    'RequestParameters.q.Required must be true or false',
  ],
];
for (const [name, given, problem] of WRONG)
  void test(`tells of ${name}`, () => assert.deepEqual(read(ROUTE, given).problems, [problem]));

void test('a refused member is told with its reason, and one that is left out is not kept', () => {
  const any = { spec: { kind: 'any' } as const, wire: '' };
  const left = { ...any, leftOut: { reason: 'r', isMissed: false } };
  const spec = withMembers(ROUTE, { Body: { ...any, refusal: 'is no use' }, Role: left });
  const given = { ApiId: 'a', RouteKey: 'k', Body: {}, Role: { x: 1 } };
  assert.deepEqual(read(spec, given), { properties: { ApiId: 'a', RouteKey: 'k' }, problems: ['Body is no use'] });
});

void test('capitals become the names of the operation, at every level', () => {
  const { properties } = read(PLAN, {
    Name: 'n',
    Quota: { Limit: '5', Period: 'DAY' },
    ApiStages: [{ ApiId: 'a', Stage: 's' }],
  });
  assert.deepEqual(toWire(PLAN, properties), {
    name: 'n',
    quota: { limit: 5, period: 'DAY' },
    apiStages: [{ apiId: 'a', stage: 's' }],
  });
});
