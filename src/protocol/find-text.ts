// Where a text lies in another, in time that grows with both and not with their product. The engine's own search is quick for
// short texts, and can be made to take minutes for long ones: two strangers' texts of a megabyte are enough.

/** As far as this the engine's search is linear (measured: its tables hold 250 characters). */
const SHORT_MAX = 200;
/** The engine's search from the end has no tables at all. */
const SHORT_FROM_END_MAX = 16;

/** As `indexOf`. */
export function findText(text: string, what: string, from: number = 0): number {
  if (what.length <= SHORT_MAX) return text.indexOf(what, from);
  return scan(text, what, Math.max(0, from), () => false);
}

/** As `lastIndexOf`: the last place that is not after `from`. */
export function findTextFromEnd(text: string, what: string, from: number): number {
  if (what.length <= SHORT_FROM_END_MAX) return text.lastIndexOf(what, from);
  let last = -1;
  scan(text.slice(0, from + what.length), what, 0, (at) => {
    last = at;
    return true;
  });
  return last;
}

/** Knuth, Morris and Pratt: the first place after which `goOn` answers false, or -1. */
function scan(text: string, what: string, from: number, goOn: (at: number) => boolean): number {
  if (what.length > text.length - from) return -1;
  const borders = bordersOf(what);
  let matched = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    while (matched > 0 && what.charCodeAt(matched) !== code) matched = borders[matched - 1]!;
    if (what.charCodeAt(matched) === code) matched += 1;
    if (matched < what.length) continue;
    const start = at - what.length + 1;
    if (!goOn(start)) return start;
    matched = borders[matched - 1]!;
  }
  return -1;
}

/** For each beginning of the text, how much of it is also its end. */
function bordersOf(what: string): Int32Array {
  const borders = new Int32Array(what.length);
  let border = 0;
  for (let at = 1; at < what.length; at += 1) {
    while (border > 0 && what.charCodeAt(border) !== what.charCodeAt(at)) border = borders[border - 1]!;
    if (what.charCodeAt(border) === what.charCodeAt(at)) border += 1;
    borders[at] = border;
  }
  return borders;
}
