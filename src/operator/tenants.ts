// `GET /_sallyport/tenants`: for each host under a custom domain name what went through it since it was first seen, the busiest first. An
// account sees its own, an operator all. What is not in the list is summed, so that nothing is lost.

import { limit } from '../settings/limits.ts';
import { normalizeName } from '../protocol/host-name.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { asker, wordsOf, type Asker } from './place-asked.ts';
import {
  jsonAnswer,
  queryOf,
  refused,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

/** What was counted of one host. */
export interface TenantCount {
  /** The custom domain name that answers for it. */
  readonly domainName: string;
  /** Undefined for what is counted of a domain name beside the hosts that are counted by themselves. */
  readonly host: string | undefined;
  readonly account: string;
  readonly connections: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly errors: number;
  readonly sinceMs: number;
  readonly lastActiveAtMs: number;
}

/**
 * Counts of the hosts that there are now, of an account or of all.
 * @port tenant-counts
 */
export interface TenantCounts {
  all(account: string | undefined): readonly TenantCount[];
}

export interface TenantsWorld extends SigningWorld {
  readonly tenantCounts: TenantCounts;
  readonly snapshot: Snapshot;
}

const NUMBERS = ['connections', 'messagesIn', 'messagesOut', 'bytesIn', 'bytesOut', 'errors'] as const;

/** What comes first: the most of it. */
const ORDERS: Readonly<Record<string, (one: TenantCount) => number>> = {
  messages: ({ messagesIn, messagesOut }) => messagesIn + messagesOut,
  connections: ({ connections }) => connections,
  bytes: ({ bytesIn, bytesOut }) => bytesIn + bytesOut,
  errors: ({ errors }) => errors,
  active: ({ lastActiveAtMs }) => lastActiveAtMs,
};
const SORTS = Object.keys(ORDERS);

/** `?domain=…`, a custom domain name or one host under it, and `?sort=…`. */
export function listTenants(request: OperatorRequest, world: TenantsWorld): OperatorAnswer {
  const who = asker(request, world);
  const { domain, sort = SORTS[0]! } = wordsOf(queryOf(request), ['domain', 'sort']);
  const order = Object.hasOwn(ORDERS, sort) ? ORDERS[sort] : undefined;
  if (!order) throw refused(`There is no order '${sort.slice(0, 64)}'. There are: ${SORTS.join(', ')}.`);
  const counts = countsOf(domain, who, world);
  const hosts = counts.filter(({ host }) => host !== undefined).sort((a, b) => order(b) - order(a));
  const max = limit('tenantsListedMax');
  const unlisted = [...hosts.slice(max), ...counts.filter(({ host }) => host === undefined)];
  return jsonAnswer(200, {
    account: who.account,
    tenants: hosts.slice(0, max).map((one) => tenantOf(one, who)),
    total: sumOf(counts),
    ...(unlisted.length > 0 && { others: { hosts: Math.max(0, hosts.length - max), ...sumOf(unlisted) } }),
  });
}

/** Throws NotFoundException for a name that is none of the caller's. */
function countsOf(asked: string | undefined, who: Asker, world: TenantsWorld): readonly TenantCount[] {
  const all = world.tenantCounts.all(who.isOperator ? undefined : who.account);
  if (asked === undefined) return all;
  const bare = normalizeName(asked.replace(/^\*\./, ''));
  const name = bare !== '' && asked.startsWith('*.') ? `*.${bare}` : bare;
  const isOwn = (account: string | undefined) => account !== undefined && (who.isOperator || account === who.account);
  if (!isOwn(world.snapshot.domain(name)?.account) && !isOwn(world.snapshot.domainFor(name)?.account)) {
    const text = `There is no custom domain name ${asked.slice(0, 256)}, and none that answers for it, or it is not yours.`;
    throw refused(text, 'NotFoundException');
  }
  return all.filter(({ domainName, host }) => domainName === name || host === name);
}

function tenantOf(one: TenantCount, { isOperator }: Asker) {
  const { host, domainName: domain, account, sinceMs, lastActiveAtMs } = one;
  return {
    host,
    domain,
    ...(isOperator && { account }),
    ...sumOf([one]),
    since: new Date(sinceMs).toISOString(),
    lastActiveAt: new Date(lastActiveAtMs).toISOString(),
  };
}

function sumOf(counts: readonly TenantCount[]): Readonly<Record<(typeof NUMBERS)[number], number>> {
  const sum = Object.fromEntries(NUMBERS.map((name) => [name, 0])) as Record<(typeof NUMBERS)[number], number>;
  for (const one of counts) for (const name of NUMBERS) sum[name] += one[name];
  return sum;
}
