// Which stage a handshake means: host and path by the snapshot's resolver, nothing behind the stage, and a deployment to follow.

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { currentDeployment, resolve } from '../../snapshot/resolve.ts';
import type { Accepted, Resolved } from '../stages.ts';
import type { DataWorld } from '../world.ts';

const STEP = 'resolve';

export function resolveHandshake(accepted: Accepted, world: DataWorld): Resolved | Refusal {
  const { host, path } = accepted;
  const misdirected = refuseMisdirected(accepted, world);
  if (misdirected) return misdirected;
  const resolved = resolve(world.snapshot, world.suffix, host, path);
  if (isRefusal(resolved)) return resolved;
  const { stage, rest } = resolved;
  const isWhole = rest.length === 0 || (rest.length === 1 && rest[0] === '');
  if (!isWhole) {
    return refuse(
      'Forbidden',
      STEP,
      `WebSocket APIs take no path behind the stage, and /${rest.join('/')} is left of ${path}`,
    );
  }
  const deployment = currentDeployment(world.snapshot, stage.api.apiId, stage.stageName);
  if (isRefusal(deployment)) return deployment;
  return { ...accepted, stage, deployment };
}

/** Under --strict-host: the Host must be the TLS server name, for handshakes and callbacks alike. */
export function refuseMisdirected(
  { host, serverName }: { readonly host: string; readonly serverName: string },
  world: DataWorld,
): Refusal | undefined {
  if (!world.strictHost || serverName === '' || serverName === host) return undefined;
  return refuse('MisdirectedRequest', STEP, `the TLS server name is '${serverName}', the Host '${host}'`);
}
