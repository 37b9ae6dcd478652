// What is counted of a host under a custom domain name: of the name itself, or of one tenant under a wildcard. Clients choose these
// hosts, so only one that a client connected by is counted by itself, and only so many; the rest is counted with its domain name.

import type { Clock } from '../../ambient/clock.ts';
import { limit } from '../../settings/limits.ts';
import type { DomainEntry, Snapshot } from '../../snapshot/snapshot.ts';
import { Traffic } from './stage-meters.ts';
import { foldTold } from './told.ts';

export class HostMeters extends Traffic {
  /** The custom domain name that answers for it: itself, or a wildcard. */
  readonly domainName: string;
  /** Undefined for what is left of a domain name beside the hosts that are counted by themselves. */
  readonly host: string | undefined;
  readonly account: string;
  readonly sinceMs: number;
  lastActiveAtMs: number;

  constructor({ domainName, account }: DomainEntry, host: string | undefined, nowMs: number) {
    super();
    this.domainName = domainName;
    this.host = host;
    this.account = account;
    this.sinceMs = nowMs;
    this.lastActiveAtMs = nowMs;
  }

  /** Whether it is one of those under a wildcard. */
  get isTenant(): boolean {
    return this.host !== undefined && this.host !== this.domainName;
  }
}

/** What one account has. The host that was connected to longest ago is first. */
interface AccountHosts {
  readonly hosts: Map<string, HostMeters>;
  readonly rests: Map<string, HostMeters>;
}

/** So many are looked at for one that can make room. */
const LOOKED_AT_MAX = 16;

export class HostTable {
  readonly #snapshot: Snapshot;
  readonly #clock: Clock;
  readonly #accounts = new Map<string, AccountHosts>();
  #count = 0;

  constructor(snapshot: Snapshot, clock: Clock) {
    this.#snapshot = snapshot;
    this.#clock = clock;
  }

  /** Where a new connection is counted; undefined for one that came by no custom domain name. `host` is normalised. */
  entered(host: string): HostMeters | undefined {
    const domain = this.#snapshot.domainFor(host);
    if (!domain) return undefined;
    const own = this.#ownOf(domain.account);
    const key = keyOf(domain, host);
    const known = own.hosts.get(key);
    own.hosts.delete(key);
    if (!known && !this.#makeRoom(own)) return this.#restOf(own, domain);
    const meters = known ?? new HostMeters(domain, host, this.#clock.now());
    if (!known) this.#count += 1;
    own.hosts.set(key, meters);
    return meters;
  }

  /** A handshake that was refused under a custom domain name. */
  refused(host: string): void {
    const domain = this.#snapshot.domainFor(host);
    if (!domain) return;
    const own = this.#ownOf(domain.account);
    const meters = own.hosts.get(keyOf(domain, host)) ?? this.#restOf(own, domain);
    meters.errors += 1;
    meters.lastActiveAtMs = this.#clock.now();
  }

  /** All that there are now, of an account or of everybody. What is of a name that is gone is forgotten with its last socket. */
  all(account?: string): HostMeters[] {
    const found: HostMeters[] = [];
    for (const [id, { hosts, rests }] of this.#accounts) {
      if (account !== undefined && id !== account) continue;
      for (const table of [hosts, rests]) {
        for (const [key, meters] of table) {
          if (this.#snapshot.domain(meters.domainName)?.account === id) found.push(meters);
          else if (meters.connections === 0 && table.delete(key) && table === hosts) this.#count -= 1;
        }
      }
      if (hosts.size + rests.size === 0) this.#accounts.delete(id);
    }
    return found;
  }

  #ownOf(account: string): AccountHosts {
    let own = this.#accounts.get(account);
    if (!own) this.#accounts.set(account, (own = { hosts: new Map(), rests: new Map() }));
    return own;
  }

  #restOf({ rests }: AccountHosts, domain: DomainEntry): HostMeters {
    let rest = rests.get(domain.domainName);
    if (!rest) rests.set(domain.domainName, (rest = new HostMeters(domain, undefined, this.#clock.now())));
    return rest;
  }

  /** For one more host of an account; false when none can go. */
  #makeRoom(own: AccountHosts): boolean {
    if (own.hosts.size >= limit('hostsCountedPerAccountMax')) return this.#fold(own);
    if (this.#count < limit('hostsCountedMax')) return true;
    // Whoever has most has the least to lose.
    let largest = own;
    for (const other of this.#accounts.values()) if (other.hosts.size > largest.hosts.size) largest = other;
    return this.#fold(largest);
  }

  /** Counts the host that nobody has been connected to for the longest time with the rest of its domain name. */
  #fold(own: AccountHosts): boolean {
    let lookedAt = 0;
    for (const [key, meters] of own.hosts) {
      lookedAt += 1;
      if (lookedAt > LOOKED_AT_MAX) return false;
      if (meters.connections > 0) continue;
      own.hosts.delete(key);
      this.#count -= 1;
      const domain = this.#snapshot.domain(meters.domainName);
      if (domain?.account === meters.account) fold(meters, this.#restOf(own, domain));
      return true;
    }
    return false;
  }
}

function fold(from: HostMeters, into: HostMeters): void {
  foldTold(from, into);
  into.messagesIn += from.messagesIn;
  into.messagesOut += from.messagesOut;
  into.bytesIn += from.bytesIn;
  into.bytesOut += from.bytesOut;
  into.errors += from.errors;
  into.lastActiveAtMs = Math.max(into.lastActiveAtMs, from.lastActiveAtMs);
}

const keyOf = ({ domainName }: DomainEntry, host: string) => `${domainName} ${host}`;
