// Idle, lifetime, pings and notices of all connections on one timer: each connection stands in one slot of a wheel of seconds, and is looked at
// when its slot comes. Activity only moves a time stamp; no timer is made for a socket.

import type { LifecycleClock } from '../../ambient/clock.ts';
import { NO_OPTIONS, type StageOptions } from '../../model/stage-options.ts';
import { limit } from '../../settings/limits.ts';
import { CLOSE } from './close-reasons.ts';
import type { Connection } from './connection.ts';

const SLOT_MS = 1_000;

export interface Deadlines {
  add(connection: Connection): void;
  /** Forgets one that is gone, or its memory would be kept until its slot comes. */
  remove(connection: Connection): void;
  /** Forgets every connection and stops the timer. */
  stop(): void;
}

/** `optionsOf`: what the connection's stage asks for at this moment. */
export function createDeadlines(clock: LifecycleClock, optionsOf: (connection: Connection) => StageOptions): Deadlines {
  const slots = new Map<number, Set<Connection>>();
  let lastSlot = slotOf(clock.now());

  const put = (connection: Connection) => {
    const slot = slotOf(nextOf(timesOf(connection, optionsOf(connection)))) + 1;
    const waiting = slots.get(slot);
    connection.deadlineSlot = slot;
    if (waiting) waiting.add(connection);
    else slots.set(slot, new Set([connection]));
  };
  const remove = (connection: Connection) => {
    const waiting = slots.get(connection.deadlineSlot);
    waiting?.delete(connection);
    if (waiting?.size === 0) slots.delete(connection.deadlineSlot);
  };
  const look = () => {
    const now = clock.now();
    const slot = slotOf(now);
    // A clock that was moved far is cheaper to follow by the slots that there are.
    const due = slot - lastSlot < slots.size ? range(lastSlot, slot) : [...slots.keys()].filter((one) => one <= slot);
    lastSlot = slot;
    for (const one of due) {
      const waiting = slots.get(one);
      slots.delete(one);
      for (const connection of waiting ?? []) {
        if (attend(connection, timesOf(connection, optionsOf(connection)), now)) put(connection);
      }
    }
  };
  const timer = setInterval(look, SLOT_MS).unref();
  const stopFollowing = clock.onAdvance(look);
  return {
    add: put,
    remove,
    stop() {
      clearInterval(timer);
      stopFollowing();
      slots.clear();
    },
  };
}

function slotOf(ms: number): number {
  return Math.floor(ms / SLOT_MS);
}

function range(after: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - after) }, (_, position) => after + 1 + position);
}

interface Times {
  readonly endsAtMs: number;
  /** When there is something to do before that. */
  readonly noticeAtMs: number;
  readonly pingAtMs: number;
}

/** It ends when it was idle too long or has lived its life, whichever comes first. */
function timesOf(connection: Connection, options: StageOptions): Times {
  const { idleTimeoutMs = limit('idleTimeoutMs'), connectionLifetimeMs = limit('connectionLifetimeMs') } = options;
  const { connectedAtMs } = connection.facts;
  const lifeEndsAtMs = connectedAtMs + connectionLifetimeMs;
  return {
    endsAtMs: Math.min(connection.lastActiveAtMs + idleTimeoutMs, lifeEndsAtMs),
    noticeAtMs:
      options.closingNoticeMs === undefined || connection.isClosingNoticed
        ? Number.POSITIVE_INFINITY
        : lifeEndsAtMs - options.closingNoticeMs,
    pingAtMs:
      options.pingIntervalMs === undefined
        ? Number.POSITIVE_INFINITY
        : (connection.pingedAtMs ?? connectedAtMs) + options.pingIntervalMs,
  };
}

/** When it ends if it stays as idle as it is. */
export function endsAtMs(connection: Connection, options: StageOptions = NO_OPTIONS): number {
  return timesOf(connection, options).endsAtMs;
}

function nextOf({ endsAtMs, noticeAtMs, pingAtMs }: Times): number {
  return Math.min(endsAtMs, noticeAtMs, pingAtMs);
}

/** Does what is due, and says whether the connection goes on. */
function attend(connection: Connection, times: Times, nowMs: number): boolean {
  if (times.endsAtMs <= nowMs) {
    connection.close(CLOSE.goingAway.code, CLOSE.goingAway.reason);
    return false;
  }
  if (times.noticeAtMs <= nowMs) connection.notice();
  if (times.pingAtMs > nowMs) return true;
  // It was pinged and did not answer: nobody is there.
  if (connection.isPongMissing) {
    connection.terminate();
    return false;
  }
  connection.ping(nowMs);
  return true;
}
