// Which stage a handshake means: by the snapshot's resolver, which callbacks and explain ask, too.

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { resolveConnect, type Unresolved } from '../../snapshot/resolve.ts';
import type { Accepted, Resolved } from '../stages.ts';
import type { DataWorld } from '../world.ts';

export function resolveHandshake(accepted: Accepted, world: DataWorld): Resolved | Refusal | Unresolved {
  const misdirected = refuseMisdirected(accepted, world);
  if (misdirected) return misdirected;
  const resolved = resolveConnect(world.snapshot, world.suffix, accepted.host, accepted.path);
  return isRefusal(resolved) ? resolved : { ...accepted, ...resolved };
}

/** Under --strict-host: the Host must be the TLS server name, for handshakes and callbacks alike. */
export function refuseMisdirected(
  { host, serverName }: { readonly host: string; readonly serverName: string },
  world: DataWorld,
): Refusal | undefined {
  if (!world.strictHost || serverName === '' || serverName === host) return undefined;
  return refuse('MisdirectedRequest', 'resolve', `the TLS server name is '${serverName}', the Host '${host}'`);
}
