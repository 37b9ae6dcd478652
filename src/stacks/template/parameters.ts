// The Parameters section and what the command line gives for it. A value never appears in a problem: it may be a secret.

import { matchesWhole } from '../../protocol/text-pattern.ts';
import type { MissingParameter } from './fold-scope.ts';
import { nearestName } from './nearest-name.ts';
import { ProblemAt, type ProblemList } from './problem-list.ts';
import type { NotCarried, ReadOptions, Value } from './stack-template.ts';
import { asList, asMap, asText, scalar, type MapNode, type Node } from './template-node.ts';

const NUMBER = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const SSM_VALUE = /^AWS::SSM::Parameter::Value<(.+)>$/;
const LIST = /^List<(.+)>$/;
const PLAIN_TYPES = ['String', 'Number', 'List<Number>', 'List<String>', 'CommaDelimitedList'];
const ALLOWED_SHOWN_MAX = 20;
const MEMBERS = [
  'AllowedPattern',
  'AllowedValues',
  'ConstraintDescription',
  'Default',
  'Description',
  'MaxLength',
  'MaxValue',
  'MinLength',
  'MinValue',
  'NoEcho',
  'Type',
];

export interface ReadParameters {
  readonly values: ReadonlyMap<string, Value | MissingParameter>;
  /** Patterns that could not be applied. */
  readonly unchecked: readonly NotCarried[];
}

export function readParameters(
  section: MapNode | undefined,
  given: ReadOptions['parameters'],
  problems: ProblemList,
): ReadParameters {
  const values = new Map<string, Value | MissingParameter>();
  const unchecked: NotCarried[] = [];
  for (const [name, node] of section?.entries ?? []) {
    const missing: MissingParameter = { kind: 'missing', line: node.line, message: undefined };
    const reader = new ParameterReader(name, problems, unchecked);
    values.set(
      name,
      problems.collect(() => reader.read(node, Object.hasOwn(given, name) ? given[name] : undefined), missing),
    );
  }
  for (const name of Object.keys(given)) {
    if (values.has(name)) continue;
    const nearest = nearestName(name, values.keys());
    problems.add(section?.line ?? 1, `--parameter gives '${name}', and the template has no such parameter${nearest}`);
  }
  return { values, unchecked };
}

class ParameterReader {
  readonly #name: string;
  readonly #problems: ProblemList;
  readonly #unchecked: NotCarried[];

  constructor(name: string, problems: ProblemList, unchecked: NotCarried[]) {
    this.#name = name;
    this.#problems = problems;
    this.#unchecked = unchecked;
  }

  /** Throws ProblemAt. */
  read(node: Node, given: string | undefined): Value | MissingParameter {
    const name = this.#name;
    const { line } = node;
    const { entries } = asMap(node, `parameter '${name}'`);
    for (const [member, { line: at }] of entries)
      if (!MEMBERS.includes(member))
        this.#problems.add(at, `a parameter has no ${member}${nearestName(member, MEMBERS)}`);
    const typeNode = entries.get('Type');
    if (!typeNode) throw new ProblemAt(line, `parameter '${name}' has no Type`);
    const written = asText(typeNode, 'Type');
    const [, stored] = SSM_VALUE.exec(written) ?? [];
    const type = stored ?? written;
    if (!PLAIN_TYPES.includes(type) && !/^(?:List<)?AWS::/.test(type))
      throw new ProblemAt(typeNode.line, `there is no parameter type ${type}${nearestName(type, PLAIN_TYPES)}`);
    if (stored !== undefined && given === undefined) {
      const message = `parameter '${name}' is read from Systems Manager, which is not here; give it by --parameter ${name}=VALUE`;
      return { kind: 'missing', line, message };
    }
    const byDefault = entries.get('Default');
    const text = given ?? (byDefault && asText(byDefault, `the Default of parameter '${name}'`));
    if (text === undefined)
      throw new ProblemAt(line, `parameter '${name}' has no Default; give it by --parameter ${name}=VALUE`);
    return this.#valueOf(text, type, entries, line);
  }

  #valueOf(text: string, type: string, members: MapNode['entries'], line: number): Value {
    const isList = type === 'CommaDelimitedList' || LIST.test(type);
    const isNumber = type === 'Number' || type === 'List<Number>';
    const texts = !isList ? [text] : text === '' ? [] : text.split(',').map((item) => item.trim());
    for (const item of texts) {
      if (isNumber && !NUMBER.test(item)) throw new ProblemAt(line, `parameter '${this.#name}' must be a number`);
      this.#check(item, isNumber, members, line);
    }
    const items = texts.map((item) => (isNumber ? scalar(Number(item), line, item) : scalar(item, line)));
    return isList ? { kind: 'list', items, line } : items[0]!;
  }

  #check(text: string, isNumber: boolean, members: MapNode['entries'], line: number): void {
    const bound = (member: string) => {
      const node = members.get(member);
      return node && numberOf(node, member);
    };
    const described = members.get('ConstraintDescription');
    const words = described ? `: ${asText(described, 'ConstraintDescription')}` : '';
    const refuse = (must: string) => new ProblemAt(line, `parameter '${this.#name}' must ${must}${words}`);
    const allowed = members.get('AllowedValues');
    if (allowed) {
      const values = asList(allowed, 'AllowedValues').items.map((item) => asText(item, 'an allowed value'));
      const shown = values.slice(0, ALLOWED_SHOWN_MAX).join(', ');
      if (!values.includes(text)) throw refuse(`be one of ${shown}${values.length > ALLOWED_SHOWN_MAX ? ' …' : ''}`);
    }
    const pattern = members.get('AllowedPattern');
    if (pattern && !this.#matches(text, pattern)) throw refuse(`match ${asText(pattern, 'AllowedPattern')}`);
    const size = isNumber ? Number(text) : text.length;
    const [least, most] = isNumber ? [bound('MinValue'), bound('MaxValue')] : [bound('MinLength'), bound('MaxLength')];
    const unit = isNumber ? '' : ' letters long';
    if (least !== undefined && size < least) throw refuse(`be ${least}${unit} at least`);
    if (most !== undefined && size > most) throw refuse(`be ${most}${unit} at most`);
  }

  #matches(text: string, node: Node): boolean {
    const isMatch = matchesWhole(asText(node, 'AllowedPattern'), text);
    if (isMatch !== undefined) return isMatch;
    this.#unchecked.push({
      logicalId: this.#name,
      type: 'Parameter AllowedPattern',
      reason: 'the pattern has lookaround, a back reference or an error in it, and is not checked',
      place: { file: this.#problems.file, line: node.line },
    });
    return true;
  }
}

function numberOf(node: Node, member: string): number {
  const number = Number(asText(node, member));
  if (Number.isFinite(number)) return number;
  throw new ProblemAt(node.line, `${member} must be a number`);
}
