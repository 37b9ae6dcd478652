// DNS messages in and out: the header rules (opcode, one question, EDNS, truncation) around answer.ts, whose records are encoded
// here. An answer over UDP is never longer than the client takes, nor than 1,232 octets.

import { MessageWriter, MESSAGE_BYTES_MAX, type WireRecord } from '../protocol/dns/message-writer.ts';
import { HEADER_BYTES, readQuery, type DnsQuery, type Edns } from '../protocol/dns/query.ts';
import { encodeRecordData } from '../protocol/dns/record-data-octets.ts';
import { OPT, typeName, typeNumber } from '../protocol/dns/record-types.ts';
import { encodeName } from '../protocol/dns/wire-name.ts';
import { limit } from '../settings/limits.ts';
import { AnswerCache } from './answer-cache.ts';
import { bareAnswer, type DnsAnswer, type ResourceRecord } from './resource-record.ts';

const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
const RESPONSE = 0x80;
const AUTHORITATIVE = 0x04;
const TRUNCATED = 0x02;
const RECURSION_DESIRED = 0x01;
const OPCODE = 0x78;
const CLASS_IN = 1;
const EDNS_VERSION = 0;
const OPT_BYTES = 11;
const DNSSEC_OK = 0x8000;
/** The upper bits of a code stand in the OPT record; this is BADVERS, 16. */
const BADVERS_EXTENDED = 1;
const PLAIN_UDP_BYTES = 512;
/** Transfers are refused. */
const REFUSED_TYPES: readonly string[] = ['AXFR', 'IXFR', 'OPT'];
const REFUSED = bareAnswer('REFUSED');
const FAILED = bareAnswer('SERVFAIL');

export type Answerer = (name: string, type: string) => DnsAnswer;

/** What kind of answer it is: of each kind a client gets only so many a second. */
export type AnswerKind = 'answer' | 'negative' | 'referral' | 'error';

export interface Reply {
  readonly bytes: Buffer;
  readonly kind: AnswerKind;
}

export interface Responder {
  /** The response to a message, or undefined when it deserves none. `isUdp` bounds its size. */
  respond(message: Buffer, isUdp: boolean): Reply | undefined;
}

export interface ResponderOptions {
  readonly answer: Answerer;
  /** While it stays the same, so do all answers that do not vary by themselves. */
  readonly revision: () => number;
  /** Told of an answer that could not be made or encoded; SERVFAIL is said instead. */
  onFailure(error: Error): void;
}

/** Without an OPT record and without what is the client's: id, case of the question, its wish for recursion. */
interface Encoded {
  readonly bytes: Buffer;
  readonly kind: AnswerKind;
  /** Where the message may end, the shortest first: after what must be sent, and after each set of addresses that may be. */
  readonly endings: readonly { readonly length: number; readonly additionals: number }[];
}

export function createResponder({ answer, revision, onFailure }: ResponderOptions): Responder {
  const writer = new MessageWriter();
  const cache = new AnswerCache<Encoded>(limit('dnsAnswersKeptMax'), revision);

  const encodedFor = (query: DnsQuery): Encoded => {
    const type = typeName(query.type);
    if (query.class !== CLASS_IN || REFUSED_TYPES.includes(type)) return encode(writer, query, REFUSED);
    const key = `${query.type}${query.isLowerCase ? ' ' : '!'}${query.name}`;
    const cached = cache.get(key);
    if (cached) return cached;
    try {
      const found = answer(query.name, type);
      const encoded = encode(writer, query, found);
      if (!found.isVarying && found.code !== 'REFUSED') cache.set(key, encoded);
      return encoded;
    } catch (error) {
      onFailure(error as Error);
      return encode(writer, query, FAILED);
    }
  };

  return {
    respond(message, isUdp) {
      if (message.length < HEADER_BYTES || (message[2]! & RESPONSE) !== 0) return undefined;
      if ((message[2]! & OPCODE) !== 0) return { bytes: headerOnly(message, CODES.NOTIMP), kind: 'error' };
      const query = readQuery(message);
      // Not a message, but its header can be told so.
      if (!query) return { bytes: headerOnly(message, CODES.FORMERR), kind: 'error' };
      if (query.edns && query.edns.version !== EDNS_VERSION) {
        const bytes = questionOnly(message, query, [RESPONSE, CODES.NOERROR], BADVERS_EXTENDED);
        return { bytes, kind: 'error' };
      }
      const encoded = encodedFor(query);
      const bytesMax = isUdp ? udpBytesMax(query.edns) : MESSAGE_BYTES_MAX;
      return { bytes: complete(message, query, encoded, bytesMax), kind: encoded.kind };
    },
  };
}

/** The response that makes a client come back over TCP, made from one that says more. */
export function truncated({ bytes }: Reply): Buffer {
  if (bytes.readUInt16BE(4) === 0) return bytes;
  let end = HEADER_BYTES;
  while (bytes[end] !== 0) end += bytes[end]! + 1;
  const cut = Buffer.from(bytes.subarray(0, end + 5));
  cut.fill(0, 6, HEADER_BYTES);
  cut[2]! |= TRUNCATED;
  return cut;
}

function udpBytesMax(edns: Edns | undefined): number {
  return Math.min(Math.max(edns?.udpBytes ?? 0, PLAIN_UDP_BYTES), limit('dnsAnswerBytesMax'));
}

function encode(writer: MessageWriter, query: DnsQuery, answer: DnsAnswer): Encoded {
  const toWire = (record: ResourceRecord): WireRecord => {
    const { name, type, ttl, value } = record;
    try {
      // The name that was asked is answered in the case in which it was.
      const owner = name === query.name ? 'question' : encodeName(name);
      return { owner, type: typeNumber(type), ttl, data: encodeRecordData(type, value) };
    } catch (error) {
      throw new Error(`the ${type} record at ${name} is not served: ${(error as Error).message}`, { cause: error });
    }
  };
  writer.begin(query.question, query.isLowerCase);
  const { answers, authorities, glue } = answer;
  const addAll = (records: readonly ResourceRecord[]) => records.every((record) => writer.add(toWire(record)));
  const isWhole = addAll(answers) && addAll(authorities) && addAll(glue);
  const endings = isWhole ? [{ length: writer.length, additionals: glue.length }] : [];
  let additionals = glue.length;
  for (const set of isWhole ? recordSets(answer.additionals) : []) {
    if (!addAll(set)) break;
    additionals += set.length;
    endings.push({ length: writer.length, additionals });
  }
  const bytes = isWhole
    ? writer.finish(answers.length, authorities.length, additionals)
    : Buffer.alloc(HEADER_BYTES + query.question.length);
  bytes[2] = RESPONSE | (answer.isAuthoritative ? AUTHORITATIVE : 0);
  bytes[3] = CODES[answer.code];
  return { bytes, kind: kindOf(answer), endings };
}

/** Records of one name and type stand together, and are sent together. */
function recordSets(records: readonly ResourceRecord[]): ResourceRecord[][] {
  const sets: ResourceRecord[][] = [];
  for (const record of records) {
    const last = sets.at(-1)?.[0];
    if (last?.name === record.name && last.type === record.type) sets.at(-1)!.push(record);
    else sets.push([record]);
  }
  return sets;
}

function kindOf({ code, answers, isAuthoritative }: DnsAnswer): AnswerKind {
  if (code === 'REFUSED' || code === 'SERVFAIL') return 'error';
  if (!isAuthoritative) return 'referral';
  return answers.length > 0 ? 'answer' : 'negative';
}

/** With all that there is room for; with nothing but the question, and so said, when not even what must be sent fits. */
function complete(message: Buffer, query: DnsQuery, { bytes, endings }: Encoded, bytesMax: number): Buffer {
  const room = bytesMax - (query.edns ? OPT_BYTES : 0);
  const ending = endings.findLast(({ length }) => length <= room);
  // A referral with all its glue can be longer than even TCP can say (RFC 9471 2.3).
  if (!ending) return questionOnly(message, query, [bytes[2]! | TRUNCATED, bytes[3]!], 0);
  const response = Buffer.allocUnsafe(ending.length + (query.edns ? OPT_BYTES : 0));
  bytes.copy(response, 0, 0, ending.length);
  query.question.copy(response, HEADER_BYTES);
  response[0] = message[0]!;
  response[1] = message[1]!;
  response[2]! |= message[2]! & RECURSION_DESIRED;
  response.writeUInt16BE(ending.additionals + (query.edns ? 1 : 0), 10);
  if (query.edns) writeOpt(response, ending.length, query.edns, 0);
  return response;
}

function questionOnly(message: Buffer, query: DnsQuery, flags: readonly [number, number], extended: number): Buffer {
  const end = HEADER_BYTES + query.question.length;
  const response = Buffer.alloc(end + (query.edns ? OPT_BYTES : 0));
  message.copy(response, 0, 0, 2);
  response[2] = flags[0] | (message[2]! & RECURSION_DESIRED);
  response[3] = flags[1];
  response.writeUInt16BE(1, 4);
  query.question.copy(response, HEADER_BYTES);
  if (query.edns) {
    response.writeUInt16BE(1, 10);
    writeOpt(response, end, query.edns, extended);
  }
  return response;
}

/** The header of the query with an error code, and nothing else. The opcode is copied, or clients report a mismatch. */
function headerOnly(message: Buffer, code: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  header[2] = RESPONSE | (message[2]! & (OPCODE | RECURSION_DESIRED));
  header[3] = code;
  return header;
}

/** Without options, whatever the client offered; its wish for DNSSEC comes back (RFC 3225 3). */
function writeOpt(response: Buffer, at: number, { isDnssecOk }: Edns, extendedCode: number): void {
  response[at] = 0;
  response.writeUInt16BE(OPT, at + 1);
  response.writeUInt16BE(limit('dnsAnswerBytesMax'), at + 3);
  response[at + 5] = extendedCode;
  response[at + 6] = EDNS_VERSION;
  response.writeUInt16BE(isDnssecOk ? DNSSEC_OK : 0, at + 7);
  response.writeUInt16BE(0, at + 9);
}
