// IP addresses as text, in one spelling each (RFC 5952), and ranges of them (RFC 4632): what the same host is called in two ways is
// compared as one. It judges no address; who may come from where, and go where, is the business of those who ask.

import { BlockList, isIP, SocketAddress } from 'node:net';
import { ipv6Octets } from './record-data/addresses.ts';

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** The one spelling of an address: an IPv4 address in IPv6 (`::ffff:…`) is that IPv4 address. Undefined for what is none, a zone among it. */
export function plainAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version === 4) return text;
  const octets = version === 6 ? ipv6Octets(text) : undefined;
  return octets && ipv6Text(octets);
}

export function ipv4Text(octets: Uint8Array): string {
  return octets.join('.');
}

/** As `plainAddress` of it. */
export function ipv6Text(octets: Uint8Array): string {
  if (MAPPED_PREFIX.every((octet, at) => octets[at] === octet)) return ipv4Text(octets.subarray(12));
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((octets[at]! << 8) | octets[at + 1]!).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

export interface AddressRanges {
  /** `address` is plain. */
  has(address: string): boolean;
}

/** `ranges` are `ADDRESS/BITS`, as the settings check them. */
export function addressRanges(ranges: readonly string[]): AddressRanges {
  if (ranges.length === 0) return { has: () => false };
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split('/') as [string, string];
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return { has: (address) => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') };
}
