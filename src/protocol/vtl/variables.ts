// What a template is given: `$input`, `$context`, `$stageVariables` and `$util` (websocket-apis 7.1 and 7.2). Nothing is built
// before a template asks for it, and what it changes is its own copy: only overrides leave it, by `overridesOf`.

import { mayHoldExactNumbers, parseExactJson } from '../exact-json.ts';
import { TemplateProblem } from './budget.ts';
import { show } from './show.ts';
import { selectJson } from './select-json.ts';
import { escapeJavaScript, urlDecode, urlEncode } from './text-codecs.ts';
import { Host, List, ValueMap, valueOf, type Value, type Work } from './values.ts';

/** A text or a number, or a record of them. */
export type ContextMember = string | number | boolean | { readonly [name: string]: ContextMember | undefined };

/** `$context`, of which a template looks at a few members. */
export interface TemplateContext {
  /** What there is; its order is that in which all of it is shown. */
  names(): readonly string[];
  /** Undefined for what has no value, and for other names. */
  member(name: string): ContextMember | undefined;
}

export interface TemplateVariables {
  /** The payload as text: of the message in a request template, of the integration's answer in a response template. */
  readonly body: string;
  /** That payload as parsed JSON; undefined when it is none. Called at most once for each rendering. */
  readonly document: () => unknown;
  readonly params: {
    readonly path: Readonly<Record<string, string>>;
    readonly querystring: Readonly<Record<string, string>>;
    readonly header: Readonly<Record<string, string>>;
  };
  readonly context: TemplateContext;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/** What a template asked for with `#set($context.requestOverride…)` and `#set($context.responseOverride…)`. */
export interface Overrides {
  readonly request: {
    readonly header: Record<string, string>;
    readonly path: Record<string, string>;
    readonly querystring: Record<string, string>;
  };
  readonly response: { readonly header: Record<string, string>; readonly status: number | undefined };
}

export class InputHost extends Host {
  readonly #given: TemplateVariables;
  #document: { readonly value: unknown } | undefined;
  /** True when the document's numbers are those of the payload, which is looked at when a number may be shown. */
  #isExact = false;
  /** What `path` has answered, by what it found: a template that changes an answer sees the change again. */
  readonly #answers = new Map<object, Value>();

  constructor(given: TemplateVariables) {
    super();
    this.#given = given;
  }

  override property(name: string): Value | undefined {
    // An empty payload shows as an empty object.
    if (name === 'body') return this.#given.body === '' ? '{}' : this.#given.body;
    return undefined;
  }

  override call(name: string, [value = null]: readonly Value[], work: Work): Value | undefined {
    if (name === 'path') return this.#path(show(value, work), work);
    if (name === 'json') return this.#json(show(value, work), work);
    if (name === 'params') return value === null ? this.#params(work) : this.#param(show(value, work));
    return name === 'getBody' ? this.property('body') : undefined;
  }

  content(): Value {
    return null;
  }

  #select(path: string, work: Work): unknown {
    this.#document ??= { value: this.#given.document() };
    const found = selectJson(this.#document.value, path, work);
    if (this.#isExact || (typeof found !== 'number' && typeof found !== 'object') || found === null) return found;
    this.#isExact = true;
    if (!mayHoldExactNumbers(this.#given.body)) return found;
    this.#document = { value: this.#parse() };
    return selectJson(this.#document.value, path, work);
  }

  /** The payload with its numbers as they were written; the document that everybody has when that cannot be. */
  #parse(): unknown {
    try {
      return parseExactJson(this.#given.body);
    } catch {
      // Too deep for it: the depth is looked at when the document is used.
      return this.#document?.value;
    }
  }

  #path(path: string, work: Work): Value {
    const found = this.#select(path, work);
    if (typeof found !== 'object' || found === null) return valueOf(found, work);
    const known = this.#answers.get(found);
    if (known !== undefined) return known;
    const value = valueOf(found, work);
    this.#answers.set(found, value);
    return value;
  }

  #json(path: string, work: Work): Value {
    const found = this.#select(path, work);
    if (found === undefined) return '""';
    try {
      return work.made(JSON.stringify(found));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TemplateProblem('the payload nests too deeply to be shown as JSON');
    }
  }

  #params(work: Work): ValueMap {
    const { path, querystring, header } = this.#given.params;
    return valueOf({ path, querystring, header }, work) as ValueMap;
  }

  #param(name: string): Value {
    const { path, querystring, header } = this.#given.params;
    const holder = [path, querystring, header].find((place) => Object.hasOwn(place, name));
    return holder?.[name] ?? '';
  }
}

/** `$context`, whose overrides can be assigned to. Other members can be too, and are then the template's own. */
export class ContextHost extends Host {
  readonly #given: TemplateContext;
  /** The members that were made into values, or assigned to: only those that the template looks at. */
  readonly #touched = new ValueMap();
  #isWhole = false;

  constructor({ context }: TemplateVariables) {
    super();
    this.#given = context;
  }

  override property(name: string, work: Work): Value | undefined {
    const touched = this.#touched.get(name);
    if (touched !== undefined) return touched;
    const member = this.#given.member(name);
    const places = OVERRIDES.get(name);
    if (typeof member !== 'object' && places === undefined) return member ?? null;
    const value = valueOf(member, work);
    const kept = places === undefined ? value : overrideOf(value, places);
    this.#touched.set(name, kept);
    return kept;
  }

  override assign(name: string, value: Value): boolean {
    this.#touched.set(name, value);
    return true;
  }

  content(work: Work): ValueMap {
    if (!this.#isWhole) {
      for (const name of [...this.#given.names(), ...OVERRIDES.keys()]) {
        this.#touched.set(name, this.property(name, work) ?? null);
      }
      this.#isWhole = true;
    }
    return this.#touched;
  }

  /** The overrides as they stand; empty when the template never looked at them. */
  overrides(work: Work): Overrides {
    const request = this.#touched.get('requestOverride');
    const response = this.#touched.get('responseOverride');
    if (request === undefined && response === undefined) return NO_OVERRIDES;
    return {
      request: {
        header: textsAt(request, 'header', work),
        path: textsAt(request, 'path', work),
        querystring: textsAt(request, 'querystring', work),
      },
      response: { header: textsAt(response, 'header', work), status: statusIn(response) },
    };
  }
}

/** What a template gives back that asked for nothing. */
export const NO_OVERRIDES: Overrides = Object.freeze({
  request: Object.freeze({ header: Object.freeze({}), path: Object.freeze({}), querystring: Object.freeze({}) }),
  response: Object.freeze({ header: Object.freeze({}), status: undefined }),
});

function overrideOf(value: Value, places: readonly string[]): ValueMap {
  const override = value instanceof ValueMap ? value : new ValueMap();
  for (const place of places) if (!(override.get(place) instanceof ValueMap)) override.set(place, new ValueMap());
  return override;
}

const OVERRIDES: ReadonlyMap<string, readonly string[]> = new Map([
  ['requestOverride', ['header', 'path', 'querystring']],
  ['responseOverride', ['header']],
]);

function textsAt(override: Value | undefined, place: string, work: Work): Record<string, string> {
  const map = override instanceof ValueMap ? override.get(place) : undefined;
  // Names are the template's: without a prototype none of them means anything but itself.
  const texts: Record<string, string> = Object.create(null) as Record<string, string>;
  if (map instanceof ValueMap) for (const [name, value] of map) texts[String(name)] = show(value, work);
  return texts;
}

/** A status that is no whole number of a status's range is as good as none. */
function statusIn(override: Value | undefined): number | undefined {
  const status = override instanceof ValueMap ? override.get('status') : undefined;
  const number = typeof status === 'string' && /^\d{3}$/.test(status) ? Number(status) : status;
  return typeof number === 'number' && Number.isInteger(number) && number >= 100 && number <= 599 ? number : undefined;
}

/** A record of texts: a name is looked up as it stands, and only what asks for more makes a map of it. */
export class RecordHost extends Host {
  readonly #record: Readonly<Record<string, string>>;
  #map: ValueMap | undefined;

  constructor(record: Readonly<Record<string, string>>) {
    super();
    this.#record = record;
  }

  override property(name: string): Value | undefined {
    if (this.#map) return this.#map.get(name) ?? null;
    return Object.hasOwn(this.#record, name) ? (this.#record[name] ?? null) : null;
  }

  content(work: Work): Value {
    this.#map ??= valueOf(this.#record, work) as ValueMap;
    return this.#map;
  }
}

class UtilHost extends Host {
  override call(name: string, [value = null]: readonly Value[], work: Work): Value | undefined {
    if (!Object.hasOwn(UTILITIES, name)) return undefined;
    return value === null ? null : UTILITIES[name]!(show(value, work), work);
  }
  content(): Value {
    return null;
  }
}

const UTILITIES: Readonly<Record<string, (text: string, work: Work) => Value>> = {
  escapeJavaScript: (text, work) => work.made(escapeJavaScript(text)),
  parseJson: (text, work) => parseJson(text, work),
  urlEncode: (text, work) => work.made(urlEncode(text)),
  urlDecode: (text, work) => work.made(urlDecode(text)),
  base64Encode: (text, work) => work.made(Buffer.from(text, 'utf8').toString('base64')),
  base64Decode: (text, work) => work.made(Buffer.from(text, 'base64').toString('utf8')),
};

function parseJson(text: string, work: Work): Value {
  work.spend(text.length >> 4);
  let document: unknown;
  try {
    document = parseExactJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateProblem('the text given to $util.parseJson nests too deeply');
    // The engine's message quotes the text, which may hold anything.
    throw new TemplateProblem('$util.parseJson was given a text that is not JSON');
  }
  return valueOf(document, work);
}

/** `$util` holds nothing of a rendering, so all share it. */
export const UTIL_HOST: Host = new UtilHost();

/** `$foreach` within its loop, a link to the one around it included. */
export class ForeachHost extends Host {
  index = 0;
  readonly size: number;
  readonly #parent: Value;

  constructor(size: number, parent: Value) {
    super();
    this.size = size;
    this.#parent = parent;
  }

  override property(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return this.index;
      case 'count':
        return this.index + 1;
      case 'hasNext':
        return this.index + 1 < this.size;
      case 'first':
        return this.index === 0;
      case 'last':
        return this.index + 1 === this.size;
      case 'parent':
        return this.#parent;
      default:
        return undefined;
    }
  }

  override call(name: string): Value | undefined {
    return name === 'hasNext' || name === 'getHasNext' ? this.property('hasNext') : undefined;
  }

  content(): Value {
    return null;
  }
}

/** What `#foreach` goes over in a value; undefined for what has no elements. A map is gone over by its values. */
export function elementsOf(value: Value, work: Work): readonly Value[] | undefined {
  if (value instanceof List) return value.items;
  if (value instanceof ValueMap) {
    work.spend(value.size >> 4);
    return [...value.values()];
  }
  return value instanceof Host ? elementsOf(value.content(work), work) : undefined;
}
