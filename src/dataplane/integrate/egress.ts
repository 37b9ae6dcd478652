// Which addresses integrations may reach, checked on the resolved address of every connection and on literal addresses alike. What is
// public is said, not what is private: an address of a kind that nobody thought of is closed.

import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { addressRanges, embeddedIpv4, plainAddress } from '../../protocol/ip-address.ts';

/** Never reachable, whatever is allowed: link-local addresses, the metadata services of clouds, and what means this very host. */
const NEVER = addressRanges([
  '169.254.0.0/16',
  'fe80::/10',
  // AWS, and Google.
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  // Alibaba, Oracle, and Azure's platform.
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  '0.0.0.0/8',
  '::/128',
]);

const PUBLIC_IPV6 = addressRanges([
  '2000::/3',
  // Translated: as public as the IPv4 address in it.
  '64:ff9b::/96',
]);

/** Not public: private, loopback, shared, documentation, benchmarking, multicast, reserved and protocol ranges (RFC 6890). */
const NOT_PUBLIC = addressRanges([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
]);

export interface Egress {
  /** Undefined when the address may be reached, else words for the log. */
  problemWith(address: string): string | undefined;
  /** Like `dns.lookup`, but fails for an address that may not be reached. */
  lookup(
    hostname: string,
    options: LookupOptions,
    callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
  ): void;
}

/** What names are looked up by: the system's resolver. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** `isOpen`: no accounts are configured, so private and loopback addresses are the user's own. */
export function createEgress(isOpen: boolean, allow: readonly string[], resolve: Resolve = dnsLookup): Egress {
  const allowed = addressRanges(allow);
  const isPublic = (plain: string) => !NOT_PUBLIC.has(plain) && (isIP(plain) === 4 || PUBLIC_IPV6.has(plain));
  const problemWith = (address: string) => {
    const plain = plainAddress(address);
    if (plain === undefined) return `${address.slice(0, 64)} is no address`;
    // Some network on the way may make one address of the other.
    const ways = [plain, ...embeddedIpv4(plain)];
    if (ways.some((way) => NEVER.has(way)))
      return `${plain} is link-local or a metadata service, which integrations never reach`;
    if (isOpen || allowed.has(plain) || ways.every((way) => allowed.has(way) || isPublic(way))) return undefined;
    return `${plain} is not a public address; --egress-allow can open it`;
  };
  return {
    problemWith,
    lookup(hostname, options, callback) {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const reachable = addresses.filter(({ address }) => problemWith(address) === undefined);
        if (reachable.length === 0) {
          const [first] = addresses;
          return callback(new Error(first ? problemWith(first.address) : `${hostname} has no address`), []);
        }
        if (options.all) return callback(null, reachable);
        return callback(null, reachable[0]!.address, reachable[0]!.family);
      });
    },
  };
}
