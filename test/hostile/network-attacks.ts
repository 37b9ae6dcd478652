// What strangers do to a TLS port before anybody knows them: hellos that lead nowhere, connections that are dropped, handshakes without
// end, and names that nobody serves.

import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hello } from '../conformance/tls/raw-hello.ts';
import { runAttacks, type Counts, type Orders } from './attack-process.ts';

interface Place {
  readonly port: number;
  /** Where the attacker is, one after the other. */
  readonly addresses: readonly string[];
}

interface HalfOpen extends Place {
  readonly count: number;
  readonly hello: 'half' | 'whole';
  /** It stands when so many were closed to it. */
  readonly closedMin: number;
}

const IN_PARALLEL = 64;

/** Runs `step` for 0 … count - 1, some at a time. */
async function inParallel(count: number, atOnce: number, step: (turn: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await step((next += 1) - 1);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function dial({ port, addresses }: Place, turn: number): Promise<Socket | undefined> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: addresses[turn % addresses.length]! });
  socket.on('error', () => socket.destroy());
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    return undefined;
  }
}

/** Connections that begin a hello, or all of one, and say no more. */
async function halfOpen(settings: HalfOpen, { stopped, stand }: Orders): Promise<Counts> {
  const whole = hello({ name: 'localhost' });
  const bytes = settings.hello === 'half' ? whole.subarray(0, whole.length >> 1) : whole;
  let [opened, closed] = [0, 0];
  const turnedAway = new EventEmitter();
  const wereClosed = once(turnedAway, 'enough');
  await inParallel(settings.count, IN_PARALLEL, async (turn) => {
    const socket = await dial(settings, turn);
    if (!socket) return;
    opened += 1;
    socket.once('close', () => {
      closed += 1;
      if (closed === settings.closedMin) turnedAway.emit('enough');
    });
    socket.resume();
    socket.write(bytes);
  });
  if (settings.closedMin > 0) await wereClosed;
  stand({ opened, closed });
  await stopped;
  return { opened, closed };
}

/** Connections that are reset at once. */
async function dropped(settings: Place & { readonly until: number }, { isStopped, stand }: Orders): Promise<Counts> {
  let opened = 0;
  const lane = async () => {
    while (!isStopped()) {
      const socket = await dial(settings, opened);
      if (socket) opened += 1;
      socket?.resetAndDestroy();
      if (opened === settings.until) stand({ opened });
    }
  };
  await Promise.all(Array.from({ length: IN_PARALLEL }, lane));
  return { opened };
}

interface Handshakes extends Place {
  /** The name that is asked for; `#` is another number each time. */
  readonly serverName: string;
  readonly until: number;
}

/** Whole handshakes, each a new session, as fast as they go. */
async function handshakes(settings: Handshakes, { isStopped, stand }: Orders): Promise<Counts> {
  let [done, refused] = [0, 0];
  const lane = async () => {
    while (!isStopped()) {
      const turn = done + refused;
      const localAddress = settings.addresses[turn % settings.addresses.length]!;
      const servername = settings.serverName.replace('#', String(turn));
      const options = { host: '127.0.0.1', port: settings.port, localAddress, servername, rejectUnauthorized: false };
      const socket = connectTls({ ...options, ALPNProtocols: ['http/1.1'] });
      socket.on('error', () => socket.destroy());
      const isDone = await Promise.race([
        once(socket, 'secureConnect').then(
          () => true,
          () => false,
        ),
        once(socket, 'close').then(
          () => false,
          () => false,
        ),
      ]);
      if (isDone) done += 1;
      else refused += 1;
      socket.destroy();
      if (done + refused === settings.until) stand({ done, refused });
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return { done, refused };
}

await runAttacks({ halfOpen, dropped, handshakes });
