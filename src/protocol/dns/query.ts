// A DNS message that asks something → what it asks (RFC 1035 4.1, RFC 6891). Reads every record to its end, since one that does not
// fit makes the whole message none; of all of them only OPT is looked into.

import { OPT } from './record-types.ts';
import { readName, skipName } from './wire-name.ts';

export const HEADER_BYTES = 12;

export interface Edns {
  readonly version: number;
  /** What the client can take over UDP. */
  readonly udpBytes: number;
  readonly isDnssecOk: boolean;
}

export interface DnsQuery {
  /** The question as it came, to be sent back octet by octet. */
  readonly question: Buffer;
  /** Lower case, trailing dot. */
  readonly name: string;
  readonly isLowerCase: boolean;
  readonly type: number;
  readonly class: number;
  readonly edns: Edns | undefined;
}

/** The one question of a message and its EDNS record; undefined when the message is malformed or has not exactly one question. */
export function readQuery(message: Buffer): DnsQuery | undefined {
  if (message.readUInt16BE(4) !== 1) return undefined;
  const name = readName(message, HEADER_BYTES);
  if (!name || name.end + 4 > message.length) return undefined;
  const records = readRecords(message, name.end + 4);
  if (!records) return undefined;
  return {
    question: message.subarray(HEADER_BYTES, name.end + 4),
    name: name.text,
    isLowerCase: name.isLowerCase,
    type: message.readUInt16BE(name.end),
    class: message.readUInt16BE(name.end + 2),
    edns: records.edns,
  };
}

/** Goes through all records after the question. There is at most one OPT record, at the root and among the additional ones. */
function readRecords(message: Buffer, offset: number): { edns: Edns | undefined } | undefined {
  const others = message.readUInt16BE(6) + message.readUInt16BE(8);
  const count = others + message.readUInt16BE(10);
  let at = offset;
  let edns: Edns | undefined;
  for (let number = 0; number < count; number += 1) {
    const owner = at;
    const fields = skipName(message, at);
    if (fields === undefined || fields + 10 > message.length) return undefined;
    at = fields + 10 + message.readUInt16BE(fields + 8);
    if (at > message.length) return undefined;
    if (message.readUInt16BE(fields) !== OPT) continue;
    if (edns || number < others || message[owner] !== 0 || !areOptions(message, fields + 10, at)) return undefined;
    edns = {
      version: message[fields + 5]!,
      udpBytes: message.readUInt16BE(fields + 2),
      isDnssecOk: (message[fields + 6]! & 0x80) !== 0,
    };
  }
  return { edns };
}

/** Options are passed over, but they must fit. */
function areOptions(message: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    if (at + 4 > end) return false;
    at += 4 + message.readUInt16BE(at + 2);
  }
  return at === end;
}
