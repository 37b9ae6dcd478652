// IP addresses from text to octets (RFC 4291 2.2): of records, and of whoever asks.

import { isIPv4, isIPv6 } from 'node:net';

export function encodeIpv4(text: string): Buffer {
  if (!isIPv4(text)) throw new Error(`'${text.slice(0, 64)}' is no IPv4 address`);
  return Buffer.from(text.split('.').map(Number));
}

/** A scope (`%eth0`) is left out. */
export function encodeIpv6(text: string): Buffer {
  if (!isIPv6(text)) throw new Error(`'${text.slice(0, 64)}' is no IPv6 address`);
  const [plain] = text.split('%') as [string];
  const last = plain.slice(plain.lastIndexOf(':') + 1);
  const hextets = last.includes('.') ? `${plain.slice(0, -last.length)}${asHextets(last)}` : plain;
  const [head, tail] = hextets.split('::').map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - head.length - tail.length }, () => '0');
  const bytes = Buffer.alloc(16);
  [...head, ...zeros, ...(tail ?? [])].forEach((hextet, at) =>
    bytes.writeUInt16BE(Number.parseInt(hextet, 16), at * 2),
  );
  return bytes;
}

/** `192.0.2.1` → `c000:201`. */
function asHextets(ipv4: string): string {
  const bytes = encodeIpv4(ipv4);
  return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}
