// The authoritative server: UDP and TCP on one port of each address. Reads the snapshot, and nothing else.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { listenOn } from '../ambient/listening.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import type { ListenAddress } from '../settings/settings.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { answerQuestion } from './answer.ts';
import { createOwnNames } from './own-names.ts';
import { respond } from './packet.ts';

export interface DnsServerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly snapshot: Snapshot;
  readonly suffix: string;
  readonly region: string;
  readonly publicAddresses: readonly string[];
  readonly log: Log;
}

export interface DnsServer {
  readonly bound: readonly AddressInfo[];
  close(): Promise<void>;
}

/** Port 0 is chosen for UDP and must be free for TCP too: this many are tried. */
const PORT_TRIES = 20;

type Reply = (message: Buffer, isUdp: boolean) => Buffer | undefined;

/** Listens on every address, or on none: throws the first listen error. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const own = createOwnNames(options.suffix, options.region, options.publicAddresses);
  const reply: Reply = (message, isUdp) => {
    try {
      return respond(message, isUdp, (name, type) => answerQuestion(options.snapshot, own, name, type));
    } catch (error) {
      // Whatever a packet does, the server goes on.
      options.log.error('a DNS question could not be answered', { error: (error as Error).message });
      return undefined;
    }
  };
  const listeners: Listener[] = [];
  try {
    for (const address of options.addresses) listeners.push(await listen(address, reply));
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
  return {
    bound: listeners.map((listener) => listener.bound),
    close: async () => void (await Promise.all(listeners.map((listener) => listener.close()))),
  };
}

interface Listener {
  readonly bound: AddressInfo;
  close(): Promise<void>;
}

async function listen({ host, port }: ListenAddress, reply: Reply): Promise<Listener> {
  for (let tries = 1; ; tries += 1) {
    const udp = await bindUdp(host, port, reply);
    const bound = udp.address() as AddressInfo;
    try {
      const tcp = await listenTcp(host, bound.port, reply);
      return { bound, close: async () => void (await Promise.all([closeUdp(udp), tcp.close()])) };
    } catch (error) {
      await closeUdp(udp);
      if (port !== 0 || tries >= PORT_TRIES) throw error;
    }
  }
}

function bindUdp(host: string, port: number, reply: Reply): Promise<UdpSocket> {
  const socket = createSocket(host.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  socket.on('message', (message, from) => {
    const answer = reply(message, true);
    if (answer) socket.send(answer, from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(Object.assign(error, { address: host, port }));
    socket.once('error', fail).bind(port, host, () => {
      socket.removeListener('error', fail);
      // A reply that could not be sent is lost, as UDP may lose it anyway.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

function closeUdp(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

async function listenTcp(host: string, port: number, reply: Reply): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveTcp(socket, reply);
  });
  server.maxConnections = limit('dnsTcpConnectionsMax');
  await listenOn(server, host, port);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Messages with a length of two octets before each (RFC 7766). */
function serveTcp(socket: Socket, reply: Reply): void {
  let pending = Buffer.alloc(0);
  socket.setTimeout(limit('dnsTcpIdleTimeoutMs'), () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const answer = reply(pending.subarray(2, end), false);
      pending = pending.subarray(end);
      if (!answer) continue;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}
