// `sallyport domains`: the state of each domain name of the caller's, the records that lead nowhere, and deleting a name after telling what
// that breaks. Says what the gateway answers; the deletion is the operation that any client calls.

import { createInterface } from 'node:readline/promises';
import { askControl, callService, ControlProblem } from './control-client.ts';
import { printNote, withProvider, type ExplainOptions, type Note } from './explain-command.ts';
import { asJson, bold, mark, pasteable, printRecord, type RecordForm } from './terminal.ts';

interface State {
  readonly domainName: string;
  readonly region: string;
  readonly state: string;
  readonly certificate: { readonly isGood: boolean; readonly expiresAt?: string };
  readonly dns: { readonly isPointingHere: boolean; readonly found: string; readonly lostSince?: string };
  readonly mappings: readonly { readonly key: string; readonly apiId: string; readonly stage: string }[];
  readonly lastHandshake: { readonly openedAt?: string; readonly refusedAt?: string; readonly refusal?: string };
  readonly cause?: string;
  readonly next?: string;
  readonly record?: RecordForm;
  readonly notes: readonly Note[];
}

/** A record alone, without a domain name of the caller's. */
interface Dangling {
  readonly domainName: string;
  readonly state: string;
  readonly type: string;
  readonly leadsTo: string;
  readonly since: string;
  readonly cause: string;
  readonly next: string;
}

interface Page {
  readonly account: string;
  readonly sharesOwnerWith: readonly string[];
  readonly domains: readonly State[];
  readonly dangling: readonly Dangling[];
  readonly after?: string;
}

interface Impact extends State {
  readonly openSockets: number;
  readonly leftover?: string;
}

export interface DeleteOptions extends ExplainOptions {
  readonly yes?: boolean;
}

const STEP_WIDTH = 11;
const SHOWN_MAPPINGS_MAX = 3;

/**
 * Prints the state of each domain name, or of those that are named, page by page as they come, and the next action where one is
 * needed; then the records that lead to names which are gone. Resolves to the exit code: 0 when all are well.
 */
export async function domainsCommand(names: readonly string[], options: ExplainOptions): Promise<number> {
  const all: State[] = [];
  const dangling: Dangling[] = [];
  let query = names.map((name) => `name=${encodeURIComponent(name)}`).join('&');
  for (;;) {
    const page = (await askControl(options, `/_sallyport/domains?${withProvider(query, options)}`)) as Page;
    all.push(...page.domains);
    dangling.push(...page.dangling);
    if (!options.json) printPage(page, all.length === page.domains.length, options);
    if (page.after === undefined) break;
    query = `after=${encodeURIComponent(page.after)}`;
  }
  if (options.json) console.log(asJson([...all, ...dangling], options));
  else for (const one of dangling) printDangling(one, options);
  return dangling.length === 0 && all.every(({ state }) => state === 'ok') ? 0 : 1;
}

function printPage(page: Page, isFirst: boolean, options: ExplainOptions): void {
  if (isFirst && page.sharesOwnerWith.length > 0) {
    const others = page.sharesOwnerWith.join(', ');
    console.log(`account ${page.account} has one owner with ${others} (accounts file): their names may overlap\n`);
  }
  if (isFirst && page.domains.length === 0 && page.dangling.length === 0) {
    console.log('no custom domain names; aws apigatewayv2 create-domain-name makes one');
  }
  for (const one of page.domains) printState(one, options);
}

function printState(one: State, options: ExplainOptions): void {
  const { domainName, state, certificate, dns, mappings, lastHandshake } = one;
  const line = (isGood: boolean, what: string, found: string) =>
    console.log(`    ${mark(isGood)} ${what.padEnd(STEP_WIDTH)} ${found}`);
  console.log(`${mark(state === 'ok')} ${bold(domainName)}`);
  line(certificate.isGood, 'certificate', `until ${certificate.expiresAt?.slice(0, 10) ?? '–'}`);
  const since = dns.lostSince === undefined ? '' : ` since ${dns.lostSince}`;
  line(
    dns.isPointingHere,
    'dns',
    `${dns.isPointingHere ? 'points here' : `does not point here${since}`}: ${dns.found}`,
  );
  line(mappings.length > 0, 'mapping', mappingWords(mappings));
  line(...lastHandshakeOf(lastHandshake));
  if (state !== 'ok') {
    console.log(`    ${bold('next')}  ${one.cause}`);
    if (one.record) printRecord(one.record, '          ');
    else console.log(`          ${pasteable(one.next ?? '', options)}`);
  }
  for (const note of one.notes) printNote(note, '    ', options);
}

function mappingWords(mappings: State['mappings']): string {
  const shown = mappings
    .slice(0, SHOWN_MAPPINGS_MAX)
    .map(({ key, apiId, stage }) => `/${key} → ${apiId}/${stage}`)
    .join(', ');
  const more = mappings.length > SHOWN_MAPPINGS_MAX ? `, and ${mappings.length - SHOWN_MAPPINGS_MAX} more` : '';
  return shown === '' ? 'none' : `${shown}${more}`;
}

function printDangling({ domainName, type, leadsTo, since, cause, next }: Dangling, options: ExplainOptions): void {
  console.log(`${mark(false)} ${bold(domainName)} (a record alone)`);
  console.log(`    ${mark(false)} ${type.padEnd(STEP_WIDTH)} leads to ${leadsTo}, seen since ${since}`);
  console.log(`    ${bold('next')}  ${cause}\n          ${pasteable(next, options)}`);
}

function lastHandshakeOf({ openedAt, refusedAt, refusal }: State['lastHandshake']): [boolean, string, string] {
  const isRefused = refusedAt !== undefined && refusedAt > (openedAt ?? '');
  if (isRefused) return [false, 'handshake', `refused ${refusedAt}: ${refusal}`];
  return [true, 'handshake', openedAt === undefined ? 'none since the start' : `opened ${openedAt}`];
}

/** Deletes a domain name with its mappings. While DNS leads to it, tells what that breaks and asks first. */
export async function deleteCommand(domainName: string, options: DeleteOptions): Promise<void> {
  const query = `name=${encodeURIComponent(domainName)}`;
  const impact = (await askControl(options, `/_sallyport/domains/impact?${query}`)) as Impact;
  const { region, dns, leftover } = impact;
  if (dns.isPointingHere && !options.yes) {
    console.error(impactWords(impact));
    await confirm(domainName);
  }
  // `*` is no character that a signed path may hold as it is.
  const path = `/v2/domainnames/${encodeURIComponent(domainName).replaceAll('*', '%2A')}`;
  await callService(options, { service: 'apigateway', region }, 'DELETE', path);
  if (options.json) return console.log(asJson({ domainName, deleted: true, leftover: leftover ?? null }, options));
  console.log(`${domainName} and its mappings are deleted`);
  if (leftover !== undefined) console.log(`${bold('next')}  ${pasteable(leftover, options)}`);
}

function impactWords({ domainName, dns, mappings, openSockets, lastHandshake }: Impact): string {
  const [, , handshake] = lastHandshakeOf(lastHandshake);
  const row = (word: string, text: string) => `    ${word.padEnd(STEP_WIDTH)} ${text}`;
  return [
    `DNS leads clients to ${domainName}, and they will be refused:`,
    row('dns', dns.found),
    row('mapping', mappingWords(mappings)),
    row('sockets', `${openSockets} open; they stay until they end`),
    row('handshake', handshake),
  ].join('\n');
}

/** Throws a ControlProblem where nobody can be asked, or the answer is another. */
async function confirm(domainName: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new ControlProblem(`${domainName} is not deleted: to delete it all the same, give --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Type ${domainName} to delete it: `).finally(() => terminal.close());
  if (answer.trim() !== domainName) throw new ControlProblem(`${domainName} is not deleted.`);
}
