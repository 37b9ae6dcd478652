// The text of a Model → a schema that is safe to hold messages against (JSON Schema, draft 4). What is kept is a copy of the draft's
// keywords alone. Each schema in it says what looking at a value with it costs; enumerations and unique items get keywords of their
// own, which take time in proportion to the message. Nothing is compiled and nothing is fetched here.

export type SchemaObject = Readonly<Record<string, unknown>>;

/** What one look at a value costs: whatever it is, for each member of an object, for each character of a text. */
export interface Cost {
  readonly fixed: number;
  readonly perName: number;
  readonly perCharacter: number;
}

/** The keywords that stand for a draft's own, or beside them. */
export const OWN = { cost: 'cost', values: 'oneOfValues', unique: 'uniqueValues' } as const;

export interface ReadSchema {
  readonly schema: SchemaObject;
  /** JSON pointers of all schemas in it, `''` for the whole. */
  readonly pointers: ReadonlySet<string>;
  /** Its references as they are written: `#/definitions/a`, or the URL of another model. */
  readonly references: readonly string[];
}

const MAPS: readonly string[] = ['properties', 'patternProperties', 'dependencies'];
const LISTS: readonly string[] = ['allOf', 'anyOf', 'oneOf'];
const SINGLE: readonly string[] = ['not', 'additionalItems', 'additionalProperties'];
const PLAIN: readonly string[] = [
  'type',
  'required',
  'minProperties',
  'maxProperties',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
];
/** A pattern takes about eight times as long for a character as the other keywords for a value. */
const COST_OF_CHARACTER = 1 / 8;
const COST_OF_PATTERN_NAME = 4;

export interface SchemaBounds {
  readonly bytesMax: number;
  readonly levelsMax: number;
}

/** The parsed text, or a phrase that says what is wrong with it: too long, too deep, not JSON, not an object. */
export function parseSchemaText(
  text: string,
  { bytesMax, levelsMax }: SchemaBounds,
): { parsed: SchemaObject } | { problem: string } {
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) return { problem: `it has ${bytes} bytes, at most ${bytesMax} are allowed` };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { problem: `it is not JSON: ${(error as Error).message}` };
  }
  if (!isObject(parsed)) return { problem: 'a schema is a JSON object' };
  if (isDeeperThan(parsed, levelsMax)) return { problem: `it is nested deeper than ${levelsMax} levels` };
  return { parsed };
}

/** `parsed` keeps the rules of the draft: whoever calls has held it against the draft's own schema. */
export function readSchema(parsed: SchemaObject): ReadSchema {
  const pointers = new Set<string>();
  const references: string[] = [];

  function read(source: SchemaObject, pointer: string): SchemaObject {
    pointers.add(pointer);
    const reference = own(source, '$ref');
    const definitions = readMap(own(source, 'definitions'), `${pointer}/definitions`);
    // Beside a reference nothing counts; what is defined there can be referred to.
    if (typeof reference === 'string') {
      references.push(reference);
      return definitions === undefined ? { $ref: reference } : { $ref: reference, definitions };
    }
    const kept: Record<string, unknown> = { [OWN.cost]: costOf(source) };
    for (const name of PLAIN) keep(kept, name, own(source, name));
    keep(kept, OWN.values, own(source, 'enum'));
    if (own(source, 'uniqueItems') === true) kept[OWN.unique] = true;
    for (const name of MAPS) keep(kept, name, readMap(own(source, name), `${pointer}/${name}`));
    for (const name of LISTS) keep(kept, name, readList(own(source, name), `${pointer}/${name}`));
    for (const name of SINGLE) keep(kept, name, readOne(own(source, name), `${pointer}/${name}`));
    const items = own(source, 'items');
    const inItems = `${pointer}/items`;
    keep(kept, 'items', Array.isArray(items) ? readList(items, inItems) : readOne(items, inItems));
    keep(kept, 'definitions', definitions);
    return kept;
  }

  function readOne(value: unknown, pointer: string): unknown {
    return isObject(value) ? read(value, pointer) : value;
  }

  function readList(value: unknown, pointer: string): unknown {
    return Array.isArray(value) ? value.map((one, place) => readOne(one, `${pointer}/${place}`)) : undefined;
  }

  function readMap(value: unknown, pointer: string): unknown {
    if (!isObject(value)) return undefined;
    return fromEntries(Object.entries(value).map(([name, one]) => [name, readOne(one, `${pointer}/${escaped(name)}`)]));
  }

  return { schema: read(parsed, ''), pointers, references };
}

function costOf(source: SchemaObject): Cost {
  const count = (name: string) => Object.keys(own(source, name) ?? {}).length;
  const listed = ['required', 'properties', 'dependencies', ...LISTS].reduce((sum, name) => sum + count(name), 0);
  const additional = own(source, 'additionalProperties');
  const isEachNameSeen = additional === false || isObject(additional);
  return {
    fixed: 1 + listed,
    perName: count('patternProperties') * COST_OF_PATTERN_NAME + (isEachNameSeen ? 1 : 0),
    perCharacter: own(source, 'pattern') === undefined ? 0 : COST_OF_CHARACTER,
  };
}

function keep(kept: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined) kept[name] = value;
}

/** A name like `__proto__` becomes a member like any other. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): SchemaObject {
  return Object.fromEntries(entries);
}

function own(source: SchemaObject, name: string): unknown {
  return Object.hasOwn(source, name) ? source[name] : undefined;
}

/** RFC 6901 3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}
