// `sallyport certificates`: all of the caller's, one of them in full, what an authority's limits leave, and renewing one now. Says what
// the gateway answers; decides nothing itself.

import { askControl, tellControl, type ControlOptions } from './control-client.ts';
import { withProvider } from './explain-command.ts';
import { bold, mark, pasteable, printRecord, type RecordForm } from './terminal.ts';

interface State {
  readonly arn: string;
  readonly names: readonly string[];
  readonly status: string;
  readonly kind: string;
  readonly isWell: boolean;
  readonly notAfter?: string;
  readonly daysLeft?: number;
  readonly usedBy: readonly string[];
  readonly isUsedByMore: boolean;
  readonly renewal?: { readonly status: string; readonly reason?: string; readonly updatedAt: string };
  readonly cause?: string;
  readonly next?: string;
}

interface NameState {
  readonly domainName: string;
  readonly status: string;
  readonly record?: string;
  readonly command?: string;
  readonly form?: RecordForm;
  readonly mail?: { readonly validationDomain: string; readonly sentAt?: string };
  readonly look?: {
    readonly lookedUp: string;
    readonly server: string;
    readonly found: string;
    readonly advice?: string;
  };
}

interface Detail extends State {
  readonly account: string;
  readonly region: string;
  readonly createdAt: string;
  readonly requestedBy?: string;
  readonly validationMethod?: string;
  readonly methodUpdate?: string;
  readonly keyAlgorithm: string;
  readonly issuedAt?: string;
  readonly notBefore?: string;
  readonly renewAt?: string;
  readonly serial?: string;
  readonly chain: readonly string[];
  readonly exportOption: string;
  readonly exportedAt?: string;
  readonly failureReason?: string;
  readonly problem?: string;
  readonly triedAt?: string;
  readonly attempts?: number;
  readonly nextTryAt?: string;
  readonly validations: readonly NameState[];
}

export interface BudgetLine {
  readonly limit: string;
  readonly allowed: number;
  readonly windowMs: number;
  readonly used: number;
  readonly left: number;
  readonly nextAtMs?: number;
  readonly about?: string;
}

export interface CertificatesOptions extends ControlOptions {
  readonly json?: boolean;
  readonly provider?: string;
}

const PAGE = '/_sallyport/certificates';
const WORD_WIDTH = 11;
const LISTED_NAMES_MAX = 4;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const line = (word: string, text: string) => console.log(`    ${word.padEnd(WORD_WIDTH)} ${text}`);

/** Prints the state of each, page by page as they come. Resolves to the exit code: 0 when nothing needs a hand. */
export async function listCommand(options: CertificatesOptions): Promise<number> {
  const all: State[] = [];
  for (let after = ''; ;) {
    const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
    const page = (await askControl(options, `${PAGE}${query}`)) as { certificates: State[]; after?: string };
    all.push(...page.certificates);
    if (!options.json) for (const one of page.certificates) printState(one, options);
    if (page.after === undefined) break;
    after = page.after;
  }
  if (options.json) console.log(JSON.stringify(all, null, 2));
  else if (all.length === 0) console.log('no certificates; aws acm request-certificate asks for one');
  return all.every(({ isWell }) => isWell) ? 0 : 1;
}

/** Prints everything about one, by its ARN, or about those that cover a name. Exit code as for the list. */
export async function showCommand(which: string, options: CertificatesOptions): Promise<number> {
  const query = withProvider(`${which.startsWith('arn:') ? 'arn' : 'name'}=${encodeURIComponent(which)}`, options);
  const { certificates } = (await askControl(options, `${PAGE}?${query}`)) as { certificates: Detail[] };
  if (options.json) console.log(JSON.stringify(certificates, null, 2));
  else for (const one of certificates) printDetail(one, options);
  return certificates.every(({ isWell }) => isWell) ? 0 : 1;
}

export async function renewCommand(arn: string, options: CertificatesOptions): Promise<void> {
  const answer = await tellControl(options, `${PAGE}/renew`, { arn });
  if (options.json) return console.log(JSON.stringify(answer, null, 2));
  console.log(`the renewal of ${arn} has begun: a new key, under the same ARN`);
  console.log(`sallyport certificates show ${arn} tells how far it is`);
}

export async function budgetCommand(options: CertificatesOptions): Promise<void> {
  const { budget } = (await askControl(options, `${PAGE}/budget`)) as { budget?: BudgetLine[] };
  if (options.json) return console.log(JSON.stringify(budget ?? null, null, 2));
  if (!budget) return console.log('no ACME authority is configured: nothing limits what the local CA issues');
  for (const one of budget) console.log(`${mark(one.left > 0)} ${budgetWords(one)}`);
}

export function budgetWords({ limit, allowed, windowMs, used, left, nextAtMs, about }: BudgetLine): string {
  const what = about === undefined ? limit : `${limit} of ${about}`;
  const more = nextAtMs === undefined ? '' : `, one more at ${new Date(nextAtMs).toISOString()}`;
  return `${what}: ${left} left of ${allowed} in ${windowWords(windowMs)} (${used} used${more})`;
}

function windowWords(ms: number): string {
  return ms % DAY_MS === 0 ? `${ms / DAY_MS} days` : `${ms / HOUR_MS} hours`;
}

function printState(one: State, options: CertificatesOptions): void {
  printHead(one);
  line('status', statusWords(one));
  line('in use by', usersWords(one));
  if (one.renewal) line('renewal', renewalWords(one.renewal));
  printObstacle(one, options);
}

function printHead({ names, isWell, arn }: State): void {
  const more = names.length > LISTED_NAMES_MAX ? `, and ${names.length - LISTED_NAMES_MAX} more` : '';
  console.log(`${mark(isWell)} ${bold(`${names.slice(0, LISTED_NAMES_MAX).join(', ')}${more}`)}`);
  line('arn', arn);
}

function statusWords({ status, kind, notAfter, daysLeft = 0 }: State): string {
  const by = kind === 'imported' ? 'imported' : `issuer ${kind}`;
  if (notAfter === undefined) return `${status}, ${by}`;
  const days = daysLeft < 0 ? 'over' : `${daysLeft} days`;
  return `${status}, ${by}, until ${notAfter.slice(0, 10)} (${days})`;
}

function usersWords({ usedBy, isUsedByMore }: State): string {
  return usedBy.length === 0 ? 'nobody' : `${usedBy.join(', ')}${isUsedByMore ? ', and more' : ''}`;
}

function renewalWords({ status, reason, updatedAt }: NonNullable<State['renewal']>): string {
  return `${status}${reason === undefined ? '' : `, ${reason}`}, since ${updatedAt}`;
}

function printObstacle({ isWell, cause, next }: State, options: CertificatesOptions): void {
  if (isWell) return;
  console.log(`    ${bold('next')}        ${cause}`);
  line('', pasteable(next ?? '', options));
}

function printDetail(one: Detail, options: CertificatesOptions): void {
  printHead(one);
  for (const [word, text] of detailRows(one)) if (text !== undefined) line(word, text);
  for (const name of one.validations) printName(name, options);
  printObstacle(one, options);
}

function detailRows(one: Detail): readonly (readonly [word: string, text: string | undefined])[] {
  const { requestedBy, validationMethod, methodUpdate, renewal, triedAt, exportOption, exportedAt, chain } = one;
  const by = requestedBy === undefined ? '' : ` by ${requestedBy}`;
  const method = validationMethod === undefined ? '' : `, validation by ${validationMethod}`;
  const update = methodUpdate === undefined ? '' : ` (change of the method: ${methodUpdate})`;
  const isImported = one.kind === 'imported';
  const tries = `${one.attempts ?? 0} tries, the last at ${triedAt}`;
  return [
    ['all names', one.names.length > LISTED_NAMES_MAX ? one.names.join(', ') : undefined],
    ['status', statusWords(one)],
    [
      isImported ? 'imported' : 'requested',
      `${one.createdAt}${by}, account ${one.account}, ${one.region}${method}${update}`,
    ],
    ['issued', one.issuedAt],
    ['valid', one.notBefore === undefined ? undefined : `${one.notBefore} until ${one.notAfter}`],
    ['serial', one.serial],
    ['chain', chain.length > 0 ? chain.join(' ← ') : undefined],
    ['key', one.keyAlgorithm],
    ['export', `${exportOption}${exportedAt === undefined ? '' : `, the key left last at ${exportedAt}`}`],
    ['in use by', usersWords(one)],
    ['renewal', renewal ? renewalWords(renewal) : one.renewAt && `begins ${one.renewAt}`],
    ['failure', one.failureReason],
    ['problem', one.problem],
    [
      'looked',
      triedAt === undefined
        ? undefined
        : `${tries}${one.nextTryAt === undefined ? '' : `, the next at ${one.nextTryAt}`}`,
    ],
  ];
}

function printName(name: NameState, options: CertificatesOptions): void {
  const { domainName, status, record, command, form, mail, look } = name;
  console.log(`    ${mark(status === 'SUCCESS')} ${domainName} ${status}`);
  const row = (word: string, text: string | undefined) => {
    if (text !== undefined) console.log(`      ${word.padEnd(WORD_WIDTH - 2)} ${text}`);
  };
  row('record', record);
  row('command', command && pasteable(command, options));
  if (form) printRecord(form, '      ');
  row('mail', mail && mailWords(mail));
  row('looked up', look && `${look.lookedUp}, asked ${look.server}: ${look.found}`);
  row('advice', look?.advice);
}

function mailWords({ validationDomain, sentAt }: NonNullable<NameState['mail']>): string {
  const when = sentAt === undefined ? 'still to be sent' : `sent ${sentAt}`;
  return `to the mailboxes of ${validationDomain}: ${when}`;
}
