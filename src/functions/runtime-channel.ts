// How the gateway and a runtime of ours talk: over sockets that the process is born with, so that nobody else can reach them, and that cost
// one write each way an invocation. The answer asks for the next one. What an answer means to an invocation is environment.ts; other
// runtimes speak HTTP (runtime-api.ts).

import type { Duplex } from 'node:stream';
import { limit } from '../settings/limits.ts';
import type { Invocation } from './invocation.ts';
import type { RuntimeRequests } from './runtime-requests.ts';
import { createFrameReader, frameOf } from './runtimes/frames.ts';

const HEAD_BYTES_MAX = 4_096;
const NO_ERROR = Buffer.from('{}');

/** `broken`: the process has written what is no frame, or answered what it was not asked; it is of no use any more. */
export function followInvocations(channel: Duplex, requests: RuntimeRequests, broken: (how: string) => void): void {
  const bounds = { headBytesMax: HEAD_BYTES_MAX, bodyBytesMax: limit('functionResponseBytesMax') };
  const errorBytesMax = limit('functionErrorBytesMax');
  const errorOf = (body: Buffer | undefined) => (body && body.length <= errorBytesMax ? body : NO_ERROR);
  const take = createFrameReader(bounds, ({ answered, failed, initFailed, next }, body) => {
    if (typeof answered === 'string') {
      if (!requests.respond(answered, body)) return broken('it answered an invocation that it does not have');
    } else if (typeof failed === 'string') {
      if (!requests.fail(failed, errorOf(body), '')) return broken('it failed an invocation that it does not have');
    } else if (initFailed === true) return requests.failInit(errorOf(body), '');
    if (next !== true) return;
    void requests.next().then((invocation) => {
      if (invocation && channel.writable) writeInvocation(channel, invocation);
    });
  });
  follow(channel, take, () => broken('it wrote what is no frame'));
}

/** Answers where names of the gateway's own are reached. */
export function followNames(channel: Duplex, { ownName }: RuntimeRequests, broken: (how: string) => void): void {
  const take = createFrameReader({ headBytesMax: HEAD_BYTES_MAX, bodyBytesMax: 0 }, ({ name, port }) => {
    const own = typeof name === 'string' && typeof port === 'number' ? ownName(name, port) : undefined;
    if (channel.writable) channel.write(frameOf({ name, port, ...(own && { own }) }));
  });
  follow(channel, take, () => broken('it asked for a name with what is no frame'));
}

function follow(channel: Duplex, take: (chunk: Buffer) => boolean, broken: () => void): void {
  // A process that has ended does not read; function-process.ts tells of its end.
  channel.on('error', () => {});
  channel.on('data', (chunk: Buffer) => {
    if (take(chunk)) return;
    channel.destroy();
    broken();
  });
}

function writeInvocation(channel: Duplex, invocation: Invocation): void {
  const { requestId: id, deadlineMs, functionArn, traceId, clientContext, payload } = invocation;
  channel.write(frameOf({ id, deadlineMs, functionArn, traceId, clientContext }, payload));
}
