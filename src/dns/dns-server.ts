// The authoritative server: UDP and TCP on one port of each address. Reads the snapshot, and nothing else.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { realClock, type Clock } from '../ambient/clock.ts';
import type { Log } from '../observe/log.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import { limit } from '../settings/limits.ts';
import type { ListenAddress } from '../settings/settings.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { answerQuestion } from './answer.ts';
import { createOwnNames } from './own-names.ts';
import { createResponder, truncated, type Reply } from './packet.ts';
import { isLoopback, networkOf, ResponseLimiter } from './response-limiter.ts';
import { listenTcp } from './tcp-listener.ts';
import { createResponseCounts, type ResponseCounts } from './response-counts.ts';
import { createTrafficReport, type TrafficReport } from './traffic-report.ts';

export interface DnsServerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly snapshot: Snapshot;
  readonly suffix: string;
  readonly region: string;
  readonly publicAddresses: readonly string[];
  readonly log: Log;
  /** What the rate of responses is measured by. */
  readonly clock?: Clock;
  /** Whose responses are not limited: by default who asks from the machine itself. */
  readonly isUnlimited?: (address: string) => boolean;
}

export interface DnsServer {
  readonly bound: readonly AddressInfo[];
  readonly metricSource: MetricSource;
  /** True while all of it takes questions. */
  isListening(): boolean;
  close(): Promise<void>;
}

/** Port 0 is chosen for UDP and must be free for TCP too: this many are tried. */
const PORT_TRIES = 20;

/** The responses to what came over each transport; over UDP to whom is part of it. */
interface Replies {
  overUdp(message: Buffer, address: string): Buffer | undefined;
  overTcp(message: Buffer): Buffer | undefined;
}

/** Listens on every address, or on none: throws the first listen error. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const report = createTrafficReport(options.log, limit('dnsReportIntervalMs'));
  const counts = createResponseCounts();
  const replies = createReplies(options, report, counts);
  const listeners: Listener[] = [];
  const close = async () => {
    report.close();
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    for (const address of options.addresses) listeners.push(await listen(address, replies));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    bound: listeners.map((listener) => listener.bound),
    isListening: () => listeners.every((listener) => listener.isListening()),
    metricSource: counts.source,
    close,
  };
}

function createReplies(options: DnsServerOptions, report: TrafficReport, counts: ResponseCounts): Replies {
  const { snapshot, clock = realClock, isUnlimited = isLoopback } = options;
  const own = createOwnNames(options.suffix, options.region, options.publicAddresses);
  const fail = (error: Error) => {
    report.failed(error);
    counts.failed();
  };
  const responder = createResponder({
    answer: (name, type) => answerQuestion(snapshot, own, name, type),
    revision: () => snapshot.revision,
    onFailure: fail,
  });
  const limiter = new ResponseLimiter({
    clock,
    responsesPerSecondMax: limit('dnsResponsesPerSecondMax'),
    networksMax: limit('dnsNetworksCountedMax'),
    seed: randomBytes(4).readUInt32BE(),
  });
  const respond = (message: Buffer, isUdp: boolean): Reply | undefined => {
    try {
      return responder.respond(message, isUdp);
    } catch (error) {
      // Whatever a packet does, the server goes on.
      fail(error as Error);
      return undefined;
    }
  };
  const sendable = (message: Buffer, address: string): Buffer | undefined => {
    const reply = respond(message, true);
    if (!reply || isUnlimited(address)) return reply?.bytes;
    const verdict = limiter.judge(address, reply.kind);
    if (verdict === 'send') return reply.bytes;
    report.heldBack(verdict, networkOf(address));
    counts.heldBack(verdict);
    return verdict === 'cut' ? truncated(reply) : undefined;
  };
  const counted = (transport: 'udp' | 'tcp', bytes: Buffer | undefined) => {
    if (bytes) counts.sent(transport, bytes);
    return bytes;
  };
  return {
    overTcp: (message) => counted('tcp', respond(message, false)?.bytes),
    overUdp: (message, address) => counted('udp', sendable(message, address)),
  };
}

interface Listener {
  readonly bound: AddressInfo;
  isListening(): boolean;
  close(): Promise<void>;
}

async function listen({ host, port }: ListenAddress, replies: Replies): Promise<Listener> {
  for (let tries = 1; ; tries += 1) {
    const udp = await bindUdp(host, port, replies);
    const bound = udp.address() as AddressInfo;
    try {
      const tcp = await listenTcp(host, bound.port, replies.overTcp);
      let isUdpOpen = true;
      udp.once('close', () => (isUdpOpen = false));
      return {
        bound,
        isListening: () => isUdpOpen && tcp.isListening(),
        close: async () => void (await Promise.all([closeUdp(udp), tcp.close()])),
      };
    } catch (error) {
      await closeUdp(udp);
      if (port !== 0 || tries >= PORT_TRIES) throw error;
    }
  }
}

function bindUdp(host: string, port: number, replies: Replies): Promise<UdpSocket> {
  const socket = createSocket(host.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    const answer = replies.overUdp(message, from.address);
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
