// The pages about domain names: why a client can or cannot connect, the state of the caller's names with the records that lead nowhere, and
// what deleting one would break.

import { danglingState } from './dangling.ts';
import { domainImpact } from './domain-impact.ts';
import { domainState, domainStates, DOMAINS_PAGE_SIZE, type DomainsWorld } from './domains.ts';
import { explain } from './explain.ts';
import {
  jsonAnswer,
  providerAsked,
  queryOf,
  refused,
  requireSigned,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

export interface DomainRequestsWorld extends Omit<DomainsWorld, 'provider'>, SigningWorld {
  readonly identities: SigningWorld['identities'];
  readonly facts: { openConnectionsOf(domainName: string): number };
}

/** `?url=wss://…`: the steps of a connection, for the caller's account; `?provider=`: in whose form a record is told. */
export async function explainUrl(request: OperatorRequest, world: DomainRequestsWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  const url = queryOf(request).get('url');
  if (url === null) {
    throw refused('Give the URL to explain: /_sallyport/explain?url=wss://ws.example.com/myservice');
  }
  return jsonAnswer(200, await explain(url, account, { ...world, provider: providerAsked(request) }));
}

/**
 * The caller's domain names, each with its state and the next action: a page of them behind `?after=`, the first with the records that
 * lead to Regional names which are gone; or those that `?name=` names. `sharesOwnerWith` are the accounts whose names may overlap
 * with the caller's, because the operator recorded one owner.
 */
export async function listDomains(request: OperatorRequest, asked: DomainRequestsWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, asked);
  const world = { ...asked, provider: providerAsked(request) };
  const query = queryOf(request);
  const sharesOwnerWith = world.identities().sharedOwners(account);
  const names = query.getAll('name');
  if (names.length > DOMAINS_PAGE_SIZE) {
    throw refused(
      `At most ${DOMAINS_PAGE_SIZE} domain names can be asked for at a time, and these are ${names.length}. Ask for all without naming any.`,
    );
  }
  if (names.length === 0) {
    const after = query.get('after') ?? '';
    return jsonAnswer(200, {
      account,
      sharesOwnerWith,
      ...(await domainStates(account, after, world)),
      dangling: after === '' ? world.pointing.danglingOf(account).map(danglingState) : [],
    });
  }
  const states = await Promise.all(names.map((name) => domainState(name, account, world)));
  const absent = names.find((_, position) => states[position] === undefined);
  if (absent !== undefined) throw absentDomain(absent, account);
  return jsonAnswer(200, { account, sharesOwnerWith, domains: states, dangling: [] });
}

/** `?name=`: what deleting it would break. */
export async function showImpact(request: OperatorRequest, asked: DomainRequestsWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, asked);
  const world = { ...asked, provider: providerAsked(request) };
  const name = queryOf(request).get('name') ?? '';
  const impact = await domainImpact(name, account, world, (domainName) => world.facts.openConnectionsOf(domainName));
  if (!impact) throw absentDomain(name, account);
  return jsonAnswer(200, impact);
}

function absentDomain(name: string, account: string) {
  return refused(`There is no custom domain name ${name.slice(0, 300)} in account ${account}.`, 'NotFoundException');
}
