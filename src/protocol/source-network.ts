// What counts as one source of connections: an IPv4 address, or the /64 of an IPv6 address, of which every customer has a whole one.

import { ipv6Octets } from './record-data/addresses.ts';

const IPV6_NETWORK_BYTES = 8;

/** `192.0.2.1`, or `20010db8000a0001/64`. What is no address is a source of its own. */
export function sourceNetwork(address: string): string {
  if (!address.includes(':')) return address;
  // A link-local address comes with its interface.
  const octets = ipv6Octets(address.replace(/%.*$/, ''));
  return octets ? `${Buffer.from(octets).toString('hex', 0, IPV6_NETWORK_BYTES)}/64` : address;
}
