// Addresses as text → their octets, for A, AAAA and the hints of service parameters.

import { isIPv4, isIPv6 } from 'node:net';

export function ipv4Octets(text: string): Uint8Array | undefined {
  return isIPv4(text) ? Uint8Array.from(text.split('.'), Number) : undefined;
}

/** Without a zone (`%eth0`), which means something on one machine only. */
export function ipv6Octets(text: string): Uint8Array | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // The last 32 bits may be written as an IPv4 address (RFC 4291 2.2).
  const [embedded] = /[\d.]+$/.exec(text)?.[0].includes('.') ? /[\d.]+$/.exec(text)! : [undefined];
  const tail = embedded === undefined ? undefined : ipv4Octets(embedded)!;
  const plain = tail
    ? `${text.slice(0, -embedded!.length)}${hex(tail[0]!, tail[1]!)}:${hex(tail[2]!, tail[3]!)}`
    : text;
  const [head = [], rest] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = rest ? [...head, ...Array<string>(8 - head.length - rest.length).fill('0'), ...rest] : head;
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  for (const [at, group] of groups.entries()) view.setUint16(at * 2, Number.parseInt(group, 16));
  return octets;
}

function hex(high: number, low: number): string {
  return (high * 256 + low).toString(16);
}
