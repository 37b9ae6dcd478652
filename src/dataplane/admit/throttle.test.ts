// Token buckets: what an account, a stage and a route let through, when they are filled again, and that a refusal takes nothing.

import { NO_OPTIONS } from '../../model/stage-options.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LifecycleClock } from '../../ambient/clock.ts';
import type { RouteSettings } from '../../model/api.ts';
import { limit } from '../../settings/limits.ts';
import type { StageEntry } from '../../snapshot/snapshot.ts';
import { Throttle } from './throttle.ts';

const ACCOUNT_BURST = limit('accountRequestsBurstMax');

function stageOf(
  defaultRouteSettings: RouteSettings = {},
  routeSettings: Readonly<Record<string, RouteSettings>> = {},
  apiId = 'api',
  region = 'us-east-1',
): StageEntry {
  return {
    api: { apiId, account: '000000000000', region },
    stageName: 'prod',
    deploymentId: 'd',
    stageVariables: {},
    defaultRouteSettings,
    routeSettings,
    options: NO_OPTIONS,
    logs: undefined,
  };
}

const rate = (throttlingRateLimit: number, throttlingBurstLimit: number) => ({
  throttlingRateLimit,
  throttlingBurstLimit,
});

function start() {
  const real = { at: 1_000_000, now: () => real.at };
  const clock = new LifecycleClock(real);
  const throttle = new Throttle(clock);
  /** How many of `tries` messages are let through. */
  const through = (stage: StageEntry, tries: number, routeKey = 'chat') =>
    Array.from({ length: tries }, () => throttle.message(stage, routeKey)).filter((refusal) => !refusal).length;
  return { real, clock, throttle, through };
}

describe('a stage', () => {
  test('lets its burst through at once, and then its rate', () => {
    const { clock, through } = start();
    const stage = stageOf(rate(2, 5));
    assert.equal(through(stage, 9), 5);
    clock.advance(1_000);
    assert.equal(through(stage, 9), 2);
    clock.advance(60_000);
    assert.equal(through(stage, 9), 5);
  });

  test('with 0 and 0 refuses everything, and with a rate of 0 the burst is of no use', () => {
    const { clock, throttle, through } = start();
    for (const settings of [rate(0, 0), rate(0, 5), rate(5, 0)]) {
      const stage = stageOf(settings);
      assert.equal(through(stage, 3), 0);
      clock.advance(60_000);
      assert.equal(throttle.connect(stage)?.code, 'TooManyRequests');
    }
  });

  test('has one bucket for all its routes, but for those that have their own', () => {
    const { through } = start();
    const stage = stageOf(rate(1, 3), { quick: rate(1, 7), $connect: rate(1, 1) });
    assert.equal(through(stage, 2, 'chat') + through(stage, 9, 'other'), 3);
    assert.equal(through(stage, 9, 'quick'), 7);
  });

  test('that sets one of the two has the account’s other', () => {
    const { through } = start();
    assert.equal(through(stageOf({ throttlingBurstLimit: 3 }), 9), 3);
    assert.equal(through(stageOf({ throttlingRateLimit: 1 }), ACCOUNT_BURST + 9), ACCOUNT_BURST - 3);
  });

  test('without settings has the account’s rate alone', () => {
    assert.equal(start().through(stageOf(), ACCOUNT_BURST + 9), ACCOUNT_BURST);
  });
});

describe('an account', () => {
  test('has one bucket in a region for all its stages and callbacks, and another in the next region', () => {
    const { throttle, through } = start();
    assert.equal(through(stageOf({}, {}, 'one'), ACCOUNT_BURST), ACCOUNT_BURST);
    assert.equal(throttle.message(stageOf({}, {}, 'two'), 'chat')?.code, 'TooManyRequests');
    assert.equal(throttle.callback(stageOf({}, {}, 'two'))?.code, 'LimitExceeded');
    assert.equal(throttle.callback(stageOf({}, {}, 'two', 'eu-west-1')), undefined);
  });

  test('opens so many connections a second', () => {
    const { clock, throttle } = start();
    const stage = stageOf();
    const perSecond = limit('accountConnectionsPerSecondMax');
    const opened = () =>
      Array.from({ length: perSecond + 9 }, () => throttle.connect(stage)).filter((one) => !one).length;
    assert.equal(opened(), perSecond);
    assert.equal(throttle.message(stage, 'chat'), undefined);
    clock.advance(1_000);
    assert.equal(opened(), perSecond);
  });
});

test('what is refused takes nothing from anybody', () => {
  const { clock, throttle, through } = start();
  const stage = stageOf({}, { chat: rate(1, 1) });
  through(stage, 9);
  assert.equal(through(stageOf(), ACCOUNT_BURST), ACCOUNT_BURST - 1);
  clock.advance(60_000);
  const closed = stageOf(rate(0, 0));
  for (let tries = 0; tries < 600; tries += 1) assert.equal(throttle.connect(closed)?.code, 'TooManyRequests');
  assert.equal(throttle.connect(stageOf()), undefined);
});

test('a clock that goes back earns nothing and breaks nothing', () => {
  const { real, through } = start();
  const stage = stageOf(rate(10, 2));
  assert.equal(through(stage, 5), 2);
  real.at -= 500_000;
  assert.equal(through(stage, 5), 0);
  real.at += 100;
  assert.equal(through(stage, 5), 1);
});
