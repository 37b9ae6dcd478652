// What commands of stacks print: a plan, what happens, and what there is to connect to.

import { lookup } from 'node:dns/promises';
import type { Progress } from '../stacks/apply.ts';
import type { Applied, Prepared, SocketUrl } from '../stacks/bring-up.ts';
import type { Step } from '../stacks/plan.ts';
import type { NotCarried } from '../stacks/template/stack-template.ts';
import { stackNameOf } from '../stacks/stack-name.ts';
import { CommandProblem } from './command-problem.ts';
import { bold, counted, mark } from './terminal.ts';

/** Throws CommandProblem where nothing makes a name. */
export function stackNameFor(templatePath: string, given: string | undefined): string {
  const name = given ?? stackNameOf(templatePath);
  if (name !== undefined) return name;
  throw new CommandProblem(`${templatePath}: no stack can be called after it. Give it a name with --stack-name.`);
}

const SIGNS = { create: '+', update: '~', replace: '±', unchanged: '·', delete: '-' } as const;
const ACTION_WIDTH = 9;
const NAME_WIDTH = 32;

function line(sign: string, action: string, logicalId: string, rest: string): string {
  return `  ${sign} ${action.padEnd(ACTION_WIDTH)} ${logicalId.padEnd(NAME_WIDTH)} ${rest}`.trimEnd();
}

export function printPlan({ plan, page }: Prepared): void {
  const { account, region, stack } = page;
  console.log(bold(`stack ${stack.name} (account ${account}, ${region})`));
  const unchanged = plan.steps.filter(({ action }) => action === 'unchanged');
  for (const step of plan.steps) if (step.action !== 'unchanged') console.log(stepLine(step));
  for (const { logicalId, type, deletionPolicy } of plan.removals)
    console.log(line(SIGNS.delete, deletionPolicy === 'Retain' ? 'retain' : 'delete', logicalId, type));
  if (unchanged.length > 0) {
    const names = unchanged.map(({ resource }) => resource.logicalId);
    console.log(line(SIGNS.unchanged, 'unchanged', String(names.length), names.join(', ')));
  }
  for (const one of plan.notCarried) console.log(`  ! not made  ${whatIs(one)}: ${one.reason}`);
  if (plan.notNeeded.length > 0) console.log(`  needs nothing here: ${folded(plan.notNeeded)}`);
}

const whatIs = ({ logicalId, type, place: { file, line: at } }: NotCarried) =>
  `${logicalId} (${type}) at ${file}:${at}`;

function stepLine({ action, resource, names }: Step): string {
  const why =
    action === 'create'
      ? ''
      : `  (${names.map((name) => (name === '$frozen' ? 'what it deploys changed' : name)).join(', ')})`;
  return line(SIGNS[action], action, resource.logicalId, `${resource.type}${why}`);
}

function folded(all: readonly NotCarried[]): string {
  const byType = Map.groupBy(all, ({ type }) => type);
  return [...byType].map(([type, ones]) => `${type} (${ones.map(({ logicalId }) => logicalId).join(', ')})`).join('; ');
}

/** The same as JSON. */
export function planJson({ plan, page, isUpToDate }: Prepared) {
  const left = ({ logicalId, type, reason, place }: NotCarried) => ({ logicalId, type, reason, ...place });
  return {
    stack: page.stack.name,
    account: page.account,
    region: page.region,
    isUpToDate,
    steps: plan.steps.map(({ action, resource: { logicalId, type }, names }) => ({ action, logicalId, type, names })),
    removals: plan.removals.map(({ logicalId, type, deletionPolicy }) => ({ logicalId, type, deletionPolicy })),
    notMade: plan.notCarried.map(left),
    notNeeded: plan.notNeeded.map(left),
  };
}

/** A line for each thing that is done, on stderr where stdout is JSON. */
export function printedProgress(isJson: boolean): Progress {
  const print = isJson ? console.error : console.log;
  const told = new Set<string>();
  return {
    began: () => {},
    waits(logicalId, text) {
      const line = `  … ${logicalId}: ${text}`;
      if (!told.has(line)) print(line);
      told.add(line);
    },
    ended: (verb, logicalId, type, physicalId) =>
      print(`${mark(true)} ${line('', verb, logicalId, `${type}  ${physicalId}`).trimStart()}`),
    failed: (verb, logicalId, type, message) =>
      print(`${mark(false)} ${line('', verb, logicalId, `${type}  ${message}`).trimStart()}`),
  };
}

/** `caFile`: what clients trust the gateway by. */
export async function printApplied({ outputs, urls, left }: Applied, caFile: string): Promise<void> {
  for (const text of left) console.log(`${mark(false)} ${text}`);
  if (outputs.length > 0) console.log(bold('outputs'));
  for (const { name, value, problem } of outputs)
    console.log(`  ${name.padEnd(NAME_WIDTH)} ${value ?? `not known: ${problem}`}`);
  if (urls.length > 0) console.log(bold(`connect (${counted(urls.length, 'URL')})`));
  for (const url of urls) console.log(`  ${url.url}\n    ${await connectCommand(url, caFile)}`);
}

/** A line that can be pasted, also where nobody resolves the name. */
export async function connectCommand({ url }: SocketUrl, caFile: string): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const isResolved = await lookup(hostname).then(
    () => true,
    () => false,
  );
  if (isResolved) return `npx wscat --ca ${caFile} -c ${url}`;
  const local = `wss://localhost${port === '' ? '' : `:${port}`}${pathname}`;
  return `npx wscat --ca ${caFile} --host ${hostname} -c ${local}`;
}
