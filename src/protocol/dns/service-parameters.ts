// The parameters of SVCB and HTTPS records (RFC 9460): `alpn="h2,h3" port=8443 ipv4hint=192.0.2.1` → octets.

import { encodeIpv4, encodeIpv6 } from './addresses.ts';

const KEYS: Readonly<Record<string, number>> = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  dohpath: 7,
  ohttp: 8,
};
/** Reserved (RFC 9460 14.3.2). */
const INVALID_KEY = 65_535;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The parts of a value between spaces, those within quotes not counting. */
export function textTokens(value: string): string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+/gs) ?? [];
}

/** In the order of their keys, as the wire has them. Throws for a key twice, and for a value that is none of its key. */
export function encodeServiceParameters(tokens: readonly string[]): Buffer {
  const parameters = new Map<number, Buffer>();
  for (const token of tokens) {
    const equals = token.indexOf('=');
    const key = keyNumber(equals === -1 ? token : token.slice(0, equals));
    if (parameters.has(key)) throw new Error(`the parameter ${token.slice(0, 64)} is there twice`);
    parameters.set(key, encodeValue(key, equals === -1 ? '' : unquoted(token.slice(equals + 1))));
  }
  const sorted = [...parameters].toSorted(([a], [b]) => a - b);
  return Buffer.concat(sorted.flatMap(([key, value]) => [uint16(key), uint16(value.length), value]));
}

function keyNumber(text: string): number {
  const name = text.toLowerCase();
  const number = Object.hasOwn(KEYS, name) ? KEYS[name] : Number(/^key(0|[1-9]\d{0,4})$/.exec(name)?.[1] ?? Number.NaN);
  if (number === undefined || !(number < INVALID_KEY)) throw new Error(`there is no parameter '${text.slice(0, 64)}'`);
  return number;
}

function encodeValue(key: number, text: string): Buffer {
  switch (key) {
    case KEYS['mandatory']: {
      const keys = listed(text).map(keyNumber);
      return Buffer.concat(keys.toSorted((a, b) => a - b).map(uint16));
    }
    case KEYS['alpn']:
      return Buffer.concat(listed(text).map((id) => Buffer.concat([octet(id.length), Buffer.from(id, 'latin1')])));
    case KEYS['no-default-alpn']:
    case KEYS['ohttp']:
      if (text !== '') throw new Error('a parameter that is there or not has a value');
      return Buffer.alloc(0);
    case KEYS['port']:
      if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error(`'${text.slice(0, 64)}' is no port`);
      return uint16(Number(text));
    case KEYS['ipv4hint']:
      return Buffer.concat(listed(text).map(encodeIpv4));
    case KEYS['ipv6hint']:
      return Buffer.concat(listed(text).map(encodeIpv6));
    case KEYS['ech']:
      if (!BASE64.test(text)) throw new Error('the value of ech is not in base64');
      return Buffer.from(text, 'base64');
    default:
      return Buffer.from(text, 'latin1');
  }
}

/** A value without its quotes and escapes, which are decimal here (RFC 9460 A). */
function unquoted(text: string): string {
  const inner = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  return inner.replace(/\\(\d{3}|.)/gs, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number(escape) & 0xff) : escape,
  );
}

/** The items of a list; a comma within one stands after a backslash (RFC 9460 A.1). */
function listed(text: string): string[] {
  const items = text.match(/(?:\\.|[^,\\])+/gs)?.map((item) => item.replace(/\\(.)/gs, '$1')) ?? [];
  if (items.length === 0) throw new Error('a parameter has an empty list');
  return items;
}

function octet(value: number): Buffer {
  if (value > 255) throw new Error(`a string of ${value} octets exceeds 255`);
  return Buffer.from([value]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
