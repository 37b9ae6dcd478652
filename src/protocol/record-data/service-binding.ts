// SVCB and HTTPS (RFC 9460): a priority, a target, and parameters whose values are made ready for the wire here, in the order of
// their keys, as the wire has them.

import { TWO_OCTETS_MAX, fieldsOf, isProblem, parseDomainName, parseNumber } from '../record-text.ts';
import type { DomainLabels, RecordProblem } from '../record-text.ts';
import { ipv4Octets, ipv6Octets } from './addresses.ts';

export interface ServiceBindingData {
  readonly type: 'SVCB' | 'HTTPS';
  /** 0 is AliasMode. */
  readonly priority: number;
  readonly target: DomainLabels;
  readonly parameters: readonly ServiceParameter[];
}

export interface ServiceParameter {
  readonly key: number;
  readonly value: Uint8Array;
}

const MANDATORY = 0;
const ALPN = 1;
const NO_DEFAULT_ALPN = 2;
/** Reserved: not a key (RFC 9460 14.3.2). */
const KEY_MAX = 65_534;
const KEYS: Readonly<Record<string, number>> = {
  mandatory: MANDATORY,
  alpn: ALPN,
  'no-default-alpn': NO_DEFAULT_ALPN,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
  ohttp: 8,
};

/** The octets of a parameter's value, from its text; undefined when it is not of the parameter's form. */
const VALUES: Readonly<Record<string, (text: string | undefined) => Uint8Array | undefined>> = {
  mandatory: (text) =>
    joined(
      listOf(text)
        ?.map(keyOctets)
        .toSorted((a, b) => compare(a, b)),
    ),
  alpn: (text) => joined(listOf(text)?.map(withLength)),
  'no-default-alpn': (text) => (text === undefined ? new Uint8Array() : undefined),
  port(text) {
    const port = parseNumber(text, TWO_OCTETS_MAX);
    return port === undefined ? undefined : twoOctets(port);
  },
  ipv4hint: (text) => joined(text?.split(',').map(ipv4Octets)),
  ech(text) {
    if (text === undefined || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
      return undefined;
    const octets = Uint8Array.from(Buffer.from(text, 'base64'));
    return octets.length > 0 ? octets : undefined;
  },
  ipv6hint: (text) => joined(text?.split(',').map(ipv6Octets)),
  dohpath: (text) => (text ? latin1(text) : undefined),
  ohttp: (text) => (text === undefined ? new Uint8Array() : undefined),
};

export function parseServiceBinding(type: 'SVCB' | 'HTTPS', value: string): ServiceBindingData | RecordProblem {
  const invalid = (why: string): RecordProblem => ({ problem: `Invalid${type}RDATA (${why})` });
  const [priorityText, targetText, ...fields] = fieldsOf(value);
  if (targetText === undefined) return invalid(`${type} record has fewer than 2 fields`);
  const priority = parseNumber(priorityText, TWO_OCTETS_MAX);
  if (priority === undefined) return invalid('Priority is not a number from 0 to 65535');
  const target = parseDomainName(targetText);
  if (isProblem(target)) return target;
  if (priority === 0 && fields.length > 0) return invalid('A record of priority 0 has no parameters');
  const parameters: ServiceParameter[] = [];
  for (const field of fields) {
    const parameter = parseParameter(field);
    if (typeof parameter === 'string') return invalid(parameter);
    parameters.push(parameter);
  }
  parameters.sort((a, b) => a.key - b.key);
  const fault = faultOf(parameters);
  return fault === undefined ? { type, priority, target, parameters } : invalid(fault);
}

/** The parameter, or why it is none. */
function parseParameter(field: string): ServiceParameter | string {
  const equals = field.indexOf('=');
  const name = equals < 0 ? field : field.slice(0, equals);
  const text = equals < 0 ? undefined : octetsOf(field.slice(equals + 1));
  if (text === null) return `The value of ${name.slice(0, 32)} is not a character string`;
  if (Object.hasOwn(KEYS, name)) {
    const octets = VALUES[name]!(text);
    return octets ? { key: KEYS[name]!, value: octets } : `The value of ${name} does not have its form`;
  }
  const key = /^key(0|[1-9]\d{0,4})$/.exec(name)?.[1];
  if (key === undefined || Number(key) > KEY_MAX) return `${name.slice(0, 32)} is not a parameter`;
  const known = Object.entries(KEYS).find(([, number]) => number === Number(key));
  if (known) return `${name} is written ${known[0]}`;
  return { key: Number(key), value: latin1(text ?? '') };
}

/** A value with its quotes taken off and its octal escapes resolved; null when it is neither quoted nor free of blanks and quotes. */
function octetsOf(text: string): string | null {
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1] ?? (/^(?:[^"\\]|\\.)+$/s.test(text) ? text : null);
  if (inner === null || !/^[ -~]*$/.test(inner)) return null;
  return inner.replace(/\\([0-3][0-7]{2}|.)/g, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : escape,
  );
}

/** The items of a list parted by commas; `\,` and `\\` are in an item (RFC 9460 A.1). Undefined when one is empty. */
function listOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const items = [''];
  for (const [part] of text.matchAll(/\\[\\,]|[^]/g)) {
    if (part === ',') items.push('');
    else items.push(`${items.pop()!}${part.length === 2 ? part[1]! : part}`);
  }
  return items.includes('') ? undefined : items;
}

function keyOctets(name: string): Uint8Array | undefined {
  const number = Object.hasOwn(KEYS, name) ? KEYS[name] : /^key([1-9]\d{0,4})$/.exec(name)?.[1];
  return number === undefined || Number(number) > KEY_MAX ? undefined : twoOctets(Number(number));
}

function withLength(item: string): Uint8Array | undefined {
  return item.length > 255 ? undefined : Uint8Array.of(item.length, ...latin1(item));
}

function joined(parts: readonly (Uint8Array | undefined)[] | undefined): Uint8Array | undefined {
  if (!parts || parts.length === 0 || parts.includes(undefined)) return undefined;
  return Uint8Array.from(Buffer.concat(parts as Uint8Array[]));
}

function compare(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  return a && b ? Buffer.compare(a, b) : 0;
}

function twoOctets(number: number): Uint8Array {
  return Uint8Array.of(number >> 8, number & 0xff);
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** What is wrong with the parameters together (RFC 9460 2.2, 7.1.1, 8); undefined when nothing is. */
function faultOf(parameters: readonly ServiceParameter[]): string | undefined {
  const keys = parameters.map(({ key }) => key);
  if (new Set(keys).size < keys.length) return 'A parameter is given twice';
  if (keys.includes(NO_DEFAULT_ALPN) && !keys.includes(ALPN)) return 'no-default-alpn is given without alpn';
  const mandatory = parameters.find(({ key }) => key === MANDATORY)?.value;
  if (!mandatory) return undefined;
  const named = Array.from(
    { length: mandatory.length / 2 },
    (_, at) => mandatory[at * 2]! * 256 + mandatory[at * 2 + 1]!,
  );
  if (named.includes(MANDATORY) || new Set(named).size < named.length) return 'mandatory names itself, or a key twice';
  return named.every((key) => keys.includes(key)) ? undefined : 'mandatory names a parameter that is not given';
}
