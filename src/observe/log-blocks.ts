// Lines on their way to a file, as bytes in blocks that are used again and again: memory outside the heap that is made anew for each
// group of lines makes the collector walk the whole heap many times a second, and lines that wait as strings, of small parts spread
// over the memory by then, cost more to put together than to write down at once. Nothing is written to files from here.

/** A file with much to write gets larger ones, and many files with a few lines each take little. */
const SIZES = [4_096, 16_384, 65_536, 262_144] as const;
/** The largest: so much of a file need not wait for more. */
export const BLOCK_BYTES = SIZES[3];

/** Without an end of the line in it: a text, or its UTF-8. */
export type LogLine = string | Uint8Array;

/** UTF-8 of one UTF-16 code unit. */
const BYTES_PER_UNIT_MAX = 3;
/** Of each size. One is filled and one is written, and a disk that hesitates, or another file, needs some more. */
const FREE_MAX = 8;

export const LINE_END = 0x0a;

export interface Block {
  readonly bytes: Buffer;
  used: number;
}

export interface Blocks {
  /**
   * Puts `line` behind what is in the last of `blocks`, or into one more; returns its bytes, the end of the line among them.
   * `expected`: how many bytes all of them may come to; they grow from there.
   */
  add(blocks: Block[], line: LogLine, expected: number): number;
  /** Nobody reads or writes it any more. */
  giveBack(block: Block): void;
}

export function createBlocks(): Blocks {
  const free = new Map<number, Block[]>(SIZES.map((size) => [size, []]));
  return {
    add(blocks, line, expected) {
      const isText = typeof line === 'string';
      const most = line.length * (isText ? BYTES_PER_UNIT_MAX : 1) + 1;
      let block = blocks.at(-1);
      if (!block || block.bytes.length - block.used < most)
        blocks.push((block = blockFor(most, block?.bytes.length ?? expected - 1)));
      const { bytes, used } = block;
      if (!isText) bytes.set(line, used);
      const end = used + (isText ? bytes.write(line, used) : line.length);
      bytes[end] = LINE_END;
      block.used = end + 1;
      return end + 1 - used;
    },
    giveBack(block) {
      block.used = 0;
      const alike = free.get(block.bytes.length);
      if (alike && alike.length < FREE_MAX) alike.push(block);
    },
  };

  /** Longer than `before`, as far as they go. */
  function blockFor(bytes: number, before: number): Block {
    const least = Math.max(bytes, Math.min(before + 1, BLOCK_BYTES));
    const size = SIZES.find((one) => one >= least) ?? bytes;
    return free.get(size)?.pop() ?? { bytes: Buffer.allocUnsafeSlow(size), used: 0 };
  }
}
