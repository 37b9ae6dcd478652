// What commands print with: marks and colours for a terminal, and commands that can be pasted as they are shown.

import { ENDPOINT_DEFAULT, type ControlOptions } from './control-client.ts';

const isColoured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;

const paint = (code: number, text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);

export const bold = (text: string) => paint(1, text);
export const mark = (isGood: boolean) => (isGood ? paint(32, '✓') : paint(31, '✗'));

/** A record in the form of somebody else's DNS. */
export interface RecordForm {
  readonly title: string;
  readonly why: string;
  readonly lines: readonly string[];
}

/** Where it is to be created, and the lines to copy. */
export function printRecord({ title, why, lines }: RecordForm, indent: string): void {
  console.log(`${indent}create this record at ${title} (${why}):`);
  for (const line of lines) console.log(`${indent}  ${line}`.trimEnd());
}

/** A command is printed so that it can be pasted: with the gateway that was asked. */
export function pasteable(fix: string, { endpoint }: ControlOptions): string {
  const aws = fix.replaceAll(/(^|, or: | && )aws /g, `$1aws --endpoint-url ${endpoint} `);
  if (endpoint === ENDPOINT_DEFAULT) return aws;
  return aws.replaceAll(/sallyport (?:certificates mail|zones(?: serve)?)/g, `$& --endpoint ${endpoint}`);
}
