// What the control plane asks of the counts of quotas: by the ids that it knows, and never of a key that is in no plan, or of a plan
// without a quota, of which nothing is counted.

import type { PlanKeyEntry } from '../../snapshot/api-key-table.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Quota } from '../../model/usage-plan.ts';
import type { UsageCounts } from './usage-counts.ts';

export function createUsageTelling({ apiKeys }: Pick<Snapshot, 'apiKeys'>, counts: UsageCounts) {
  const counted = (id: string): readonly [PlanKeyEntry, Quota] | undefined => {
    const planKey = apiKeys.planKey(id);
    const quota = planKey && apiKeys.plan(planKey.usagePlanId)?.quota;
    return planKey && quota && [planKey, quota];
  };
  return {
    days(planKeyId: string, fromMs: number, toMs: number) {
      const found = counted(planKeyId);
      return found && counts.days(...found, fromMs, toMs);
    },
    async leave(planKeyId: string, left: number) {
      const found = counted(planKeyId);
      await (found && counts.leave(...found, left));
      return found !== undefined;
    },
  };
}
