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

/**
 * The IPv4 addresses that a packet to this plain IPv6 address may end up at, on some network: those of translation (RFC 6052, RFC
 * 8215), 6to4 (RFC 3056), Teredo (RFC 4380) and ISATAP (RFC 5214), and of forms that are given up (RFC 4291 2.5.5.1, RFC 2765).
 */
export function embeddedIpv4(address: string): readonly string[] {
  const octets = isIP(address) === 6 ? ipv6Octets(address) : undefined;
  if (!octets) return [];
  const hex = Buffer.from(octets).toString('hex');
  const found: Uint8Array[] = EMBEDDING.filter(([form]) => form.test(hex)).flatMap(([, ...places]) =>
    places.map((place) => Uint8Array.from(place, (at) => octets[at]!)),
  );
  // The client's address stands there in its complement, to slip through translators.
  if (hex.startsWith('20010000')) found.push(octets.subarray(12).map((octet) => octet ^ 0xff));
  // What begins with a zero is no address of a host: the place was another.
  return found.filter(([first]) => first !== 0).map(ipv4Text);
}

const LAST: readonly number[] = [12, 13, 14, 15];
/** The octets that are an IPv4 address, by what the address looks like. */
const EMBEDDING: readonly (readonly [form: RegExp, ...places: readonly (readonly number[])[]])[] = [
  [/^(0{24}|0{16}ffff0000)/, LAST],
  [/^0064ff9b0{16}/, LAST],
  // Networks choose where in their own prefix it is.
  [/^0064ff9b0001/, LAST, [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12]],
  [/^2002/, [2, 3, 4, 5]],
  [/^20010000/, [4, 5, 6, 7]],
  [/^.{16}0[0-3]005efe/, LAST],
];

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

/** The plain address of the other end of a socket, as Node tells of it; `''` once it is gone. */
export function peerAddress({ remoteAddress }: { readonly remoteAddress?: string | undefined }): string {
  if (remoteAddress === undefined) return '';
  // Of a link-local address the interface is known, too (`%eth0`).
  const [address] = remoteAddress.split('%', 1) as [string];
  return plainAddress(address) ?? address;
}
