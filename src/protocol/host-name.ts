// Host names (RFC 1035, RFC 1123) as this server compares them. The one place that normalises a host.

export const LABEL_OCTETS_MAX = 63;
export const NAME_OCTETS_MAX = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** A Host header or SNI name as the tables are keyed: no port, no trailing dot, lower case. `''` when there is none. */
export function normalizeHost(host: string | undefined): string {
  if (!host) return '';
  let name = host.toLowerCase();
  if (name.startsWith('[')) return name.slice(0, name.indexOf(']') + 1);
  const colon = name.indexOf(':');
  if (colon >= 0) name = name.slice(0, colon);
  return name.endsWith('.') ? name.slice(0, -1) : name;
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
