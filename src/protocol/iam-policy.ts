// IAM policies (identity-based, and those that an authorizer returns): parsed once, evaluated for a request. An explicit deny wins over
// every allow, and what nobody allows is denied. Pure; wildcards and conditions take time in proportion to their texts.

import { BlockList, isIP } from 'node:net';

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface PolicyRequest {
  /** `execute-api:Invoke`; compared without regard to case. */
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, by their names in lower case. */
  readonly context: Readonly<Record<string, string | undefined>>;
}

interface Condition {
  /** True when the condition holds for the request's value of the key, which may not be there. */
  holds(value: string | undefined): boolean;
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

/** The parsed policy, or a phrase that says what is wrong with the document. */
export function parsePolicy(document: unknown): Policy | { readonly problem: string } {
  if (!isRecord(document)) return { problem: 'a policy is an object' };
  const { Statement: given } = document;
  const statements = Array.isArray(given) ? (given as unknown[]) : [given];
  if (given === undefined || statements.length === 0) return { problem: 'a policy has a Statement' };
  const parsed: Statement[] = [];
  for (const statement of statements) {
    const one = parseStatement(statement);
    if (typeof one === 'string') return { problem: one };
    parsed.push(one);
  }
  return parsed;
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

function applies(statement: Statement, { action, resource, context }: PolicyRequest): boolean {
  const lower = action.toLowerCase();
  const isAction = statement.actions.some((pattern) => matchesWildcard(pattern, lower));
  if (isAction === statement.isNotAction) return false;
  const isResource = statement.resources.some((pattern) => matchesWildcard(pattern, resource));
  if (isResource === statement.isNotResource) return false;
  return statement.conditions.every(({ key, holds }) => holds(context[key]));
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

function parseStatement(given: unknown): Statement | string {
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
  const conditions = condition === undefined ? [] : parseConditions(condition);
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
  ['ArnEquals', like],
  ['ArnLike', like],
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

function parseConditions(given: unknown): Condition[] | string {
  if (!isRecord(given)) return 'Condition is an object';
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(given)) {
    if (!isRecord(keys)) return `the condition ${operator.slice(0, 64)} is an object`;
    for (const [key, value] of Object.entries(keys)) {
      const wanted = textsOf(value);
      if (!wanted) return `the condition ${operator.slice(0, 64)} of ${key.slice(0, 64)} is a text or a list of texts`;
      const holds = conditionOf(operator, wanted);
      if (!holds) return `there is no condition '${operator.slice(0, 64)}'`;
      conditions.push({ key: key.toLowerCase(), holds });
    }
  }
  return conditions;
}

function conditionOf(operator: string, wanted: readonly string[]): Condition['holds'] | undefined {
  if (operator === 'Null') {
    return (value) => wanted.some((one) => (one.toLowerCase() === 'true') === (value === undefined));
  }
  // Keys have one value here, so a set of them is that value.
  const [, set, name, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === undefined) return undefined;
  const negated = NEGATED.get(name);
  const test = TESTS.get(negated ?? name);
  if (!test) return undefined;
  const whenAbsent = ifExists !== undefined || set === 'ForAllValues' || negated !== undefined;
  return (value) => {
    if (value === undefined) return whenAbsent;
    const isMet = wanted.some((one) => test(value, one));
    return negated === undefined ? isMet : !isMet;
  };
}

function isWithin(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/', 2);
  const family = isIP(network);
  const asked = isIP(address);
  if (family === 0 || asked === 0) return false;
  const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 6 ? 'ipv6' : 'ipv4');
  return list.check(address, asked === 6 ? 'ipv6' : 'ipv4');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
