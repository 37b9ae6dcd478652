// `sallyport up`: find the gateway or start one, let the room of stacks do the work, print what came of it, and with --watch do it again at
// each save. A gateway that was started here goes on until a signal ends it.

import { existsSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { apply, prepare, type Prepared, type UpRequest } from '../stacks/bring-up.ts';
import { checkTemplateFile } from '../stacks/template/read-template.ts';
import { watchFiles, type FileWatch } from '../stacks/watch-files.ts';
import { printProblem } from '../observe/log.ts';
import { CommandProblem } from './command-problem.ts';
import { readOpenPage } from './control-client.ts';
import { openGateway, type GatewayFlags, type StackGateway } from './stack-gateway.ts';
import { planJson, printApplied, printedProgress, printPlan, stackNameFor } from './stack-output.ts';
import { inWords } from './stack-problems.ts';
import { bold, mark } from './terminal.ts';

export interface UpFlags extends GatewayFlags {
  readonly stackName?: string;
  readonly parameter?: readonly string[];
  readonly import?: readonly string[];
  readonly standIn?: readonly string[];
  readonly dryRun?: boolean;
  readonly watch?: boolean;
}

/** What one `up` needs, run by run. */
interface Run {
  readonly request: UpRequest;
  readonly flags: UpFlags;
  readonly gateway: StackGateway;
  readonly watch: FileWatch | undefined;
  readonly signal: AbortSignal;
}

const UNDONE = 2;

export async function upCommand(templatePath: string, flags: UpFlags): Promise<void> {
  const given = {
    parameters: readPairs('parameter', flags.parameter),
    imports: readPairs('import', flags.import),
    standIns: readPairs('stand-in', flags.standIn),
  };
  const stackName = stackNameFor(templatePath, flags.stackName);
  if (!existsSync(templatePath)) throw new CommandProblem(`${templatePath}: there is no such file.`);
  const isWatching = flags.watch === true && flags.dryRun !== true;
  // One that is watched may become right.
  const check = isWatching ? undefined : () => checkTemplateFile(templatePath, stackName);
  const gateway = await inWords(() => openGateway(flags, check));
  const { client, codeToken, dataDir, own } = gateway;
  const request: UpRequest = { client, codeToken, dataDir, templatePath, stackName, ...given };
  const ending = new AbortController();
  let current: Promise<unknown> = Promise.resolve();
  const endRun = () => {
    ending.abort(new Error('it was ended by a signal'));
    return current;
  };
  own?.beforeStop(endRun);
  if (!own) endBySignal(endRun);
  const watch = isWatching ? watchFiles(() => void (current = current.then(() => again(run)))) : undefined;
  watch?.set([templatePath]);
  const run: Run = { request, flags, gateway, watch, signal: ending.signal };
  const first = bringUp(run);
  current = first.catch(() => {});
  const code = await first.catch(async (error: unknown) => {
    if (!isWatching) {
      await own?.close();
      throw error;
    }
    printProblem((error as Error).message);
    return UNDONE;
  });
  if (isWatching) console.error(`watching ${templatePath}: a save is brought up`);
  if (isWatching || (own && !flags.dryRun)) return;
  await own?.close();
  process.exit(code);
}

/** What is under way is taken back first; a second signal does not wait. */
function endBySignal(endRun: () => Promise<unknown>): void {
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isEnding) process.exit(UNDONE);
      isEnding = true;
      void endRun().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
    });
  }
}

/** A save that is wrong is told, and waited on. */
async function again(run: Run): Promise<void> {
  if (run.signal.aborted) return;
  try {
    await bringUp(run);
  } catch (error) {
    printProblem((error as Error).message);
  }
}

/** Resolves to the exit code. Throws CommandProblem. */
function bringUp(run: Run): Promise<number> {
  return inWords(async () => {
    const { request, flags, watch } = run;
    const prepared = await prepare(request);
    watch?.set([request.templatePath, ...prepared.template.files]);
    if (!flags.json) printPlan(prepared);
    if (!flags.dryRun) return applyAndTell(prepared, run);
    if (flags.json) console.log(JSON.stringify(planJson(prepared), null, 2));
    else if (prepared.isUpToDate) console.log('nothing to do');
    return prepared.isUpToDate ? 0 : 1;
  });
}

async function applyAndTell(prepared: Prepared, { request, flags, gateway, signal }: Run): Promise<number> {
  const isJson = flags.json === true;
  const applied = await apply(request, prepared, printedProgress(isJson), signal);
  const { outputs, urls, left } = applied;
  if (isJson) console.log(JSON.stringify({ ...planJson(prepared), outputs, urls, left }, null, 2));
  else {
    await printApplied(applied, await caFileOf(gateway));
    const isDone = left.length === 0;
    console.log(prepared.isUpToDate ? 'nothing had to be done' : `${mark(isDone)} ${request.stackName} is up`);
    if (gateway.own) console.log(bold('the gateway runs here: Ctrl-C ends it, and keeps what is up for the next time'));
  }
  return left.length === 0 ? 0 : 1;
}

/** The root of the local CA where a client can read it. */
async function caFileOf({ endpoint, dataDir }: StackGateway): Promise<string> {
  const pem = await readOpenPage({ endpoint }, '/_sallyport/ca.pem');
  const path = dataDir === undefined ? resolve('sallyport-ca.pem') : join(dataDir, 'ca.pem');
  writeFileSync(path, pem);
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
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
