// One rolled-up state for each custom domain name of an account: certificate, DNS, mappings, last handshake, and the one thing to
// do next. The chain is explained for one of its URLs; nothing is decided here a second time.

import type { DomainEntry } from '../snapshot/snapshot.ts';
import { explain } from './explain.ts';
import type { Explanation, ExplainWorld, Note } from './explain-world.ts';
import type { PointingWatch } from './pointing-watch.ts';
import { hostOf } from './pointing-world.ts';
import type { RecordForm } from './record-place.ts';

export interface DomainState {
  readonly domainName: string;
  readonly region: string;
  /** `ok`, or the first step that fails. */
  readonly state: string;
  readonly regionalDomainName: string;
  readonly certificate: { readonly arn: string; readonly isGood: boolean; readonly expiresAt: string | undefined };
  /** Does the name lead here, and what DNS says. */
  readonly dns: { readonly isPointingHere: boolean; readonly found: string; readonly lostSince: string | undefined };
  readonly mappings: readonly { readonly key: string; readonly apiId: string; readonly stage: string }[];
  readonly lastHandshake: {
    readonly openedAt: string | undefined;
    readonly refusedAt: string | undefined;
    readonly refusal: string | undefined;
  };
  readonly cause: string | undefined;
  /** The one next action. */
  readonly next: string | undefined;
  /** The record that it is about, where it belongs into somebody else's DNS. */
  readonly record: RecordForm | undefined;
  readonly notes: readonly Note[];
}

export interface DomainsWorld extends ExplainWorld {
  readonly pointing: Pick<PointingWatch, 'lostSince' | 'danglingOf'>;
}

export interface DomainPage {
  readonly domains: readonly DomainState[];
  /** Where the next page begins; undefined on the last. */
  readonly after: string | undefined;
}

const AT_ONCE = 10;
export const DOMAINS_PAGE_SIZE = 50;

/** One page of the account's domain names behind `after`, in order of name. */
export async function domainStates(account: string, after: string, world: DomainsWorld): Promise<DomainPage> {
  const names = await world.records.domainsOf(account, after, DOMAINS_PAGE_SIZE + 1);
  const page = names.slice(0, DOMAINS_PAGE_SIZE);
  const domains: DomainState[] = [];
  for (let first = 0; first < page.length; first += AT_ONCE) {
    const some = page.slice(first, first + AT_ONCE).map((name) => domainState(name, account, world));
    domains.push(...(await Promise.all(some)).filter((state) => state !== undefined));
  }
  return { domains, after: names.length > page.length ? page.at(-1) : undefined };
}

/** Undefined when the account has no such domain name. */
export async function domainState(
  domainName: string,
  account: string,
  world: DomainsWorld,
): Promise<DomainState | undefined> {
  const entry = world.snapshot.domain(domainName);
  if (entry?.account !== account) return undefined;
  const host = hostOf(domainName);
  const [explained, lostAtMs] = await Promise.all([
    explain(`wss://${host}/${entry.mappings.at(-1)?.key ?? ''}`, account, world),
    world.pointing.lostSince(domainName),
  ]);
  return rollUp(entry, explained, lostAtMs, world);
}

function rollUp(
  entry: DomainEntry,
  { steps, cause, fix, record, notes }: Explanation,
  lostAtMs: number | undefined,
  world: DomainsWorld,
): DomainState {
  const { domainName, region, regionalDomainName, certificateArn } = entry;
  const step = (name: string) => steps.find((one) => one.step === name);
  const shown = world.steps.certificateFor(hostOf(domainName));
  const last = world.steps.lastHandshake(domainName);
  const isPointingHere = step('dns')?.isGood ?? false;
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
  return {
    domainName,
    region,
    state: steps.find((one) => !one.isGood && one.cause === cause)?.step ?? 'ok',
    regionalDomainName,
    certificate: { arn: certificateArn, isGood: step('tls')?.isGood ?? false, expiresAt: time(shown?.notAfterMs) },
    dns: {
      isPointingHere,
      found: step('dns')?.found ?? '',
      // The look that was just taken knows better than the last round.
      lostSince: isPointingHere ? undefined : time(lostAtMs),
    },
    mappings: entry.mappings.map(({ key, apiId, stage }) => ({ key, apiId, stage })),
    lastHandshake: {
      openedAt: time(last?.openedAtMs),
      refusedAt: time(last?.refusal?.atMs),
      refusal: last?.refusal?.reason,
    },
    cause,
    next: fix,
    record,
    notes,
  };
}
