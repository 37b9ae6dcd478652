// What conditions are told of a request, and which keys of conditions an accounts file may have.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePolicy } from '../protocol/iam-policy.ts';
import { parseAccounts } from './accounts-file.ts';
import { identitiesOf } from './identities.ts';
import { conditionKeyProblem, policyContext } from './policy-context.ts';
import { createSealedSecrets } from './sealed-secrets.ts';

const FACTS = {
  nowMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  sourceIp: '192.0.2.7',
  isSecure: true,
  region: 'us-east-1',
  caller: { account: '111122223333', arn: 'arn:aws:iam::111122223333:root' },
};

test('tells the address as it is given, and the time in both forms', () => {
  assert.deepEqual(policyContext(FACTS), {
    'aws:currenttime': '2026-01-02T03:04:05.678Z',
    'aws:epochtime': '1767323045',
    'aws:sourceip': '192.0.2.7',
    'aws:securetransport': 'true',
    'aws:requestedregion': 'us-east-1',
    'aws:principalarn': 'arn:aws:iam::111122223333:root',
    'aws:principalaccount': '111122223333',
  });
});

test('tells tags in lower case: two that differ in it alone are two values of one key', () => {
  const context = policyContext({
    ...FACTS,
    resourceTags: { Team: 'chat', team: 'mail' },
    requestTags: { Stage: 'prod' },
    tagKeys: ['Stage', 'Old'],
  });
  assert.deepEqual(context['aws:resourcetag/team'], ['chat', 'mail']);
  assert.deepEqual(context['aws:requesttag/stage'], ['prod']);
  assert.deepEqual(context['aws:tagkeys'], ['Stage', 'Old']);
});

test('has no keys where no tags are brought', () => {
  const context = policyContext({ ...FACTS, resourceTags: {}, requestTags: {}, tagKeys: [] });
  assert.ok(!Object.keys(context).some((key) => key.includes('tag')));
});

describe('a condition of the accounts file', () => {
  const rows: readonly (readonly [condition: object, problem: RegExp | undefined])[] = [
    [{ StringEquals: { 'aws:ResourceTag/Team': 'chat' } }, undefined],
    [{ StringLike: { 'AWS:requesttag/Team': 'c*' } }, undefined],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['Team'] } }, undefined],
    [{ Null: { 'aws:TagKeys': true } }, undefined],
    [{ NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, undefined],
    [{ StringEquals: { 'aws:TagKeys': 'Team' } }, /say ForAllValues:StringEquals or ForAnyValue:StringEquals/],
    [{ 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'] } }, undefined],
    [
      { StringEquals: { 'route53:ChangeResourceRecordSetsActions': 'DELETE' } },
      /^route53:ChangeResourceRecordSetsActions has several values: say ForAllValues:StringEquals or/,
    ],
    [{ StringEquals: { 'aws:ResourceTag/': 'chat' } }, /'aws:resourcetag\/' is none that is known here/],
    [{ Bool: { 'aws:MultiFactorAuthPresent': true } }, /'aws:multifactorauthpresent' is none that is known here/],
    [{ StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }, /'aws:sourcevpc' is none that is known here/],
    [{ BinaryEquals: { 'aws:SourceIp': 'AA==' } }, /no condition 'BinaryEquals'/],
    [{ StringEquals: { constructor: 'a' } }, /'constructor' is none/],
  ];
  for (const [Condition, problem] of rows) {
    test(`${JSON.stringify(Condition)} is ${problem ? 'refused' : 'kept'}`, () => {
      const Statement = { Effect: 'Deny', Action: '*', Resource: '*', Condition };
      const parsed = parsePolicy({ Version: '2012-10-17', Statement }, { keyProblem: conditionKeyProblem });
      const found = 'problem' in parsed ? parsed.problem : undefined;
      if (problem) assert.match(found ?? 'it was kept', problem);
      else assert.equal(found, undefined);
    });
  }
  const whole = { Effect: 'Allow', Action: '*', Resource: '*' };
  const documents: readonly (readonly [object, RegExp])[] = [
    [{ Version: '2020-01-01', Statement: whole }, /Version is 2012-10-17 or 2008-10-17/],
    [{ Version: '2012-10-17', Statement: whole, Statements: [] }, /'Statements' is no member of a policy/],
    [{ Statement: { ...whole, NotPrincipal: '*' } }, /'NotPrincipal' is no member/],
  ];
  for (const [document, problem] of documents) {
    test(`${JSON.stringify(document)} is refused`, () => {
      const parsed = parsePolicy(document, { keyProblem: conditionKeyProblem });
      assert.match('problem' in parsed ? parsed.problem : 'it was kept', problem);
    });
  }
});

test('a file of accounts with such a condition cannot be used, whichever key it is of', async () => {
  const { unseal } = createSealedSecrets(Buffer.alloc(32, 7));
  const fileOf = (Condition: object, place: 'key' | 'account') => {
    const policies = [{ Statement: { Effect: 'Deny', Action: '*', Resource: '*', Condition } }];
    const key = { id: 'AKIAONE', secret: 'a secret of one', ...(place === 'key' && { policies }) };
    const account = { id: '111122223333', keys: [key], ...(place === 'account' && { policies }) };
    return parseAccounts('accounts.yaml', JSON.stringify({ accounts: [account] }));
  };
  for (const place of ['key', 'account'] as const) {
    identitiesOf(await fileOf({ StringEquals: { 'aws:ResourceTag/Team': 'chat' } }, place), unseal);
    const file = await fileOf({ StringEquals: { 'aws:ResourceTags/Team': 'chat' } }, place);
    assert.throws(() => identitiesOf(file, unseal), {
      message:
        /a policy of the access key AKIAONE: the condition key 'aws:resourcetags\/team' is none that is known here/,
    });
  }
});
