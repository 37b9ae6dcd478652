// The control port serves programs, not web pages. Before anything of a request is parsed, its Host must be one of ours and it
// must not come from a page of another origin (DNS rebinding, cross-site requests).

import type { IncomingHttpHeaders } from 'node:http';
import { normalizeHost } from '../../protocol/host-name.ts';
import { isLoopback } from '../../settings/read-settings.ts';

/** Why the request is not answered, naming the header and the way out; undefined when it is welcome. */
export function foreignRequestProblem(
  headers: IncomingHttpHeaders,
  allowedHosts: readonly string[],
): string | undefined {
  const host = normalizeHost(headers.host);
  if (host === '') return `The Host '${(headers.host ?? '').slice(0, 128)}' is no host name. Use localhost.`;
  if (!isOwnHost(host, allowedHosts)) {
    return `The Host '${host}' is not a name of this control port. Use localhost, or start with --control-host ${host}.`;
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin') {
    return `The control port serves programs, not web pages: Sec-Fetch-Site is '${String(site)}'.`;
  }
  const { origin } = headers;
  if (origin !== undefined && !isSameOrigin(origin, headers.host)) {
    return `The control port serves programs, not web pages: the Origin '${origin.slice(0, 128)}' is foreign.`;
  }
  return undefined;
}

function isOwnHost(host: string, allowedHosts: readonly string[]): boolean {
  if (host.endsWith('.localhost') || allowedHosts.includes(host)) return true;
  return isLoopback(host.replace(/^\[|\]$/g, ''));
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    // 'null' and the like: a page without an origin is as foreign as one with another.
    return false;
  }
}
