// What the planes stand on: settings, store, keys, accounts, snapshot, clock. Part of the composition root: made first, in this order.

import { LifecycleClock } from '../ambient/clock.ts';
import type { Undo } from '../ambient/undo.ts';
import { openAuthority, type Authority } from '../certificates/open-authority.ts';
import { openSealedStore, type SealedStore } from '../certificates/open-sealed-store.ts';
import { openAccounts, type Accounts } from '../identity/accounts.ts';
import type { Log } from '../observe/log.ts';
import { keepStacks, type KeptStacks } from '../operator/stack-requests.ts';
import { createApiKeyValues, type ApiKeyValues } from '../protocol/api-key-values.ts';
import { publish } from '../publish/publish.ts';
import type { Settings } from '../settings/settings.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { createStackRecords } from '../store/stack-records.ts';

const HTTPS_PORT = 443;

/** What the planes share: made first, in this order. */
export interface Ground extends SealedStore, Authority {
  readonly settings: Settings;
  readonly log: Log;
  readonly undo: Undo;
  readonly accounts: Accounts;
  readonly clock: LifecycleClock;
  readonly snapshot: Snapshot;
  readonly apiKeyValues: ApiKeyValues;
  readonly stacks: KeptStacks<ReturnType<typeof createStackRecords>>;
  /** Known once the TLS listener is bound. */
  readonly publicPort: { number: number };
  /** What the `ready` line says, once everything listens. */
  readonly bound: { addresses: Readonly<Record<string, unknown>> };
  readonly shutdown: { isBegun: boolean };
}

/** Store, snapshot and certificates: everything that must be there before anybody can connect. */
export async function layGround(settings: Settings, log: Log, undo: Undo): Promise<Ground> {
  if (settings.devCredentials)
    log.warn('development credentials are accepted: anybody who reaches a listener can sign as test/test');
  const clock = new LifecycleClock();
  const sealed = await openSealedStore(settings, log, undo);
  const { store, keys } = sealed;
  const accounts = await openAccounts(settings.accountsFile, keys.accessKeysKey, log);
  // With several tenants nobody's zone may speak for the server's own names.
  const reservedZone = accounts.current().isDevelopment ? undefined : `${settings.endpointSuffix}.`;
  const snapshot = await publish(store, log, reservedZone);
  const opened = await openAuthority(sealed, settings, clock, undo);
  const apiKeyValues = createApiKeyValues(keys.accessKeysKey);
  const stacks = keepStacks(createStackRecords(store), keys.accessKeysKey, settings.serviceEndpoints);
  const publicPort = { number: settings.publicPort ?? 0 };
  const shutdown = { isBegun: false };
  const bound = { addresses: {} };
  const made = { settings, log, undo, accounts, clock, snapshot, apiKeyValues, stacks, publicPort, bound, shutdown };
  return { ...sealed, ...opened, ...made };
}

/** `:8443`, or nothing for 443. */
export function portSuffix({ publicPort }: Ground): string {
  return publicPort.number === HTTPS_PORT ? '' : `:${publicPort.number}`;
}
