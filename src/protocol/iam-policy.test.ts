// Policies: what a statement matches, every condition, what is no policy; and random policies against a second evaluator that is as naive
// as it can be.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  asksForTags,
  evaluatePolicies,
  matchesWildcard,
  parsePolicy,
  type Policy,
  type PolicyRequest,
} from './iam-policy.ts';

const ARN = 'arn:aws:execute-api:us-east-1:000000000000:api/prod/$connect';
const INVOKE = 'execute-api:Invoke';

function policy(document: unknown): Policy {
  const parsed = parsePolicy(document);
  assert.ok(!('problem' in parsed), JSON.stringify(parsed));
  return parsed;
}

const ask = (statement: object, request: Partial<PolicyRequest> = {}) =>
  evaluatePolicies([policy({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...statement } })], {
    action: INVOKE,
    resource: ARN,
    context: {},
    ...request,
  });

describe('a statement', () => {
  const rows: readonly (readonly [name: string, statement: object, decision: string])[] = [
    ['for everything', {}, 'allowed'],
    ['for the action in other letters', { Action: 'Execute-API:invoke' }, 'allowed'],
    ['for an action by wildcard', { Action: ['s3:*', 'execute-api:In*'] }, 'allowed'],
    ['for another action', { Action: 'execute-api:ManageConnections' }, 'implicitDeny'],
    ['for all actions but another', { Action: undefined, NotAction: 's3:*' }, 'allowed'],
    ['for all actions but this', { Action: undefined, NotAction: 'execute-api:*' }, 'implicitDeny'],
    ['for the resource', { Resource: ARN }, 'allowed'],
    ['for the resource by wildcards across slashes', { Resource: 'arn:aws:*:api/*' }, 'allowed'],
    ['for a resource of more segments', { Resource: 'arn:aws:execute-api:*:*:*/prod/*/*' }, 'implicitDeny'],
    ['for the resource in other letters', { Resource: ARN.toUpperCase() }, 'implicitDeny'],
    ['for all resources but this', { Resource: undefined, NotResource: 'arn:*' }, 'implicitDeny'],
    ['that denies', { Effect: 'Deny' }, 'explicitDeny'],
    ['that denies something else', { Effect: 'Deny', Action: 's3:*' }, 'implicitDeny'],
  ];
  for (const [name, statement, decision] of rows)
    test(`${name}: ${decision}`, () => assert.equal(ask(statement), decision));

  test('that denies wins over any that allow, in any policy and order', () => {
    const [allow, deny] = ['Allow', 'Deny'].map((Effect) =>
      policy({ Statement: [{ Effect, Action: '*', Resource: '*' }] }),
    );
    const request = { action: INVOKE, resource: ARN, context: {} };
    for (const policies of [
      [allow!, deny!],
      [deny!, allow!],
    ])
      assert.equal(evaluatePolicies(policies, request), 'explicitDeny');
    assert.equal(evaluatePolicies([], request), 'implicitDeny');
  });
});

describe('a condition', () => {
  const context = {
    'aws:sourceip': '192.0.2.7',
    'aws:securetransport': 'true',
    'aws:principalarn': 'arn:aws:iam::1:user/anne',
    'aws:currenttime': '2026-05-01T00:00:00Z',
    'aws:number': '10',
    'aws:tagkeys': ['team', 'stage'],
    'aws:resourcetag/team': ['chat', 'mail'],
  };
  const rows: readonly (readonly [condition: object, isMet: boolean])[] = [
    [{ StringEquals: { 'aws:PrincipalArn': ['x', 'arn:aws:iam::1:user/anne'] } }, true],
    [{ StringEquals: { 'aws:PrincipalArn': 'ARN:aws:iam::1:user/anne' } }, false],
    [{ StringEqualsIgnoreCase: { 'aws:PrincipalArn': 'ARN:AWS:iam::1:user/ANNE' } }, true],
    [{ StringNotEquals: { 'aws:PrincipalArn': ['x', 'y'] } }, true],
    [{ StringNotEquals: { 'aws:PrincipalArn': ['x', 'arn:aws:iam::1:user/anne'] } }, false],
    [{ StringLike: { 'aws:PrincipalArn': '*:user/a?ne' } }, true],
    [{ StringNotLike: { 'aws:PrincipalArn': '*:user/*' } }, false],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/*' } }, true],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*anne' } }, false],
    [{ ArnEquals: { 'aws:PrincipalArn': 'arn:*' } }, false],
    [{ ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::1:*' } }, false],
    [{ ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::1:user/anne' } }, false],
    [{ Bool: { 'aws:SecureTransport': true } }, true],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, false],
    [{ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, true],
    [{ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.7'] } }, true],
    [{ IpAddress: { 'aws:SourceIp': '192.0.2.8' } }, false],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, false],
    [{ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }, true],
    [{ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, true],
    [{ NumericLessThan: { 'aws:number': 11 } }, true],
    [{ NumericGreaterThanEquals: { 'aws:number': 10.5 } }, false],
    [{ NumericNotEquals: { 'aws:number': '10' } }, false],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-05-01T00:00:01Z' } }, true],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2026-05-01T00:00:00Z' } }, false],
    [{ DateEquals: { 'aws:CurrentTime': '1777593600' } }, true],
    [{ Null: { 'aws:SourceIp': 'false' } }, true],
    [{ Null: { 'aws:absent': true } }, true],
    [{ Null: { 'aws:SourceIp': true } }, false],
    [{ StringEquals: { 'aws:absent': 'a' } }, false],
    [{ StringNotEquals: { 'aws:absent': 'a' } }, true],
    [{ StringEqualsIfExists: { 'aws:absent': 'a' } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:absent': 'a' } }, false],
    [{ 'ForAllValues:StringEquals': { 'aws:absent': 'a' } }, true],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:absent': 'a' } }, false],
    [{ 'ForAnyValue:StringNotEqualsIfExists': { 'aws:absent': 'a' } }, true],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:number': 'a' } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'stage', 'x'] } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'team' } }, false],
    [{ 'ForAllValues:StringLike': { 'aws:TagKeys': ['t*', 's*'] } }, true],
    [{ 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'team' } }, false],
    [{ 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'x' } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['x', 'stage'] } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'x' } }, false],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'team' } }, true],
    [{ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': ['team', 'stage'] } }, false],
    [{ StringEquals: { 'aws:ResourceTag/Team': 'mail' } }, true],
    [{ StringNotEquals: { 'aws:ResourceTag/Team': 'mail' } }, false],
    [{ StringNotEquals: { 'aws:ResourceTag/Team': 'x' } }, true],
    [{ Null: { 'aws:ResourceTag/Team': false } }, true],
    [{ Null: { 'aws:ResourceTag/Other': true } }, true],
    [{ Bool: { constructor: 'true' } }, false],
    [{ Null: { toString: false } }, false],
    [JSON.parse('{"Null":{"__proto__":"true"}}') as object, true],
    [{ StringEquals: { 'aws:PrincipalArn': 'x' }, Bool: { 'aws:SecureTransport': true } }, false],
  ];
  for (const [Condition, isMet] of rows) {
    test(`${JSON.stringify(Condition)} ${isMet ? 'holds' : 'does not hold'}`, () => {
      assert.equal(ask({ Condition }, { context }), isMet ? 'allowed' : 'implicitDeny');
    });
  }
});

describe('tags that are not known', () => {
  const conditions = [
    { StringEquals: { 'aws:ResourceTag/Team': 'chat' } },
    { StringNotEquals: { 'aws:ResourceTag/Team': 'chat' } },
    { Null: { 'aws:ResourceTag/Team': true } },
    { StringEqualsIfExists: { 'aws:resourcetag/TEAM': 'chat' } },
  ];
  const all = { Effect: 'Allow', Action: '*', Resource: '*' };
  const asked = { action: INVOKE, resource: ARN, context: {}, isTagsUnknown: true };
  for (const Condition of conditions) {
    test(`do not allow, and deny: ${JSON.stringify(Condition)}`, () => {
      assert.equal(ask({ Condition }, { isTagsUnknown: true }), 'implicitDeny');
      const both = policy({ Statement: [all, { ...all, Effect: 'Deny', Condition }] });
      assert.equal(evaluatePolicies([both], asked), 'explicitDeny');
      assert.equal(asksForTags([both]), true);
    });
  }
  test('are nothing to a statement of which another condition does not hold', () => {
    const Condition = { ...conditions[0], StringLike: { 'aws:absent': '*' } };
    const both = policy({ Statement: [all, { ...all, Effect: 'Deny', Condition }] });
    assert.equal(evaluatePolicies([both], asked), 'allowed');
    assert.equal(asksForTags([policy({ Statement: all })]), false);
  });
});

describe('what is no policy', () => {
  const whole = { Effect: 'Allow', Action: '*', Resource: '*' };
  const rows: readonly (readonly [document: unknown, problem: RegExp])[] = [
    [null, /an object/],
    ['{}', /an object/],
    [{}, /has a Statement/],
    [{ Statement: [] }, /has a Statement/],
    [{ Statement: ['a'] }, /Statement is an object/],
    [{ Statement: { ...whole, Effect: 'allow' } }, /Allow or Deny/],
    [{ Statement: { ...whole, Action: undefined } }, /Action or NotAction/],
    [{ Statement: { ...whole, NotAction: 'a' } }, /Action or NotAction/],
    [{ Statement: { ...whole, Resource: undefined } }, /Resource or NotResource/],
    [{ Statement: { ...whole, Resource: [] } }, /Resource is a text/],
    [{ Statement: { ...whole, Resource: [{}] } }, /Resource is a text/],
    [{ Statement: { ...whole, Principal: '*' } }, /'Principal' is no member/],
    [
      { Statement: { ...whole, Resource: ['*', '*/${aws:username}'] } },
      /variable in '\*\/\$\{aws:username\}' is not available/,
    ],
    [{ Statement: { ...whole, Condition: { StringLike: { a: '${*}' } } } }, /variable in '\$\{\*\}' is not available/],
    [{ Statement: { ...whole, Condition: 'a' } }, /Condition is an object/],
    [{ Statement: { ...whole, Condition: { StringEquals: 'a' } } }, /StringEquals is an object/],
    [{ Statement: { ...whole, Condition: { StringEquals: { a: {} } } } }, /of a is a text/],
    [
      { Statement: { ...whole, Condition: { IpAddress: { a: ['203.0.113.0/'] } } } },
      /'203\.0\.113\.0\/' of IpAddress is not an address/,
    ],
    [
      { Statement: { ...whole, Condition: { NotIpAddress: { a: ['203.0.113.0/0x0'] } } } },
      /'203\.0\.113\.0\/0x0' of NotIpAddress is not an address/,
    ],
    [
      { Statement: { ...whole, Condition: { IpAddress: { a: ['203.0.113.0/ 0'] } } } },
      /'203\.0\.113\.0\/ 0' of IpAddress is not an address/,
    ],
    [
      { Statement: { ...whole, Condition: { IpAddressIfExists: { a: ['203.0.113.0/33'] } } } },
      /'203\.0\.113\.0\/33' of IpAddressIfExists is not an address/,
    ],
    [
      { Statement: { ...whole, Condition: { IpAddress: { a: ['nonsense/99'] } } } },
      /'nonsense\/99' of IpAddress is not an address/,
    ],
    [
      { Statement: { ...whole, Condition: { NumericEquals: { a: ['ten'] } } } },
      /'ten' of NumericEquals is not a number/,
    ],
    [{ Statement: { ...whole, Condition: { NumericLessThan: { a: [''] } } } }, /'' of NumericLessThan is not a number/],
    [
      { Statement: { ...whole, Condition: { DateLessThan: { a: ['tomorrow'] } } } },
      /'tomorrow' of DateLessThan is not a date/,
    ],
    [{ Statement: { ...whole, Condition: { Bool: { a: ['yes'] } } } }, /'yes' of Bool is not true or false/],
    [{ Statement: { ...whole, Condition: { Null: { a: ['1'] } } } }, /'1' of Null is not true or false/],
    [
      { Statement: { ...whole, Condition: { 'ForAnyValue:Bool': { a: ['on'] } } } },
      /'on' of ForAnyValue:Bool is not true or false/,
    ],
    [{ Statement: { ...whole, Condition: { Sometimes: { a: 'b' } } } }, /no condition 'Sometimes'/],
  ];
  for (const [document, problem] of rows) {
    test(JSON.stringify(document), () => {
      const parsed = parsePolicy(document);
      assert.match('problem' in parsed ? parsed.problem : 'a policy', problem);
    });
  }
});

test('wildcards match as the regular expression that they spell', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':', '.'), maxLength: 10 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', ':', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (wild, plain) => {
      const escaped = wild
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('\\*', '.*')
        .replaceAll('\\?', '.');
      assert.equal(matchesWildcard(wild, plain), new RegExp(`^${escaped}$`, 's').test(plain));
    }),
    { numRuns: 5_000 },
  );
});

test('a pattern that makes others try for ever is over at once', () => {
  assert.equal(matchesWildcard(`${'*a'.repeat(250)}b`, 'a'.repeat(1_600)), false);
});

test('random policies are decided as by an evaluator that looks at everything', () => {
  const part = fc.constantFrom('*', 'a:x', 'a:*', 'b:y', 'a:?');
  const list = fc.oneof(part, fc.array(part, { minLength: 1, maxLength: 3 }));
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    action: list,
    isNotAction: fc.boolean(),
    resource: list,
    isNotResource: fc.boolean(),
    condition: fc.option(fc.constantFrom('in', 'out'), { nil: undefined }),
  });
  const policies = fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { maxLength: 3 });
  const asked = fc.constantFrom('a:x', 'a:y', 'b:y', 'c');
  fc.assert(
    fc.property(policies, asked, asked, fc.constantFrom('in', 'out', undefined), (given, action, resource, where) => {
      const documents = given.map((statements) => ({
        Statement: statements.map((one) => ({
          Effect: one.Effect,
          [one.isNotAction ? 'NotAction' : 'Action']: one.action,
          [one.isNotResource ? 'NotResource' : 'Resource']: one.resource,
          ...(one.condition && { Condition: { StringEquals: { where: one.condition } } }),
        })),
      }));
      const matches = (patterns: string | string[], text: string) =>
        [patterns].flat().some((wild) => new RegExp(`^${wild.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text));
      const effects = given.flat().flatMap((one) => {
        const isMet =
          matches(one.action, action) !== one.isNotAction &&
          matches(one.resource, resource) !== one.isNotResource &&
          (one.condition === undefined || one.condition === where);
        return isMet ? [one.Effect] : [];
      });
      const naive = effects.includes('Deny') ? 'explicitDeny' : effects.includes('Allow') ? 'allowed' : 'implicitDeny';
      assert.equal(evaluatePolicies(documents.map(policy), { action, resource, context: { where } }), naive);
    }),
    { numRuns: 5_000 },
  );
});

test('random conditions on sets, tags and their absence are decided as by their definition', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const operator = fc.record({
    set: fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
    isNot: fc.boolean(),
    isLike: fc.boolean(),
    ifExists: fc.constantFrom('', 'IfExists'),
  });
  const wanted = fc.array(fc.constantFrom('a', 'b', 'c', '*', '?'), { minLength: 1, maxLength: 3 });
  const key = fc.constantFrom('aws:TagKeys', 'aws:ResourceTag/K');
  const effect = fc.constantFrom('Allow', 'Deny');
  fc.assert(
    fc.property(
      effect,
      operator,
      wanted,
      key,
      fc.array(names, { maxLength: 3 }),
      fc.boolean(),
      (Effect, by, want, named, has, isUnknown) => {
        const word = `String${by.isNot ? 'Not' : ''}${by.isLike ? 'Like' : 'Equals'}`;
        const Condition = { [`${by.set}${word}${by.ifExists}`]: { [named]: want } };
        const isOne = (value: string) =>
          want.some((one) => one === value || (by.isLike && (one === '*' || one === '?')));
        const good = has.filter((value) => isOne(value) !== by.isNot).length;
        // As IAM says: of all values, of any, or of the one there is; and what is absent is other than anything.
        const ofSome = by.set === 'ForAllValues:' || (by.set === '' && by.isNot) ? good === has.length : good > 0;
        const isAbsentMet = by.ifExists !== '' || by.set === 'ForAllValues:' || (by.isNot && by.set === '');
        const isUnknownKey = isUnknown && named !== 'aws:TagKeys';
        const isMet = isUnknownKey ? Effect === 'Deny' : has.length === 0 ? isAbsentMet : ofSome;
        const all = { Effect: 'Allow', Action: '*', Resource: '*' };
        const statements = Effect === 'Deny' ? [all, { ...all, Effect, Condition }] : [{ ...all, Condition }];
        const naive = Effect === 'Deny' ? (isMet ? 'explicitDeny' : 'allowed') : isMet ? 'allowed' : 'implicitDeny';
        const context = { [named.toLowerCase()]: has };
        const request = { action: INVOKE, resource: ARN, context, isTagsUnknown: isUnknown };
        assert.equal(evaluatePolicies([policy({ Statement: statements })], request), naive, JSON.stringify(Condition));
      },
    ),
    { numRuns: 5_000 },
  );
});
