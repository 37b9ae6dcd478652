// How much at once (websocket-apis 8.4): token buckets of an account in a region, of a stage, and of a route that has its own. A bucket
// is filled when it is looked at, so none needs a timer. A stage's buckets hang on its entry in the snapshot: a change of the stage,
// such as a deployment, fills them, and they go with it.

import type { Clock } from '../../ambient/clock.ts';
import { TokenBucket, type Rate } from '../../ambient/token-bucket.ts';
import { refuse, type Refusal } from '../../model/faults.ts';
import { limit } from '../../settings/limits.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';

const STEP = 'throttle';

interface StageBuckets {
  readonly account: AccountBuckets;
  /** Undefined where the stage has no rate of its own. */
  readonly stage: TokenBucket | undefined;
  /** Routes with rates of their own, by key. */
  readonly routes: ReadonlyMap<string, TokenBucket>;
}

interface AccountBuckets {
  readonly requests: TokenBucket;
  readonly connections: TokenBucket;
}

export class Throttle {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, AccountBuckets>();
  readonly #stages = new WeakMap<StageEntry, StageBuckets>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A handshake: takes from the account, its new connections, and the stage or its `$connect` route; or takes nothing and refuses. */
  connect(stage: StageEntry): Refusal | undefined {
    const buckets = this.#bucketsOf(stage);
    const { connections } = buckets.account;
    if (!connections.hasToken()) return refused('new connections of the account', connections);
    const refusal = takeRequest(buckets, '$connect');
    if (!refusal) connections.take();
    return refusal;
  }

  /** A message of a route: takes from the account and the stage or the route; or takes nothing and refuses. */
  message(stage: StageEntry, routeKey: string): Refusal | undefined {
    return takeRequest(this.#bucketsOf(stage), routeKey);
  }

  /** A callback: takes from the account, or refuses. */
  callback(stage: StageEntry): Refusal | undefined {
    const { requests } = this.#bucketsOf(stage).account;
    if (!requests.hasToken()) return { ...refused('the account', requests), code: 'LimitExceeded' };
    requests.take();
    return undefined;
  }

  #bucketsOf(stage: StageEntry): StageBuckets {
    let buckets = this.#stages.get(stage);
    if (!buckets) this.#stages.set(stage, (buckets = this.#makeBuckets(stage)));
    return buckets;
  }

  #makeBuckets({ api, defaultRouteSettings, routeSettings }: StageEntry): StageBuckets {
    const routes = new Map<string, TokenBucket>();
    for (const [routeKey, settings] of Object.entries(routeSettings)) {
      const rate = rateOf(settings);
      if (rate) routes.set(routeKey, new TokenBucket(rate, this.#clock));
    }
    const rate = rateOf(defaultRouteSettings);
    return {
      account: this.#accountOf(`${api.account}/${api.region}`),
      stage: rate && new TokenBucket(rate, this.#clock),
      routes,
    };
  }

  #accountOf(key: string): AccountBuckets {
    let buckets = this.#accounts.get(key);
    if (!buckets) {
      const perSecond = limit('accountConnectionsPerSecondMax');
      buckets = {
        requests: new TokenBucket(accountRate(), this.#clock),
        connections: new TokenBucket({ perSecond, burst: perSecond }, this.#clock),
      };
      this.#accounts.set(key, buckets);
    }
    return buckets;
  }
}

function accountRate(): Rate {
  return { perSecond: limit('accountRequestsPerSecondMax'), burst: limit('accountRequestsBurstMax') };
}

/** Undefined where neither is set; what is not set is the account's, and neither exceeds it. 0 refuses everything, as in AWS. */
function rateOf(settings: StageEntry['defaultRouteSettings']): Rate | undefined {
  const { throttlingRateLimit: perSecond, throttlingBurstLimit: burst } = settings;
  if (perSecond === undefined && burst === undefined) return undefined;
  const account = accountRate();
  const rate = {
    perSecond: Math.min(perSecond ?? account.perSecond, account.perSecond),
    burst: Math.min(burst ?? account.burst, account.burst),
  };
  return rate.perSecond === 0 ? { perSecond: 0, burst: 0 } : rate;
}

function takeRequest({ account, stage, routes }: StageBuckets, routeKey: string): Refusal | undefined {
  const { requests } = account;
  const own = routes.get(routeKey) ?? stage;
  if (!requests.hasToken()) return refused('the account', requests);
  if (own && !own.hasToken()) return refused(`the route ${routeKey} or its stage`, own);
  requests.take();
  own?.take();
  return undefined;
}

function refused(whose: string, { rate }: TokenBucket): Refusal {
  const bound = `${rate.perSecond} a second, ${rate.burst} at once`;
  return refuse('TooManyRequests', STEP, `more than ${whose} may: ${bound}`);
}
