// Idle and lifetime of all connections on one timer: each connection stands in one slot of a wheel of seconds, and is looked at
// when its slot comes. Activity only moves a time stamp; no timer is made for a socket.

import type { LifecycleClock } from '../../ambient/clock.ts';
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

export function createDeadlines(clock: LifecycleClock): Deadlines {
  const slots = new Map<number, Set<Connection>>();
  let lastSlot = slotOf(clock.now());

  const put = (connection: Connection) => {
    const slot = slotOf(deadlineOf(connection)) + 1;
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
        if (deadlineOf(connection) > now) put(connection);
        else connection.close(CLOSE.goingAway.code, CLOSE.goingAway.reason);
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

/** Whichever comes first: ten minutes without data, or two hours since it began. */
function deadlineOf(connection: Connection): number {
  return Math.min(
    connection.lastActiveAtMs + limit('idleTimeoutMs'),
    connection.facts.connectedAtMs + limit('connectionLifetimeMs'),
  );
}
