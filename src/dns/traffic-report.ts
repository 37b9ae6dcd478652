// What happened to DNS messages that is worth a line of the log, counted and told once in a while: a flood of packets must not become
// a flood of lines.

import type { Log } from '../observe/log.ts';

export interface TrafficReport {
  /** A response that was dropped, or sent cut, because its network had too many. */
  heldBack(verdict: 'cut' | 'drop', network: string): void;
  failed(error: Error): void;
  /** Ends, with what was counted until then. */
  close(): void;
}

export function createTrafficReport(log: Log, intervalMs: number): TrafficReport {
  let held = { dropped: 0, cut: 0, lastNetwork: '' };
  let failures = { count: 0, last: '' };
  const tell = () => {
    if (held.dropped + held.cut > 0) {
      log.warn('responses over UDP were held back: a network had more than its share', held);
      held = { dropped: 0, cut: 0, lastNetwork: '' };
    }
    if (failures.count > 0) {
      log.error('DNS questions could not be answered', failures);
      failures = { count: 0, last: '' };
    }
  };
  const timer = setInterval(tell, intervalMs).unref();
  return {
    heldBack(verdict, network) {
      if (verdict === 'drop') held.dropped += 1;
      else held.cut += 1;
      held.lastNetwork = network;
    },
    failed(error) {
      failures.count += 1;
      failures.last = error.message;
    },
    close() {
      clearInterval(timer);
      tell();
    },
  };
}
