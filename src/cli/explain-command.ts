// `sallyport explain URL` and `sallyport domains`: what the gateway says about a name, for people or as JSON.

import { askControl, type ControlOptions } from './control-client.ts';
import { asJson, bold, mark, pasteable } from './terminal.ts';

interface Step {
  readonly step: string;
  readonly isGood: boolean;
  readonly found: string;
}

interface State {
  readonly domainName: string;
  readonly state: string;
  readonly certificate: { readonly isGood: boolean; readonly expiresAt?: string };
  readonly dns: { readonly isPointingHere: boolean; readonly found: string };
  readonly mappings: readonly { readonly key: string; readonly apiId: string; readonly stage: string }[];
  readonly lastHandshake: { readonly openedAt?: string; readonly refusedAt?: string; readonly refusal?: string };
  readonly cause?: string;
  readonly next?: string;
}

interface Page {
  readonly account: string;
  readonly sharesOwnerWith: readonly string[];
  readonly domains: readonly State[];
  readonly after?: string;
}

export interface ExplainOptions extends ControlOptions {
  readonly json?: boolean;
}

const STEP_WIDTH = 11;
const SHOWN_MAPPINGS_MAX = 3;

/** Prints the steps, then the first that fails, its cause and what mends it. Resolves to the exit code: 0 when all are good. */
export async function explainCommand(url: string, options: ExplainOptions): Promise<number> {
  const answer = (await askControl(options, `/_sallyport/explain?url=${encodeURIComponent(url)}`)) as {
    isGood: boolean;
    steps: Step[];
    cause?: string;
    fix?: string;
  };
  if (options.json) {
    console.log(asJson(answer, options));
    return answer.isGood ? 0 : 1;
  }
  for (const { step, isGood, found } of answer.steps)
    console.log(`${mark(isGood)} ${step.padEnd(STEP_WIDTH)} ${found}`);
  if (!answer.isGood) {
    console.log(`\n${bold('cause')}  ${answer.cause}`);
    console.log(`${bold('fix')}    ${pasteable(answer.fix ?? '', options)}`);
  }
  return answer.isGood ? 0 : 1;
}

/**
 * Prints the state of each domain name, or of those that are named, page by page as they come, and the next action where one is
 * needed. Resolves to the exit code: 0 when all are well.
 */
export async function domainsCommand(names: readonly string[], options: ExplainOptions): Promise<number> {
  const all: State[] = [];
  let query = names.map((name) => `name=${encodeURIComponent(name)}`).join('&');
  for (;;) {
    const page = (await askControl(options, `/_sallyport/domains${query === '' ? '' : `?${query}`}`)) as Page;
    all.push(...page.domains);
    if (!options.json) printPage(page, all.length === page.domains.length, options);
    if (page.after === undefined) break;
    query = `after=${encodeURIComponent(page.after)}`;
  }
  if (options.json) console.log(asJson(all, options));
  return all.every(({ state }) => state === 'ok') ? 0 : 1;
}

function printPage(page: Page, isFirst: boolean, options: ExplainOptions): void {
  if (isFirst && page.sharesOwnerWith.length > 0) {
    const others = page.sharesOwnerWith.join(', ');
    console.log(`account ${page.account} has one owner with ${others} (accounts file): their names may overlap\n`);
  }
  if (isFirst && page.domains.length === 0) {
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
  line(
    dns.isPointingHere,
    'dns',
    dns.isPointingHere ? `points here: ${dns.found}` : `does not point here: ${dns.found}`,
  );
  const shown = mappings
    .slice(0, SHOWN_MAPPINGS_MAX)
    .map(({ key, apiId, stage }) => `/${key} → ${apiId}/${stage}`)
    .join(', ');
  const more = mappings.length > SHOWN_MAPPINGS_MAX ? `, and ${mappings.length - SHOWN_MAPPINGS_MAX} more` : '';
  line(mappings.length > 0, 'mapping', shown === '' ? 'none' : `${shown}${more}`);
  line(...lastHandshakeOf(lastHandshake));
  if (state !== 'ok') console.log(`    ${bold('next')}  ${one.cause}\n          ${pasteable(one.next ?? '', options)}`);
}

function lastHandshakeOf({ openedAt, refusedAt, refusal }: State['lastHandshake']): [boolean, string, string] {
  const isRefused = refusedAt !== undefined && refusedAt > (openedAt ?? '');
  if (isRefused) return [false, 'handshake', `refused ${refusedAt}: ${refusal}`];
  return [true, 'handshake', openedAt === undefined ? 'none since the start' : `opened ${openedAt}`];
}
