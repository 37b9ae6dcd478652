// How many responses there were, by what they said and how they were sent: four bits of each, counted in a table of plain numbers.

import type { MetricSource } from '../observe/metrics/readings.ts';

export interface ResponseCounts {
  /** A response that is sent. */
  sent(transport: Transport, response: Buffer): void;
  heldBack(how: 'cut' | 'drop'): void;
  failed(): void;
  readonly source: MetricSource;
}

type Transport = 'udp' | 'tcp';

const TRANSPORTS: readonly Transport[] = ['udp', 'tcp'];
const RCODES: readonly string[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const RCODE_PLACE = 3;
const RCODE_MASK = 0x0f;

export function createResponseCounts(): ResponseCounts {
  const counts = { udp: Array.from({ length: 16 }, () => 0), tcp: Array.from({ length: 16 }, () => 0) };
  const held = { cut: 0, drop: 0 };
  let failures = 0;
  return {
    sent: (transport, response) => void (counts[transport][response[RCODE_PLACE]! & RCODE_MASK]! += 1),
    heldBack: (how) => void (held[how] += 1),
    failed: () => void (failures += 1),
    source(readings, { account }) {
      if (account !== undefined) return;
      for (const transport of TRANSPORTS) {
        for (const [number, count] of counts[transport].entries()) {
          const rcode = RCODES[number] ?? `RCODE${number}`;
          if (count > 0 || number === 0) readings.add('sallyport_dns_responses_total', { transport, rcode }, count);
        }
      }
      readings.add('sallyport_dns_held_back_total', { how: 'cut' }, held.cut);
      readings.add('sallyport_dns_held_back_total', { how: 'dropped' }, held.drop);
      readings.add('sallyport_dns_failures_total', {}, failures);
    },
  };
}
