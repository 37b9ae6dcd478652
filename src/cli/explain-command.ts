// `sallyport explain URL` and `sallyport domains`: what the gateway says about a name, for people or as JSON.

import { askControl, type ControlOptions } from './control-client.ts';

interface Step {
  readonly step: string;
  readonly isGood: boolean;
  readonly found: string;
}

interface State {
  readonly domainName: string;
  readonly state: string;
  readonly mappings: readonly string[];
  readonly cause?: string;
  readonly next?: string;
}

export interface ExplainOptions extends ControlOptions {
  readonly json?: boolean;
}

const isColoured = process.stdout.isTTY;
const paint = (code: number, text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
const mark = (isGood: boolean) => (isGood ? paint(32, '✓') : paint(31, '✗'));

/** Prints the steps up to the first that fails, its cause and what mends it. Resolves to the exit code: 0 when all are good. */
export async function explainCommand(url: string, options: ExplainOptions): Promise<number> {
  const answer = (await askControl(options, `/_sallyport/explain?url=${encodeURIComponent(url)}`)) as {
    isGood: boolean;
    steps: Step[];
    cause?: string;
    fix?: string;
  };
  if (options.json) {
    console.log(JSON.stringify(answer, null, 2));
    return answer.isGood ? 0 : 1;
  }
  for (const { step, isGood, found } of answer.steps) console.log(`${mark(isGood)} ${step.padEnd(11)} ${found}`);
  if (!answer.isGood) {
    console.log(`\n${paint(1, 'cause')}  ${answer.cause}`);
    console.log(`${paint(1, 'fix')}    ${answer.fix}`);
  }
  return answer.isGood ? 0 : 1;
}

/** Prints one line for each domain name, and its next action. Resolves to the exit code: 0 when all are well. */
export async function domainsCommand(options: ExplainOptions): Promise<number> {
  const { domains } = (await askControl(options, '/_sallyport/domains')) as { domains: State[] };
  const isGood = domains.every(({ state }) => state === 'ok');
  if (options.json) {
    console.log(JSON.stringify(domains, null, 2));
    return isGood ? 0 : 1;
  }
  if (domains.length === 0) console.log('no custom domain names; aws apigatewayv2 create-domain-name makes one');
  for (const { domainName, state, mappings, cause, next } of domains) {
    console.log(`${mark(state === 'ok')} ${domainName.padEnd(32)} ${mappings.join(' ') || 'no mapping'}`);
    if (state !== 'ok') console.log(`    ${state}: ${cause}\n    next: ${next}`);
  }
  return isGood ? 0 : 1;
}
