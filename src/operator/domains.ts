// One rolled-up state for each custom domain name of an account: the chain explained for one of its URLs, and the one thing to
// do next.

import { explain, type ExplainWorld } from './explain.ts';

export interface DomainState {
  readonly domainName: string;
  readonly region: string;
  /** `ok`, or the first step that fails. */
  readonly state: string;
  readonly regionalDomainName: string;
  readonly mappings: readonly string[];
  readonly lastOpened: string | undefined;
  readonly cause: string | undefined;
  /** The one next action. */
  readonly next: string | undefined;
}

const AT_ONCE = 10;

export async function domainStates(account: string, world: ExplainWorld): Promise<DomainState[]> {
  const domains = await world.records.domainsOf(account);
  const states: DomainState[] = [];
  for (let first = 0; first < domains.length; first += AT_ONCE) {
    states.push(
      ...(await Promise.all(
        domains.slice(first, first + AT_ONCE).map((domain) => stateOf(domain.domainName, account, world)),
      )),
    );
  }
  return states;
}

async function stateOf(domainName: string, account: string, world: ExplainWorld): Promise<DomainState> {
  const entry = world.snapshot.domain(domainName);
  const keys = [...(entry?.mappings.keys() ?? [])];
  // A wildcard is looked at through a name that it covers and nobody has made.
  const host = domainName.replace(/^\*\./, 'any-name.');
  const { steps, cause, fix } = await explain(`wss://${host}/${keys[0] ?? ''}`, account, world);
  const openedAtMs = world.steps.lastHandshake(host)?.openedAtMs;
  return {
    domainName,
    region: entry?.domain.region ?? '',
    state: steps.find((step) => step.cause === cause && !step.isGood)?.step ?? 'ok',
    regionalDomainName: entry?.domain.regionalDomainName ?? '',
    mappings: keys.map((key) => `/${key}`),
    lastOpened: openedAtMs === undefined ? undefined : new Date(openedAtMs).toISOString(),
    cause,
    next: fix,
  };
}
