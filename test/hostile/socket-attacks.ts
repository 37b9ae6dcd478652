// What a client that is connected does to the gateway: crumbs, pings, and answers that it never reads.

import type { TLSSocket } from 'node:tls';
import { runAttacks, type Counts, type Orders } from './attack-process.ts';
import { closeCode, frame, openRaw, type RawPlace } from './raw-client.ts';

interface Frames extends RawPlace {
  readonly kind: keyof typeof FRAMES;
  /** Frames that are sent at least. */
  readonly until: number;
  /** Times that it must be closed. */
  readonly closedMin: number;
  readonly isReading: boolean;
  readonly clients: number;
}

const TEXT = 0x81;
const FRAMES = {
  /** Whole messages of one octet. */
  crumbs: { first: undefined, again: frame(TEXT, 'x') },
  /** One message that never ends. */
  fragments: { first: frame(0x01, 'x'), again: frame(0x00, 'x') },
  /** The same, with nothing in it. */
  hollow: { first: frame(0x01), again: frame(0x00) },
  pings: { first: undefined, again: frame(0x89, 'p'.repeat(125)) },
  questions: { first: undefined, again: frame(TEXT, '{"action":"much"}') },
} as const;
const AT_ONCE = 500;

/** Sends the same frames until it is closed; then begins anew. Stands when it has sent enough, and was closed as often as it wants. */
async function frames(settings: Frames, { isStopped, stopped, stand }: Orders): Promise<Counts> {
  let sent = 0;
  const codes = new Map<number, number>();
  const counts = () => ({ sent, ...Object.fromEntries([...codes].map(([code, times]) => [`code${code}`, times])) });
  const { first, again } = FRAMES[settings.kind];
  const many = Buffer.concat(Array<Buffer>(AT_ONCE).fill(again));
  const open = new Set<TLSSocket>();
  void stopped.then(() => open.forEach((socket) => socket.destroy()));
  const look = () => {
    const closed = [...codes.values()].reduce((sum, times) => sum + times, 0);
    if (sent >= settings.until && closed >= settings.closedMin) stand(counts());
  };
  const lane = async () => {
    while (!isStopped()) {
      const socket = await openRaw(settings, settings.isReading).catch(() => undefined);
      if (!socket) continue;
      open.add(socket);
      if (isStopped()) socket.destroy();
      let isClosed = false;
      const closed = settings.isReading
        ? closeCode(socket)
        : new Promise<number>((resolve) => socket.once('close', () => resolve(0)));
      const ended = closed.then((code) => {
        isClosed = true;
        socket.destroy();
        if (isStopped()) return;
        codes.set(code, (codes.get(code) ?? 0) + 1);
        look();
      });
      if (first) socket.write(first);
      while (!isStopped() && !isClosed) {
        // What was under way when the connection ended is never told of.
        await Promise.race([new Promise((resolve) => socket.write(many, resolve)), ended]);
        // A write that is done at once would else never let the socket be read.
        await new Promise((resolve) => setImmediate(resolve));
        if (isClosed) break;
        sent += AT_ONCE;
        look();
      }
      await ended;
      open.delete(socket);
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: settings.clients }, lane));
  return counts();
}

/** Clients that are connected, read nothing, and say nothing. */
async function deaf(settings: RawPlace & { readonly clients: number }, { stopped, stand }: Orders): Promise<Counts> {
  let closed = 0;
  for (let opened = 0; opened < settings.clients; opened += 1) {
    const socket = await openRaw(settings, false);
    socket.once('close', () => (closed += 1));
  }
  stand({ opened: settings.clients });
  await stopped;
  return { closed };
}

await runAttacks({ frames, deaf });
