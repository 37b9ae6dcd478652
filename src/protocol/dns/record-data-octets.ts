// A record's data: from Route 53's text to octets, for every type of record that a hosted zone can hold. Values were checked when
// they were stored; one that cannot be encoded all the same throws, and says which it is.

import { quotedStrings } from '../record-text.ts';
import { encodeIpv4, encodeIpv6 } from './addresses.ts';
import { encodeServiceParameters, textTokens } from './service-parameters.ts';
import { encodeName } from './wire-name.ts';

/** Octets, or a name that may be compressed: of the types of RFC 1035 alone (RFC 3597 4). */
export type DataPart = Buffer | { readonly compressible: Buffer };

type Encoder = (value: string) => readonly DataPart[];

const STRING_BYTES_MAX = 255;

const name: Encoder = (value) => [{ compressible: encodeName(value.trim()) }];

const strings: Encoder = (value) => {
  const found = quotedStrings(value) ?? [];
  if (found.length === 0) throw new Error('it has no quoted string');
  return found.map(characterString);
};

/** Numbers of these sizes in octets, and then octets in hexadecimal digits, which may be parted by spaces. */
const digest =
  (...sizes: readonly number[]): Encoder =>
  (value) => {
    const parts = fields(value, sizes.length + 1);
    const hex = parts.slice(sizes.length).join('');
    if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) throw new Error('its digest is not in hexadecimal digits');
    return [numbers(sizes, parts), Buffer.from(hex, 'hex')];
  };

const service: Encoder = (value) => {
  const [priority, target, ...parameters] = textTokens(value);
  if (target === undefined) throw new Error('it has no target');
  return [numbers([2], [priority!]), encodeName(target), encodeServiceParameters(parameters)];
};

const ENCODERS: Readonly<Record<string, Encoder>> = {
  A: (value) => [encodeIpv4(value)],
  AAAA: (value) => [encodeIpv6(value)],
  CNAME: name,
  NS: name,
  PTR: name,
  TXT: strings,
  SPF: strings,
  MX: (value) => {
    const parts = fields(value, 2);
    return [numbers([2], parts), ...name(parts[1]!)];
  },
  SOA: (value) => {
    const parts = fields(value, 7);
    return [...name(parts[0]!), ...name(parts[1]!), numbers([4, 4, 4, 4, 4], parts.slice(2))];
  },
  SRV: (value) => {
    const parts = fields(value, 4);
    return [numbers([2, 2, 2], parts), encodeName(parts[3]!)];
  },
  NAPTR: (value) => {
    const parts = textTokens(value);
    if (parts.length !== 6) throw new Error('it does not have 6 fields');
    const texts = parts.slice(2, 5).map((part) => characterString(quotedStrings(part)?.[0] ?? part));
    return [numbers([2, 2], parts), ...texts, encodeName(parts[5]!)];
  },
  CAA: (value) => {
    const [, flags, tag, text] = /^\s*(\d+)\s+([a-z0-9]+)\s+(.*)$/is.exec(value) ?? [];
    if (tag === undefined) throw new Error('it has no flags, tag and value');
    const said = quotedStrings(text!)?.[0] ?? text!.trim();
    return [numbers([1], [flags!]), characterString(tag), Buffer.from(said, 'latin1')];
  },
  DS: digest(2, 1, 1),
  SSHFP: digest(1, 1),
  TLSA: digest(1, 1, 1),
  SVCB: service,
  HTTPS: service,
};

/** The parts of a record's data. Throws for a type that is not served and for text that is none of the type. */
export function encodeRecordData(type: string, value: string): readonly DataPart[] {
  const encoder = Object.hasOwn(ENCODERS, type) ? ENCODERS[type] : undefined;
  if (!encoder) throw new Error(`records of type ${type} are not encoded`);
  return encoder(value);
}

/** At least so many fields between spaces. */
function fields(value: string, count: number): string[] {
  const parts = value.trim().split(/\s+/);
  if (parts.length < count) throw new Error(`it does not have ${count} fields`);
  return parts;
}

function numbers(sizes: readonly number[], parts: readonly string[]): Buffer {
  const bytes = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  sizes.forEach((size, position) => {
    const part = parts[position] ?? '';
    if (!/^\d+$/.test(part) || Number(part) >= 2 ** (8 * size))
      throw new Error(`'${part}' is no number of ${8 * size} bits`);
    at = bytes.writeUIntBE(Number(part), at, size);
  });
  return bytes;
}

function characterString(text: string): Buffer {
  if (text.length > STRING_BYTES_MAX) throw new Error(`a string of ${text.length} octets exceeds ${STRING_BYTES_MAX}`);
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
}
