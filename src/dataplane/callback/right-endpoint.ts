// Where a connection is called back, for a callback that went to another place: told to the API's own account alone, because
// nobody else may learn that the connection is there.

import { normalizeHost } from '../../protocol/host-name.ts';
import { pathSegments } from '../../snapshot/resolve.ts';
import type { DataWorld } from '../world.ts';

const CONNECTIONS = '@connections';

/** The connection id of a path that ends in `@connections/{id}`, whatever is before it. */
export function connectionIdOf(path: string): string | undefined {
  const segments = pathSegments(path) ?? [];
  return segments.at(-2) === CONNECTIONS ? segments.at(-1) : undefined;
}

/**
 * The endpoint to give to a client of the management API: the host that the client of the connection used with its mapping key, or
 * the default endpoint. Undefined when no such connection is open, or its API is not the account's.
 */
export async function rightEndpoint(
  connectionId: string,
  account: string,
  world: DataWorld,
): Promise<string | undefined> {
  const found = await world.delivery.describe(connectionId);
  const api = found && world.snapshot.api(found.apiId);
  if (!found || api?.account !== account) return undefined;
  const { apiId, stageName } = found;
  const host = normalizeHost(found.domainName);
  const domain = world.snapshot.domainFor(host);
  const mapping = domain?.mappings.find((one) => one.apiId === apiId && one.stage === stageName);
  const port = world.publicPort();
  if (mapping) return `https://${host}${port}${mapping.key === '' ? '' : `/${mapping.key}`}`;
  return `https://${apiId}.execute-api.${api.region}.${world.suffix}${port}/${stageName}`;
}
