// Records that lead to a Regional name which is gone: found in our own zones, and where a domain name was deleted also in somebody else's
// DNS. Each is told once; what was mended in the meantime is not shown.

import type { RecordSet } from '../model/hosted-zone.ts';
import { limit } from '../settings/limits.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import type { DomainEntry } from '../snapshot/snapshot.ts';
import { bare } from './ask-dns.ts';
import { changeCommand } from './aws-command.ts';
import { lookUpHost } from './look-up-host.ts';
import { hostOf, type PointingWorld } from './pointing-world.ts';
import { isGoneRegionalName, leadingRecords, targetOf } from './regional-names.ts';

export interface Dangling {
  /** Of the record; without a dot at the end. */
  readonly name: string;
  readonly type: string;
  readonly target: string;
  readonly account: string;
  readonly sinceMs: number;
  /** The record set in a zone of ours; undefined for one in somebody else's DNS. */
  readonly set: RecordSet | undefined;
}

export function createDanglingTable(world: PointingWorld) {
  const { snapshot, pointingRecords: records, clock, log } = world;
  const table = new Map<string, Dangling>();

  const isThereStill = ({ set, target }: Dangling): boolean => {
    if (!set) return true;
    const now = snapshot.zones
      .recordsAt(set.hostedZoneId, set.name)
      ?.get(set.type)
      ?.find(({ id }) => id === set.id);
    return now !== undefined && targetOf(now) === target && isGoneRegionalName(target, world);
  };
  const keep = (key: string, one: Dangling) => {
    if (table.has(key) || table.size < limit('danglingRecordsMax')) table.set(key, one);
  };
  const warn = ({ name, type, target, account, set }: Dangling) =>
    log.warn('a record leads to the Regional name of a domain name that is gone', {
      name,
      type,
      target,
      account,
      hostedZone: set?.hostedZoneId,
    });

  const add = async (set: RecordSet, target: string): Promise<void> => {
    const noted = (await records.noted('record-set', set.id)) as { target: string; sinceMs: number } | undefined;
    const isKnown = noted?.target === target;
    const sinceMs = isKnown ? noted.sinceMs : clock.now();
    const one = { name: bare(set.name), type: set.type, target, account: set.account, sinceMs, set };
    keep(set.id, one);
    if (isKnown) return;
    await records.note('record-set', set.id, { target, sinceMs });
    warn(one);
  };

  /** Where the name leads in somebody else's DNS; undefined where it does not lead to the Regional name. */
  const leadElsewhere = async (domainName: string, regionalName: string): Promise<string | undefined> => {
    const host = hostOf(domainName);
    const { cnames } = await lookUpHost(host, world.steps.serversFor(`${host}.`));
    return cnames.find((name) => name === regionalName);
  };

  return {
    add,

    /** Looks at the records of a domain name that was deleted. */
    async afterRemoval({ domainName, regionalDomainName: target, account }: DomainEntry): Promise<void> {
      const name = `${domainName}.`;
      const zones = [name, ...ancestors(name)].flatMap((above) => snapshot.zones.zonesNamed(above));
      const sets = zones
        .flatMap((zone) => leadingRecords(zone.id, domainName, snapshot))
        .filter((set) => targetOf(set) === target);
      for (const set of sets) await add(set, target);
      if (sets.length > 0 || (await leadElsewhere(domainName, target)) === undefined) return;
      const one = { name: domainName, type: 'CNAME', target, account, sinceMs: clock.now(), set: undefined };
      keep(domainName, one);
      warn(one);
    },

    /** Forgets what was mended. */
    async review(): Promise<void> {
      for (const [key, one] of table) {
        const isElsewhere = one.set === undefined && (await leadElsewhere(one.name, one.target)) === undefined;
        if (isElsewhere || !isThereStill(one)) table.delete(key);
      }
    },

    of: (account: string): readonly Dangling[] =>
      [...table.values()].filter((one) => one.account === account && isThereStill(one)),
  };
}

export interface DanglingState {
  readonly domainName: string;
  readonly state: 'dangling';
  readonly type: string;
  readonly leadsTo: string;
  readonly since: string;
  readonly cause: string;
  readonly next: string;
}

export function danglingState({ name, type, target, sinceMs, set }: Dangling): DanglingState {
  return {
    domainName: name,
    state: 'dangling',
    type,
    leadsTo: target,
    since: new Date(sinceMs).toISOString(),
    cause: `the ${type} record of ${name} leads to ${target}, the Regional name of a domain name that is gone`,
    next: set ? deleteCommand([set]) : `delete the ${type} record ${name} where its zone is kept`,
  };
}

/** Takes record sets of one zone away as they are. */
export function deleteCommand(sets: readonly RecordSet[]): string {
  const [first] = sets as [RecordSet];
  if (sets.some(({ setIdentifier }) => setIdentifier !== undefined)) {
    return `delete the records ${bare(first.name)} in hosted zone ${first.hostedZoneId}`;
  }
  return changeCommand(
    first.hostedZoneId,
    sets.map(({ name, type, ttl, values, aliasTarget }) => ({
      Action: 'DELETE',
      ResourceRecordSet: {
        Name: name,
        Type: type,
        ...(aliasTarget
          ? {
              AliasTarget: {
                HostedZoneId: aliasTarget.hostedZoneId,
                DNSName: aliasTarget.dnsName,
                EvaluateTargetHealth: aliasTarget.evaluateTargetHealth,
              },
            }
          : { TTL: ttl ?? 0, ResourceRecords: (values ?? []).map((Value) => ({ Value })) }),
      },
    })),
  );
}
