// UpdateUsagePlan: what it changes counts from the next connection on; open sockets stay.

import type { PlanStage, UsagePlan } from '../../../model/usage-plan.ts';
import type { QuotaSettings, ThrottleSettings } from '../../../protocol/wire/shapes-apigateway.ts';
import { badRequest, conflict, notFound } from '../apigatewayv2/find.ts';
import { patch as patched, present, without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { findUsagePlan } from './find-plan.ts';
import { numberOf, readPatches, refusePath, type Patch } from './patch-operations.ts';
import { usagePlanOutput } from './plan-output.ts';
import { checkKeysAreFree, checkStages, readQuota, readStageThrottle, readThrottle } from './plan-rules.ts';

/** A plan between two patches: its rates and its quota may not be whole yet. */
type Draft = Omit<UsagePlan, 'throttle' | 'quota' | 'stages'> & {
  readonly throttle?: ThrottleSettings;
  readonly quota?: QuotaSettings;
  readonly stages: readonly (Omit<PlanStage, 'throttle'> & {
    readonly throttle?: Readonly<Record<string, ThrottleSettings>>;
  })[];
};

const PATHS = [
  '/name',
  '/description',
  '/productCode',
  '/throttle',
  '/throttle/rateLimit',
  '/throttle/burstLimit',
  '/quota',
  '/quota/limit',
  '/quota/offset',
  '/quota/period',
  '/apiStages',
  '/apiStages/{apiId:stage}/throttle',
  '/apiStages/{apiId:stage}/throttle/$connect',
  '/apiStages/{apiId:stage}/throttle/$connect/rateLimit',
  '/apiStages/{apiId:stage}/throttle/$connect/burstLimit',
];
const TEXT_CHARACTERS_MAX = 1024;

export const updateUsagePlan: Operation<'apigateway', 'UpdateUsagePlan'> = async (input, request, { store }) => {
  const patches = readPatches(input.patchOperations);
  return store.transact(async (transaction) => {
    const old = await findUsagePlan(transaction, request, input.usagePlanId);
    const plan = finished(patches.reduce<Draft>(apply, old));
    const added = plan.stages.filter((one) => !old.stages.some((other) => isSame(one, other)));
    await checkStages(transaction, request, { ...plan, stages: added });
    await checkKeysAreFree(transaction, plan, added);
    transaction.put('usage-plan', plan);
    return usagePlanOutput(plan);
  });
};

function finished({ throttle, quota, stages, ...rest }: Draft): UsagePlan {
  return {
    ...rest,
    stages: stages.map(({ apiId, stage, throttle: own }) => {
      return { apiId, stage, ...present({ throttle: own && readStageThrottle(own) }) };
    }),
    ...present({ throttle: throttle && readThrottle(throttle), quota: quota && readQuota(quota) }),
  };
}

function apply(plan: Draft, patch: Patch): Draft {
  const [first, second, third, ...more] = patch.segments;
  if (first === 'apiStages') return second === undefined ? withStage(plan, patch) : withStageRate(plan, patch);
  if (third !== undefined || more.length > 0) refusePath(patch, PATHS);
  switch (first) {
    case 'name':
    case 'description':
    case 'productCode':
      return withText(plan, first, patch);
    case 'throttle':
      if (second === undefined && patch.op === 'remove') return without(plan, 'throttle');
      return { ...plan, throttle: withRate(plan.throttle, second, patch) };
    case 'quota':
      return withQuota(plan, second, patch);
    default:
      return refusePath(patch, PATHS);
  }
}

function withText(plan: Draft, name: 'name' | 'description' | 'productCode', patch: Patch): Draft {
  if (patch.segments.length > 1 || patch.op !== 'replace') refusePath(patch, PATHS);
  if (name === 'name' && patch.value === '') throw badRequest('Usage plan name cannot be empty');
  if (patch.value.length > TEXT_CHARACTERS_MAX)
    throw badRequest(`The value of ${patch.path} has ${patch.value.length} characters, at most 1024 are allowed.`);
  return patched(plan, { [name]: patch.value });
}

function withRate(throttle: ThrottleSettings = {}, name: string | undefined, patch: Patch): ThrottleSettings {
  if (name !== 'rateLimit' && name !== 'burstLimit') refusePath(patch, PATHS);
  return patch.op === 'remove' ? without(throttle, name) : { ...throttle, [name]: numberOf(patch) };
}

function withQuota(plan: Draft, name: string | undefined, patch: Patch): Draft {
  if (name === undefined && patch.op === 'remove') return without(plan, 'quota');
  if (patch.op === 'remove') refusePath(patch, PATHS);
  if (name === 'limit' || name === 'offset') return { ...plan, quota: { ...plan.quota, [name]: numberOf(patch) } };
  if (name !== 'period') return refusePath(patch, PATHS);
  const { value } = patch;
  if (value !== 'DAY' && value !== 'WEEK' && value !== 'MONTH')
    throw badRequest(`Usage Plan quota period must be one of [DAY, WEEK, MONTH], and is '${value.slice(0, 32)}'`);
  return { ...plan, quota: { ...plan.quota, period: value } };
}

function isSame(one: Pick<PlanStage, 'apiId' | 'stage'>, other: Pick<PlanStage, 'apiId' | 'stage'>): boolean {
  return one.apiId === other.apiId && one.stage === other.stage;
}

/** `{apiId}:{stage}`. */
function readStage(text: string): Pick<PlanStage, 'apiId' | 'stage'> {
  const [, apiId, stage] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (apiId === undefined || stage === undefined)
    throw badRequest(`Invalid API Stage '${text.slice(0, 256)}'. Expected {apiId}:{stage}.`);
  return { apiId, stage };
}

function withStage(plan: Draft, patch: Patch): Draft {
  const named = readStage(patch.value);
  const others = plan.stages.filter((one) => !isSame(one, named));
  const isThere = others.length < plan.stages.length;
  if (patch.op === 'add') {
    if (isThere) throw conflict(`API Stage ${patch.value} is in the usage plan already`);
    return { ...plan, stages: [...plan.stages, named] };
  }
  if (patch.op !== 'remove') refusePath(patch, PATHS);
  if (!isThere) throw notFound(`API Stage not found: ${patch.value}`);
  return { ...plan, stages: others };
}

function withStageRate(plan: Draft, patch: Patch): Draft {
  const [, name = '', part, routeKey, member, ...more] = patch.segments;
  if (part !== 'throttle' || more.length > 0) refusePath(patch, PATHS);
  const named = readStage(name);
  const old = plan.stages.find((one) => isSame(one, named));
  if (!old) throw notFound(`API Stage not found: ${name}`);
  const changed = { ...old, throttle: changedRates(old.throttle ?? {}, routeKey, member, patch) };
  return { ...plan, stages: plan.stages.map((one) => (one === old ? changed : one)) };
}

type Rates = Readonly<Record<string, ThrottleSettings>>;

function changedRates(rates: Rates, routeKey: string | undefined, member: string | undefined, patch: Patch): Rates {
  if (routeKey === undefined) return patch.op === 'remove' ? {} : refusePath(patch, PATHS);
  if (member === undefined) return patch.op === 'remove' ? without(rates, routeKey) : refusePath(patch, PATHS);
  const own = Object.hasOwn(rates, routeKey) ? rates[routeKey] : undefined;
  return { ...rates, [routeKey]: withRate(own, member, patch) };
}
