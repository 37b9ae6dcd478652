// The DNS server in the test's own process, on a snapshot that was made of text: for what depends on the clock, on chance, or on
// settings, and needs no control plane.

import { startDnsServer, type DnsServerOptions } from '../../../src/dns/dns-server.ts';
import type { Log, LogFields } from '../../../src/observe/log.ts';
import type { Owner } from '../../harness/gateway.ts';

export interface DnsHere {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly lines: readonly { readonly message: string; readonly fields: LogFields | undefined }[];
  close(): Promise<void>;
}

/** Starts a server that lives as long as its owner. */
export async function startDnsHere(
  owner: Owner,
  options: Pick<DnsServerOptions, 'snapshot'> & Partial<DnsServerOptions>,
): Promise<DnsHere> {
  const lines: { message: string; fields: LogFields | undefined }[] = [];
  const keep = (message: string, fields?: LogFields) => void lines.push({ message, fields });
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, with: () => log };
  const server = await startDnsServer({
    addresses: [{ host: '127.0.0.1', port: 0 }],
    suffix: 'localhost',
    region: 'us-east-1',
    publicAddresses: ['127.0.0.1'],
    log,
    ...options,
  });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= server.close());
  owner.after(close);
  return { address: `127.0.0.1:${server.bound[0]!.port}`, lines, close };
}
