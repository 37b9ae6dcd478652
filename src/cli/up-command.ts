// `sallyport up`, `down` and `stacks`: find the gateway or start one, let the room of stacks do the work, print what came of it. A gateway
// that was started here goes on until a signal ends it.

import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ApplyProblem } from '../stacks/apply.ts';
import { apply, prepare, type Prepared, type UpRequest } from '../stacks/bring-up.ts';
import { UnreachableProblem, type GatewayClient } from '../stacks/gateway-client.ts';
import { isTemplatePath, stackNameOf } from '../stacks/stack-name.ts';
import { listStacks, NoStackProblem, takeDown } from '../stacks/take-down.ts';
import { TemplateProblems } from '../stacks/template/stack-template.ts';
import { OperationProblem } from '../stacks/wire-call.ts';
import { CommandProblem } from './command-problem.ts';
import { readOpenPage } from './control-client.ts';
import { openGateway, type GatewayFlags, type StackGateway } from './stack-gateway.ts';
import { planJson, printApplied, printedProgress, printPlan } from './stack-output.ts';
import { bold, counted, mark } from './terminal.ts';

export interface UpFlags extends GatewayFlags {
  readonly stackName?: string;
  readonly parameter?: readonly string[];
  readonly import?: readonly string[];
  readonly standIn?: readonly string[];
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

export type DownFlags = GatewayFlags;
export type StacksFlags = GatewayFlags;

export async function upCommand(templatePath: string, flags: UpFlags): Promise<void> {
  const pairsOf = {
    parameters: readPairs('parameter', flags.parameter),
    imports: readPairs('import', flags.import),
    standIns: readPairs('stand-in', flags.standIn),
  };
  const stackName = nameOf(templatePath, flags.stackName);
  if (!existsSync(templatePath)) throw new CommandProblem(`${templatePath}: there is no such file.`);
  const gateway = await openGateway(flags);
  const { client, codeToken, own } = gateway;
  const request: UpRequest = { client, codeToken, templatePath, stackName, ...pairsOf };
  const code = await inWords(() => bringUp(request, flags, gateway)).catch(async (error: unknown) => {
    await own?.close();
    throw error;
  });
  if (own && !flags.dryRun && code !== 2) return;
  await own?.close();
  process.exit(code);
}

/** Resolves to the exit code. */
async function bringUp(request: UpRequest, flags: UpFlags, gateway: StackGateway): Promise<number> {
  const prepared = await prepare(request);
  if (!flags.json) printPlan(prepared);
  if (flags.dryRun) {
    if (flags.json) console.log(JSON.stringify(planJson(prepared), null, 2));
    else if (prepared.isUpToDate) console.log('nothing to do');
    return prepared.isUpToDate ? 0 : 1;
  }
  return applyAndTell(request, prepared, flags, gateway);
}

async function applyAndTell(
  request: UpRequest,
  prepared: Prepared,
  flags: UpFlags,
  gateway: StackGateway,
): Promise<number> {
  const isJson = flags.json === true;
  const applied = await apply(request, prepared, printedProgress(isJson), new AbortController().signal);
  const { outputs, urls, left } = applied;
  if (isJson) console.log(JSON.stringify({ ...planJson(prepared), outputs, urls, left }, null, 2));
  else {
    await printApplied(applied, await caFileOf(gateway));
    console.log(
      prepared.isUpToDate ? 'nothing had to be done' : `${mark(left.length === 0)} ${request.stackName} is up`,
    );
    if (gateway.own) console.log(bold('the gateway runs here: Ctrl-C ends it, and keeps what is up for the next time'));
  }
  return left.length === 0 ? 0 : 1;
}

/** The root of the local CA where a client can read it. */
async function caFileOf({ endpoint, dataDir }: StackGateway): Promise<string> {
  const pem = await readOpenPage({ endpoint }, '/_sallyport/ca.pem');
  const path = join(dataDir ?? process.cwd(), dataDir === undefined ? 'sallyport-ca.pem' : 'ca.pem');
  writeFileSync(path, pem);
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

export async function downCommand(named: string, flags: DownFlags): Promise<void> {
  const stackName = isTemplatePath(named) ? nameOf(named, undefined) : named;
  const { client, own } = await openGateway(flags);
  try {
    const progress = printedProgress(flags.json === true);
    const left = await inWords(() => takeDown(client, stackName, progress, new AbortController().signal));
    if (flags.json) console.log(JSON.stringify({ stack: stackName, left }, null, 2));
    else console.log(left.length === 0 ? `${mark(true)} ${stackName} is gone` : `${mark(false)} ${left.join('\n')}`);
    process.exitCode = left.length === 0 ? 0 : 1;
  } finally {
    await own?.close();
  }
  process.exit();
}

export async function stacksCommand(flags: StacksFlags): Promise<void> {
  const { client, own } = await openGateway(flags);
  try {
    await inWords(() => printStacks(client, flags));
  } finally {
    await own?.close();
  }
  process.exit();
}

async function printStacks(client: GatewayClient, flags: StacksFlags): Promise<void> {
  const { account, region, stacks } = await listStacks(client);
  if (flags.json) return console.log(JSON.stringify({ account, region, stacks }, null, 2));
  if (stacks.length === 0)
    console.log(`no stacks of account ${account} in ${region}; sallyport up template.yaml makes one`);
  for (const { name, template, resources, functions, isUnderWay, updatedAt } of stacks) {
    console.log(
      `${mark(!isUnderWay)} ${bold(name)}  ${counted(resources, 'resource')}, ${counted(functions.length, 'function')}`,
    );
    console.log(`    template   ${template}\n    changed    ${updatedAt}`);
    if (isUnderWay) console.log(`    next       sallyport up ${template}: the last run did not end`);
  }
}

function nameOf(templatePath: string, given: string | undefined): string {
  const name = given ?? stackNameOf(templatePath);
  if (name !== undefined) return name;
  throw new CommandProblem(`${templatePath}: no stack can be called after it. Give it a name with --stack-name.`);
}

function readPairs(flag: string, texts: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      // The value may be a secret, and is not shown.
      if (equals < 1) throw new CommandProblem(`--${flag} must be NAME=VALUE, for example --${flag} Stage=dev.`);
      return [text.slice(0, equals), text.slice(equals + 1)] as const;
    }),
  );
}

/** Problems of this room as those of a command: a line, or one for each thing that is wrong. */
async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw worded(error);
  }
}

export function worded(error: unknown): unknown {
  if (error instanceof TemplateProblems || error instanceof UnreachableProblem || error instanceof NoStackProblem)
    return new CommandProblem(error.message);
  if (error instanceof OperationProblem)
    return new CommandProblem(`the gateway refuses (${error.code}): ${error.message}`);
  if (!(error instanceof ApplyProblem)) return error;
  const { resource, left, message } = error;
  const at = resource
    ? `${resource.place.file}:${resource.place.line}: ${resource.logicalId} (${resource.type}): `
    : '';
  const end =
    left.length === 0
      ? 'what was done is taken back'
      : `what was done could not be taken back whole; left: ${left.join(', ')}. Run up or down again`;
  return new CommandProblem(`${at}${message}\n${end}`);
}
