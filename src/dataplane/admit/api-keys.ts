// Must this client have an API key, is it one, and may it connect now (websocket-apis 6.5)? Where `$connect` asks for a key, only one of a
// plan of the stage connects, within the plan's rate and quota. Whatever is wrong with a key, a client reads the same. The value is in no
// log line, and in no reason.

import type { Clock } from '../../ambient/clock.ts';
import { TokenBucket, type Rate } from '../../ambient/token-bucket.ts';
import { refuse, type Refusal } from '../../model/faults.ts';
import type { PlanThrottle } from '../../model/usage-plan.ts';
import { API_KEY_VALUE_CHARACTERS, type ApiKeyValues } from '../../protocol/api-key-values.ts';
import { limit } from '../../settings/limits.ts';
import type { KeyInPlan, PlanKeyEntry } from '../../snapshot/api-key-table.ts';
import type { Snapshot, StageEntry } from '../../snapshot/snapshot.ts';
import type { UsageCounts } from './usage-counts.ts';

const STEP = 'api-key';

/** The key by which a client connected. */
export interface UsedApiKey {
  readonly apiKeyId: string;
  /** A secret: for the events of `$connect` alone. */
  readonly value: string;
}

export interface ApiKeys {
  /** Takes from the key's rate and quota; or takes nothing and refuses. `value` is what the client, or its authorizer, gave. */
  enter(stage: StageEntry, value: string | undefined): UsedApiKey | Refusal;
}

interface ApiKeyParts {
  readonly snapshot: Pick<Snapshot, 'apiKeys'>;
  readonly values: Pick<ApiKeyValues, 'fingerprint'>;
  readonly usage: UsageCounts;
  readonly clock: Clock;
}

export function createApiKeys({ snapshot, values, usage, clock }: ApiKeyParts): ApiKeys {
  const buckets = new WeakMap<PlanKeyEntry, { readonly throttle: PlanThrottle; readonly bucket: TokenBucket }>();

  /** Of each key in each plan its own; a change of the rate fills it. Undefined where there is no rate. */
  const bucketOf = ({ planKey, throttle }: KeyInPlan): TokenBucket | undefined => {
    if (!throttle) return undefined;
    const known = buckets.get(planKey);
    if (known?.throttle === throttle) return known.bucket;
    const rate = rateOf(throttle);
    const bucket = new TokenBucket(rate, clock);
    buckets.set(planKey, { throttle, bucket });
    return bucket;
  };

  return {
    enter({ api, stageName }, value) {
      if (value === undefined || value === '') return refuse('Forbidden', STEP, 'there is no API key');
      // None is longer: what is, need not be hashed.
      if (value.length > API_KEY_VALUE_CHARACTERS.max) return refuse('Forbidden', STEP, 'the API key is unknown');
      const fingerprint = values.fingerprint(api.account, api.region, value);
      const found = snapshot.apiKeys.find(fingerprint, `${api.apiId}/${stageName}`);
      if (typeof found === 'string') return refuse('Forbidden', STEP, `the API key is ${found}`);
      const { apiKeyId, planKey, plan } = found;
      const who = `API key ${apiKeyId} in usage plan ${plan.usagePlanId}`;
      const bucket = bucketOf(found);
      if (bucket && !bucket.hasToken()) {
        const { perSecond, burst } = bucket.rate;
        return refuse('TooManyRequests', STEP, `more than ${who} may: ${perSecond} a second, ${burst} at once`);
      }
      const { quota } = plan;
      if (quota && usage.left(planKey, quota) === 0)
        return refuse('QuotaExceeded', STEP, `${who} has used its ${quota.limit} of this ${quota.period}`);
      bucket?.take();
      if (quota) usage.take(planKey, quota);
      return { apiKeyId, value };
    },
  };
}

/** What is not set is the account's. 0 refuses everything, as in AWS. */
function rateOf({ rateLimit, burstLimit }: PlanThrottle): Rate {
  const perSecond = rateLimit ?? limit('accountRequestsPerSecondMax');
  return { perSecond, burst: perSecond === 0 ? 0 : (burstLimit ?? limit('accountRequestsBurstMax')) };
}
