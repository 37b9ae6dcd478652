// What happens, while it happens: one JSON line each for as long as somebody reads. A watcher that does not read is told so and ended; it
// never keeps anybody else waiting.

import type { BodyOutlet } from '../ambient/streamed-body.ts';
import type { EventFilter, StreamNote } from '../observe/live-event.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import { parseDurationMs, SettingsProblem } from '../settings/read-settings.ts';
import { asker, PLACE_WORDS, placeFilter, wordsOf, type Asker } from './place-asked.ts';
import { queryOf, refused, type OperatorRequest, type OperatorStream, type SigningWorld } from './signed-request.ts';

/**
 * Tells what happens, as lines.
 * @port live-events
 */
export interface LiveEvents {
  /** Why a further watcher of the account is one too many; undefined when there is room. */
  crowded(account: string): string | undefined;
  /** Calls `take` in the turn of what it tells of, until the returned function is called. */
  watch(watcher: {
    readonly account: string;
    readonly filter: EventFilter;
    readonly hasBodies: boolean;
    take(line: string): void;
  }): () => void;
}

export interface EventsWorld extends SigningWorld {
  readonly log: Log;
  readonly live: () => Promise<LiveEvents>;
}

const WORDS = [...PLACE_WORDS, 'bodies', 'errors', 'for', 'route', 'slower', 'status'];
const STATUS = /^[1-5](?:\d\d|xx)$/;

interface Asked extends Asker {
  readonly filter: EventFilter;
  readonly hasBodies: boolean;
  /** How long it is watched. */
  readonly forMs: number;
}

/** `?api=…&stage=…&domain=…&tenant=…&connection=…&route=…&status=5xx&slower=500ms&errors=true&bodies=true&for=30s`, and of an operator `account`. */
export async function watchEvents(request: OperatorRequest, world: EventsWorld): Promise<OperatorStream> {
  const asked = readAsked(request, world);
  const live = await world.live();
  const crowded = live.crowded(asked.account);
  if (crowded !== undefined) throw refused(crowded, 'TooManyRequestsException');
  const { requestId, sourceIp } = request;
  world.log.info('somebody watches', {
    requestId,
    by: asked.account,
    sourceIp,
    bodies: asked.hasBodies,
    ...asked.filter,
  });
  const headers = { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
  return { status: 200, headers, stream: { begin: (outlet) => begin(outlet, asked, live, world) } };
}

function readAsked(request: OperatorRequest, world: EventsWorld): Asked {
  const who = asker(request, world);
  const words = wordsOf(queryOf(request), WORDS);
  const { status, slower, for: duration } = words;
  if (status !== undefined && !STATUS.test(status)) throw refused(`The status '${status}' is none, like 404 or 5xx.`);
  const filter = {
    ...placeFilter(words, who),
    routeKey: words['route'],
    status,
    slowerMs: slower === undefined ? undefined : durationMs('slower', slower),
    isErrorsOnly: isTrue('errors', words['errors']),
  };
  const forMs = duration === undefined ? Number.POSITIVE_INFINITY : durationMs('for', duration);
  return { ...who, filter, hasBodies: isTrue('bodies', words['bodies']), forMs };
}

function isTrue(name: string, word: string | undefined): boolean {
  if (word === undefined || word === 'true' || word === 'false') return word === 'true';
  throw refused(`'${name}' must be true or false.`);
}

function durationMs(name: string, text: string): number {
  try {
    return parseDurationMs(name, text);
  } catch (error) {
    if (!(error instanceof SettingsProblem)) throw error;
    throw refused(`'${name}' must be a duration like 30s or 5m, and is '${text.slice(0, 64)}'.`);
  }
}

function begin(outlet: BodyOutlet, asked: Asked, live: LiveEvents, world: EventsWorld) {
  const { account, isOperator, filter, hasBodies } = asked;
  const identities = world.identities();
  let lines = '';
  let isEnded = false;
  const note = (one: StreamNote) => `${JSON.stringify(one)}\n`;
  const end = (reason: string, next: 'nothing' | 'at once' | 'later') => {
    if (isEnded) return;
    isEnded = true;
    stop();
    clearInterval(heart);
    clearTimeout(last);
    outlet.write(`${lines}${note({ event: 'END', reason, next })}`);
    outlet.end();
  };
  const flush = () => {
    if (isEnded) return;
    outlet.write(lines);
    lines = '';
  };
  const take = (line: string) => {
    const max = limit('eventQueueBytesMax');
    // Whoever watched before the accounts were read anew may be nobody now.
    if (world.identities() !== identities) return end('the accounts were read anew', 'later');
    if (outlet.waitingBytes() + lines.length + line.length > max)
      return end(
        `it was not read: more than ${max} bytes of events were waiting, and what came then is not told`,
        'later',
      );
    // All that happens in one turn goes out together, at its end.
    if (lines === '') setImmediate(flush);
    lines += line;
  };
  const stop = live.watch({ account, filter, hasBodies, take });
  const heart = setInterval(() => take(note({ event: 'HEARTBEAT' })), limit('eventHeartbeatMs')).unref();
  const untilMs = Math.min(asked.forMs, limit('eventStreamMs'));
  const isForGood = asked.forMs <= untilMs;
  const overTime = isForGood ? 'the time that was asked for is over' : 'a watcher signs anew after a while';
  const last = setTimeout(() => end(overTime, isForGood ? 'nothing' : 'at once'), untilMs).unref();
  outlet.write(note({ event: 'WATCHING', account, isOperator, heartbeatMs: limit('eventHeartbeatMs') }));
  return {
    finish: () => end('the gateway is shutting down', 'later'),
    over() {
      isEnded = true;
      stop();
      clearInterval(heart);
      clearTimeout(last);
    },
  };
}
