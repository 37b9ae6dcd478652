// Protocol Buffers, as far as spans need them: fields with their numbers, one behind the other (the encoding guide of protobuf.dev), into one
// buffer that grows. The length of a message stands before it, so room for a short one is left, and what follows is moved for a long one.

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const NANOSECONDS = 1_000_000;
const FIRST_BYTES = 65_536;
const VARINT_BYTES_MAX = 10;

/** Fields of the value that goes without saying are left out, as proto3 does. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  /** What was written. The writer is not used any more then. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** Begins a message within this one; all that comes is its own until `end` is given what this returns. */
  begin(field: number): number {
    this.#tag(field, BYTES);
    this.#need(1);
    this.#at += 1;
    return this.#at;
  }

  end(begun: number): void {
    const length = this.#at - begun;
    const lengthBytes = varintBytes(length);
    this.#need(lengthBytes - 1);
    if (lengthBytes > 1) this.#buffer.copyWithin(begun + lengthBytes - 1, begun, this.#at);
    const end = this.#at + lengthBytes - 1;
    this.#at = begun - 1;
    this.#varint(length);
    this.#at = end;
  }

  /** An empty one only where its being there says something. */
  string(field: number, text: string, isWritten = text !== ''): void {
    if (!isWritten) return;
    const length = Buffer.byteLength(text);
    this.#tag(field, BYTES);
    this.#varint(length);
    this.#need(length);
    this.#buffer.write(text, this.#at, length);
    this.#at += length;
  }

  /** Bytes, spelled in hex digits. */
  hex(field: number, digits: string): void {
    const length = digits.length / 2;
    this.#tag(field, BYTES);
    this.#varint(length);
    this.#need(length);
    this.#buffer.write(digits, this.#at, length, 'hex');
    this.#at += length;
  }

  /** A whole number from 0, an enum's or a boolean's, too; 0 only where its being there says something. */
  varint(field: number, value: number, isWritten = value !== 0): void {
    if (!isWritten) return;
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  /** A negative one takes ten bytes (two's complement of 64 bits). */
  int64(field: number, value: number): void {
    this.#tag(field, VARINT);
    if (value >= 0) return this.#varint(value);
    this.#need(VARINT_BYTES_MAX);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#need(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, FIXED32);
    this.#need(4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  /** Milliseconds with their parts, as nanoseconds in 64 bits. */
  nanoseconds(field: number, ms: number): void {
    this.#tag(field, FIXED64);
    this.#need(8);
    const whole = Math.floor(ms);
    const value = BigInt(whole) * BigInt(NANOSECONDS) + BigInt(Math.round((ms - whole) * NANOSECONDS));
    this.#at = this.#buffer.writeBigUInt64LE(value, this.#at);
  }

  #tag(field: number, type: number): void {
    this.#varint((field << 3) | type);
  }

  /** Seven bits a byte, the lowest first. */
  #varint(value: number): void {
    this.#need(VARINT_BYTES_MAX);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#buffer[this.#at] = value;
    this.#at += 1;
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}
