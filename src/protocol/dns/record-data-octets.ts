// A record's data: from Route 53's text to octets, for every type of record that a hosted zone can hold. Values were checked when
// they were stored; one that does not parse all the same throws, and says why.

import { parseRecordData, type RecordData } from '../record-data/record-data.ts';
import { isProblem } from '../record-text.ts';
import { encodeLabels } from './wire-name.ts';

/** Octets, or a name that may be compressed: of the types of RFC 1035 alone (RFC 3597 4). */
export type DataPart = Uint8Array | { readonly compressible: Buffer };

/** The parts of a record's data. Throws for a type that is not served and for text that is none of the type. */
export function encodeRecordData(type: string, value: string): readonly DataPart[] {
  const plain = type === 'A' ? plainIpv4(value) : undefined;
  if (plain) return [plain];
  const data = parseRecordData(type, value);
  if (isProblem(data)) throw new Error(data.problem);
  return encode(data);
}

function encode(data: RecordData): readonly DataPart[] {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return [data.octets];
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return [{ compressible: encodeLabels(data.name) }];
    case 'TXT':
    case 'SPF':
      return data.strings.map(characterString);
    case 'CAA':
      return [uint8(data.flags), characterString(data.tag), Buffer.from(data.value, 'latin1')];
    case 'MX':
      return [uint16(data.preference), { compressible: encodeLabels(data.exchange) }];
    case 'SRV':
      return [uint16(data.priority, data.weight, data.port), encodeLabels(data.target)];
    case 'SOA': {
      const names = [data.nameServer, data.mailbox].map((labels) => ({ compressible: encodeLabels(labels) }));
      return [...names, uint32(...data.numbers)];
    }
    case 'NAPTR': {
      const texts = [data.flags, data.service, data.regexp].map(characterString);
      return [uint16(data.order, data.preference), ...texts, encodeLabels(data.replacement)];
    }
    case 'DS':
      return [uint16(data.keyTag), uint8(data.algorithm, data.digestType), data.digest];
    case 'SSHFP':
      return [uint8(data.algorithm, data.fingerprintType), data.fingerprint];
    case 'TLSA':
      return [uint8(data.usage, data.selector, data.matchingType), data.data];
    case 'SVCB':
    case 'HTTPS': {
      const parameters = data.parameters.flatMap(({ key, value }) => [uint16(key, value.length), value]);
      return [uint16(data.priority), encodeLabels(data.target), ...parameters];
    }
  }
}

const DOT = 0x2e;
const ZERO = 0x30;

/** The commonest data of all, without the parts that a parser makes; undefined when it is not as plain as it should be. */
function plainIpv4(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(4);
  let at = 0;
  let digits = 0;
  let octet = 0;
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    const digit = code - ZERO;
    if (code === DOT && digits > 0 && at < 3) {
      octets[at++] = octet;
      [octet, digits] = [0, 0];
    } else if (digit >= 0 && digit <= 9 && digits < 3) {
      // A zero in front is none of ours: others read it as octal.
      if (octet === 0 && digits > 0) return undefined;
      octet = octet * 10 + digit;
      digits += 1;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  if (at !== 3 || digits === 0) return undefined;
  octets[3] = octet;
  return octets;
}

/** Its length stands in one octet before it. */
function characterString(text: string): Buffer {
  return Buffer.concat([uint8(text.length), Buffer.from(text, 'latin1')]);
}

function uint8(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
}

function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return bytes;
}
