// What a client on this machine needs to use a name that only our own DNS knows: a look-up that asks it, and trust in the local
// CA. Nothing here knows where the gateway is but from DNS.

import { promises as dns, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Like `dns.lookup`, but asks one DNS server, over the network. Names that it does not know are an error. */
export function createLookup(server: string): LookupFunction {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([server]);
  return (hostname: string, options: LookupOptions, callback) => {
    const answer = callback as (error: Error | null, address: string | LookupAddress[], family?: number) => void;
    resolver.resolve4(hostname).then(
      (addresses) => {
        if (options.all)
          answer(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          );
        else answer(null, addresses[0]!, 4);
      },
      (error: Error) => answer(error, []),
    );
  };
}

/** The local CA's root certificate, from the control port. */
export async function fetchCa(endpoint: string): Promise<string> {
  const response = await fetch(`${endpoint}/_sallyport/ca.pem`);
  if (!response.ok) throw new Error(`ca.pem: ${response.status} ${await response.text()}`);
  return response.text();
}
