// The PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt): what a proxy writes before the bytes of
// its client, to say who that is. Read strictly: whoever reads it otherwise than its writer would believe another address.

import { isIPv4 } from 'node:net';
import { ipv4Text, ipv6Text, plainAddress } from './ip-address.ts';

export interface ProxyHeader {
  /** Whom the proxy speaks for; undefined when it speaks for itself, or cannot say. */
  readonly source: string | undefined;
  /** How many bytes the header has. */
  readonly length: number;
}

/** It begins with no header of this protocol, or with one that is malformed; in words for the log. */
export interface ProxyHeaderProblem {
  readonly problem: string;
}

/** The line of version 1, its end included. */
const LINE_BYTES_MAX = 107;
const LINE_SIGNATURE = Buffer.from('PROXY ');
const BINARY_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const BINARY_FIXED_BYTES = 16;
const VERSION = 2;
const LOCAL = 0;
const PROXY = 1;
const PORT = /^(0|[1-9]\d{0,4})$/;
const PORT_MAX = 65_535;

/** The header at the start of `bytes`; while it is not all there, the least number of bytes that would tell more. */
export function readProxyHeader(bytes: Buffer, bytesMax: number): ProxyHeader | number | ProxyHeaderProblem {
  if (isStart(bytes, LINE_SIGNATURE)) return readLine(bytes);
  if (isStart(bytes, BINARY_SIGNATURE)) return readBinary(bytes, bytesMax);
  return { problem: 'there is no PROXY header' };
}

function isStart(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length);
  return bytes.subarray(0, length).equals(signature.subarray(0, length));
}

function readLine(bytes: Buffer): ReturnType<typeof readProxyHeader> {
  const end = bytes.subarray(0, LINE_BYTES_MAX).indexOf('\r\n');
  if (end < 0) {
    if (bytes.length < LINE_BYTES_MAX) return bytes.length + 1;
    return { problem: `the PROXY line does not end within ${LINE_BYTES_MAX} bytes` };
  }
  const length = end + 2;
  const [, protocol, ...words] = bytes.toString('latin1', 0, end).split(' ');
  // What follows it is anything, and says nothing.
  if (protocol === 'UNKNOWN') return { source: undefined, length };
  const source = protocol === 'TCP4' || protocol === 'TCP6' ? sourceOfLine(protocol, words) : undefined;
  return source === undefined ? { problem: 'the PROXY line is malformed' } : { source, length };
}

function sourceOfLine(protocol: 'TCP4' | 'TCP6', words: readonly string[]): string | undefined {
  const [source = '', destination = '', ...ports] = words;
  if (ports.length !== 2 || !ports.every((port) => PORT.test(port) && Number(port) <= PORT_MAX)) return undefined;
  const isOfFamily = (text: string) => isIPv4(text) === (protocol === 'TCP4');
  if (!isOfFamily(source) || !isOfFamily(destination) || plainAddress(destination) === undefined) return undefined;
  return plainAddress(source);
}

/** By family and transport, what the addresses take. Datagrams do not come over TCP. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [0x00, 0],
  [0x11, 12],
  [0x21, 36],
  [0x31, 216],
]);
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

function readBinary(bytes: Buffer, bytesMax: number): ReturnType<typeof readProxyHeader> {
  if (bytes.length < BINARY_FIXED_BYTES) return BINARY_FIXED_BYTES;
  const [versionAndCommand, family] = [bytes[12]!, bytes[13]!];
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== VERSION)
    return { problem: `the PROXY header is of version ${versionAndCommand >> 4}` };
  if (command !== LOCAL && command !== PROXY) return { problem: `the PROXY header has the command ${command}` };
  const length = BINARY_FIXED_BYTES + bytes.readUInt16BE(14);
  if (length > bytesMax) return { problem: `the PROXY header of ${length} bytes exceeds ${bytesMax}` };
  if (bytes.length < length) return length;
  // A check of the proxy's own; whatever it says of addresses is not meant.
  if (command === LOCAL) return { source: undefined, length };
  const least = ADDRESS_BYTES.get(family);
  if (least === undefined) return { problem: `the PROXY header has the family ${family}` };
  if (length - BINARY_FIXED_BYTES < least) return { problem: 'the PROXY header is shorter than its addresses' };
  const addresses = bytes.subarray(BINARY_FIXED_BYTES, length);
  if (family === TCP_OVER_IPV4) return { source: ipv4Text(addresses.subarray(0, 4)), length };
  if (family === TCP_OVER_IPV6) return { source: ipv6Text(addresses.subarray(0, 16)), length };
  return { source: undefined, length };
}
