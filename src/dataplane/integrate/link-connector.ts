// Where connections over a VPC link go: to the operator's targets in turn, as a load balancer of connections does, whatever the host of
// the URI says. A target that cannot be reached is left for the next one, and is the last choice for a while. TLS is with the URI's host.

import { isIP } from 'node:net';
import type { buildConnector } from 'undici';
import { limit } from '../../settings/limits.ts';
import type { Egress } from './egress.ts';

export interface LinkTarget {
  readonly host: string;
  readonly port: string;
}

/** `HOST:PORT` or `[IPV6]:PORT`, as the settings hold them. */
export function parseTarget(text: string): LinkTarget {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: text.slice(colon + 1) };
}

/** Opens connections by `connect`, which makes one to a host and port, with TLS where the protocol says so. */
export function linkConnector(
  connect: buildConnector.connector,
  targets: readonly LinkTarget[],
  egress: Egress,
  nowMs: () => number,
): buildConnector.connector {
  const restsUntilMs = new Map<LinkTarget, number>();
  let turn = 0;

  /** All of them, from the next one on; those that rest come last. */
  const inOrder = (): LinkTarget[] => {
    const first = turn++ % targets.length;
    const all = [...targets.slice(first), ...targets.slice(0, first)];
    const rests = (target: LinkTarget) => (restsUntilMs.get(target) ?? 0) > nowMs();
    return [...all.filter((target) => !rests(target)), ...all.filter(rests)];
  };

  return (options, callback) => {
    const attempt = ([target, ...others]: readonly LinkTarget[], failure: Error) => {
      if (!target) return callback(failure, null);
      const goOn = (error: Error) => {
        restsUntilMs.set(target, nowMs() + limit('linkTargetRestMs'));
        attempt(others, error);
      };
      // A literal address is never looked up.
      const problem = isIP(target.host) === 0 ? undefined : egress.problemWith(target.host);
      if (problem !== undefined) return goOn(new Error(problem));
      // The server name of TLS is among the options already, and is that of the URI.
      connect({ ...options, hostname: target.host, port: target.port }, (...[error, socket]) => {
        if (error) return goOn(error);
        restsUntilMs.delete(target);
        callback(null, socket);
      });
    };
    attempt(inOrder(), new Error('the VPC link has no targets'));
  };
}
