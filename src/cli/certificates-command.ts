// `sallyport certificates`: all of the caller's, one of them in full, what an authority's limits leave, and renewing one now. Says what
// the gateway answers; decides nothing itself.

import { CommandProblem } from './command-problem.ts';
import { askControl, tellControl, type ControlOptions } from './control-client.ts';
import { withProvider } from './explain-command.ts';
import { asJson, bold, counted, mark, pasteable, printRecord, withEndpoint, type RecordForm } from './terminal.ts';

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
  readonly renewAt?: string;
  readonly cause?: string;
  readonly next?: string;
}

interface NameState {
  readonly domainName: string;
  readonly status: string;
  readonly record?: string;
  readonly command?: string;
  readonly form?: RecordForm;
  readonly mail?: { readonly validationDomain: string; readonly sentAt?: string; readonly hasLinkExpired: boolean };
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
const ARN_START = 'arn:';
const WINDOW_UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

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
  if (options.json) console.log(asJson(all, options));
  else if (all.length === 0) console.log('no certificates; aws acm request-certificate asks for one');
  return all.every(({ isWell }) => isWell) ? 0 : 1;
}

/** Prints everything about one, by its ARN, or about those that cover a name. Exit code as for the list. */
export async function showCommand(which: string, options: CertificatesOptions): Promise<number> {
  const certificates = await detailsOf(which, options);
  if (options.json) console.log(asJson(certificates, options));
  else for (const one of certificates) printDetail(one, options);
  return certificates.every(({ isWell }) => isWell) ? 0 : 1;
}

async function detailsOf(which: string, options: CertificatesOptions): Promise<Detail[]> {
  const query = withProvider(`${which.startsWith(ARN_START) ? 'arn' : 'name'}=${encodeURIComponent(which)}`, options);
  return ((await askControl(options, `${PAGE}?${query}`)) as { certificates: Detail[] }).certificates;
}

/** By its ARN, or by a name that exactly one issued certificate of the caller's covers. */
export async function renewCommand(which: string, options: CertificatesOptions): Promise<void> {
  const arn = which.startsWith(ARN_START) ? which : await arnOf(which, options);
  const answer = await tellControl(options, `${PAGE}/renew`, { arn });
  if (options.json) return console.log(JSON.stringify(answer, null, 2));
  console.log(`the renewal of ${arn} has begun: a new key, under the same ARN`);
  console.log(withEndpoint(`sallyport certificates show ${arn} tells how far it is`, options));
}

async function arnOf(name: string, options: CertificatesOptions): Promise<string> {
  if (!name.includes('.')) {
    throw new CommandProblem(
      withEndpoint(
        `renew takes an ARN or a name, and '${name}' is neither: sallyport certificates lists both.`,
        options,
      ),
    );
  }
  const all = await detailsOf(name, options);
  const issued = all.filter(({ status, kind }) => status === 'ISSUED' && kind !== 'imported');
  const [one, ...more] = issued;
  if (one && more.length === 0) return one.arn;
  if (one) {
    const arns = issued.map(({ arn }) => arn).join(', ');
    throw new CommandProblem(`${issued.length} issued certificates cover ${name}. Give the ARN of one: ${arns}.`);
  }
  const others = all.map(({ arn, status, kind }) => `${arn} (${status}, ${kind})`).join(', ');
  throw new CommandProblem(`no certificate that could be renewed covers ${name}. There is: ${others}.`);
}

/** Resolves to the exit code: 1 when a limit leaves nothing, 0 also where no authority limits anything. */
export async function budgetCommand(options: CertificatesOptions): Promise<number> {
  const { budget } = (await askControl(options, `${PAGE}/budget`)) as { budget?: BudgetLine[] };
  if (options.json) console.log(JSON.stringify(budget ?? null, null, 2));
  else if (!budget) console.log('no ACME authority is configured: nothing limits what the local CA issues');
  else for (const one of budget) console.log(`${mark(one.left > 0)} ${budgetWords(one)}`);
  return (budget ?? []).every(({ left }) => left > 0) ? 0 : 1;
}

export function budgetWords({ limit, allowed, windowMs, used, left, nextAtMs, about }: BudgetLine): string {
  const what = about === undefined ? limit : `${limit} of ${about}`;
  const more = nextAtMs === undefined ? '' : `, one more at ${new Date(nextAtMs).toISOString()}`;
  return `${what}: ${left} left of ${allowed} in ${windowWords(windowMs)} (${used} used${more})`;
}

function windowWords(ms: number): string {
  const [unit, unitMs] = WINDOW_UNITS.find(([, size]) => ms % size === 0) ?? WINDOW_UNITS.at(-1)!;
  return counted(ms / unitMs, unit);
}

function printState(one: State, options: CertificatesOptions): void {
  printHead(one);
  line('status', statusWords(one));
  line('in use by', usersWords(one));
  const renewal = renewalWords(one);
  if (renewal !== undefined) line('renewal', renewal);
  if (one.isWell) return;
  console.log(`    ${bold('next')}        ${one.cause}`);
  line('', pasteable(one.next ?? '', options));
}

function printHead({ names, isWell, arn }: State): void {
  const more = names.length > LISTED_NAMES_MAX ? `, and ${names.length - LISTED_NAMES_MAX} more` : '';
  console.log(`${mark(isWell)} ${bold(`${names.slice(0, LISTED_NAMES_MAX).join(', ')}${more}`)}`);
  line('arn', arn);
}

function statusWords({ status, kind, notAfter, daysLeft = 0 }: State): string {
  const by = kind === 'imported' ? 'imported' : `issuer ${kind}`;
  if (notAfter === undefined) return `${status}, ${by}`;
  const days = daysLeft === 0 ? 'over' : counted(daysLeft, 'day');
  return `${status}, ${by}, until ${notAfter.slice(0, 10)} (${days})`;
}

function usersWords({ usedBy, isUsedByMore }: State): string {
  return usedBy.length === 0 ? 'nobody' : `${usedBy.join(', ')}${isUsedByMore ? ', and more' : ''}`;
}

/** Undefined where there was none, and none is to come. */
function renewalWords({ status, kind, renewal, renewAt, notAfter = '' }: State): string | undefined {
  const isRenewable = status === 'ISSUED' && kind !== 'imported';
  const end = `nobody uses it (a domain name or an export would begin it); it ends ${notAfter.slice(0, 10)}`;
  const begins = renewAt === undefined ? undefined : `begins ${renewAt.slice(0, 10)}`;
  if (!renewal) return isRenewable ? (begins ?? `none: ${end}`) : undefined;
  const { status: word, reason, updatedAt } = renewal;
  if (word !== 'SUCCESS') return `${word}${reason === undefined ? '' : `, ${reason}`}, since ${updatedAt}`;
  const done = `${word} ${updatedAt.slice(0, 10)}`;
  if (!isRenewable) return done;
  return `${done}; ${begins === undefined ? `no other: ${end}` : `the next ${begins}`}`;
}

function printDetail(one: Detail, options: CertificatesOptions): void {
  printHead(one);
  for (const [word, text] of detailRows(one)) if (text !== undefined) line(word, text);
  // What is to be typed is said once: below, where it is the next action.
  for (const name of one.validations) printName(name, name.command === one.next ? undefined : name.command, options);
  if (!one.isWell) console.log(`    ${bold('next')}        ${pasteable(one.next ?? '', options)}`);
}

function detailRows(one: Detail): readonly (readonly [word: string, text: string | undefined])[] {
  const { requestedBy, validationMethod, methodUpdate, triedAt, exportOption, exportedAt, chain } = one;
  const by = requestedBy === undefined ? '' : ` by ${requestedBy}`;
  const method = validationMethod === undefined ? '' : `, validation by ${validationMethod}`;
  const update = methodUpdate === undefined ? '' : ` (change of the method: ${methodUpdate})`;
  const isImported = one.kind === 'imported';
  const tries = `${counted(one.attempts ?? 0, 'try', 'tries')}, the last at ${triedAt}`;
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
    ['renewal', renewalWords(one)],
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

function printName(name: NameState, command: string | undefined, options: CertificatesOptions): void {
  const { domainName, status, record, form, mail } = name;
  // Of a mail that was sent there is nothing more to say.
  const look = mail?.sentAt === undefined ? name.look : undefined;
  console.log(`    ${mark(status === 'SUCCESS')} ${domainName} ${status}`);
  const row = (word: string, text: string | undefined) => {
    if (text !== undefined) console.log(`      ${word.padEnd(WORD_WIDTH - 2)} ${text}`);
  };
  row('record', record);
  row('command', command && pasteable(command, options));
  if (form) printRecord(form, '      ');
  row('mail', mail && mailWords(mail, status));
  row('looked up', look && `${look.lookedUp}, asked ${look.server}: ${look.found}`);
  row('advice', look?.advice);
}

function mailWords(
  { validationDomain, sentAt, hasLinkExpired }: NonNullable<NameState['mail']>,
  status: string,
): string {
  const where = `to the mailboxes of ${validationDomain}`;
  if (sentAt === undefined) return status === 'SUCCESS' ? where : `${where}: still to be sent`;
  if (status === 'SUCCESS') return `${where}: sent ${sentAt}`;
  const answer = hasLinkExpired ? 'its link has expired' : 'nobody approved it yet';
  return `${where}: sent ${sentAt}, ${answer}`;
}
