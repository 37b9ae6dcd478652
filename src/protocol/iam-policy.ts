// IAM policies (identity-based, and those that an authorizer returns): parsed once, evaluated for a request. An explicit deny wins over
// every allow, and what nobody allows is denied. Pure; matching a wildcard takes at most the product of both lengths, never more than that.

import { BlockList, isIP } from 'node:net';

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface PolicyRequest {
  /** `execute-api:Invoke`; compared without regard to case. */
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, by their names in lower case. A key that has several at once has a list of them. */
  readonly context: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** True where the tags of the resource are not at hand. Then a statement that asks for them denies, and does not allow. */
  readonly isTagsUnknown?: boolean;
}

interface Condition {
  /** True when the condition holds for the request's values of the key, of which there may be none. */
  holds(values: readonly string[]): boolean;
  readonly key: string;
}

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly isNotAction: boolean;
  readonly resources: readonly string[];
  readonly isNotResource: boolean;
  readonly conditions: readonly Condition[];
}

export type Policy = readonly Statement[];

/** What is refused beyond what is no policy anywhere. */
export interface PolicyBounds {
  readonly resourceCharactersMax?: number;
  /** Says what is wrong with a condition key (lower case) under an operator: for a document whose author can still mend it. */
  readonly keyProblem?: (key: string, operator: string) => string | undefined;
}

export const RESOURCE_TAG = 'aws:resourcetag/';
const KNOWN_MEMBERS: readonly string[] = ['Version', 'Id', 'Statement'];
const VERSIONS: readonly unknown[] = ['2012-10-17', '2008-10-17'];

/** The parsed policy, or a phrase that says what is wrong with the document. */
export function parsePolicy(document: unknown, bounds: PolicyBounds = {}): Policy | { readonly problem: string } {
  const { resourceCharactersMax = Number.POSITIVE_INFINITY, keyProblem } = bounds;
  if (!isRecord(document)) return { problem: 'a policy is an object' };
  const { Statement: given, Version: version = VERSIONS[0] } = document;
  const other = keyProblem && Object.keys(document).find((name) => !KNOWN_MEMBERS.includes(name));
  if (other !== undefined) return { problem: `'${other.slice(0, 64)}' is no member of a policy` };
  if (keyProblem && !VERSIONS.includes(version)) return { problem: `a policy's Version is ${VERSIONS.join(' or ')}` };
  const statements = Array.isArray(given) ? (given as unknown[]) : [given];
  if (given === undefined || statements.length === 0) return { problem: 'a policy has a Statement' };
  const parsed: Statement[] = [];
  for (const statement of statements) {
    const one = parseStatement(statement, keyProblem);
    if (typeof one === 'string') return { problem: one };
    const long = one.resources.find((resource) => resource.length > resourceCharactersMax);
    if (long !== undefined)
      return { problem: `a resource of ${long.length} characters exceeds ${resourceCharactersMax}` };
    parsed.push(one);
  }
  return parsed;
}

/** Does any of them ask for tags of the resource? Whoever has to look them up need not where none does. */
export function asksForTags(policies: readonly Policy[]): boolean {
  return policies.some((policy) =>
    policy.some(({ conditions }) => conditions.some(({ key }) => key.startsWith(RESOURCE_TAG))),
  );
}

export function evaluatePolicies(policies: readonly Policy[], request: PolicyRequest): Decision {
  let decision: Decision = 'implicitDeny';
  for (const policy of policies) {
    for (const statement of policy) {
      if (!applies(statement, request)) continue;
      if (statement.effect === 'Deny') return 'explicitDeny';
      decision = 'allowed';
    }
  }
  return decision;
}

const NONE: readonly string[] = [];

function applies(statement: Statement, { action, resource, context, isTagsUnknown }: PolicyRequest): boolean {
  const lower = action.toLowerCase();
  const isAction = statement.actions.some((pattern) => matchesWildcard(pattern, lower));
  if (isAction === statement.isNotAction) return false;
  const isResource = statement.resources.some((pattern) => matchesWildcard(pattern, resource));
  if (isResource === statement.isNotResource) return false;
  // Keys are words of whoever wrote the policy: one like `constructor` is a key that is not there.
  return statement.conditions.every(({ key, holds }) => {
    if (isTagsUnknown && key.startsWith(RESOURCE_TAG)) return statement.effect === 'Deny';
    const value = Object.hasOwn(context, key) ? context[key] : undefined;
    return holds(typeof value === 'string' ? [value] : (value ?? NONE));
  });
}

/** `*` is any text, `?` any one character, across every separator. */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let star = -1;
  let retry = 0;
  while (inText < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at;
      retry = inText;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
      at += 1;
      inText += 1;
    } else if (star >= 0) {
      // The last star takes one character more; earlier ones never need to.
      at = star + 1;
      retry += 1;
      inText = retry;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

const KNOWN: readonly string[] = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

function parseStatement(given: unknown, keyProblem: PolicyBounds['keyProblem']): Statement | string {
  if (!isRecord(given)) return 'a Statement is an object';
  const unknown = Object.keys(given).find((name) => !KNOWN.includes(name));
  // A Principal, for one, would narrow what the statement says: it must not be overlooked.
  if (unknown !== undefined) return `'${unknown.slice(0, 64)}' is no member of a Statement here`;
  const { Effect: effect, Condition: condition } = given;
  if (effect !== 'Allow' && effect !== 'Deny') return 'Effect is Allow or Deny';
  const actions = oneOf(given, 'Action', 'NotAction');
  if (typeof actions === 'string') return actions;
  const resources = oneOf(given, 'Resource', 'NotResource');
  if (typeof resources === 'string') return resources;
  const variable = variableIn(resources.values);
  if (variable !== undefined) return variable;
  const conditions = condition === undefined ? [] : parseConditions(condition, keyProblem);
  if (typeof conditions === 'string') return conditions;
  return {
    effect,
    actions: actions.values.map((value) => value.toLowerCase()),
    isNotAction: actions.isNot,
    resources: resources.values,
    isNotResource: resources.isNot,
    conditions,
  };
}

function oneOf(given: Readonly<Record<string, unknown>>, name: string, not: string) {
  if ((given[name] === undefined) === (given[not] === undefined)) return `a Statement has either ${name} or ${not}`;
  const values = textsOf(given[name] ?? given[not]);
  return values ? { values, isNot: given[name] === undefined } : `${name} is a text or a list of texts`;
}

/** Variables are not filled in here. As mere letters they would match nothing, and a statement that denies would deny nothing. */
function variableIn(texts: readonly string[]): string | undefined {
  const text = texts.find((one) => one.includes('${'));
  return text === undefined ? undefined : `the variable in '${text.slice(0, 64)}' is not available here`;
}

/** A text, or a list of them; numbers and booleans count as their texts. */
function textsOf(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  if (list.length === 0 || !list.every((one) => ['string', 'number', 'boolean'].includes(typeof one))) return undefined;
  return list.map(String);
}

type Test = (value: string, wanted: string) => boolean;

const compare = (test: (value: number, wanted: number) => boolean, read: (text: string) => number): Test => {
  return (value, wanted) => {
    const [a, b] = [read(value), read(wanted)];
    return !Number.isNaN(a) && !Number.isNaN(b) && test(a, b);
  };
};
const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
/** ISO 8601, or seconds since the epoch. */
const dateOf = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text));
const equals: Test = (value, wanted) => value === wanted;
const like: Test = (value, wanted) => matchesWildcard(wanted, value);
/** Part by part: a wildcard in an account does not reach into the resource. */
const arnLike: Test = (value, wanted) => {
  const [parts, patterns] = [arnParts(value), arnParts(wanted)];
  return parts.length === 6 && patterns.length === 6 && patterns.every((one, at) => matchesWildcard(one, parts[at]!));
};
const ORDERS = {
  Equals: (a: number, b: number) => a === b,
  LessThan: (a: number, b: number) => a < b,
  LessThanEquals: (a: number, b: number) => a <= b,
  GreaterThan: (a: number, b: number) => a > b,
  GreaterThanEquals: (a: number, b: number) => a >= b,
};

const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ['StringEquals', equals],
  ['StringEqualsIgnoreCase', (value, wanted) => value.toLowerCase() === wanted.toLowerCase()],
  ['StringLike', like],
  ['ArnEquals', arnLike],
  ['ArnLike', arnLike],
  ['Bool', (value, wanted) => value.toLowerCase() === wanted.toLowerCase()],
  ['IpAddress', isWithin],
  ...Object.entries(ORDERS).flatMap(([name, order]): [string, Test][] => [
    [`Numeric${name}`, compare(order, numberOf)],
    [`Date${name}`, compare(order, dateOf)],
  ]),
]);
/** Negated form → what it negates. */
const NEGATED: ReadonlyMap<string, string> = new Map([
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
  ['NotIpAddress', 'IpAddress'],
  ['NumericNotEquals', 'NumericEquals'],
  ['DateNotEquals', 'DateEquals'],
]);

function parseConditions(given: unknown, keyProblem: PolicyBounds['keyProblem']): Condition[] | string {
  if (!isRecord(given)) return 'Condition is an object';
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(given)) {
    if (!isRecord(keys)) return `the condition ${operator.slice(0, 64)} is an object`;
    for (const [key, value] of Object.entries(keys)) {
      const wanted = textsOf(value);
      if (!wanted) return `the condition ${operator.slice(0, 64)} of ${key.slice(0, 64)} is a text or a list of texts`;
      const variable = variableIn(wanted);
      if (variable !== undefined) return variable;
      const holds = conditionOf(operator, wanted);
      if (!holds) return `there is no condition '${operator.slice(0, 64)}'`;
      const problem = formProblem(operator, wanted) ?? keyProblem?.(key.toLowerCase(), operator);
      if (problem !== undefined) return problem;
      conditions.push({ key: key.toLowerCase(), holds });
    }
  }
  return conditions;
}

/** What the values of a condition must be. One that is not would never hold, and a statement that denies by it never deny. */
const FORMS: readonly (readonly [operators: RegExp, noun: string, isOne: (text: string) => boolean])[] = [
  [/IpAddress/, 'an address or a range of addresses', (text) => readRange(text) !== undefined],
  [/Numeric/, 'a number', (text) => !Number.isNaN(numberOf(text))],
  [/Date/, 'a date', (text) => !Number.isNaN(dateOf(text))],
  [/^Bool|:Bool|^Null$/, 'true or false', (text) => /^(?:true|false)$/i.test(text)],
];

function formProblem(operator: string, wanted: readonly string[]): string | undefined {
  const [, noun, isOne = () => true] = FORMS.find(([operators]) => operators.test(operator)) ?? [];
  const wrong = wanted.find((text) => !isOne(text));
  return wrong === undefined ? undefined : `'${wrong.slice(0, 64)}' of ${operator.slice(0, 64)} is not ${noun}`;
}

function conditionOf(operator: string, wanted: readonly string[]): Condition['holds'] | undefined {
  if (operator === 'Null') {
    return (values) => wanted.some((one) => (one.toLowerCase() === 'true') === (values.length === 0));
  }
  const [, set, name, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === undefined) return undefined;
  const negated = NEGATED.get(name);
  const test = TESTS.get(negated ?? name);
  if (!test) return undefined;
  // Of no values none is anything, not even other than what is wanted.
  const isOtherThanWanted = negated !== undefined && set !== 'ForAnyValue';
  const whenAbsent = ifExists !== undefined || set === 'ForAllValues' || isOtherThanWanted;
  const isMet = (value: string) => wanted.some((one) => test(value, one)) === (negated === undefined);
  return (values) => {
    if (values.length === 0) return whenAbsent;
    // Without a set, and negated, all of several values have to be others; else one that is wanted is enough.
    return set === 'ForAllValues' || isOtherThanWanted ? values.every(isMet) : values.some(isMet);
  };
}

/** The six parts of an ARN; the last one may hold colons. */
function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

interface AddressRange {
  readonly network: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** An address, or a network with the number of its bits; undefined when it is neither. */
function readRange(text: string): AddressRange | undefined {
  const [, network = '', prefix] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(network);
  if (version === 0) return undefined;
  const bitsMax = version === 6 ? 128 : 32;
  const bits = prefix === undefined ? bitsMax : Number(prefix);
  return bits <= bitsMax ? { network, bits, family: version === 6 ? 'ipv6' : 'ipv4' } : undefined;
}

function isWithin(address: string, wanted: string): boolean {
  const range = readRange(wanted);
  const version = isIP(address);
  if (!range || version === 0) return false;
  const list = new BlockList();
  list.addSubnet(range.network, range.bits, range.family);
  return list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
