// How deeply a JSON text nests, told without parsing it: to parse two million levels takes more than a second.

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** True when lists and objects of the text lie within each other more than `levelsMax` deep. What is no JSON is judged by its brackets. */
export function nestsDeeper(text: Uint8Array, levelsMax: number): boolean {
  let levels = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const octet = text[at]!;
    if (isInString) {
      if (octet === BACKSLASH) at += 1;
      else if (octet === QUOTE) isInString = false;
    } else if (octet === QUOTE) isInString = true;
    else if (octet === OPEN_LIST || octet === OPEN_MAP) {
      levels += 1;
      if (levels > levelsMax) return true;
    } else if (octet === CLOSE_LIST || octet === CLOSE_MAP) levels -= 1;
  }
  return false;
}
