// `/_sallyport/stack` and `/_sallyport/stacks`: what `up` and `down` keep of the stacks of the caller's account in the region that the
// request is signed for. A function is code that runs as the gateway's user, so whoever names one has to show the token of the data
// directory as well as to sign.

import { createHash, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { stackId, STACK_NAME, type Stack, type StackFunction } from '../model/stack.ts';
import { createFunctionEnvironments, type FunctionEnvironments } from '../protocol/function-environments.ts';
import { limit } from '../settings/limits.ts';
import { FunctionsProblem, readFunctions } from '../settings/read-functions.ts';
import { makeCodeToken } from '../settings/running-gateway.ts';
import {
  jsonAnswer,
  queryOf,
  refused,
  requireCaller,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';
import { readStackBody, type FunctionGiven } from './stack-body.ts';

/**
 * The stacks of an account in a region, in the store.
 * @port stack-records
 */
export interface StackRecords {
  find(account: string, region: string, name: string): Promise<Stack | undefined>;
  list(account: string, region: string, limit: number): Promise<readonly Stack[]>;
  functionNames(account: string, butOf: string): Promise<ReadonlySet<string>>;
  put(stack: Stack): Promise<Stack>;
  remove(stack: Pick<Stack, 'id' | 'name' | 'revision'>): Promise<void>;
}

/** What the server has of stacks, whoever asks. */
export interface KeptStacks<Records extends StackRecords = StackRecords> {
  readonly stackRecords: Records;
  readonly functionEnvironments: FunctionEnvironments;
  /** A secret. */
  readonly codeToken: string;
  readonly serviceEndpoints: Readonly<Record<string, string>>;
}

/** `secret`: what variables of functions are sealed with. */
export function keepStacks<Records extends StackRecords>(
  stackRecords: Records,
  secret: Uint8Array,
  serviceEndpoints: KeptStacks['serviceEndpoints'],
): KeptStacks<Records> {
  const functionEnvironments = createFunctionEnvironments(secret);
  return { stackRecords, functionEnvironments, codeToken: makeCodeToken(), serviceEndpoints };
}

export interface StackRequestsWorld extends SigningWorld, KeptStacks {
  readonly functions: {
    /** Whether the settings file has the name, for the account. */
    isOfSettings(name: string, account: string): boolean;
  };
  /** What hosts of default endpoints end in, and the port where it is not 443. */
  readonly endpoints: { readonly suffix: string; portSuffix(): string };
  readonly nowMs: () => number;
}

/** Which gateway it is, told by a digest of its token to whoever has the token. */
function gatewayOf({ codeToken, endpoints, serviceEndpoints }: StackRequestsWorld) {
  return {
    id: createHash('sha256').update(codeToken).digest('hex'),
    urlSuffix: `${endpoints.suffix}${endpoints.portSuffix()}`,
    serviceEndpoints,
  };
}

export async function listStacks(request: OperatorRequest, world: StackRequestsWorld): Promise<OperatorAnswer> {
  const { account, region } = requireCaller(request, world);
  const stacks = await world.stackRecords.list(account, region, limit('stacksPerAccountMax'));
  const shown = stacks.map(({ name, template, resources, functions, underWay, updatedAtMs }) => ({
    name,
    template,
    resources: resources.length,
    functions: functions.map((one) => one.name),
    isUnderWay: underWay !== undefined,
    updatedAt: new Date(updatedAtMs).toISOString(),
  }));
  return jsonAnswer(200, { account, region, stacks: shown, gateway: gatewayOf(world) });
}

/** A stack that is not there has revision 0 and no resources. */
export async function showStack(request: OperatorRequest, world: StackRequestsWorld): Promise<OperatorAnswer> {
  const { account, region } = requireCaller(request, world);
  const name = nameOf(request);
  const stack = await world.stackRecords.find(account, region, name);
  return jsonAnswer(200, { account, region, stack: shownStack(stack, name), gateway: gatewayOf(world) });
}

/** What functions have in their variables is never shown. */
function shownStack(stack: Stack | undefined, name: string) {
  if (!stack) return { name, revision: 0, template: '', resources: [], outgoing: [], functions: [] };
  const { revision, template, underWay, resources, outgoing, functions } = stack;
  const shownFunctions = functions.map(({ name: named, handler, taskRoot }) => ({
    name: named,
    handler,
    taskRoot,
  }));
  return {
    name,
    revision,
    template,
    ...(underWay !== undefined && { underWay }),
    resources,
    outgoing,
    functions: shownFunctions,
  };
}

export async function putStack(request: OperatorRequest, world: StackRequestsWorld): Promise<OperatorAnswer> {
  const { account, region, caller } = requireCaller(request, world);
  const { stackRecords } = world;
  const name = nameOf(request);
  const body = readStackBody(request.body);
  if (body.functions.some((one) => 'handler' in one)) checkToken(body.codeToken, world);
  const id = stackId(account, region, name);
  const old = await stackRecords.find(account, region, name);
  checkRun(old, body.run ?? body.ends, world);
  if (!old) await checkRoom(account, region, world);
  const taken = await stackRecords.functionNames(account, id);
  const accessKey = caller.isSession ? undefined : caller.accessKeyId;
  const functions = body.functions.map((given) => {
    if (!('handler' in given)) return keptFunction(old, given.name);
    if (taken.has(given.name) || world.functions.isOfSettings(given.name, account))
      throw refused(
        `There is a function ${given.name} of another stack, or of the settings file, already: choose another FunctionName.`,
        'ConflictException',
      );
    return madeFunction(given, id, accessKey, world.functionEnvironments);
  });
  const { revision, template, underWay, resources, outgoing, run } = body;
  const updatedAtMs = world.nowMs();
  const stack = { id, account, region, name, revision, template, resources, outgoing, functions, updatedAtMs };
  const untilMs = world.realClock.now() + limit('stackRunMs');
  const kept = await stackRecords.put({
    ...stack,
    ...(underWay !== undefined && { underWay }),
    ...(run !== undefined && { run: { id: run, untilMs } }),
  });
  return jsonAnswer(200, { revision: kept.revision });
}

export async function deleteStack(request: OperatorRequest, world: StackRequestsWorld): Promise<OperatorAnswer> {
  const { account, region } = requireCaller(request, world);
  const name = nameOf(request);
  const revision = Number(queryOf(request).get('revision') ?? Number.NaN);
  if (!Number.isSafeInteger(revision) || revision < 1) throw refused('?revision= must be the one that was read.');
  checkRun(await world.stackRecords.find(account, region, name), queryOf(request).get('run') ?? undefined, world);
  await world.stackRecords.remove({ id: stackId(account, region, name), name, revision });
  return jsonAnswer(200, {});
}

function nameOf(request: OperatorRequest): string {
  const name = queryOf(request).get('name') ?? '';
  if (STACK_NAME.test(name)) return name;
  throw refused('?name= must be a stack’s: a letter first, then letters, digits and -, at most 128 in all.');
}

/** One run at a time. One that was killed is over by itself. */
function checkRun(old: Stack | undefined, run: string | undefined, { realClock }: StackRequestsWorld): void {
  const leftMs = (old?.run?.untilMs ?? 0) - realClock.now();
  if (leftMs <= 0 || old?.run?.id === run) return;
  const text = `The stack ${old?.name} is being changed by another run. When that was ended it is free within ${Math.ceil(leftMs / 1_000)} s.`;
  throw refused(text, 'ConflictException');
}

async function checkRoom(account: string, region: string, world: StackRequestsWorld): Promise<void> {
  const max = limit('stacksPerAccountMax');
  const stacks = await world.stackRecords.list(account, region, max);
  if (stacks.length >= max)
    throw refused(`There are ${max} stacks in ${region} already (stacksPerAccountMax): take one down.`);
}

function checkToken(given: string | undefined, { codeToken }: StackRequestsWorld): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  if (given !== undefined && timingSafeEqual(digest(given), digest(codeToken))) return;
  const text =
    'Functions are code that runs as the gateway’s user: they are taken from whoever may read running.json in its data directory. Run up with that --data-dir, as a user who may.';
  throw refused(text, 'AccessDeniedException');
}

function keptFunction(old: Stack | undefined, name: string): StackFunction {
  const found = old?.functions.find((one) => one.name === name);
  if (found) return found;
  throw refused(`The stack has no function ${name.slice(0, 128)} that could be kept.`, 'NotFoundException');
}

function madeFunction(
  given: FunctionGiven,
  stack: string,
  accessKey: string | undefined,
  environments: FunctionEnvironments,
): StackFunction {
  const { name, handler, runtime, taskRoot, timeoutSeconds, memoryMb, environment } = given;
  if (!isAbsolute(taskRoot) || !statSync(taskRoot, { throwIfNoEntry: false })?.isDirectory())
    throw refused(
      `The code of ${name.slice(0, 128)} must lie in a directory of the gateway's machine, and ${taskRoot.slice(0, 256)} is none.`,
    );
  const members = {
    handler,
    ...(runtime !== undefined && { runtime }),
    env: environment,
    timeout: timeoutSeconds,
    memory: memoryMb,
  };
  try {
    // The same laws as those of the settings file.
    const [setting] = readFunctions({ [name]: members }, taskRoot);
    return {
      name,
      handler,
      taskRoot,
      timeoutMs: setting!.timeoutMs,
      memoryMb,
      ...(runtime !== undefined && { runtime }),
      ...(accessKey !== undefined && { accessKey }),
      sealedEnvironment: environments.seal(setting!.environment, `${stack}/${name}`),
    };
  } catch (error) {
    if (!(error instanceof FunctionsProblem)) throw error;
    throw refused(error.message);
  }
}
