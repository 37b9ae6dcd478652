// What one tenant, or one address, may take up of what is everybody's: open sockets, and lines of the log. Whoever is refused ten
// thousand times a second would else fill the disk, and keep everybody waiting for it.

import type { Clock } from '../ambient/clock.ts';
import { Sources } from '../ambient/sources.ts';
import { limit } from '../settings/limits.ts';
import { createAccountSockets, type AccountSockets } from './admit/account-sockets.ts';

export interface TenantBounds {
  readonly accountSockets: AccountSockets;
  /** How many lines the refusals of one API, or of one address, may take. */
  readonly refusalLines: Sources;
}

export function createTenantBounds(clock: Clock): TenantBounds {
  const lines = {
    openMax: 0,
    rate: { perSecond: limit('refusalLinesPerSecondMax'), burst: limit('refusalLinesBurstMax') },
    countedMax: limit('addressesCountedMax'),
    reportIntervalMs: limit('addressReportIntervalMs'),
  };
  return { accountSockets: createAccountSockets(), refusalLines: new Sources(lines, clock) };
}
