// X-Forwarded-For, -Proto and -Port: what a proxy that speaks HTTP says of its client. They are headers like any others, and mean
// something only where the proxy itself is trusted; what it did not write itself is read as far as the proxies are trusted.

import { plainAddress, type AddressRanges } from './ip-address.ts';

export interface Forwarded {
  /** Who sent the request: the rightmost address that is no trusted proxy's. */
  readonly sourceIp: string;
  /** Whether it came to the proxy over TLS. */
  readonly isSecure: boolean;
}

const SECURE = new Set(['https', 'wss']);
const INSECURE = new Set(['http', 'ws']);
const ADDRESS_AND_PORT = /^(?:\[([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/;
const PORT_MAX = 65_535;

/** `peer` is the trusted proxy's own plain address. A header that is malformed is a problem, in words for the one who sent it. */
export function readForwarded(
  headers: NodeJS.Dict<string | string[]>,
  peer: string,
  trusted: AddressRanges,
): Forwarded | { readonly problem: string } {
  const text = (name: string) => [headers[name] ?? []].flat().join(',');
  const scheme = text('x-forwarded-proto').trim().toLowerCase();
  if (scheme !== '' && !SECURE.has(scheme) && !INSECURE.has(scheme))
    return { problem: 'X-Forwarded-Proto must be https or http.' };
  const port = text('x-forwarded-port').trim();
  if (port !== '' && (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > PORT_MAX))
    return { problem: 'X-Forwarded-Port must be one port.' };
  const sourceIp = sourceOf(text('x-forwarded-for'), peer, trusted);
  if (sourceIp === undefined) return { problem: 'X-Forwarded-For must be a list of addresses.' };
  return { sourceIp, isSecure: SECURE.has(scheme) };
}

/** Undefined when one of them is no address. Behind nothing but trusted proxies, it is the first of them. */
function sourceOf(list: string, peer: string, trusted: AddressRanges): string | undefined {
  if (list.trim() === '') return peer;
  const addresses = list.split(',').map(addressOf);
  if (!addresses.every((address) => address !== undefined)) return undefined;
  return addresses.findLast((address) => !trusted.has(address)) ?? addresses[0];
}

/** As some proxies write it, a port may be behind it. */
function addressOf(entry: string): string | undefined {
  const text = entry.trim();
  const match = ADDRESS_AND_PORT.exec(text);
  return plainAddress(match?.[1] ?? match?.[2] ?? text);
}
