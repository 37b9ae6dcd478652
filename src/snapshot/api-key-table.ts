// API keys as a handshake asks for them: by the fingerprint of what the client sent, in a few look-ups, however many keys and plans there
// are. A key is in few plans, and in one at most for each stage, so what it may connect to is looked for among those.

import type { ApiKey, PlanThrottle, Quota, UsagePlan, UsagePlanKey } from '../model/usage-plan.ts';

export interface KeyEntry {
  readonly apiKeyId: string;
  readonly fingerprint: string;
  readonly isEnabled: boolean;
}

export interface PlanEntry {
  readonly usagePlanId: string;
  readonly throttle: PlanThrottle | undefined;
  readonly quota: Quota | undefined;
  /** `{apiId}/{stage}` → the rate of `$connect` there, where it has one of its own. */
  readonly stages: ReadonlyMap<string, PlanThrottle | undefined>;
}

/** A key in a plan. The same object for as long as it is in it: what is counted hangs on it. */
export interface PlanKeyEntry {
  /** `{usagePlanId}/{apiKeyId}`. */
  readonly id: string;
  readonly apiKeyId: string;
  readonly usagePlanId: string;
}

/** A key that may connect to a stage, and by which plan. */
export interface KeyInPlan {
  readonly apiKeyId: string;
  readonly planKey: PlanKeyEntry;
  readonly plan: PlanEntry;
  readonly throttle: PlanThrottle | undefined;
}

export type NoKey = 'unknown' | 'disabled' | 'in no plan of the stage';

export class ApiKeyTable {
  readonly #keys = new Map<string, KeyEntry>();
  readonly #byFingerprint = new Map<string, KeyEntry>();
  readonly #plans = new Map<string, PlanEntry>();
  readonly #planKeys = new Map<string, PlanKeyEntry>();
  /** By key. */
  readonly #plansOf = new Map<string, readonly PlanKeyEntry[]>();

  /** What a key with this fingerprint may do at a stage (`{apiId}/{stage}`); or why nothing, which no client is told. */
  find(fingerprint: string, stage: string): KeyInPlan | NoKey {
    const key = this.#byFingerprint.get(fingerprint);
    if (!key) return 'unknown';
    if (!key.isEnabled) return 'disabled';
    const { apiKeyId } = key;
    for (const planKey of this.#plansOf.get(apiKeyId) ?? []) {
      const plan = this.#plans.get(planKey.usagePlanId);
      if (plan?.stages.has(stage))
        return { apiKeyId, planKey, plan, throttle: plan.stages.get(stage) ?? plan.throttle };
    }
    return 'in no plan of the stage';
  }

  plan(usagePlanId: string): PlanEntry | undefined {
    return this.#plans.get(usagePlanId);
  }

  planKey(id: string): PlanKeyEntry | undefined {
    return this.#planKeys.get(id);
  }

  changeKey(apiKeyId: string, key: ApiKey | undefined): void {
    const old = this.#keys.get(apiKeyId);
    if (old) this.#byFingerprint.delete(old.fingerprint);
    if (!key) return void this.#keys.delete(apiKeyId);
    const entry = { apiKeyId, fingerprint: key.fingerprint, isEnabled: key.enabled };
    this.#keys.set(apiKeyId, entry);
    this.#byFingerprint.set(entry.fingerprint, entry);
  }

  changePlan(usagePlanId: string, plan: UsagePlan | undefined): void {
    if (!plan) return void this.#plans.delete(usagePlanId);
    const stages = plan.stages.map(
      ({ apiId, stage, throttle }) => [`${apiId}/${stage}`, throttle?.['$connect']] as const,
    );
    const { throttle, quota } = plan;
    this.#plans.set(usagePlanId, { usagePlanId, throttle, quota, stages: new Map(stages) });
  }

  changePlanKey(id: string, planKey: UsagePlanKey | undefined): void {
    const old = this.#planKeys.get(id);
    if (planKey && !old) {
      const { apiKeyId, usagePlanId } = planKey;
      const entry = { id, apiKeyId, usagePlanId };
      this.#planKeys.set(id, entry);
      this.#plansOf.set(apiKeyId, [...(this.#plansOf.get(apiKeyId) ?? []), entry]);
    } else if (!planKey && old) {
      this.#planKeys.delete(id);
      const others = (this.#plansOf.get(old.apiKeyId) ?? []).filter((one) => one !== old);
      if (others.length > 0) this.#plansOf.set(old.apiKeyId, others);
      else this.#plansOf.delete(old.apiKeyId);
    }
  }
}
