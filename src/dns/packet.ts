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
const BADVERS_EXTENDED_CODE = 1;

export type Answerer = (name: string, type: string) => DnsAnswer;

/** The response to a message, or undefined when it deserves none. `isUdp` bounds its size. */
export function respond(message: Buffer, isUdp: boolean, answerer: Answerer): Buffer | undefined {
  let query: DecodedPacket;
  try {
    query = dnsPacket.decode(message);
  } catch {
    // Not a message: a header's worth of it can still be told so.
    return message.length >= 12 && (message[2]! & 0x80) === 0 ? errorResponse(message, CODES.FORMERR) : undefined;
  }
  if (query.type !== 'query') return undefined;
  if (((query.flags ?? 0) & OPCODE_MASK) !== 0) return errorResponse(message, CODES.NOTIMP);
  const [question, ...more] = query.questions ?? [];
  if (!question || more.length > 0) return errorResponse(message, CODES.FORMERR);
  const edns = query.additionals?.find((record) => record.type === 'OPT');
  const version = edns && 'ednsVersion' in edns ? edns.ednsVersion : EDNS_VERSION;
  const common: Packet = { id: query.id ?? 0, type: 'response', questions: [question] };
  if (version !== EDNS_VERSION) {
    return dnsPacket.encode({
      ...common,
      flags: recursionDesired(query),
      additionals: [optRecord(BADVERS_EXTENDED_CODE)],
    });
  }
  const asked = `${question.name.toLowerCase().replace(/\.$/, '')}.`;
  const answer = answerer(asked, question.class === 'IN' || question.class === undefined ? question.type : 'NONE');
  // Names are answered in the case in which they were asked.
  const spell = (record: ResourceRecord) =>
    toPacketRecord(record, record.name === asked ? question.name : record.name.slice(0, -1));
  const flags =
    recursionDesired(query) | (answer.isAuthoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0) | CODES[answer.code];
  const response: Packet = {
    ...common,
    flags,
    answers: answer.answers.map(spell),
    authorities: answer.authorities.map(spell),
    additionals: [...answer.additionals.map(spell), ...(edns ? [optRecord(0)] : [])],
  };
  const bytes = dnsPacket.encode(response);
  const offered = edns && 'udpPayloadSize' in edns ? edns.udpPayloadSize : PLAIN_UDP_BYTES;
  const max = Math.min(Math.max(offered, PLAIN_UDP_BYTES), LIMITS.dnsAnswerBytesMax.value);
  if (!isUdp || bytes.length <= max) return bytes;
  return dnsPacket.encode({
    ...common,
    flags: flags | dnsPacket.TRUNCATED_RESPONSE,
    additionals: edns ? [optRecord(0)] : [],
  });
}

function recursionDesired(query: DecodedPacket): number {
  return (query.flags ?? 0) & dnsPacket.RECURSION_DESIRED;
}

/** The header of the query with an error code, and nothing else. The opcode is copied, or clients report a mismatch. */
function errorResponse(message: Buffer, code: number): Buffer {
  const header = Buffer.alloc(12);
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
