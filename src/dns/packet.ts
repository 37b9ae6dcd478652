// DNS messages in and out by dns-packet: the header rules (opcode, one question, EDNS, truncation) around answer.ts.

import dnsPacket, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import { quotedStrings } from '../protocol/record-text.ts';
import { LIMITS } from '../settings/limits.ts';
import type { DnsAnswer } from './answer.ts';
import type { ResourceRecord } from './resource-record.ts';

const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
const OPCODE_MASK = 0x7800;
const EDNS_VERSION = 0;
const PLAIN_UDP_BYTES = 512;
/** What the two octets of length before a message can say. */
const TCP_BYTES_MAX = 65_535;
const BADVERS_EXTENDED_CODE = 1;

export type Answerer = (name: string, type: string) => DnsAnswer;

const HEADER_BYTES = 12;
const REFUSED: DnsAnswer = { code: 'REFUSED', isAuthoritative: false, answers: [], authorities: [], additionals: [] };
/** Transfers are refused; so are types that no zone can hold. */
const REFUSED_TYPES: readonly string[] = ['AXFR', 'IXFR', 'OPT'];

/** The response to a message, or undefined when it deserves none. `isUdp` bounds its size. */
export function respond(message: Buffer, isUdp: boolean, answerer: Answerer): Buffer | undefined {
  if (message.length < HEADER_BYTES || (message[2]! & 0x80) !== 0) return undefined;
  if ((message.readUInt16BE(2) & OPCODE_MASK) !== 0) return errorResponse(message, CODES.NOTIMP);
  let query: DecodedPacket;
  try {
    query = dnsPacket.decode(message);
  } catch {
    // Not a message, but its header can be told so.
    return errorResponse(message, CODES.FORMERR);
  }
  const question = message.readUInt16BE(4) === 1 ? readQuestion(message) : undefined;
  const [asked] = query.questions ?? [];
  const opts = (query.additionals ?? []).filter((record) => record.type === 'OPT');
  if (!question || !asked || opts.length > 1) return errorResponse(message, CODES.FORMERR);
  const [edns] = opts;
  if (edns && 'ednsVersion' in edns && edns.ednsVersion !== EDNS_VERSION) {
    return withQuestion(question, {
      id: query.id ?? 0,
      flags: recursionDesired(query),
      additionals: [optRecord(BADVERS_EXTENDED_CODE)],
    });
  }
  const isRefused = asked.class !== 'IN' || REFUSED_TYPES.includes(asked.type);
  const answer = isRefused ? REFUSED : answerer(question.name, asked.type);
  // Names are answered in the case in which they were asked.
  const spell = (record: ResourceRecord) =>
    toPacketRecord(record, record.name === question.name ? asked.name : record.name.slice(0, -1));
  const flags =
    recursionDesired(query) | (answer.isAuthoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0) | CODES[answer.code];
  const common = { id: query.id ?? 0, additionals: edns ? [optRecord(0)] : [] };
  const bytes = withQuestion(question, {
    ...common,
    flags,
    answers: answer.answers.map(spell),
    authorities: answer.authorities.map(spell),
    additionals: [...answer.additionals.map(spell), ...common.additionals],
  });
  const offered = edns && 'udpPayloadSize' in edns ? edns.udpPayloadSize : PLAIN_UDP_BYTES;
  const udpMax = Math.min(Math.max(offered, PLAIN_UDP_BYTES), LIMITS.dnsAnswerBytesMax.value);
  // A referral with all its glue can be longer than even TCP can say (RFC 9471 2.3).
  if (bytes.length <= (isUdp ? udpMax : TCP_BYTES_MAX)) return bytes;
  return withQuestion(question, { ...common, flags: flags | dnsPacket.TRUNCATED_RESPONSE });
}

interface Question {
  /** As it came, to be sent back octet by octet. */
  readonly bytes: Buffer;
  /** Lower case, trailing dot; an octet that no name of a zone has is an escape, so that it equals none. */
  readonly name: string;
}

/** The one question of a message; undefined when it is cut short, too long, or compressed. */
function readQuestion(message: Buffer): Question | undefined {
  let offset = HEADER_BYTES;
  let name = '';
  for (;;) {
    const length = message[offset];
    if (length === undefined || length > 63 || offset - HEADER_BYTES > 254) return undefined;
    offset += 1;
    if (length === 0) break;
    const label = message.toString('latin1', offset, offset + length).toLowerCase();
    name += `${label.replace(/[^a-z0-9_*-]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)}.`;
    offset += length;
  }
  const bytes = message.subarray(HEADER_BYTES, offset + 4);
  return bytes.length === offset + 4 - HEADER_BYTES ? { bytes, name: name === '' ? '.' : name } : undefined;
}

/** Encodes a response with the question as it came. The library compresses no names, so nothing refers across it. */
function withQuestion(question: Question, packet: Packet): Buffer {
  const encoded = dnsPacket.encode({ ...packet, type: 'response', questions: [] });
  encoded.writeUInt16BE(1, 4);
  return Buffer.concat([encoded.subarray(0, HEADER_BYTES), question.bytes, encoded.subarray(HEADER_BYTES)]);
}

function recursionDesired(query: DecodedPacket): number {
  return (query.flags ?? 0) & dnsPacket.RECURSION_DESIRED;
}

/** The header of the query with an error code, and nothing else. The opcode is copied, or clients report a mismatch. */
function errorResponse(message: Buffer, code: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 3);
  header[2] = 0x80 | (header[2]! & 0x79);
  header[3] = code;
  return header;
}

function optRecord(extendedRcode: number): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: LIMITS.dnsAnswerBytesMax.value,
    extendedRcode,
    ednsVersion: EDNS_VERSION,
    flags: 0,
    flag_do: false,
    options: [],
  } as unknown as Answer;
}

const bare = (name: string) => (name === '.' ? '.' : name.replace(/\.$/, ''));

/** Route 53's text of a record → the form that dns-packet encodes. Values were checked when they were stored. */
function toPacketRecord({ type, ttl, value }: ResourceRecord, name: string): Answer {
  const common = { name, ttl, class: 'IN' as const };
  const parts = value.split(/\s+/);
  switch (type) {
    case 'A':
    case 'AAAA':
      return { ...common, type, data: value };
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...common, type, data: bare(value) };
    case 'MX':
      return { ...common, type, data: { preference: Number(parts[0]), exchange: bare(parts[1]!) } };
    case 'SRV': {
      const [priority, weight, port] = parts.map(Number) as [number, number, number];
      return { ...common, type, data: { priority, weight, port, target: bare(parts[3]!) } };
    }
    case 'SOA': {
      const [serial, refresh, retry, expire, minimum] = parts.slice(2).map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      return {
        ...common,
        type,
        data: { mname: bare(parts[0]!), rname: bare(parts[1]!), serial, refresh, retry, expire, minimum },
      };
    }
    case 'CAA': {
      const [, flags, tag, text] = /^(\d+) (\S+) "([^"]*)"$/.exec(value)!;
      return { ...common, type, data: { flags: Number(flags), tag: tag as 'issue', value: text! } };
    }
    case 'TXT':
      return { ...common, type, data: (quotedStrings(value) ?? []).map((text) => Buffer.from(text, 'latin1')) };
    default:
      throw new Error(`records of type ${type} are not encoded`);
  }
}
