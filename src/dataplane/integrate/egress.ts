// Which addresses integrations may reach, checked on the resolved address of every connection and on literal addresses alike.

import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Never reachable, whatever is allowed: link-local addresses and the metadata services of clouds. */
const NEVER = blockListOf([
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '100.100.100.200/32',
  '0.0.0.0/8',
  '::/128',
]);

/** Not public: private, loopback, shared, documentation, benchmarking, multicast and reserved ranges. */
const NOT_PUBLIC = blockListOf([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::1/128',
  '64:ff9b::/96',
  '2001:db8::/32',
  'fc00::/7',
  'ff00::/8',
]);

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

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

/** `isOpen`: no accounts are configured, so private and loopback addresses are the user's own. */
export function createEgress(isOpen: boolean, allow: readonly string[]): Egress {
  const allowed = blockListOf(allow);
  const problemWith = (address: string) => {
    const plain = address.replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i, '$1');
    const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
    if (NEVER.check(plain, family))
      return `${plain} is link-local or a metadata service, which integrations never reach`;
    if (isOpen || allowed.check(plain, family) || !NOT_PUBLIC.check(plain, family)) return undefined;
    return `${plain} is not a public address; --egress-allow can open it`;
  };
  return {
    problemWith,
    lookup(hostname, options, callback) {
      dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const reachable = addresses.filter(({ address }) => problemWith(address) === undefined);
        if (reachable.length === 0) return callback(new Error(problemWith(addresses[0]!.address)), []);
        if (options.all) return callback(null, reachable);
        return callback(null, reachable[0]!.address, reachable[0]!.family);
      });
    },
  };
}
