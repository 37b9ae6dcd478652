// What the tests of hostile traffic and of faults leave on stdout → one table, and what is wrong with it. A line is
// `safety: WHAT key=value …`; docs/safety.md has a row for each WHAT, whose numbers are this machine's.

export interface SafetyLine {
  /** The suite is its first word. */
  readonly what: string;
  readonly counts: Readonly<Record<string, number>>;
}

export interface SafetyReport {
  readonly table: readonly string[];
  /** Why the run counts as failed; empty when it does not. */
  readonly problems: readonly string[];
}

const LINE = /^safety: (?<what>.*?) (?<counts>\w+=\S+(?: \w+=\S+)*)$/;
/** What must not happen, by its key on a line. */
const ZEROES = { lost: 'lost data', foreign: 'foreign data seen', crashes: 'crashes' } as const;

export function readSafetyLine(line: string): SafetyLine | undefined {
  const found = LINE.exec(line.trim())?.groups;
  if (!found) return undefined;
  const pairs = found['counts']!.split(' ').map((pair) => pair.split('='));
  return { what: found['what']!, counts: Object.fromEntries(pairs.map(([key, value]) => [key!, Number(value)])) };
}

/** A table of the suites that ran, and every count that should be zero and is not. A suite that told of no case has not looked. */
export function reportSafety(suites: readonly string[], lines: readonly SafetyLine[]): SafetyReport {
  const problems: string[] = [];
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, at) => String(cell).padEnd(at === 0 ? 12 : 20)).join('');
  const table = [row(['suite', 'cases tried', ...Object.values(ZEROES)])];
  for (const suite of suites) {
    const own = lines.filter(({ what }) => what.split(' ', 1)[0] === suite);
    const sum = (key: string, without: number) =>
      own.reduce((total, { counts }) => total + (counts[key] ?? without), 0);
    const cases = sum('cases', 1);
    if (cases === 0) problems.push(`${suite} told of no case`);
    for (const [key, name] of Object.entries(ZEROES)) {
      for (const { what, counts } of own) {
        const count = counts[key] ?? 0;
        if (count !== 0) problems.push(`${name}: ${count} in '${what}'`);
      }
    }
    table.push(row([suite, cases, ...Object.keys(ZEROES).map((key) => sum(key, 0))]));
  }
  return { table, problems };
}

/** Names without their numbers, which are a machine's. */
const nameOf = (text: string) => text.replaceAll(/\d+/g, '#');

/** Cases without a row on the page, and rows whose case was not tried, of the suites that the page is about. */
export function compareWithPage(page: string, suites: readonly string[], lines: readonly SafetyLine[]): string[] {
  const rows = new Set(casesOnPage(page).map(nameOf));
  const tried = new Set(lines.map(({ what }) => nameOf(what)));
  const isOf = (name: string) => suites.includes(name.split(' ', 1)[0]!);
  return [
    ...[...tried]
      .filter((name) => isOf(name) && !rows.has(name))
      .map((name) => `'${name}' has no row in docs/safety.md`),
    ...[...rows]
      .filter((name) => isOf(name) && !tried.has(name))
      .map((name) => `'${name}' of docs/safety.md was not tried`),
  ];
}

/** The first column of its tables, in backticks. */
export function casesOnPage(page: string): string[] {
  return page.split('\n').flatMap((line) => /^\| `([^`]+)`/.exec(line)?.[1] ?? []);
}
