// One Host header, with a host in it: whoever reads another one than we do would send a request to another tenant (RFC 9112 3.2).

import type { IncomingMessage } from 'node:http';
import { isHostField } from '../../protocol/host-name.ts';

/** Why nobody can say which host a request is for; undefined when it names one. */
export function hostProblem({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string | undefined {
  let count = 0;
  let host = '';
  // Node shows the first one alone.
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const name = rawHeaders[position]!;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    count += 1;
    host = rawHeaders[position + 1]!;
  }
  if (count !== 1) return `a request has one Host header, this one ${count}`;
  return isHostField(host) ? undefined : 'the Host header holds something else than a host and a port';
}
