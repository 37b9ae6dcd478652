// Which name somebody may have meant.

const LENGTH_MAX = 64;
const NAMES_MAX = 2_000;

/** `; did you mean 'Name'?`, or nothing when no name is near. */
export function nearestName(wanted: string, names: Iterable<string>): string {
  if (wanted.length > LENGTH_MAX) return '';
  const farthest = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestDistance = farthest + 1;
  let seen = 0;
  for (const name of names) {
    seen += 1;
    if (seen > NAMES_MAX) break;
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = distanceOf(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best === undefined ? '' : `; did you mean '${best}'?`;
}

/** Levenshtein: how many letters have to be put in, taken out or replaced. */
function distanceOf(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1);
      line.push(Math.min(replaced, above[column]! + 1, line[column - 1]! + 1));
    }
    above = line;
  }
  return above[other.length]!;
}
