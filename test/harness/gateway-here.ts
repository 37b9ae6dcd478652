// A gateway in the test's own process, with its store at hand: for what reaches it by the store alone, as an issuer's challenges do.
// Everything in it is what `sallyport serve` starts.

import { createClients } from '../../demo/chain.ts';
import { createLookup, fetchCa } from '../../demo/client-side.ts';
import type { Ready } from '../../demo/gateway-process.ts';
import { startGateway } from '../../src/main.ts';
import type { Challenge } from '../../src/model/certificate.ts';
import { createLog } from '../../src/observe/log.ts';
import { readSettings, type FlagValues } from '../../src/settings/read-settings.ts';
import type { Store } from '../../src/store/contract.ts';
import { REGION, temporaryDirectory, type Owner, type ReachableGateway } from './gateway.ts';

export interface GatewayHere extends ReachableGateway {
  readonly store: Store;
  readonly ready: Pick<Ready, 'control' | 'tls' | 'http' | 'dns'>;
  stop(): Promise<void>;
}

const EPHEMERAL = { control: '127.0.0.1:0', tls: '127.0.0.1:0', dns: '127.0.0.1:0' };

/** Starts a gateway that lives as long as `owner`. `flags` win over the ephemeral ports. */
export async function startGatewayHere(owner: Owner, flags: FlagValues = {}): Promise<GatewayHere> {
  const given = { ...EPHEMERAL, drain: '0s', ...flags, 'data-dir': temporaryDirectory(owner) };
  const gateway = await startGateway(await readSettings(given, {}), createLog('error', false));
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= gateway.stop());
  owner.after(stop);
  const ready = gateway.addresses as unknown as GatewayHere['ready'];
  const endpoint = `http://${ready.control[0]}`;
  const dnsServer = ready.dns[0] ?? '';
  return {
    store: gateway.store,
    ready,
    stop,
    endpoint,
    dnsServer,
    tlsPort: Number(ready.tls[0]!.split(':').at(-1)),
    clients: createClients(endpoint, REGION),
    ca: await fetchCa(endpoint),
    lookup: createLookup(dnsServer),
  };
}

let opened = 0;

/** Opens a challenge, as an issuer does. Resolves, once it is answered, to what takes it away again. */
export async function openChallenge(
  { store }: GatewayHere,
  challenge: Pick<Challenge, 'type' | 'key' | 'value' | 'keyPairReferences'>,
): Promise<() => Promise<void>> {
  const id = `challenge-${(opened += 1)}`;
  const row: Challenge = { id, account: '000000000000', region: REGION, ...challenge };
  await store.transact(async (transaction) => transaction.put('challenge', row));
  return () => store.transact(async (transaction) => transaction.remove('challenge', id));
}
