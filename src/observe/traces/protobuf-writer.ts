// Protocol Buffers, as far as spans need them: fields with their numbers, one behind the other (the encoding guide of protobuf.dev). What
// is written is a list of pieces that are joined once, since the length of a message stands before it.

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const NANOSECONDS = 1_000_000;

/** The fields of one message. Fields of the value that goes without saying are left out, as proto3 does. */
export class MessageWriter {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  get byteLength(): number {
    return this.#bytes;
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces, this.#bytes);
  }

  string(field: number, text: string): void {
    if (text !== '') this.bytes(field, Buffer.from(text));
  }

  bytes(field: number, value: Buffer): void {
    this.#push(header(field, BYTES, value.length));
    this.#push(value);
  }

  /** Also an empty one: that it is there may be all that it says. */
  message(field: number, write: (writer: MessageWriter) => void): void {
    const inner = new MessageWriter();
    write(inner);
    this.#push(header(field, BYTES, inner.#bytes));
    for (const piece of inner.#pieces) this.#push(piece);
  }

  /** A whole number from 0, an enum's or a boolean's, too; 0 where the type says that it is there. */
  varint(field: number, value: number, isWritten = value !== 0): void {
    if (isWritten) this.#push(Buffer.from([...varint((field << 3) | VARINT), ...varint(value)]));
  }

  /** A negative one takes ten bytes (two's complement of 64 bits). */
  int64(field: number, value: number): void {
    const bytes = varint((field << 3) | VARINT);
    for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
      if (rest < 0x80n) {
        bytes.push(Number(rest));
        break;
      }
      bytes.push(Number(rest & 0x7fn) | 0x80);
    }
    this.#push(Buffer.from(bytes));
  }

  double(field: number, value: number): void {
    const bytes = Buffer.alloc(9);
    bytes[0] = (field << 3) | FIXED64;
    bytes.writeDoubleLE(value, 1);
    this.#push(bytes);
  }

  fixed32(field: number, value: number): void {
    const tag = varint((field << 3) | FIXED32);
    const bytes = Buffer.alloc(tag.length + 4);
    bytes.set(tag);
    bytes.writeUInt32LE(value, tag.length);
    this.#push(bytes);
  }

  /** Milliseconds with their parts, as nanoseconds in 64 bits. */
  nanoseconds(field: number, ms: number): void {
    const bytes = Buffer.alloc(9);
    bytes[0] = (field << 3) | FIXED64;
    const whole = Math.floor(ms);
    bytes.writeBigUInt64LE(BigInt(whole) * BigInt(NANOSECONDS) + BigInt(Math.round((ms - whole) * NANOSECONDS)), 1);
    this.#push(bytes);
  }

  #push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }
}

function header(field: number, type: number, length: number): Buffer {
  return Buffer.from([...varint((field << 3) | type), ...varint(length)]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
