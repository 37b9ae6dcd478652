// The environments of one function: a waiting invocation goes to the first that is free, and one is started where none is. As many at
// once as the bound says; what is over it is throttled, as in Lambda.

import { createAlarm } from '../ambient/timers.ts';
import type { LifecycleClock } from '../ambient/clock.ts';
import { assert } from '../model/faults.ts';
import type { FunctionSetting } from '../settings/function-setting.ts';
import { limit } from '../settings/limits.ts';
import { Environment, type EnvironmentWorld, type FailureOf } from './environment.ts';
import { platformError, type Invocation } from './invocation.ts';
import { withLogTail } from './log-tail.ts';
import { openRuntimeApi, type RuntimeApi } from './runtime-api.ts';
import { programOf } from './runtime-program.ts';
import { watchHandler, type HandlerWatch } from './watch-handler.ts';

export interface PoolWorld extends EnvironmentWorld {
  /** For how long an idle process stays. */
  readonly clock: LifecycleClock;
  /** Told of each process that is started. */
  readonly started: () => void;
}

export class FunctionPool {
  readonly setting: FunctionSetting;
  readonly #world: PoolWorld;
  readonly #environments = new Set<Environment>();
  readonly #waiting: Invocation[] = [];
  /** Idle ones and since when, the one that was used last at the end: it is taken first, so that the first has waited longest. */
  readonly #idle: { readonly environment: Environment; readonly sinceMs: number }[] = [];
  readonly #alarm: ReturnType<typeof createAlarm>;
  #watch: HandlerWatch | undefined;
  #generation = 0;
  /** Processes that are to start once somebody listens for them. */
  #opening = 0;
  #isAlarmSet = false;
  #turn: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Once nothing more will come: told when nothing is left. */
  #retired: (() => void) | undefined;

  constructor(setting: FunctionSetting, world: PoolWorld) {
    this.setting = setting;
    this.#world = world;
    this.#alarm = createAlarm(world.clock, () => this.#endIdle());
  }

  get processes(): number {
    return this.#environments.size;
  }

  /** False when there are too many invocations; else it is settled, whatever happens. `mayWait`: until another has ended. */
  take(invocation: Invocation, mayWait: boolean): boolean {
    let underWay = this.#waiting.length;
    for (const { state, isTurning } of this.#environments) if (state === 'busy' && !isTurning) underWay += 1;
    const max = limit(mayWait ? 'functionEventsMax' : 'functionConcurrencyMax');
    if (this.#isClosed || underWay >= max) return false;
    this.#waiting.push(invocation);
    this.#dispatch();
    return true;
  }

  /** Nothing more will come: what is under way, and what waits, ends its work with the code that it came for. */
  retire(gone: () => void): void {
    this.#retired = gone;
    this.#watch?.close();
    for (const { environment } of this.#idle.splice(0)) environment.end();
    this.#tellGone();
  }

  #tellGone(): void {
    if (this.#environments.size === 0 && this.#waiting.length === 0) this.#retired?.();
  }

  /** Ends all processes; resolves when they are gone. Whatever was under way fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch?.close();
    this.#alarm.cancel();
    clearTimeout(this.#turn);
    const gone = [...this.#environments].map((environment) => environment.ended);
    for (const environment of this.#environments) environment.end();
    await Promise.all(gone);
  }

  /** A file of the handler's was saved: whoever works ends its work, and the next invocation is for the new code. */
  #saved(path: string): void {
    this.#generation += 1;
    if (this.#environments.size > 0)
      this.#world.log.info('a function is reloaded', { function: this.setting.name, saved: path });
    for (const { environment } of this.#idle.splice(0)) environment.end();
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      // The one that was used last is the warmest.
      const idle = this.#idle.pop();
      if (!idle) break;
      idle.environment.run(this.#waiting.shift()!);
    }
    if (this.#waiting.length === 0) return;
    const starting = this.#opening + [...this.#environments].filter(({ state }) => state === 'starting').length;
    // Who sends message upon message must not cost a process each: the one that has just answered is worth a moment.
    const turning = [...this.#environments].filter(
      (one) => one.isTurning && one.generation === this.#generation,
    ).length;
    if (turning > 0 && this.#waiting.length > starting) this.#dispatchLater();
    const free = limit('functionConcurrencyMax') - this.#environments.size - this.#opening;
    for (let lacking = Math.min(this.#waiting.length - starting - turning, free); lacking > 0; lacking -= 1)
      this.#start();
  }

  #dispatchLater(): void {
    this.#turn ??= setTimeout(() => {
      this.#turn = undefined;
      this.#dispatch();
    }, limit('functionTurnMs')).unref();
  }

  #start(): void {
    const { setting } = this;
    if (!this.#retired) this.#watch ??= watchHandler(setting, (path) => this.#saved(path), this.#world.log);
    const program = programOf(setting);
    if ('problem' in program) {
      const { errorType, problem } = program;
      const facts = { durationMs: 0, initMs: undefined, memoryMb: setting.memoryMb, usedMb: 0 };
      this.#failFirst((one) => withLogTail(one, platformError(one.requestId, errorType, problem), facts));
      return;
    }
    const events = {
      idle: (environment: Environment) => this.#asksForNext(environment),
      ended: (environment: Environment, failure: FailureOf | undefined) => this.#ended(environment, failure),
    };
    const add = (api: RuntimeApi | undefined) => {
      this.#environments.add(new Environment(setting, program, api, this.#generation, this.#world, events));
      this.#world.started();
    };
    if (program.isOurs) add(undefined);
    else void this.#startWithApi(add);
  }

  async #startWithApi(add: (api: RuntimeApi) => void): Promise<void> {
    this.#opening += 1;
    const opened = await openRuntimeApi().catch((error: Error) => error);
    this.#opening -= 1;
    if (opened instanceof Error) {
      const problem = `Runtime exited with error: ${opened.message}`;
      this.#failFirst((one) => platformError(one.requestId, 'Runtime.ExitError', problem));
    } else if (this.#isClosed) {
      opened.close();
      this.#settleStopped();
    } else add(opened);
  }

  #asksForNext(environment: Environment): void {
    assert(this.#environments.has(environment), 'an environment belongs to its pool');
    const isSpare = this.#retired !== undefined && this.#waiting.length === 0;
    if (environment.generation !== this.#generation || environment.isOld || isSpare) return environment.end();
    this.#idle.push({ environment, sinceMs: this.#world.clock.now() });
    this.#dispatch();
    if (!this.#isAlarmSet) this.#setAlarm();
  }

  #ended(environment: Environment, failure: FailureOf | undefined): void {
    this.#environments.delete(environment);
    const at = this.#idle.findIndex((one) => one.environment === environment);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#isClosed) this.#settleStopped();
    // What was started for a save that is no more has failed nobody.
    else if (failure && environment.generation === this.#generation) this.#failFirst(failure);
    this.#dispatch();
    this.#tellGone();
  }

  #settleStopped(): void {
    for (const { settle, requestId } of this.#waiting.splice(0)) settle(stopped(requestId));
  }

  #failFirst(failure: FailureOf): void {
    const first = this.#waiting.shift();
    first?.settle(failure(first));
  }

  #endIdle(): void {
    const overMs = this.#world.clock.now() - limit('functionIdleMs');
    while (this.#idle.length > 0 && this.#idle[0]!.sinceMs <= overMs) this.#idle.shift()!.environment.end();
    this.#setAlarm();
  }

  /** It rings for the one that waited longest when it was set, not anew for each invocation: who is idle is looked at then. */
  #setAlarm(): void {
    const [oldest] = this.#idle;
    this.#isAlarmSet = oldest !== undefined;
    if (oldest) this.#alarm.set(oldest.sinceMs + limit('functionIdleMs'));
  }
}

function stopped(requestId: string) {
  return platformError(requestId, 'Runtime.ExitError', 'Runtime exited with error: the gateway is stopping');
}
