// Host names (RFC 1035, RFC 1123) as this server compares them. The one place that normalises a host.

import { domainToASCII } from 'node:url';

export const LABEL_OCTETS_MAX = 63;
export const NAME_OCTETS_MAX = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

const PORT = /:\d{0,5}$/;
const IPV6_LITERAL = /^\[[0-9a-f:.]+\]$/;
/** uri-host [ ":" port ] (RFC 9110 7.2, RFC 3986 3.2): no user, no path, no list. */
const HOST_FIELD = /^(?:\[[0-9A-Fa-f:.]+\]|[\w!$&'()*+,;=.~%-]*)(?::\d*)?$/;
const PRINTABLE_ASCII = /^[!-~]+$/;
/** Names that are keys already, as nearly all are that clients send; of the others it says nothing. */
const KEY = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.|$))+(?<!\.)$/;

/** Whether this can be the value of a Host header at all, whomever it names. */
export function isHostField(value: string): boolean {
  return HOST_FIELD.test(value);
}

/** A Host header, or the authority of a URL, as the tables are keyed: `normalizeName` without the port; IPv6 in its brackets. */
export function normalizeHost(host: string | undefined): string {
  if (!host) return '';
  const bare = host.replace(PORT, '');
  if (!bare.startsWith('[')) return normalizeName(bare);
  const literal = bare.toLowerCase();
  return IPV6_LITERAL.test(literal) ? literal : '';
}

/** The host of a `domainName` that this server made of a normalised host and a port. */
export function hostOfDomainName(domainName: string): string {
  const colon = domainName.lastIndexOf(':');
  return colon < 0 || domainName.endsWith(']') ? domainName : domainName.slice(0, colon);
}

/**
 * A name as the tables are keyed: lower case, no trailing dot. `''` for what is no host name, a wildcard among it, so that no
 * octets of a client's choice are ever taken for the name of a tenant. On the wire a name is ASCII (RFC 6066 3, RFC 3986 3.2.2):
 * other letters are mapped by whoever types them, never here.
 */
export function normalizeName(name: string | undefined): string {
  if (!name) return '';
  if (name.length <= NAME_OCTETS_MAX && KEY.test(name)) return name;
  if (!PRINTABLE_ASCII.test(name)) return '';
  const lower = name.toLowerCase();
  const bare = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  // Clients do call hosts with underscores, which no domain name is created with (custom-domains 1.6).
  return hostNameProblem(bare.replaceAll('_', '0')) === undefined ? bare : '';
}

/** What people type → the name that goes over the wire: letters beyond ASCII in their IDNA form (`xn--…`). `''` when there is none. */
export function idnaForm(typed: string): string {
  return normalizeName(domainToASCII(typed));
}

/** Why `name` (lower case, no trailing dot) is not a host name, in words that name the bound; undefined when it is one. */
export function hostNameProblem(name: string): string | undefined {
  if (name.length === 0) return 'the name is empty';
  if (name.length > NAME_OCTETS_MAX)
    return `the name has ${name.length} octets, at most ${NAME_OCTETS_MAX} are allowed`;
  for (const label of name.split('.')) {
    if (label.length === 0) return 'the name has an empty label';
    if (label.length > LABEL_OCTETS_MAX) {
      return `the label '${label.slice(0, 16)}…' has ${label.length} octets, at most ${LABEL_OCTETS_MAX} are allowed`;
    }
    if (!LABEL.test(label)) return `the label '${label}' may hold only letters, digits and inner hyphens`;
  }
  return undefined;
}

/** `cust7.example.com` → `*.example.com`: the wildcard that would serve the host; undefined for a single label. */
export function wildcardFor(host: string): string | undefined {
  const dot = host.indexOf('.');
  return dot < 0 ? undefined : `*${host.slice(dot)}`;
}

export function firstLabel(host: string): string {
  const dot = host.indexOf('.');
  return dot < 0 ? host : host.slice(0, dot);
}

/** `h:80` for a name or IPv4 literal, `[h]:80` for an IPv6 literal. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
