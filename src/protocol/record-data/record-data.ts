// What the text of a record says, by type: the grammar of RFC 1035 and of each type's own RFC, in Route 53's spelling. Pure: the
// control plane refuses what does not parse, and dns/ encodes what does.

import {
  FOUR_OCTETS_MAX,
  OCTET_MAX,
  TWO_OCTETS_MAX,
  fieldsOf,
  isProblem,
  parseCharacterString,
  parseCharacterStrings,
  parseDomainName,
  parseNumber,
  parseQuoted,
  UNSUPPORTED,
  type DomainLabels,
  type RecordProblem,
} from '../record-text.ts';
import { ipv4Octets, ipv6Octets } from './addresses.ts';
import { parseDs, parseSshfp, parseTlsa, type DsData, type SshfpData, type TlsaData } from './digests.ts';
import { parseServiceBinding, type ServiceBindingData } from './service-binding.ts';

/** `octets` of strings are latin1 text, a character an octet. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly octets: Uint8Array }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly name: DomainLabels }
  | { readonly type: 'TXT' | 'SPF'; readonly strings: readonly string[] }
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: DomainLabels }
  | SrvData
  | SoaData
  | NaptrData
  | DsData
  | SshfpData
  | TlsaData
  | ServiceBindingData;

interface SrvData {
  readonly type: 'SRV';
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: DomainLabels;
}

interface SoaData {
  readonly type: 'SOA';
  readonly nameServer: DomainLabels;
  readonly mailbox: DomainLabels;
  /** Serial, refresh, retry, expire, minimum. */
  readonly numbers: readonly [number, number, number, number, number];
}

interface NaptrData {
  readonly type: 'NAPTR';
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: DomainLabels;
}

export type RecordType = RecordData['type'];

const PARSERS: Readonly<Record<RecordType, (value: string) => RecordData | RecordProblem>> = {
  A(value) {
    const octets = ipv4Octets(value);
    return octets
      ? { type: 'A', octets }
      : { problem: 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)' };
  },
  AAAA(value) {
    const octets = ipv6Octets(value);
    return octets
      ? { type: 'AAAA', octets }
      : { problem: 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)' };
  },
  CAA: parseCaa,
  CNAME: (value) => nameRecord('CNAME', value),
  DS: parseDs,
  HTTPS: (value) => parseServiceBinding('HTTPS', value),
  MX: parseMx,
  NAPTR: parseNaptr,
  NS: (value) => nameRecord('NS', value),
  PTR: (value) => nameRecord('PTR', value),
  SOA: parseSoa,
  SPF: (value) => parseTexts('SPF', value),
  SRV: parseSrv,
  SSHFP: parseSshfp,
  SVCB: (value) => parseServiceBinding('SVCB', value),
  TLSA: parseTlsa,
  TXT: (value) => parseTexts('TXT', value),
};

export const RECORD_TYPES = Object.keys(PARSERS) as RecordType[];

/** What a value of a type says, or why it says nothing. Blanks around a value are part of none. */
export function parseRecordData(type: string, value: string): RecordData | RecordProblem {
  if (!Object.hasOwn(PARSERS, type)) return { problem: `UnsupportedType (${type} is not a type of record)` };
  if (value !== value.trim() && type !== 'TXT' && type !== 'SPF') return UNSUPPORTED;
  return PARSERS[type as RecordType](value);
}

function nameRecord(type: 'CNAME' | 'NS' | 'PTR', value: string): RecordData | RecordProblem {
  const name = parseDomainName(value);
  return isProblem(name) ? name : { type, name };
}

function parseTexts(type: 'TXT' | 'SPF', value: string): RecordData | RecordProblem {
  const strings = parseCharacterStrings(value);
  return isProblem(strings) ? strings : { type, strings };
}

function parseCaa(value: string): RecordData | RecordProblem {
  const [flagsText, tag, quoted, ...more] = fieldsOf(value);
  if (quoted === undefined || more.length > 0) {
    return { problem: "CAARRDATANotThreeFields (CAA record doesn't have 3 fields)" };
  }
  const flags = parseNumber(flagsText, OCTET_MAX);
  if (flags === undefined) return { problem: 'InvalidCAARDATA (Flags are not a number from 0 to 255)' };
  if (!/^[A-Za-z0-9]{1,255}$/.test(tag!)) return { problem: 'InvalidCAARDATA (Tag is not made of letters and digits)' };
  // No length in front of it: it ends where the record does (RFC 8659 4.1).
  const text = parseQuoted(quoted);
  return isProblem(text) ? text : { type: 'CAA', flags, tag: tag!, value: text.octets };
}

function parseMx(value: string): RecordData | RecordProblem {
  const [preferenceText, exchangeText, ...more] = fieldsOf(value);
  if (exchangeText === undefined || more.length > 0)
    return { problem: "MXRRDATANotTwoFields (MX record doesn't have 2 fields)" };
  const preference = parseNumber(preferenceText, TWO_OCTETS_MAX);
  if (preference === undefined) return { problem: 'InvalidMXRDATA (Priority is not a number from 0 to 65535)' };
  const exchange = parseDomainName(exchangeText);
  return isProblem(exchange) ? exchange : { type: 'MX', preference, exchange };
}

function parseSrv(value: string): RecordData | RecordProblem {
  const fields = fieldsOf(value);
  if (fields.length !== 4) return { problem: "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)" };
  const [priority, weight, port] = fields.slice(0, 3).map((field) => parseNumber(field, TWO_OCTETS_MAX));
  if (priority === undefined || weight === undefined || port === undefined)
    return { problem: 'InvalidSRVRDATA (Priority, weight and port are not numbers from 0 to 65535)' };
  const target = parseDomainName(fields[3]!);
  return isProblem(target) ? target : { type: 'SRV', priority, weight, port, target };
}

function parseSoa(value: string): RecordData | RecordProblem {
  const fields = fieldsOf(value);
  if (fields.length !== 7) return { problem: "SOARRDATANotSevenFields (SOA record doesn't have 7 fields)" };
  const [nameServer, mailbox] = [parseDomainName(fields[0]!), parseDomainName(fields[1]!)];
  if (isProblem(nameServer)) return nameServer;
  if (isProblem(mailbox)) return mailbox;
  const numbers = fields.slice(2).map((field) => parseNumber(field, FOUR_OCTETS_MAX));
  if (numbers.includes(undefined))
    return { problem: 'InvalidSOARDATA (Serial and times are not numbers from 0 to 4294967295)' };
  return { type: 'SOA', nameServer, mailbox, numbers: numbers as unknown as SoaData['numbers'] };
}

type Parsed = ReturnType<typeof parseCharacterString>;

/** RFC 3403 4.1. */
function parseNaptr(value: string): RecordData | RecordProblem {
  const fields = fieldsOf(value);
  if (fields.length !== 6) return { problem: "NAPTRRRDATANotSixFields (NAPTR record doesn't have 6 fields)" };
  const [order, preference] = fields.slice(0, 2).map((field) => parseNumber(field, TWO_OCTETS_MAX));
  if (order === undefined || preference === undefined)
    return { problem: 'InvalidNAPTRRDATA (Order and preference are not numbers from 0 to 65535)' };
  const [flags, service, regexp] = fields.slice(2, 5).map(parseCharacterString) as [Parsed, Parsed, Parsed];
  if (isProblem(flags)) return flags;
  if (isProblem(service)) return service;
  if (isProblem(regexp)) return regexp;
  if (!/^[A-Za-z0-9]*$/.test(flags.octets)) return { problem: 'InvalidNAPTRRDATA (Flags are not letters and digits)' };
  const replacement = parseDomainName(fields[5]!);
  if (isProblem(replacement)) return replacement;
  // Either one or the other is the next step (RFC 3403 4.1).
  if (regexp.octets !== '' && replacement.length > 0)
    return { problem: 'InvalidNAPTRRDATA (Regular expression and replacement are both given)' };
  const texts = { flags: flags.octets, service: service.octets, regexp: regexp.octets };
  return { type: 'NAPTR', order, preference, ...texts, replacement };
}
