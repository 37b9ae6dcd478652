// `sallyport tail`: what happens, while it happens, one line each. Goes on when the gateway was restarted, and says so; ends with 0 when it
// is told to end, and quietly when nobody reads any more.

import { setTimeout as wait } from 'node:timers/promises';
import type { LiveEvent, StreamNote } from '../observe/live-event.ts';
import { parseDurationMs, SettingsProblem } from '../settings/read-settings.ts';
import { CommandProblem } from './command-problem.ts';
import { NoGatewayProblem, readLines, StreamLost, type ControlOptions } from './control-client.ts';
import { createEventLines } from './event-line.ts';
import { placeInWords, placeWords, type PlaceOptions } from './place-options.ts';

export interface TailOptions extends ControlOptions, PlaceOptions {
  readonly route?: string;
  readonly status?: string;
  readonly slower?: string;
  readonly errors?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly for?: string;
  readonly count?: string;
}

/** How long until the next try to reach a gateway that is away. */
const RETRY_MS = 500;
const SILENCES_MAX = 3;
/** Until the gateway says how often it speaks. */
const SILENCE_MS = 60_000;

/** Watches until it is told to end. Rejects where the first attempt fails, or the gateway refuses. */
export async function tailCommand(options: TailOptions): Promise<void> {
  const tail = new Tail(options);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  process.stdout.on('error', (error: Error & { code?: string }) => {
    // Whoever read the lines has had enough.
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  try {
    for (;;) {
      const waitMs = await tail.watch(ending.signal);
      if (waitMs === undefined) return;
      await wait(waitMs, undefined, { signal: ending.signal });
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
}

class Tail {
  readonly #options: TailOptions;
  readonly #endsAtMs: number;
  readonly #lineOf = createEventLines();
  #left: number;
  #silenceMs = SILENCE_MS;
  #hasWatched = false;
  #isWaiting = false;
  #retryMs = RETRY_MS;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#endsAtMs = options.for === undefined ? Number.POSITIVE_INFINITY : Date.now() + durationMs(options.for);
    this.#left = options.count === undefined ? Number.POSITIVE_INFINITY : countOf(options.count);
  }

  /** Resolves to how long to wait until the next try, or to undefined when there is nothing more to watch. */
  async watch(signal: AbortSignal): Promise<number | undefined> {
    if (Date.now() >= this.#endsAtMs) return undefined;
    this.#retryMs = RETRY_MS;
    try {
      for await (const line of readLines(this.#options, this.#target(), {
        signal,
        silenceMs: () => this.#silenceMs,
      })) {
        if (this.#take(JSON.parse(line) as LiveEvent | StreamNote, line)) return undefined;
      }
    } catch (error) {
      const isAway = error instanceof NoGatewayProblem || error instanceof StreamLost;
      if (!isAway || !this.#hasWatched) throw error;
      if (!this.#isWaiting) this.#say(`${error.message.replace(/ Start one.*$/, '')}; trying again`);
      this.#isWaiting = true;
    }
    return this.#retryMs;
  }

  #target(): string {
    const { route, status, slower, errors, verbose } = this.#options;
    const leftMs = Math.max(1, this.#endsAtMs - Date.now());
    const query = new URLSearchParams({
      ...placeWords(this.#options),
      ...(route !== undefined && { route }),
      ...(status !== undefined && { status }),
      ...(slower !== undefined && { slower }),
      ...(errors && { errors: 'true' }),
      ...(verbose && { bodies: 'true' }),
      ...(Number.isFinite(leftMs) && { for: `${leftMs}ms` }),
    });
    return `/_sallyport/events?${query}`;
  }

  /** True for the last line that there is to be. */
  #take(one: LiveEvent | StreamNote, line: string): boolean {
    if (one.event === 'HEARTBEAT') return false;
    if (one.event === 'END') {
      if (one.next === 'at once') this.#retryMs = 0;
      this.#isWaiting = one.next === 'later';
      if (this.#isWaiting) this.#say(`the gateway ended the watch: ${one.reason}`);
      return one.next === 'nothing';
    }
    if (one.event === 'WATCHING') {
      this.#silenceMs = one.heartbeatMs * SILENCES_MAX;
      if (!this.#hasWatched) {
        const whose = one.isOperator ? 'all accounts' : `account ${one.account}`;
        this.#say(`watching ${whose}${placeInWords(this.#options)}; Ctrl-C ends it`);
      } else if (this.#isWaiting) this.#say('watching again');
      this.#hasWatched = true;
      this.#isWaiting = false;
      return false;
    }
    process.stdout.write(`${this.#options.json ? line : this.#lineOf(one)}\n`);
    this.#left -= 1;
    return this.#left === 0;
  }

  /** Beside the lines: they may be read by a program. */
  #say(text: string): void {
    process.stderr.write(`sallyport: ${text}\n`);
  }
}

function durationMs(text: string): number {
  try {
    return parseDurationMs('for', text);
  } catch (error) {
    if (!(error instanceof SettingsProblem)) throw error;
    throw new CommandProblem(`tail --for: the duration '${text}' is none. Give a number with a unit: 30s or 5m.`);
  }
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new CommandProblem(`tail --count: '${text}' is no number of events. Give 1 or more.`);
}
