// The bounds of watching what happens, and of listing and closing sockets. A part of the table in limit-table.ts.

import type { Limit } from './limit.ts';

export const LIVE_LIMITS = {
  eventWatchersMax: {
    value: 64,
    aws: null,
    fault: 'TooManyRequestsException',
    protects: 'the processor: those who watch what happens (`sallyport tail`)',
  },
  eventWatchersPerAccountMax: {
    value: 8,
    aws: null,
    fault: 'TooManyRequestsException',
    protects: 'the other accounts’ share of them',
  },
  eventQueueBytesMax: {
    value: 1_048_576,
    aws: null,
    fault: null,
    protects: 'memory: events that a watcher has not read; one that lets more pile up is told so and ended',
  },
  eventBodyBytesMax: { value: 2_048, aws: null, fault: null, protects: 'each body and path in an event; it is cut' },
  eventHeartbeatMs: { value: 15_000, aws: null, fault: null, protects: 'watchers from a connection that is dead' },
  eventStreamMs: {
    value: 3_600_000,
    aws: null,
    fault: null,
    protects: 'what happens from keys that count no more: a watcher signs anew after that',
  },
  socketsPageSizeMax: { value: 1_000, aws: null, fault: null, protects: 'one page of the list of sockets' },
  socketsLookedAtPerTurnMax: {
    value: 1_000,
    aws: null,
    fault: null,
    protects: 'messages from whoever lists or closes many sockets',
  },
  socketsClosedPerRequestMax: {
    value: 1_000,
    aws: null,
    fault: null,
    protects: 'one request that closes sockets; what is left is closed by the next',
  },
} as const satisfies Record<string, Limit>;
