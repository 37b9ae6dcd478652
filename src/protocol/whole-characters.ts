// Text in UTF-8 that is cut off at a number of bytes.

const CONTINUES = 0x80;
const CONTINUES_MASK = 0xc0;

/** The beginning of `bytes`: at most `max` of them, and no part of a character. */
export function wholeCharacters<T extends Uint8Array>(bytes: T, max: number): T {
  if (bytes.length <= max) return bytes;
  let end = Math.max(max, 0);
  while (end > 0 && (bytes[end]! & CONTINUES_MASK) === CONTINUES) end -= 1;
  return bytes.subarray(0, end) as T;
}
