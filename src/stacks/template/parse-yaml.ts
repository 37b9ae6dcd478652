// YAML with lines and CloudFormation's short forms. The library finds the structure; what a plain scalar is, is decided here, because
// CloudFormation takes most of them as text: account numbers keep their zeros, dates stay text.

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { withFlowsIndented } from './flow-lines.ts';
import { INTRINSIC_NAMES, intrinsicOfTag } from './intrinsic-names.ts';
import { nearestName } from './nearest-name.ts';
import { ProblemAt, type ProblemList } from './problem-list.ts';
import { NodeCount, scalar, type MapNode, type Node } from './template-node.ts';

const CORE_TAG = 'tag:yaml.org,2002:';
const ERRORS_MAX = 5;
const MERGE_KEY = '<<';
const NULL = /^(?:~|null|Null|NULL)?$/;
const TRUE = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$/;

/** Throws TemplateProblems where the syntax is wrong, and ProblemAt where nothing can stand for what is wrong. */
export function parseYaml(text: string, problems: ProblemList): Node {
  const strict = parseStrictly(text);
  const { document, lineAt } = strict.document.errors.length === 0 ? strict : withoutErrors(text, strict);
  for (const { message, pos } of document.errors.slice(0, ERRORS_MAX)) {
    const isSecond = message.startsWith('Source contains multiple');
    problems.add(lineAt(pos[0]), isSecond ? 'a template is one YAML document' : message);
  }
  if (document.errors.length > 0) problems.throwIfAny();
  return new YamlTree(lineAt, problems).node(document.contents, 1, undefined);
}

interface ParsedText {
  readonly document: ReturnType<typeof parseDocument>;
  lineAt(offset: number): number;
}

function parseStrictly(text: string): ParsedText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    // The library's own look for duplicate keys takes the square of their number.
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
    lineCounter: lines,
  });
  return { document, lineAt: (offset) => Math.max(1, lines.linePos(offset).line) };
}

/** The text as it is, unless moving lines of flows to the right mends all of it. */
function withoutErrors(text: string, strict: ParsedText): ParsedText {
  const moved = withFlowsIndented(text);
  if (moved === text) return strict;
  const mended = parseStrictly(moved);
  return mended.document.errors.length === 0 ? mended : strict;
}

type Parsed = Parameters<typeof isScalar>[0];

class YamlTree {
  readonly #lineAt: (offset: number) => number;
  readonly #problems: ProblemList;
  readonly #count = new NodeCount();
  readonly #anchors = new Map<string, Parsed>();

  constructor(lineAt: (offset: number) => number, problems: ProblemList) {
    this.#lineAt = lineAt;
    this.#problems = problems;
  }

  /** `keyLine` is that of the key whose value it is. */
  node(parsed: Parsed, level: number, keyLine: number | undefined): Node {
    const line = keyLine ?? this.#lineOf(parsed) ?? 1;
    this.#count.add(line, level);
    if (isAlias(parsed)) return this.#aliased(parsed, level, line);
    if (!isScalar(parsed) && !isMap(parsed) && !isSeq(parsed)) return scalar(null, line);
    if (parsed.anchor !== undefined) this.#anchors.set(parsed.anchor, parsed);
    const { tag } = parsed;
    if (tag === undefined || tag === '!' || tag.startsWith(CORE_TAG)) return this.#plain(parsed, level, line);
    const name = intrinsicOfTag(tag);
    if (name === undefined) {
      this.#problems.add(line, `there is no short form ${tag}${nearestName(tag, shortForms())}`);
      return scalar('', line);
    }
    return { kind: 'map', entries: new Map([[name, this.#plain(parsed, level, line)]]), line };
  }

  #plain(parsed: Parsed, level: number, line: number): Node {
    if (isMap(parsed)) return this.#map(parsed, level, line);
    if (isSeq(parsed)) return this.#list(parsed, level, line);
    if (!isScalar(parsed)) return scalar(null, line);
    const text = typeof parsed.value === 'string' ? parsed.value : '';
    const isText = parsed.type !== 'PLAIN' || parsed.tag === '!' || parsed.tag === `${CORE_TAG}str`;
    return isText && parsed.type !== undefined ? scalar(text, line) : plainScalar(text, line);
  }

  #aliased({ source }: Alias, level: number, line: number): Node {
    const target = this.#anchors.get(source);
    if (target === undefined)
      throw new ProblemAt(line, `the alias *${source} leads nowhere: there is no anchor &${source} above it`);
    return this.node(target, level, line);
  }

  #list({ items }: YAMLSeq, level: number, line: number): Node {
    return { kind: 'list', items: items.map((item) => this.node(item as Parsed, level + 1, undefined)), line };
  }

  #map({ items }: YAMLMap, level: number, line: number): MapNode {
    const entries = new Map<string, Node>();
    const merged: Node[] = [];
    for (const { key, value } of items) {
      const keyLine = this.#lineOf(key) ?? line;
      if (!isScalar(key) || typeof key.value !== 'string')
        throw new ProblemAt(keyLine, 'a key must be a plain text here');
      const name = key.value;
      const member = this.node(value as Parsed, level + 1, keyLine);
      if (name === MERGE_KEY && key.type === 'PLAIN')
        merged.push(...(member.kind === 'list' ? member.items : [member]));
      else if (entries.has(name)) this.#problems.add(keyLine, `the key '${name}' is there twice`);
      else entries.set(name, member);
    }
    for (const from of merged) {
      if (from.kind !== 'map') throw new ProblemAt(from.line, '<< takes an object, or a list of objects');
      for (const [name, member] of from.entries) if (!entries.has(name)) entries.set(name, member);
    }
    return { kind: 'map', entries, line };
  }

  #lineOf(parsed: unknown): number | undefined {
    const { range } = (parsed ?? {}) as { readonly range?: readonly number[] | null };
    return range ? this.#lineAt(range[0]!) : undefined;
  }
}

/** YAML 1.1, but for numbers that would not be printed as they are written: those stay text. */
function plainScalar(text: string, line: number): Node {
  if (NULL.test(text)) return scalar(null, line);
  if (TRUE.test(text)) return scalar(true, line, text);
  if (FALSE.test(text)) return scalar(false, line, text);
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return scalar(isExact ? number : text, line, text);
}

const shortForms = () => INTRINSIC_NAMES.map((name) => `!${name.replace('Fn::', '')}`);
