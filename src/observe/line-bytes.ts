// A line of a log as bytes that are changed and not made: a line says what the one before it said, but for an id or two, and only those
// are written again. Nothing of it is left to be collected, which costs more than the writing (bench/access-log).

const ASCII_MAX = 0x7f;
const BYTES_MIN = 256;
/** Memory is given back when a line needs no more than this part of it. */
const SPARE_TIMES = 8;

/** Where a value stands among the bytes. */
interface Place {
  at: number;
  bytes: number;
}

export interface LineBytes {
  /** UTF-8, without an end of the line. Good until the next `set`. */
  readonly bytes: Uint8Array;
  /** What stands at a place from now on; the first place is 0. */
  set(place: number, value: string): void;
}

/** `parts`: texts that stay, and `undefined` for each place of a value, which is empty at first. */
export function createLineBytes(parts: readonly (string | undefined)[]): LineBytes {
  return new Line(parts);
}

class Line implements LineBytes {
  bytes: Uint8Array;
  /** What `bytes` is the beginning of. */
  #memory: Buffer;
  readonly #places: readonly Place[];

  constructor(parts: readonly (string | undefined)[]) {
    this.#memory = memoryFor(parts.reduce((sum, part = '') => sum + Buffer.byteLength(part), 0));
    const places: Place[] = [];
    let end = 0;
    for (const part of parts) {
      if (part === undefined) places.push({ at: end, bytes: 0 });
      else end += this.#memory.write(part, end);
    }
    this.#places = places;
    this.bytes = this.#memory.subarray(0, end);
  }

  set(place: number, value: string): void {
    const { at, bytes } = this.#places[place]!;
    if (value.length !== bytes || !this.#putAscii(value, at)) this.#replace(place, value);
  }

  /** False when not all of it is ASCII: then what was put there means nothing. */
  #putAscii(value: string, at: number): boolean {
    const memory = this.#memory;
    let seen = 0;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      seen |= code;
      memory[at + index] = code;
    }
    return seen <= ASCII_MAX;
  }

  /** By a value of any length: what stands behind it moves. */
  #replace(number: number, value: string): void {
    const place = this.#places[number]!;
    const bytes = Buffer.byteLength(value);
    if (bytes !== place.bytes) this.#resize(place, bytes, this.#places.slice(number + 1));
    this.#memory.write(value, place.at);
  }

  #resize(place: Place, bytes: number, behind: readonly Place[]): void {
    const { length: before } = this.bytes;
    const added = bytes - place.bytes;
    const after = before + added;
    const from = this.#memory;
    const fits = after <= from.length && from.length <= Math.max(BYTES_MIN, after * SPARE_TIMES);
    const memory = fits ? from : memoryFor(after);
    if (memory !== from) from.copy(memory, 0, 0, place.at);
    from.copy(memory, place.at + bytes, place.at + place.bytes, before);
    this.#memory = memory;
    this.bytes = memory.subarray(0, after);
    for (const other of behind) other.at += added;
    place.bytes = bytes;
  }
}

function memoryFor(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(bytes))));
}
