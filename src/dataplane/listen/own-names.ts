// By which names and ports this gateway is reached from this machine, and where it listens for them: for functions, whose code uses the
// usual URLs. Names alone; whether a path behind one leads anywhere is for resolve/.

import type { AddressInfo } from 'node:net';
import { normalizeName } from '../../protocol/host-name.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';

export interface OwnNamesOptions {
  readonly snapshot: Snapshot;
  readonly suffix: string;
  /** Of the TLS listener. */
  readonly bound: () => readonly AddressInfo[];
  readonly publicPort: { readonly number: number };
}

const HTTPS_PORT = 443;
const ENDPOINT = /^[a-z0-9-]+\.execute-api\.[a-z0-9-]+$/;
/** What listens on all addresses is reached at one. */
const ANY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where a connection to the name and port has to go; undefined when they are not this gateway's. */
export function createOwnNames({ snapshot, suffix, bound, publicPort }: OwnNamesOptions) {
  const isOwn = (host: string) =>
    snapshot.domainFor(host) !== undefined ||
    (host.endsWith(`.${suffix}`) && ENDPOINT.test(host.slice(0, -suffix.length - 1)));

  return (name: string, port: number): { readonly address: string; readonly port: number } | undefined => {
    const [listener] = bound();
    if (!listener || ![HTTPS_PORT, publicPort.number, listener.port].includes(port) || !isOwn(normalizeName(name)))
      return undefined;
    return { address: ANY_ADDRESS[listener.address] ?? listener.address, port: listener.port };
  };
}
