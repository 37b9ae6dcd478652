// What the conditions of a policy can ask of a request, under AWS's names of the keys. Every place that evaluates a policy takes it from
// here: a key that one of them forgot would make a statement that denies by it deny nothing there.

import { RESOURCE_TAG, type PolicyRequest } from '../protocol/iam-policy.ts';

export type Tags = Readonly<Record<string, string>>;

export interface ConditionFacts {
  /** Real time: a date in a policy is no matter of lifecycle time. */
  readonly nowMs: number;
  readonly sourceIp: string;
  /** True when the request came over TLS. */
  readonly isSecure: boolean;
  /** Undefined for what lies in no region. */
  readonly region: string | undefined;
  /** Undefined when nobody signed: an authorizer is asked about a stranger. */
  readonly caller: { readonly account: string; readonly arn: string } | undefined;
  /** Of the object that is asked for. */
  readonly resourceTags?: Tags | undefined;
  /** That the request brings. */
  readonly requestTags?: Tags | undefined;
  /** Keys of tags that the request brings or takes away. */
  readonly tagKeys?: readonly string[] | undefined;
}

const REQUEST_TAG = 'aws:requesttag/';
const TAG_KEYS = 'aws:tagkeys';
/** Several values at once; by their names in AWS's letters. */
const SETS: readonly string[] = [
  'aws:TagKeys',
  'route53:ChangeResourceRecordSetsNormalizedRecordNames',
  'route53:ChangeResourceRecordSetsRecordTypes',
  'route53:ChangeResourceRecordSetsActions',
];
const SINGLE: readonly string[] = [
  'aws:currenttime',
  'aws:epochtime',
  'aws:sourceip',
  'aws:securetransport',
  'aws:requestedregion',
  'aws:principalarn',
  'aws:principalaccount',
];
const PREFIXES: readonly string[] = [RESOURCE_TAG, REQUEST_TAG];

export function policyContext(facts: ConditionFacts): PolicyRequest['context'] {
  const { nowMs, sourceIp, isSecure, region, caller, resourceTags, requestTags, tagKeys } = facts;
  return {
    'aws:currenttime': new Date(nowMs).toISOString(),
    'aws:epochtime': String(Math.floor(nowMs / 1_000)),
    'aws:sourceip': sourceIp,
    'aws:securetransport': String(isSecure),
    'aws:requestedregion': region,
    'aws:principalarn': caller?.arn,
    'aws:principalaccount': caller?.account,
    ...(resourceTags && keyed(RESOURCE_TAG, resourceTags)),
    ...(requestTags && keyed(REQUEST_TAG, requestTags)),
    ...(tagKeys && tagKeys.length > 0 && { [TAG_KEYS]: tagKeys }),
  };
}

/** Keys of conditions know no upper case, and those of tags do: two that differ in it alone are two values of one key. */
function keyed(prefix: string, tags: Tags): Record<string, readonly string[]> {
  const values: Record<string, string[]> = {};
  for (const [key, value] of Object.entries(tags)) (values[`${prefix}${key.toLowerCase()}`] ??= []).push(value);
  return values;
}

/**
 * Why a condition of the accounts file cannot be kept. A key that no request ever has would make a statement that denies by it deny
 * nothing; and whether all or any of several values are meant has to be said.
 */
export function conditionKeyProblem(key: string, operator: string): string | undefined {
  const set = SETS.find((name) => name.toLowerCase() === key);
  if (set !== undefined) {
    if (operator === 'Null' || /^For(?:AllValues|AnyValue):/.test(operator)) return undefined;
    return `${set} has several values: say ForAllValues:${operator} or ForAnyValue:${operator}`;
  }
  if (SINGLE.includes(key) || PREFIXES.some((prefix) => key.startsWith(prefix) && key.length > prefix.length)) {
    return undefined;
  }
  const known = [...SINGLE, ...PREFIXES.map((prefix) => `${prefix}…`), ...SETS].join(', ');
  return `the condition key '${key.slice(0, 64)}' is none that is known here: ${known}`;
}
