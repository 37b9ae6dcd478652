// How values read as text: as Java's toString for maps and lists of a template, as JSON for lists of a document (websocket-apis
// 7.3). Each element is counted, since a value may hold another one many times over.

import {
  Drawable,
  Host,
  isNumber,
  List,
  numberIn,
  Range,
  tooDeep,
  ValueMap,
  type NumberValue,
  type Value,
  type Work,
} from './values.ts';

/** The text of a value; nothing for null. */
export function show(value: Value, work: Work): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return nested(value, work, work.budget.valueLevelsMax);
}

function nested(value: Value, work: Work, levels: number): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (value instanceof Drawable) return work.draw(value.block);
  if (levels === 0) throw tooDeep(work);
  if (value instanceof Host) return nested(value.content(work), work, levels - 1);
  if (value instanceof Range) {
    work.spend(value.size);
    return `[${work.join(
      Array.from({ length: value.size }, (_, index) => String(value.at(index))),
      ', ',
    )}]`;
  }
  if (value instanceof List) {
    return value.isJson ? jsonList(value, work, levels) : javaList(value, work, levels);
  }
  const parts: string[] = [];
  work.spend(value.size);
  for (const [key, member] of value) parts.push(`${key}=${nested(member, work, levels - 1)}`);
  return `{${work.join(parts, ', ')}}`;
}

function javaList(list: List, work: Work, levels: number): string {
  work.spend(list.items.length);
  return `[${work.join(
    list.items.map((item) => nested(item, work, levels - 1)),
    ', ',
  )}]`;
}

/** The value as JSON. */
export function toJson(value: Value, work: Work, levels: number = work.budget.valueLevelsMax): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (isNumber(value)) return numberText(value);
  if (value instanceof List) return jsonList(value, work, levels);
  if (!(value instanceof ValueMap)) return JSON.stringify(show(value, work));
  if (levels === 0) throw tooDeep(work);
  const parts: string[] = [];
  work.spend(value.size);
  for (const [key, member] of value) {
    parts.push(`${JSON.stringify(String(key))}:${toJson(member, work, levels - 1)}`);
  }
  return `{${work.join(parts, ',')}}`;
}

function jsonList(list: List, work: Work, levels: number): string {
  if (levels === 0) throw tooDeep(work);
  work.spend(list.items.length);
  return `[${work.join(
    list.items.map((item) => toJson(item, work, levels - 1)),
    ',',
  )}]`;
}

const PLAIN_MIN = 1e-3;
const PLAIN_MAX = 1e7;

/** Whole numbers in digits, doubles as Java's Double.toString writes them. */
export function numberText(value: NumberValue): string {
  if (typeof value === 'bigint') return value.toString();
  const number = numberIn(value);
  if (typeof value === 'number' && Number.isInteger(value)) {
    return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString();
  }
  if (!Number.isFinite(number) || number === 0)
    return Number.isFinite(number) ? `${Object.is(number, -0) ? '-' : ''}0.0` : String(number);
  const size = Math.abs(number);
  if (size >= PLAIN_MIN && size < PLAIN_MAX) return Number.isInteger(number) ? `${number}.0` : String(number);
  const [digits = '', exponent = ''] = number.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}
