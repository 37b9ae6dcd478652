// One call of an intrinsic function: which there are, and what each makes of its arguments. A call whose arguments are known is replaced
// by its result; one that asks for a resource stays.

import { jsonOf } from './plain-json.ts';
import type { FoldScope } from './fold-scope.ts';
import { INTRINSIC_NAMES } from './intrinsic-names.ts';
import { nearestName } from './nearest-name.ts';
import { ProblemAt } from './problem-list.ts';
import type { Scalar, Value } from './stack-template.ts';
import { partsOfSub } from './sub-text.ts';
import { asList, describe, scalar, type Node } from './template-node.ts';
import { pick } from './text-functions.ts';

export interface Call {
  readonly name: string;
  readonly argument: Node;
  readonly line: number;
  readonly scope: FoldScope;
  /** Throws ProblemAt. */
  fold(node: Node): Value | undefined;
}

const FUNCTIONS: ReadonlyMap<string, (call: Call) => Value | undefined> = new Map([
  ['Ref', foldRef],
  ['Fn::Base64', foldBase64],
  ['Fn::FindInMap', foldFindInMap],
  ['Fn::GetAtt', foldGetAtt],
  ['Fn::GetAZs', foldGetAZs],
  ['Fn::If', foldIf],
  ['Fn::ImportValue', foldImportValue],
  ['Fn::Join', foldJoin],
  ['Fn::Length', foldLength],
  ['Fn::Select', foldSelect],
  ['Fn::Split', foldSplit],
  ['Fn::Sub', foldSub],
  ['Fn::ToJsonString', foldToJsonString],
]);

const CONDITION_FUNCTIONS: readonly string[] = ['Fn::And', 'Fn::Equals', 'Fn::Not', 'Fn::Or'];

/** Throws ProblemAt. Undefined for AWS::NoValue. */
export function foldCall(call: Call): Value | undefined {
  const { name, line } = call;
  const folded = FUNCTIONS.get(name);
  if (folded) return folded(call);
  if (CONDITION_FUNCTIONS.includes(name))
    throw new ProblemAt(line, `${name} makes a condition: it belongs below Conditions, and Fn::If asks for it by name`);
  if (name === 'Fn::Transform')
    throw new ProblemAt(line, 'Fn::Transform is run by AWS alone; write out what the macro makes');
  if (INTRINSIC_NAMES.includes(name))
    throw new ProblemAt(line, `${name} is not read here; write its result in its place`);
  throw new ProblemAt(line, `there is no function ${name}${nearestName(name, INTRINSIC_NAMES)}`);
}

/** What a name stands for: a parameter's value, or whatever the resource of that name says. */
function named(name: string, line: number, scope: FoldScope): Value | undefined {
  if (!scope.named.has(name)) {
    if (!name.includes('::')) return { kind: 'ref', logicalId: name, line };
    throw new ProblemAt(line, `there is no pseudo parameter ${name}${nearestName(name, scope.named.keys())}`);
  }
  const value = scope.named.get(name);
  if (value?.kind === 'missing') {
    if (value.message !== undefined) scope.problems.add(value.line, value.message);
    return scalar('', line);
  }
  if (value?.kind === 'scalar') scope.produced.add(value.text.length, line);
  if (value?.kind === 'list') scope.produced.add(weightOf(value.items), line);
  return value && { ...value, line };
}

function weightOf(items: readonly Value[]): number {
  return items.reduce((sum, item) => sum + (item.kind === 'scalar' ? item.text.length : 0) + 1, 0);
}

function foldRef(call: Call): Value | undefined {
  const { argument, line, scope } = call;
  const name = argument.kind === 'map' ? knownText(call, argument) : argument.kind === 'scalar' ? argument.text : '';
  if (name === '')
    throw new ProblemAt(line, `Ref takes the name of a parameter or resource, not ${describe(argument)}`);
  return named(name, line, scope);
}

function foldGetAtt(call: Call): Value {
  const { argument, line } = call;
  const [logicalId, attribute] =
    argument.kind === 'list'
      ? argument.items.map((item) => knownText(call, item))
      : splitOnce(knownText(call, argument));
  const isWhole = argument.kind !== 'list' || argument.items.length === 2;
  if (!logicalId || !attribute || !isWhole)
    throw new ProblemAt(line, 'Fn::GetAtt takes a resource and an attribute: Name.Attribute, or a list of the two');
  return { kind: 'attribute', logicalId, name: attribute, line };
}

function splitOnce(text: string): [string, string | undefined] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

function foldSub(call: Call): Value {
  const { argument, line, scope } = call;
  const [written, variables] = argument.kind === 'list' ? argument.items : [argument];
  const isWhole = argument.kind !== 'list' || (argument.items.length === 2 && variables?.kind === 'map');
  if (written?.kind !== 'scalar' || written.value === null || !isWhole)
    throw new ProblemAt(line, 'Fn::Sub takes a text, or a list of a text and an object with its variables');
  const own = variables?.kind === 'map' ? variables.entries : new Map<string, Node>();
  const parts = partsOfSub(written.text, line).map((part): Value => {
    if (typeof part === 'string') return scalar(part, line);
    const variable = own.get(part.name);
    if (variable) return call.fold(variable) ?? noValue(line, `the variable ${part.name}`);
    const [logicalId, attribute] = splitOnce(part.name);
    if (attribute !== undefined) return { kind: 'attribute', logicalId, name: attribute, line };
    return named(part.name, line, scope) ?? noValue(line, `\${${part.name}}`);
  });
  return joined(call, '', parts);
}

function noValue(line: number, what: string): never {
  throw new ProblemAt(line, `${what} is AWS::NoValue, of which no text can be made`);
}

function foldJoin(call: Call): Value {
  const [delimiter, items] = argumentsOf(call, 2, 'a delimiter and a list');
  const list = call.fold(items!);
  const between = knownText(call, delimiter!);
  if (list?.kind === 'list') return joined(call, between, list.items);
  return { kind: 'join', delimiter: between, items: listed(list, call), line: call.line };
}

/** One text of several values, as far as they are known. Texts side by side become one where nothing comes between them. */
function joined({ name, line, scope }: Call, delimiter: string, items: readonly Value[]): Value {
  const texts: Value[] = [];
  for (const item of items) {
    if (item.kind === 'list' || item.kind === 'map' || (item.kind === 'scalar' && item.value === null))
      throw new ProblemAt(item.line, `${name} makes a text, and ${describe(item)} stands in it`);
    const before = texts.at(-1);
    if (delimiter === '' && item.kind === 'scalar' && before?.kind === 'scalar')
      texts[texts.length - 1] = scalar(before.text + item.text, line);
    else texts.push(item);
  }
  if (texts.some(({ kind }) => kind !== 'scalar'))
    return { kind: 'join', delimiter, items: { kind: 'list', items: texts, line }, line };
  const text = texts.map((item) => (item as Scalar).text).join(delimiter);
  scope.produced.add(text.length, line);
  return scalar(text, line);
}

function foldSelect(call: Call): Value {
  const [position, items] = argumentsOf(call, 2, 'an index and a list');
  const index = Number(knownText(call, position!));
  if (!Number.isSafeInteger(index) || index < 0)
    throw new ProblemAt(call.line, 'the index of Fn::Select must be a whole number from 0');
  const list = call.fold(items!);
  if (list?.kind === 'list') return pick(list.items, index, call.line);
  return { kind: 'select', index, items: listed(list, call), line: call.line };
}

function foldSplit(call: Call): Value {
  const { line, scope } = call;
  const [separator, source] = argumentsOf(call, 2, 'a delimiter and a text');
  const delimiter = knownText(call, separator!);
  if (delimiter === '') throw new ProblemAt(line, 'the delimiter of Fn::Split must not be empty');
  const text = textual(call.fold(source!), call);
  if (text.kind !== 'scalar') return { kind: 'split', delimiter, text, line };
  const items = text.text.split(delimiter).map((part) => scalar(part, line));
  scope.produced.add(weightOf(items), line);
  return { kind: 'list', items, line };
}

function foldBase64(call: Call): Value {
  const text = textual(call.fold(call.argument), call);
  if (text.kind !== 'scalar') return { kind: 'base64', text, line: call.line };
  const encoded = Buffer.from(text.text).toString('base64');
  call.scope.produced.add(encoded.length, call.line);
  return scalar(encoded, call.line);
}

function foldLength(call: Call): Value {
  const list = call.fold(call.argument);
  if (list?.kind === 'list') return scalar(list.items.length, call.line);
  return { kind: 'length', items: listed(list, call), line: call.line };
}

function foldToJsonString(call: Call): Value {
  const { line, scope, argument } = call;
  const value = call.fold(argument);
  if (!value || value.kind === 'scalar') throw new ProblemAt(line, 'Fn::ToJsonString takes an object or a list');
  const json = jsonOf(value);
  if (json === undefined) return { kind: 'json', of: value, line };
  const text = JSON.stringify(json);
  scope.produced.add(text.length, line);
  return scalar(text, line);
}

function foldIf(call: Call): Value | undefined {
  const [condition, whenTrue, whenFalse] = argumentsOf(call, 3, 'a condition and two values');
  const name = condition!.kind === 'scalar' ? condition!.text : undefined;
  if (name === undefined) throw new ProblemAt(call.line, 'Fn::If takes the name of a condition first');
  return call.fold(call.scope.condition(name, call.line) ? whenTrue! : whenFalse!);
}

function foldFindInMap(call: Call): Value | undefined {
  const { line, scope } = call;
  const { items } = asList(call.argument, 'what Fn::FindInMap takes');
  if (items.length !== 3 && items.length !== 4)
    throw new ProblemAt(line, 'Fn::FindInMap takes a list of a mapping, a first key and a second key');
  const [map, first, second] = items.slice(0, 3).map((item) => knownText(call, item)) as [string, string, string];
  const found = scope.mappings.get(map)?.get(first)?.get(second);
  if (found) return call.fold({ ...found, line });
  const options = items[3];
  const otherwise = options?.kind === 'map' ? options.entries.get('DefaultValue') : undefined;
  if (otherwise) return call.fold(otherwise);
  const rows = scope.mappings.get(map);
  if (!rows) throw new ProblemAt(line, `there is no mapping '${map}'${nearestName(map, scope.mappings.keys())}`);
  const key = rows.has(first) ? 'second' : 'first';
  throw new ProblemAt(
    line,
    `the mapping '${map}' has not the ${key} key that is asked for, and Fn::FindInMap names no DefaultValue`,
  );
}

function foldGetAZs(call: Call): Value {
  const { line, scope, argument } = call;
  const region =
    (argument.kind === 'scalar' && argument.value === null ? '' : knownText(call, argument)) || scope.region;
  return { kind: 'list', items: ['a', 'b', 'c'].map((zone) => scalar(region + zone, line)), line };
}

function foldImportValue(call: Call): Value {
  const { line, scope, argument } = call;
  const name = knownText(call, argument);
  if (Object.hasOwn(scope.imports, name)) return scalar(scope.imports[name]!, line);
  throw new ProblemAt(line, `Fn::ImportValue asks for '${name}' of another stack; give it by --import ${name}=VALUE`);
}

function argumentsOf(call: Call, count: number, what: string): readonly Node[] {
  const { argument, name, line } = call;
  if (argument.kind === 'list' && argument.items.length === count) return argument.items;
  throw new ProblemAt(line, `${name} takes a list of ${what}`);
}

/** A text that must be known before any resource is. */
function knownText(call: Call, node: Node): string {
  const value = call.fold(node);
  if (value?.kind === 'scalar' && value.value !== null) return value.text;
  const found = value ? describe(value) : 'AWS::NoValue';
  throw new ProblemAt(
    node.line,
    `${call.name} needs a text here that is known before any resource, and finds ${found}`,
  );
}

/** A text, or an expression that will be one. */
function textual(value: Value | undefined, { name, line }: Call): Value {
  if (value && value.kind !== 'list' && value.kind !== 'map' && !(value.kind === 'scalar' && value.value === null))
    return value;
  throw new ProblemAt(line, `${name} takes a text, and finds ${value ? describe(value) : 'AWS::NoValue'}`);
}

/** An expression that will be a list. */
function listed(value: Value | undefined, { name, line }: Call): Value {
  const isList = value?.kind === 'split' || value?.kind === 'attribute' || value?.kind === 'select';
  if (value && isList) return value;
  throw new ProblemAt(line, `${name} takes a list, and finds ${value ? describe(value) : 'AWS::NoValue'}`);
}
