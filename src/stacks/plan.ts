// What has to be done so that a stack is what its template says: known before anything is done, with all that is wrong. Reads the record,
// calls nothing.

import type { StackResource } from '../model/stack.ts';
import { DEPLOYMENT_TYPE, Evaluation, type EvaluationOptions } from './evaluation.ts';
import { UNNEEDED, type LeftOut, type Properties } from './property-spec.ts';
import { changedNames, type ResourceType } from './resource-type.ts';
import { ACCEPTED_TYPES } from './types/accepted-types.ts';
import { FUNCTION_TYPE } from './types/function.ts';
import { whyNotMade, type ResourceTypes } from './types/resource-types.ts';
import type { NotCarried, StackTemplate, TemplateProblem, TemplateResource } from './template/stack-template.ts';

export interface Step {
  readonly action: 'create' | 'update' | 'replace' | 'unchanged';
  readonly resource: TemplateResource;
  readonly type: ResourceType;
  /** Properties that differ from what was applied last. */
  readonly names: readonly string[];
}

export interface Plan {
  /** In the order in which they are done. */
  readonly steps: readonly Step[];
  /** What is in the stack, and in its template no more; in the order in which it is taken away. */
  readonly removals: readonly StackResource[];
  readonly notCarried: readonly NotCarried[];
  readonly notNeeded: readonly NotCarried[];
  readonly problems: readonly TemplateProblem[];
}

interface RecordRead {
  readonly resources: readonly StackResource[];
  readonly outgoing: readonly StackResource[];
  find(logicalId: string): StackResource | undefined;
}

export function makePlan(
  template: StackTemplate,
  record: RecordRead,
  options: Omit<EvaluationOptions, 'made' | 'resources'>,
): Plan {
  const { resources } = template;
  const staying = new Map<string, StackResource>();
  const evaluation = new Evaluation({ ...options, resources, made: (logicalId) => staying.get(logicalId) });
  const problems: TemplateProblem[] = [];
  const steps: Step[] = [];
  for (const resource of inOrder(resources)) {
    const type = options.types(resource.type);
    if (!type) continue;
    const { kept, problems: found } = evaluation.read(resource, type);
    problems.push(...found);
    const old = record.find(resource.logicalId);
    const { action, names } = decide(resource, type, old, kept);
    if (old && (action === 'update' || action === 'unchanged')) staying.set(resource.logicalId, old);
    steps.push({ action, resource, type, names });
  }
  const isWanted = new Set(steps.map(({ resource }) => resource.logicalId));
  const gone = record.resources.filter(({ logicalId }) => !isWanted.has(logicalId));
  const isOwnUpdate = ({ action, resource }: Step) => action === 'update' && resource.type === FUNCTION_TYPE;
  return {
    // A function that changes hangs on nobody, and nobody on its change: once all else is done it cannot leave a half.
    steps: [...steps.filter((step) => !isOwnUpdate(step)), ...steps.filter(isOwnUpdate)],
    removals: [...gone.toReversed(), ...record.outgoing.toReversed()],
    problems,
    ...leftOut(template, steps, options.types),
  };
}

export function decide(
  resource: TemplateResource,
  type: ResourceType,
  old: StackResource | undefined,
  kept: Properties,
): Pick<Step, 'action' | 'names'> {
  if (!old) return { action: 'create', names: [] };
  if (old.type !== resource.type) return { action: 'replace', names: ['Type'] };
  const before = old.applied as Properties;
  const names = changedNames(before, kept);
  if (names.length === 0) return { action: 'unchanged', names };
  return { action: type.isUpdatable(before, kept) ? 'update' : 'replace', names };
}

/** The template's order, in which a Deployment comes after all that it may freeze, and whatever hangs on it after that. */
function inOrder(resources: readonly TemplateResource[]): readonly TemplateResource[] {
  const late = new Set<string>();
  for (const { logicalId, type, dependsOn } of resources)
    if (type === DEPLOYMENT_TYPE || dependsOn.some((one) => late.has(one))) late.add(logicalId);
  const isLate = ({ logicalId }: TemplateResource) => late.has(logicalId);
  return [...resources.filter((one) => !isLate(one)), ...resources.filter(isLate)];
}

function leftOut(
  { resources, notCarried, notNeeded }: StackTemplate,
  steps: readonly Step[],
  types: ResourceTypes,
): Pick<Plan, 'notCarried' | 'notNeeded'> {
  const others = resources.filter(({ type }) => !types(type));
  const left = steps.flatMap(leftOutOf);
  const needless = others.filter(({ type }) => ACCEPTED_TYPES[type]);
  return {
    notCarried: [
      ...others.filter((one) => !needless.includes(one)).map((one) => ({ ...one, reason: whyNotMade(one.type) })),
      ...notCarried,
      ...left.filter(({ isMissed }) => isMissed),
    ],
    notNeeded: [
      ...needless.map((one) => ({ ...one, reason: UNNEEDED.reason })),
      ...notNeeded,
      ...left.filter(({ isMissed }) => !isMissed),
    ],
  };
}

/** Properties that nothing is made of. */
function leftOutOf({ resource, type }: Step): readonly (NotCarried & LeftOut)[] {
  const { logicalId, properties, place } = resource;
  return [...properties.entries].flatMap(([name, { line }]) => {
    const left = type.spec.members[name]?.leftOut;
    return left ? [{ ...left, logicalId, type: `${resource.type} ${name}`, place: { ...place, line } }] : [];
  });
}
