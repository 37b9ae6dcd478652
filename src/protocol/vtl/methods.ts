// The methods of Java's lists, maps, numbers and booleans that a template may call. The tables are the whole of what exists:
// `getClass`, `constructor` and their like are in none of them, so there is no way from a value to anything else.

import { TemplateProblem } from './budget.ts';
import { asKey, indexIn, isJavaEqual } from './compare.ts';
import { show } from './show.ts';
import { STRING_METHODS, wholeOf, type Methods } from './string-methods.ts';
import {
  decimal,
  Drawable,
  Host,
  isDecimal,
  isNumber,
  itemsOf,
  List,
  numberIn,
  Range,
  ValueMap,
  whole,
  type Key,
  type NumberValue,
  type Value,
  type Work,
} from './values.ts';

const LIST_METHODS: Methods<List> = {
  size: (self) => self.items.length,
  isEmpty: (self) => self.items.length === 0,
  get: (self, [at = null]) => self.items[position(self, at, 'get')] ?? null,
  set: (self, [at = null, value = null]) => {
    const index = position(self, at, 'set');
    const before = self.items[index] ?? null;
    self.items[index] = value;
    return before;
  },
  add: (self, values, work) => {
    work.spend(1);
    const [first = null, second] = values;
    if (second === undefined) self.items.push(first);
    else insert(self, wholeOf(first, 'add'), second, work);
    return true;
  },
  addAll: (self, [other = null], work) => {
    // A copy: a list may be added to itself.
    const added = itemsOf(contentOf(other, work), work)?.slice() ?? [];
    work.spend(added.length);
    for (const item of added) self.items.push(item);
    return added.length > 0;
  },
  remove: (self, [which = null], work) => {
    work.spend(self.items.length >> 4);
    if (isNumber(which)) return self.items.splice(position(self, which, 'remove'), 1)[0] ?? null;
    const index = indexIn(self.items, which, work);
    if (index !== -1) self.items.splice(index, 1);
    return index !== -1;
  },
  clear: (self) => {
    self.items.length = 0;
    return null;
  },
  contains: (self, [value = null], work) => indexIn(self.items, value, work) !== -1,
  containsAll: (self, [other = null], work) =>
    (itemsOf(other, work) ?? []).every((item) => indexIn(self.items, item, work) !== -1),
  indexOf: (self, [value = null], work) => indexIn(self.items, value, work),
  lastIndexOf: (self, [value = null], work) => {
    const back = indexIn([...self.items].reverse(), value, work);
    return back === -1 ? -1 : self.items.length - 1 - back;
  },
  subList: (self, [from = null, to = null], work) => {
    const start = wholeOf(from, 'subList');
    const end = wholeOf(to, 'subList');
    if (start < 0 || end > self.items.length || start > end) {
      throw new TemplateProblem(`subList(${start}, ${end}) is outside a list of ${self.items.length}`);
    }
    work.spend(end - start);
    return new List(self.items.slice(start, end), self.isJson);
  },
  toArray: (self) => self,
  iterator: (self) => self,
};

const MAP_METHODS: Methods<ValueMap> = {
  size: (self) => self.size,
  isEmpty: (self) => self.size === 0,
  get: (self, [key = null], work) => self.get(asKey(key, work)) ?? null,
  getOrDefault: (self, [key = null, otherwise = null], work) => self.get(asKey(key, work)) ?? otherwise,
  put: (self, [key = null, value = null], work) => put(self, asKey(key, work), value, work),
  putIfAbsent: (self, [key = null, value = null], work) => {
    const known = self.get(asKey(key, work)) ?? null;
    if (known === null) put(self, asKey(key, work), value, work);
    return known;
  },
  putAll: (self, [other = null], work) => {
    const map = contentOf(other, work);
    if (map instanceof ValueMap) for (const [key, value] of map) put(self, key, value, work);
    return null;
  },
  remove: (self, [key = null], work) => {
    const known = self.get(asKey(key, work)) ?? null;
    self.delete(asKey(key, work));
    return known;
  },
  clear: (self) => {
    self.clear();
    return null;
  },
  containsKey: (self, [key = null], work) => self.has(asKey(key, work)),
  containsValue: (self, [value = null], work) => indexIn([...self.values()], value, work) !== -1,
  keySet: (self, _, work) => counted([...self.keys()], work),
  values: (self, _, work) => counted([...self.values()], work),
  entrySet: (self, _, work) =>
    counted(
      [...self].map(([key, value]) => new Entry(key, value)),
      work,
    ),
};

const NUMBER_METHODS: Methods<NumberValue> = {
  intValue: (self) => Number(BigInt.asIntN(32, truncated(self))),
  longValue: (self) => whole(BigInt.asIntN(64, truncated(self))),
  doubleValue: (self) => decimal(numberIn(self)),
  floatValue: (self) => decimal(numberIn(self)),
  compareTo: (self, [other = null]) => (isNumber(other) ? Math.sign(numberIn(self) - numberIn(other)) : null),
  hashCode: (self) => numberIn(self) | 0,
  // Static in Java, and called on any number there: `#set($Integer = 0) $Integer.parseInt('12')`.
  parseInt: (_, [text = null], work) => parseWhole(show(text, work)),
  parseLong: (_, [text = null], work) => parseWhole(show(text, work)),
  parseDouble: (_, [text = null], work) => parseDecimal(show(text, work)),
  valueOf: (self: NumberValue, values: readonly Value[], work: Work) => {
    const text = show(values[0] ?? null, work);
    return isDecimal(self) ? parseDecimal(text) : parseWhole(text);
  },
};

const BOOLEAN_METHODS: Methods<boolean> = {
  booleanValue: (self) => self,
  parseBoolean: (_, [text = null], work) => show(text, work).toLowerCase() === 'true',
  compareTo: (self, [other = null]) => (typeof other === 'boolean' ? Number(self) - Number(other) : null),
  hashCode: (self) => (self ? 1231 : 1237),
};

/** What can be called on each kind of value, besides `equals` and `toString`; docs/templates.md lists the same. */
export const METHOD_NAMES: Readonly<Record<string, readonly string[]>> = {
  texts: Object.keys(STRING_METHODS),
  lists: Object.keys(LIST_METHODS),
  maps: Object.keys(MAP_METHODS),
  numbers: Object.keys(NUMBER_METHODS),
  booleans: Object.keys(BOOLEAN_METHODS),
};

/** One entry of a map, in `entrySet()`. */
class Entry extends Host {
  readonly #key: Key;
  readonly #value: Value;
  constructor(key: Key, value: Value) {
    super();
    this.#key = key;
    this.#value = value;
  }
  override property(name: string): Value | undefined {
    if (name === 'key') return this.#key;
    return name === 'value' ? this.#value : undefined;
  }
  override call(name: string): Value | undefined {
    if (name === 'getKey') return this.#key;
    return name === 'getValue' ? this.#value : undefined;
  }
  content(work: Work): Value {
    return `${show(this.#key, work)}=${show(this.#value, work)}`;
  }
}

/** The value of a method call; null when the value has no such method. */
export function callMethod(self: Value, name: string, values: readonly Value[], work: Work): Value {
  if (self instanceof Host) {
    const own = self.call(name, values, work);
    return own === undefined ? callMethod(self.content(work), name, values, work) : own;
  }
  if (self === null) return null;
  if (name === 'toString') return show(self, work);
  if (name === 'equals') return isJavaEqual(self, values[0] ?? null, work);
  if (typeof self === 'string') return invoke(STRING_METHODS, self, name, values, work);
  if (typeof self === 'boolean') return invoke(BOOLEAN_METHODS, self, name, values, work);
  if (isNumber(self)) return invoke(NUMBER_METHODS, self, name, values, work);
  if (self instanceof List) return invoke(LIST_METHODS, self, name, values, work);
  if (self instanceof ValueMap) return invoke(MAP_METHODS, self, name, values, work);
  if (self instanceof Drawable) return invoke(STRING_METHODS, show(self, work), name, values, work);
  return callOnRange(self, name, values, work);
}

function invoke<Self>(table: Methods<Self>, self: Self, name: string, values: readonly Value[], work: Work): Value {
  return Object.hasOwn(table, name) ? table[name]!(self, values, work) : null;
}

/** A range is asked without being made into a list, where that is possible. */
function callOnRange(self: Range, name: string, values: readonly Value[], work: Work): Value {
  if (name === 'size') return self.size;
  if (name === 'isEmpty') return false;
  if (name === 'get') return atIndex(self, values[0] ?? null, work);
  return invoke(LIST_METHODS, new List(itemsOf(self, work) ?? []), name, values, work);
}

/** The value of `$self.name`: a member of a map, `key` of an entry, `empty` of what has a size. */
export function propertyOf(self: Value, name: string, work: Work): Value {
  if (self instanceof ValueMap) return self.get(name) ?? null;
  if (self instanceof Host) {
    const own = self.property(name, work);
    return own === undefined ? propertyOf(self.content(work), name, work) : own;
  }
  return name === 'empty' ? callMethod(self, 'isEmpty', [], work) : null;
}

/** The value of `$self[at]`; null outside of a list. */
export function atIndex(self: Value, at: Value, work: Work): Value {
  if (self instanceof ValueMap) return self.get(asKey(at, work)) ?? null;
  if (self instanceof Host) {
    return typeof at === 'string' ? propertyOf(self, at, work) : atIndex(self.content(work), at, work);
  }
  if (!isNumber(at)) return null;
  const index = numberIn(at);
  if (self instanceof List) return self.items[index] ?? null;
  return self instanceof Range && index >= 0 && index < self.size ? self.at(index) : null;
}

/** `#set($self[at] = value)` and `#set($self.name = value)`; what cannot be assigned to stays as it is. */
export function assignAt(self: Value, at: Value, value: Value, work: Work): void {
  if (self instanceof ValueMap) put(self, asKey(at, work), value, work);
  else if (self instanceof Host) {
    if (!self.assign(show(at, work), value)) assignAt(self.content(work), at, value, work);
  } else if (self instanceof List && isNumber(at)) {
    const index = numberIn(at);
    if (index >= 0 && index < self.items.length) self.items[index] = value;
  }
}

function put(map: ValueMap, key: Key, value: Value, work: Work): Value {
  work.spend(1);
  const before = map.get(key) ?? null;
  map.set(key, value);
  return before;
}

function counted(items: Value[], work: Work): List {
  work.spend(items.length);
  return new List(items);
}

function contentOf(value: Value, work: Work): Value {
  return value instanceof Host ? value.content(work) : value;
}

function position(list: List, at: Value, method: string): number {
  const index = wholeOf(at, method);
  if (index >= 0 && index < list.items.length) return index;
  throw new TemplateProblem(`${method}(${index}) is outside a list of ${list.items.length}`);
}

function insert(list: List, index: number, value: Value, work: Work): void {
  if (index < 0 || index > list.items.length) {
    throw new TemplateProblem(`add(${index}) is outside a list of ${list.items.length}`);
  }
  work.spend(list.items.length >> 4);
  list.items.splice(index, 0, value);
}

/** Without its fraction; what is no number at all is zero, as in Java. */
function truncated(value: NumberValue): bigint {
  if (typeof value === 'bigint') return value;
  const number = Math.trunc(numberIn(value));
  return Number.isFinite(number) ? BigInt(number) : 0n;
}

function parseWhole(text: string): Value {
  if (/^[+-]?\d{1,19}$/.test(text)) return whole(BigInt(text.replace('+', '')));
  throw new TemplateProblem('a text that should be a whole number is none');
}

function parseDecimal(text: string): Value {
  if (/^\s{0,99}[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?\s{0,99}$/.test(text))
    return decimal(Number(text));
  throw new TemplateProblem('a text that should be a number is none');
}
