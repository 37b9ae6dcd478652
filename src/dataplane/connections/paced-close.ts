// Many sockets are closed a few at a time, so that their clients do not all come back at once.

import { setTimeout as wait } from 'node:timers/promises';
import type { LocalSocket } from '../../delivery/delivery.ts';
import type { CloseReason } from './close-reasons.ts';

/** Sockets closed at a time, and how long until the next ones. */
const BATCH = 200;
const PACE_MS = 20;

/** Resolves to how many were open until then. Closes no more after `deadlineMs`, by the system's clock. */
export async function closePaced(
  sockets: readonly LocalSocket[],
  { code, reason }: CloseReason,
  deadlineMs = Number.POSITIVE_INFINITY,
): Promise<number> {
  let closed = 0;
  for (let first = 0; first < sockets.length && Date.now() < deadlineMs; first += BATCH) {
    for (const socket of sockets.slice(first, first + BATCH)) if (socket.close(code, reason)) closed += 1;
    if (first + BATCH < sockets.length) await wait(Math.min(PACE_MS, Math.max(0, deadlineMs - Date.now())));
  }
  return closed;
}
