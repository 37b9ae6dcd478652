// What a server must make of a client's octets, written once more and on purpose without an eye for speed: what its own library does
// is compared with this.

import { isUtf8 } from 'node:buffer';
import { FRAME_BYTES_MAX, MESSAGE_BYTES_MAX } from '../rfc6455/conversation.ts';

export interface Made {
  /** Whole messages, in their order. */
  readonly texts: readonly Buffer[];
  /** What is to be sent at once, in its order: `pong 00ff`, `close 1002`, `close`. */
  readonly said: readonly string[];
}

const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

/** Reads to the first close, of either side, or as far as whole frames go. */
export function makeOf(bytes: Buffer): Made {
  const texts: Buffer[] = [];
  const said: string[] = [];
  let kind = 0;
  let parts: Buffer[] = [];
  const close = (code: number): Made => ({ texts, said: [...said, `close ${code}`] });
  for (let at = 0; bytes.length - at >= 2;) {
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    const isFinal = first >= 0x80;
    const opcode = first & 15;
    const isControl = opcode >= 8;
    if ((first & 0x70) !== 0 || ![0, 1, 2, 8, 9, 10].includes(opcode)) return close(1002);
    if (isControl && (!isFinal || (second & 127) > 125 || (opcode === 8 && (second & 127) === 1))) return close(1002);
    if (!isControl && (opcode === 0) !== (kind !== 0)) return close(1002);
    if (second < 128) return close(1002);
    const octets = { 126: 2, 127: 8 }[second & 127] ?? 0;
    if (bytes.length - at < 2 + octets) break;
    const length = octets === 0 ? BigInt(second & 127) : BigInt(`0x${bytes.toString('hex', at + 2, at + 2 + octets)}`);
    if (!isControl) {
      const sum = parts.reduce((total, part) => total + part.length, 0);
      if (length > FRAME_BYTES_MAX || BigInt(sum) + length > MESSAGE_BYTES_MAX) return close(1009);
    }
    const start = at + 2 + octets + 4;
    if (bytes.length < start + Number(length)) break;
    const mask = bytes.subarray(start - 4, start);
    const payload = Buffer.from(bytes.subarray(start, start + Number(length)).map((octet, n) => octet ^ mask[n % 4]!));
    at = start + Number(length);
    if (opcode === 8) {
      if (payload.length === 0) return { texts, said: [...said, 'close'] };
      const code = payload.readUInt16BE(0);
      if (!CODES.includes(code) && (code < 3000 || code > 4999)) return close(1002);
      if (!isUtf8(payload.subarray(2))) return close(1007);
      return { texts, said: [...said, `close ${code} ${payload.subarray(2).toString()}`.trimEnd()] };
    }
    if (opcode === 9) said.push(`pong ${payload.toString('hex')}`.trimEnd());
    if (isControl) continue;
    kind ||= opcode;
    parts.push(payload);
    if (kind === 1 && !isTextSoFar(Buffer.concat(parts), isFinal)) return close(1007);
    if (!isFinal) continue;
    if (kind === 2) return close(1003);
    texts.push(Buffer.concat(parts));
    parts = [];
    kind = 0;
  }
  return { texts, said };
}

/** Tried, not reasoned: some octets make a text of it, or none are needed. */
function isTextSoFar(bytes: Buffer, isWhole: boolean): boolean {
  const goesOn = (so: Buffer, more: number): boolean =>
    isUtf8(so) ||
    (more > 0 && [0x80, 0x90, 0xa0].some((next) => goesOn(Buffer.concat([so, Buffer.from([next])]), more - 1)));
  return goesOn(bytes, isWhole ? 0 : 3);
}
