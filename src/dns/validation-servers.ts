// Which DNS servers are asked about a name when somebody wants to know what the world sees, and what our own zones say of it: what
// certificates are validated by and what explain looks at.

import type { AddressInfo } from 'node:net';
import { hostPort } from '../protocol/host-name.ts';
import type { Settings } from '../settings/settings.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export interface ValidationServersOptions {
  readonly settings: Pick<Settings, 'ownNames' | 'resolvers' | 'endpointSuffix'>;
  readonly snapshot: Snapshot;
  /** True when no accounts are configured. */
  readonly isDevelopment: boolean;
  /** Where our own DNS listens. */
  readonly bound: readonly AddressInfo[];
}

/** Own zones count as they are without accounts; with accounts below --own-names only, and all else asks the resolver. */
export function createValidationServers({ settings, snapshot, isDevelopment, bound }: ValidationServersOptions) {
  const { zones } = snapshot;
  const counts = (name: string) =>
    isDevelopment || settings.ownNames.some((own) => name === `${own}.` || name.endsWith(`.${own}.`));
  return {
    serversFor(name: string): readonly string[] {
      const [own] = bound;
      const isInZone = zones.zoneFor(name) !== undefined;
      const isOurs = isInZone ? counts(name) : name.endsWith(`.${settings.endpointSuffix}.`);
      if (!own || !isOurs) return settings.resolvers;
      const host = own.address === '0.0.0.0' ? '127.0.0.1' : own.address === '::' ? '::1' : own.address;
      return [hostPort(host, own.port)];
    },
    /** Of any account, served or not; the deepest first. */
    zonesAbove: (name: string) =>
      [name, ...ancestors(name)]
        .flatMap((above) => zones.zonesNamed(above))
        .map((zone) => {
          const { isServed = false, reason = '' } = zones.servingOf(zone.id) ?? {};
          const { id, account, nameServers } = zone;
          const cname = zones.recordsAt(id, name)?.get('CNAME')?.[0]?.values?.[0];
          return { id, name: zone.name, account, nameServers, isServed, reason, cname };
        }),
  };
}
