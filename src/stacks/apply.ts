// Does what a plan says, in its order: makes and changes, then takes away what is not wanted any more. A step that fails takes back what
// this run did, as CloudFormation does. The record is put after every step.

import type { StackResource } from '../model/stack.ts';
import { Evaluation, type EvaluationOptions } from './evaluation.ts';
import type { GatewayClient } from './gateway-client.ts';
import { decide, type Plan, type Step } from './plan.ts';
import type { Properties } from './property-spec.ts';
import type { Made, MakingContext } from './resource-type.ts';
import type { StackRecord } from './stack-record.ts';
import { FUNCTION_TYPE } from './types/function.ts';
import type { TemplateResource } from './template/stack-template.ts';

/** What happens, as it happens. */
export interface Progress {
  began(verb: string, logicalId: string, type: string): void;
  waits(logicalId: string, text: string): void;
  ended(verb: string, logicalId: string, type: string, physicalId: string): void;
  failed(verb: string, logicalId: string, type: string, message: string): void;
}

export interface ApplyOptions extends Omit<EvaluationOptions, 'made'> {
  readonly client: GatewayClient;
  readonly record: StackRecord;
  /** The gateway's, on this machine; undefined where it is not known. */
  readonly dataDir: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A resource could not be made or changed; what was done before was taken back, unless `left` says what was not. */
export class ApplyProblem extends Error {
  readonly resource: TemplateResource | undefined;
  readonly left: readonly string[];

  constructor(message: string, resource: TemplateResource | undefined, left: readonly string[]) {
    super(message);
    this.resource = resource;
    this.left = left;
  }
}

interface Undo {
  readonly kind: 'made' | 'changed';
  readonly resource: StackResource;
  /** What was there before. */
  readonly old: StackResource | undefined;
}

/** Resolves to what could not be taken away, each a line; the next run tries again. Throws ApplyProblem. */
export function applyPlan(plan: Plan, options: ApplyOptions): Promise<readonly string[]> {
  return options.record.run(() => makeAll(plan, options));
}

async function makeAll(plan: Plan, options: ApplyOptions): Promise<readonly string[]> {
  const { record } = options;
  const steps = plan.steps.filter(({ action }) => action !== 'unchanged');
  const kept = plan.steps.map(({ resource }) => resource.logicalId);
  // What goes hangs on what stays, and not the other way round.
  record.setOrder([...kept, ...plan.removals.toReversed().map(({ logicalId }) => logicalId)]);
  const undo: Undo[] = [];
  const evaluation = new Evaluation({ ...options, made: (logicalId) => record.find(logicalId) });
  let current: Step | undefined;
  try {
    if (steps.length > 0) await record.put(nextMade(steps, 0));
    // In the order of the plan, the unchanged among them: a deployment freezes those, too.
    for (const step of plan.steps) {
      const { properties, kept } = evaluation.read(step.resource, step.type);
      if (step.action === 'unchanged') continue;
      options.signal.throwIfAborted();
      current = step;
      await doStep(step, { properties, kept }, undo, options);
      if (!isLastOfRun(step, steps)) continue;
      await record.put(nextMade(steps, steps.indexOf(step) + 1));
    }
  } catch (error) {
    const left = await rollBack(undo, options);
    throw new ApplyProblem((error as Error).message, current?.resource, left);
  }
  return removeAll(plan, options);
}

/** Functions that change are put together, at the end. */
function isLastOfRun(step: Step, steps: readonly Step[]): boolean {
  const next = steps[steps.indexOf(step) + 1];
  const isOwnUpdate = ({ action, resource }: Step) => action === 'update' && resource.type === FUNCTION_TYPE;
  return !(isOwnUpdate(step) && next && isOwnUpdate(next));
}

function nextMade(steps: readonly Step[], from: number): string | undefined {
  const next = steps[from];
  return next && next.action !== 'update' ? next.resource.logicalId : undefined;
}

const VERBS = { create: 'create', update: 'update', replace: 'replace' } as const;

async function doStep(
  { resource, type }: Step,
  { properties, kept }: { readonly properties: Properties; readonly kept: Properties },
  undo: Undo[],
  options: ApplyOptions,
): Promise<void> {
  const { record, progress } = options;
  const { logicalId, dependsOn, deletionPolicy } = resource;
  const old = record.find(logicalId);
  const { action } = decide(resource, type, old, kept);
  if (action === 'unchanged') return;
  const verb = VERBS[action];
  const context = contextOf(logicalId, options);
  progress.began(verb, logicalId, resource.type);
  const made = await (action === 'update'
    ? type.change(old!, properties, context)
    : makeOrFind(resource, type, properties, context, options));
  const { physicalId, attributes } = made;
  const now = { logicalId, type: resource.type, physicalId, attributes, applied: kept, dependsOn, deletionPolicy };
  undo.push({ kind: action === 'update' ? 'changed' : 'made', resource: now, old });
  record.set(now, made.function);
  progress.ended(verb, logicalId, resource.type, physicalId);
}

/** What somebody made who was ended before it was told: found again, where it can be. */
async function makeOrFind(
  { logicalId }: TemplateResource,
  type: Step['type'],
  properties: Properties,
  context: MakingContext,
  { record }: ApplyOptions,
): Promise<Made> {
  const isKnown = (physicalId: string) =>
    [...record.resources, ...record.outgoing].some((one) => one.physicalId === physicalId);
  const found = record.interrupted === logicalId ? await type.find?.(properties, context, isKnown) : undefined;
  return found ?? type.make(properties, context);
}

function contextOf(logicalId: string, options: ApplyOptions): MakingContext {
  const { client, owned, progress, signal, record, dataDir } = options;
  return {
    client,
    ...owned,
    logicalId,
    dataDir,
    signal,
    isRetried: record.interrupted === logicalId,
    progress: (text) => progress.waits(logicalId, text),
  };
}

/** Backwards, each as far as it goes. Resolves to what is left. */
async function rollBack(undo: readonly Undo[], options: ApplyOptions): Promise<readonly string[]> {
  const { record, progress } = options;
  const left: string[] = [];
  record.forgetDefinitions();
  for (const { kind, resource, old } of undo.toReversed()) {
    const { logicalId, type: name, physicalId } = resource;
    // A run that was ended takes back all the same.
    const context = { ...contextOf(logicalId, options), signal: new AbortController().signal };
    const type = options.types(name)!;
    try {
      if (kind === 'made') await type.remove(resource, context);
      // The gateway has the function as it was: the definition that changed it was not taken.
      else if (name !== FUNCTION_TYPE) await type.change(resource, old!.applied as Properties, context);
      if (old) record.restore(old);
      else record.drop(logicalId);
      await record.put();
      progress.ended('roll back', logicalId, name, physicalId);
    } catch (error) {
      left.push(logicalId);
      progress.failed('roll back', logicalId, name, (error as Error).message);
    }
  }
  if (record.isThere && record.resources.length + record.outgoing.length === 0) await forget(record);
  return left;
}

/** Nothing is left of a stack that was never there. */
async function forget(record: StackRecord): Promise<void> {
  try {
    await record.remove();
  } catch {
    // The problem that led here is the one that is told, and an empty stack does no harm.
  }
}

export async function removeAll(
  { removals }: Pick<Plan, 'removals'>,
  options: Omit<ApplyOptions, keyof EvaluationOptions> & Pick<ApplyOptions, 'owned' | 'types'>,
): Promise<readonly string[]> {
  const { record, progress } = options;
  const left: string[] = [];
  // What this run replaced came last, and goes first.
  const all = [...record.outgoing.toReversed(), ...removals.filter((one) => !record.outgoing.includes(one))];
  for (const old of all) {
    const { logicalId, type: name, physicalId, deletionPolicy } = old;
    options.signal.throwIfAborted();
    try {
      const isRetained = deletionPolicy === 'Retain';
      progress.began(isRetained ? 'retain' : 'delete', logicalId, name);
      if (!isRetained) await options.types(name)?.remove(old, contextOf(logicalId, options as ApplyOptions));
      if (record.outgoing.includes(old)) record.dropOutgoing(old);
      else record.drop(logicalId);
      await record.put();
      progress.ended(isRetained ? 'retain' : 'delete', logicalId, name, physicalId);
    } catch (error) {
      left.push(`${logicalId} (${name}) could not be deleted: ${(error as Error).message}`);
      progress.failed('delete', logicalId, name, (error as Error).message);
    }
  }
  return left;
}
