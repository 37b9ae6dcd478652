// Writes DNS messages: a header, the question as it came, and records whose names are compressed (RFC 1035 4.1.4).

import { HEADER_BYTES } from './query.ts';
import type { DataPart } from './record-data-octets.ts';
import { NAME_BYTES_MAX } from './wire-name.ts';

/** What the two octets of length before a message over TCP can say. */
export const MESSAGE_BYTES_MAX = 65_535;
const POINTER_OFFSET_MAX = 0x3fff;
const CLASS_IN = 1;

export interface WireRecord {
  /** Octets without compression. `question` is the name that was asked, in the case in which it was. */
  readonly owner: Buffer | 'question';
  readonly type: number;
  readonly ttl: number;
  readonly data: readonly DataPart[];
}

/** One message after another is written into the same octets; `finish` copies them out. */
export class MessageWriter {
  readonly #bytes = Buffer.alloc(MESSAGE_BYTES_MAX + NAME_BYTES_MAX);
  readonly #names = new Map<string, number>();
  #length = 0;
  #isFull = false;
  /** Where the name of the question ends, until a name is written that may point into it; 0 when none may. */
  #questionEnd = 0;

  /** `isCompressedAgainst`: names may point into the question, which then must be in lower case as zones are. */
  begin(question: Buffer, isCompressedAgainst: boolean): void {
    this.#names.clear();
    this.#isFull = false;
    question.copy(this.#bytes, HEADER_BYTES);
    this.#length = HEADER_BYTES + question.length;
    this.#questionEnd = isCompressedAgainst ? this.#length - 5 : 0;
  }

  /** Octets written so far, to come back to by `rewind`. */
  get length(): number {
    return this.#length;
  }

  /** Takes back what was written after `length`. Names there are pointed to no more. */
  rewind(length: number): void {
    this.#length = length;
    this.#isFull = false;
    for (const [name, offset] of this.#names) if (offset >= length) this.#names.delete(name);
  }

  /** False when the record does not fit any message; then nothing of it counts. */
  add({ owner, type, ttl, data }: WireRecord): boolean {
    const start = this.#length;
    if (owner === 'question') this.#uint16(0xc000 | HEADER_BYTES);
    else this.#name(owner);
    this.#uint16(type);
    this.#uint16(CLASS_IN);
    this.#uint16(ttl >>> 16);
    this.#uint16(ttl & 0xffff);
    const lengthAt = this.#length;
    this.#uint16(0);
    for (const part of data) {
      if ('compressible' in part) this.#name(part.compressible);
      else this.#octets(part);
    }
    if (!this.#isFull && this.#length <= MESSAGE_BYTES_MAX) {
      this.#bytes.writeUInt16BE(this.#length - lengthAt - 2, lengthAt);
      return true;
    }
    this.rewind(start);
    return false;
  }

  /** The octets from the beginning, the header still empty but for the counts. */
  finish(answers: number, authorities: number, additionals: number): Buffer {
    const message = Buffer.from(this.#bytes.subarray(0, this.#length));
    message.fill(0, 0, HEADER_BYTES);
    message.writeUInt16BE(1, 4);
    message.writeUInt16BE(answers, 6);
    message.writeUInt16BE(authorities, 8);
    message.writeUInt16BE(additionals, 10);
    return message;
  }

  /** Case counts: a name is answered as it is written in its zone. */
  #name(name: Buffer): void {
    if (this.#questionEnd > 0) this.#rememberQuestion();
    let at = 0;
    while (name[at] !== 0) {
      const rest = name.toString('latin1', at);
      const known = this.#names.get(rest);
      if (known !== undefined) return this.#uint16(0xc000 | known);
      if (this.#length <= POINTER_OFFSET_MAX) this.#names.set(rest, this.#length);
      const end = at + name[at]! + 1;
      this.#octets(name.subarray(at, end));
      at = end;
    }
    this.#octets(name.subarray(at));
  }

  /** Most answers hold no name but that of the question, so this waits until one does. */
  #rememberQuestion(): void {
    const end = this.#questionEnd;
    this.#questionEnd = 0;
    for (let at = HEADER_BYTES; at < end; at += this.#bytes[at]! + 1) {
      this.#names.set(this.#bytes.toString('latin1', at, end + 1), at);
    }
  }

  #octets(octets: Uint8Array): void {
    if (this.#length + octets.length > this.#bytes.length) this.#isFull = true;
    else {
      this.#bytes.set(octets, this.#length);
      this.#length += octets.length;
    }
  }

  #uint16(value: number): void {
    if (this.#length + 2 > this.#bytes.length) this.#isFull = true;
    else this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }
}
