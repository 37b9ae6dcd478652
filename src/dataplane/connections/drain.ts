// A shutdown's end of all connections: close 1012 at a paced rate, so that clients do not all come back at once elsewhere, then
// wait for the sockets and their `$disconnect`, then end what is left.

import type { LocalDelivery } from '../../delivery/local-delivery.ts';
import type { Background } from './background.ts';
import { CLOSE } from './close-reasons.ts';
import type { Connection } from './connection.ts';
import { closePaced } from './paced-close.ts';

const LOOK_MS = 10;
/** The longest wait of a Node timer. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export async function drainConnections(
  delivery: LocalDelivery,
  background: Background,
  drainMs: number,
): Promise<void> {
  const deadline = Date.now() + drainMs;
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, TIMER_MAX_MS)));
  await closePaced([...delivery.sockets()], CLOSE.restart, deadline);
  while (delivery.size > 0 && Date.now() < deadline) await wait(LOOK_MS);
  for (const socket of delivery.sockets()) (socket as Connection).terminate();
  await Promise.race([background.idle(), wait(Math.max(0, deadline - Date.now()))]);
}
