// YAML of files that may hold secrets: settings and accounts. A problem names the place and what is wrong there, and repeats nothing
// of the file; the library's own warnings, which quote the line, are not printed.

/** The message is a phrase for one line, without a full stop. */
export class YamlProblem extends Error {}

interface ForeignProblem {
  readonly message: string;
  readonly code?: string;
  readonly linePos?: readonly { readonly line: number; readonly col: number }[];
}

/** Where the library's own words hold nothing of the file. */
const SAFE_CODES: readonly string[] = [
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'DUPLICATE_KEY',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
];

/** What the text holds; the library is loaded when there is one. Throws YamlProblem. */
export async function readYaml(text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text, { logLevel: 'error' }) as unknown;
  } catch (error) {
    throw new YamlProblem(wordsOf(error as ForeignProblem));
  }
}

function wordsOf({ message, code, linePos: [place] = [] }: ForeignProblem): string {
  // An alias is followed when all is read, and then nobody knows where it stood.
  if (code === undefined || !place)
    return 'an alias (*) in it leads nowhere, or to too much; is a text without quotes?';
  const { line, col } = place;
  const words = SAFE_CODES.includes(code) ? message.split(/ at line \d/)[0]! : code.toLowerCase().replaceAll('_', ' ');
  return `at line ${line}, column ${col}: ${words}`;
}

const SETTING = /^[a-z][a-z-]{0,31}$/;
const MEMBER = /^[A-Za-z]{1,20}$/;

/** A key of such a file as problems may show it: what is no plain word may be a secret in the wrong place. */
export function shownKey(key: string, word: RegExp = SETTING): string {
  return word.test(key) ? `'${key}'` : 'that is no plain word';
}

interface Issue {
  readonly code?: unknown;
  readonly keys?: readonly string[];
  readonly message: string;
}

/** What a schema found in such a file, with no key in its words that may be a secret in the wrong place. */
export function withoutContent<T extends Issue>(issues: readonly T[]): T[] {
  return issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? { ...issue, message: `there is no key ${(issue.keys ?? []).map((key) => shownKey(key, MEMBER)).join(', ')}` }
      : issue,
  );
}
