// The order of a connection's messages: all at once, as in AWS, or one after the other where the stage's option asks for it. What waits is
// bounded in bytes.

import { refuse, type Refusal } from '../../model/faults.ts';
import { limit } from '../../settings/limits.ts';
import type { Connection } from '../connections/connection.ts';
import type { Arrived } from '../stages.ts';
import type { DataWorld } from '../world.ts';

const STEP = 'route';
/** What a message costs beside its bytes. */
const OVERHEAD_BYTES = 256;

/** True when another message of the connection is under way and the stage asks for their order. */
export function mustWait({ messagesInFlight, waiting, facts }: Connection, { snapshot }: DataWorld): boolean {
  // Nobody is before it: the usual case costs one comparison.
  if (messagesInFlight === 0 && waiting.length === 0) return false;
  return snapshot.stage(facts.apiId, facts.stageName)?.options.messageOrder === 'serial';
}

/** Lets it wait, or refuses it when too much waits already. */
export function enqueue(arrived: Arrived): Refusal | undefined {
  const { connection, body } = arrived;
  const bytesMax = limit('messagesWaitingBytesMax');
  if (connection.waitingBytes + body.length + OVERHEAD_BYTES > bytesMax) {
    return refuse(
      'TooManyRequests',
      STEP,
      `${connection.waiting.length} messages of this connection wait for their turn`,
    );
  }
  const { requestId, messageId, atMs, startedMs } = arrived;
  connection.waiting.push({ requestId, messageId, atMs, startedMs, body });
  connection.waitingBytes += body.length + OVERHEAD_BYTES;
  return undefined;
}

export function dequeue(connection: Connection): Arrived | undefined {
  const next = connection.waiting.shift();
  if (!next) return undefined;
  connection.waitingBytes -= next.body.length + OVERHEAD_BYTES;
  return { ...next, connection };
}
