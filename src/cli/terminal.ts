// What commands print with: marks and colours for a terminal, numbers in words, and commands that can be pasted as they are shown.

import { ENDPOINT_DEFAULT, type ControlOptions } from './control-client.ts';

const isColoured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;

const paint = (code: number, text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);

export const bold = (text: string) => paint(1, text);
export const dim = (text: string) => paint(2, text);
export const red = (text: string) => paint(31, text);
export const green = (text: string) => paint(32, text);
export const yellow = (text: string) => paint(33, text);
export const mark = (isGood: boolean) => (isGood ? paint(32, '✓') : paint(31, '✗'));

/** For what keeps nobody off today, and may. */
export const caution = () => paint(33, '!');

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

/** `1 try`, `2 tries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const OWN_COMMANDS =
  /\bsallyport ((?:accounts|certificates|clock|connections|domains|keys|tenants|zones)(?: (?:list|show|renew|mail|budget|advance|rotate|delete|serve|close)\b)?|explain|tail|trust)/g;

/** Commands of ours ask the gateway that was asked, where it is not the default. */
export function withEndpoint(text: string, { endpoint }: ControlOptions): string {
  return endpoint === ENDPOINT_DEFAULT ? text : text.replaceAll(OWN_COMMANDS, `sallyport $1 --endpoint ${endpoint}`);
}

/** A command is printed so that it can be pasted: with the gateway that was asked. */
export function pasteable(fix: string, options: ControlOptions): string {
  return withEndpoint(fix.replaceAll(/(^|, or: | && )aws /g, `$1aws --endpoint-url ${options.endpoint} `), options);
}

const MEMBERS_WITH_COMMANDS: readonly string[] = ['fix', 'next', 'command'];

/** An answer as JSON, with the same commands as for people. */
export function asJson(answer: unknown, options: ControlOptions): string {
  const replace = (name: string, value: unknown) =>
    typeof value === 'string' && MEMBERS_WITH_COMMANDS.includes(name) ? pasteable(value, options) : value;
  return JSON.stringify(answer, replace, 2);
}
