// One execution environment: a process that handles one invocation at a time, as in Lambda. starting → idle → busy → idle … → ended.
// Which invocation it gets, and what replaces it, is function-pool.ts.

import { realClock } from '../ambient/clock.ts';
import type { Log } from '../observe/log.ts';
import type { FunctionSetting } from '../settings/function-setting.ts';
import { limit } from '../settings/limits.ts';
import { outputRead, startProcess, type FunctionProcess, type ProcessEnd } from './function-process.ts';
import { platformError, runtimeError, type Invocation, type InvocationFacts, type LocalOutcome } from './invocation.ts';
import { createLastBytes, withLogTail } from './log-tail.ts';
import { createOutputLines } from './output-lines.ts';
import type { RuntimeApi } from './runtime-api.ts';
import { followInvocations, followNames } from './runtime-channel.ts';
import type { Program } from './runtime-program.ts';
import type { OwnAddress, RuntimeRequests } from './runtime-requests.ts';

export interface EnvironmentWorld {
  readonly log: Log;
  /** All that the process finds in its environment, but for where its Runtime API is. */
  environmentOf(setting: FunctionSetting): Readonly<Record<string, string>>;
  ownName(host: string, port: number): OwnAddress | undefined;
}

/** What it tells its pool. */
export interface EnvironmentEvents {
  /** It asks for an invocation. */
  idle(environment: Environment): void;
  /** It has ended. `failure` is what becomes of the invocation that it was started for, when it never asked for one. */
  ended(environment: Environment, failure: FailureOf | undefined): void;
}

export type FailureOf = (invocation: Invocation) => LocalOutcome;

type State = 'starting' | 'idle' | 'busy' | 'ended';

export class Environment {
  /** Of the handler's files: a save makes the next one. */
  readonly generation: number;
  readonly #setting: FunctionSetting;
  readonly #world: EnvironmentWorld;
  readonly #events: EnvironmentEvents;
  readonly #process: FunctionProcess;
  readonly #lines: ReturnType<typeof createOutputLines>;
  readonly #api: RuntimeApi | undefined;
  readonly #startedAtMs = realClock.now();
  #state: State = 'starting';
  #invocation: Invocation | undefined;
  #answeredAtMs = 0;
  /** The last one: output that comes after it is still about it. */
  #lastRequestId: string | undefined;
  #give: ((invocation: Invocation | undefined) => void) | undefined;
  #initFailure: ((requestId: string) => LocalOutcome) | undefined;
  /** How long it took to ask for its first invocation, until that is told. */
  #initMs: number | undefined;
  #ranAtMs = 0;
  /** What it printed before its first invocation. */
  readonly #printed = createLastBytes(limit('functionLogTailBytes'));
  /** Whose log is collected. */
  #tailed: Invocation | undefined;
  #collected: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    setting: FunctionSetting,
    { command, args, isOurs }: Program,
    /** Of a program that is none of ours. */
    api: RuntimeApi | undefined,
    generation: number,
    world: EnvironmentWorld,
    events: EnvironmentEvents,
  ) {
    this.generation = generation;
    this.#setting = setting;
    this.#world = world;
    this.#events = events;
    const { taskRoot: directory, memoryMb } = setting;
    this.#lines = createOutputLines(
      world.log,
      () => this.#about(),
      (chunk) => this.#printedNow(chunk),
    );
    const requests: RuntimeRequests = {
      next: () => this.#next(),
      respond: (requestId, body) => this.#respond(requestId, body),
      fail: (requestId, body, errorType) => this.#fail(requestId, body, errorType),
      failInit: (body, errorType) => this.#failInit((requestId) => runtimeError(requestId, body, errorType)),
      ownName: (host, port) => world.ownName(host, port),
    };
    this.#api = api;
    api?.serve(requests, (what) => world.log.warn(`a function: ${what}`, this.#about()));
    const { AWS_LAMBDA_RUNTIME_API: address, ...proxies } = api?.environment ?? {};
    const own = { ...proxies, ...world.environmentOf(setting) };
    const environment = address === undefined ? own : { ...own, AWS_LAMBDA_RUNTIME_API: address };
    const marker = `AWS_LAMBDA_LOG_STREAM_NAME=${environment['AWS_LAMBDA_LOG_STREAM_NAME']}`;
    const onOutput = this.#lines.follow;
    const hasChannels = isOurs;
    this.#process = startProcess({ command, args, directory, environment, memoryMb, marker, hasChannels, onOutput });
    this.#follow(requests);
    void this.#process.ended.then((end) => this.#end(end));
    this.#startTimer(limit('functionInitMsMax'), (ms) => this.#failInit((id) => timedOut(id, ms)));
  }

  get state(): State {
    return this.#state;
  }

  /** True when it has answered just now, and is about to ask for the next invocation. */
  get isTurning(): boolean {
    const isBetween = this.#state === 'busy' && !this.#invocation;
    return isBetween && realClock.now() - this.#answeredAtMs < limit('functionTurnMs');
  }

  /** True when its credentials may end before long. */
  get isOld(): boolean {
    return realClock.now() - this.#startedAtMs > limit('functionAgeMsMax');
  }

  /** Resolves when the process is gone. */
  get ended(): Promise<unknown> {
    return this.#process.ended;
  }

  /** Hands an invocation to a process that is idle. */
  run(invocation: Invocation): void {
    this.#state = 'busy';
    this.#invocation = invocation;
    this.#lastRequestId = invocation.requestId;
    this.#ranAtMs = performance.now();
    if (invocation.tail) {
      this.#tailed = invocation;
      if (this.#initMs !== undefined) invocation.tail.add(this.#printed.bytes());
    }
    const { timeoutMs } = this.#setting;
    invocation.deadlineMs = realClock.now() + timeoutMs;
    // It runs on behind the answer, until the process asks again: else one that never does would be kept for ever.
    this.#startTimer(timeoutMs, (ms) => {
      this.#settle(timedOut(invocation.requestId, ms));
      this.#process.kill();
    });
    this.#give!(invocation);
    this.#give = undefined;
  }

  /** Ends the process whatever it does. */
  end(): void {
    this.#process.kill();
  }

  #follow(requests: RuntimeRequests): void {
    const broken = (how: string) => {
      this.#world.log.warn(`a function was ended: ${how}`, this.#about());
      this.#process.kill();
    };
    const [invocations, names] = this.#process.channels ?? [];
    if (invocations) followInvocations(invocations, requests, broken);
    if (names) followNames(names, requests, broken);
  }

  #about() {
    return {
      function: this.#setting.name,
      ...(this.#lastRequestId !== undefined && { requestId: this.#lastRequestId }),
    };
  }

  #startTimer(ms: number, ring: (ms: number) => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(ring, ms, ms).unref();
  }

  #printedNow(chunk: Buffer): void {
    if (this.#state === 'starting') this.#printed.add(chunk);
    else this.#tailed?.tail!.add(chunk);
  }

  #facts(initMs: number | undefined, beganAtMs: number): InvocationFacts {
    const durationMs = performance.now() - beganAtMs;
    return { durationMs, initMs, memoryMb: this.#setting.memoryMb, usedMb: this.#process.usedMbMost() };
  }

  #next(): Promise<Invocation | undefined> {
    // What it prints is still the last invocation's.
    if (this.#collected) return this.#collected.then(() => this.#next());
    if (this.#state === 'starting') this.#initMs = realClock.now() - this.#startedAtMs;
    // A runtime that asks again without an answer has given its invocation up.
    if (this.#invocation) this.#settle(exited(this.#invocation.requestId, undefined));
    clearTimeout(this.#timer);
    this.#give?.(undefined);
    return new Promise((resolve) => {
      if (this.#state === 'ended') return resolve(undefined);
      this.#give = resolve;
      this.#state = 'idle';
      this.#events.idle(this);
    });
  }

  #respond(requestId: string, body: Buffer | undefined): boolean {
    if (this.#invocation?.requestId !== requestId) return false;
    const max = limit('functionResponseBytesMax');
    const text = `Response payload size exceeded maximum allowed payload size (${max} bytes).`;
    if (body) this.#settle({ kind: 'returned', payload: body, requestId });
    else {
      const told = Buffer.from(JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage: text }));
      this.#settle(runtimeError(requestId, told, ''));
    }
    return true;
  }

  #fail(requestId: string, body: Buffer, errorType: string): boolean {
    if (this.#invocation?.requestId !== requestId) return false;
    this.#settle(runtimeError(requestId, body, errorType));
    return true;
  }

  #failInit(failure: (requestId: string) => LocalOutcome): void {
    if (this.#state !== 'starting') return;
    this.#initFailure ??= failure;
    this.#process.kill();
  }

  #tellOf({ exceededMb, exceededProcesses, stragglers }: Omit<ProcessEnd, 'status'>): void {
    const tell = (text: string, facts: object) => this.#world.log.warn(text, { ...this.#about(), ...facts });
    if (exceededMb !== undefined)
      tell(`a function was ended: it held more memory than its ${this.#setting.memoryMb} MB`, { exceededMb });
    if (exceededProcesses !== undefined) {
      const bound = `functionProcessesMax (${limit('functionProcessesMax')})`;
      tell(`a function was ended: it had more processes than ${bound}`, { exceededProcesses });
    }
    if (stragglers > 0)
      tell('processes that a function had started in a session of their own were ended with it', { stragglers });
  }

  #settle(outcome: LocalOutcome): void {
    const invocation = this.#invocation;
    this.#invocation = undefined;
    this.#answeredAtMs = realClock.now();
    this.#lines.report();
    const initMs = this.#initMs;
    if (invocation) this.#initMs = undefined;
    if (!invocation?.tail) return invocation?.settle(outcome);
    const facts = this.#facts(initMs, this.#ranAtMs);
    this.#collected = outputRead().then(() => {
      this.#tailed = undefined;
      this.#collected = undefined;
      invocation.settle(withLogTail(invocation, outcome, facts));
    });
  }

  #end({ status, ...end }: ProcessEnd): void {
    const wasStarting = this.#state === 'starting';
    this.#state = 'ended';
    this.#api?.close();
    this.#give?.(undefined);
    this.#tellOf(end);
    this.#settle(exited(this.#lastRequestId ?? '', status));
    clearTimeout(this.#timer);
    if (!wasStarting) return this.#events.ended(this, undefined);
    const failure = this.#initFailure ?? ((requestId: string) => exited(requestId, status));
    const facts = { ...this.#facts(undefined, performance.now()), initMs: realClock.now() - this.#startedAtMs };
    this.#events.ended(this, (invocation) =>
      withLogTail(invocation, failure(invocation.requestId), facts, this.#printed.bytes()),
    );
  }
}

function timedOut(requestId: string, ms: number): LocalOutcome {
  return platformError(requestId, 'Sandbox.Timedout', `Task timed out after ${(ms / 1_000).toFixed(2)} seconds`);
}

/** `status` is undefined for a process that ended well, without an answer. */
function exited(requestId: string, status: string | undefined): LocalOutcome {
  const how =
    status === undefined ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${status}`;
  return platformError(requestId, 'Runtime.ExitError', how);
}
