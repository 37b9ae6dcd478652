// Which part of the traffic a page is asked about: its query, or its body, as a filter. An account sees its own and nothing else; whoever is
// an operator sees all, or one account.

import { normalizeHost, normalizeName } from '../protocol/host-name.ts';
import type { PlaceFilter } from '../observe/live-event.ts';
import { refused, requireSigned, type OperatorRequest, type SigningWorld } from './signed-request.ts';

export interface Asker {
  readonly account: string;
  readonly isOperator: boolean;
}

export type Words = Readonly<Partial<Record<string, string>>>;

export const PLACE_WORDS: readonly string[] = ['account', 'api', 'connection', 'domain', 'stage', 'tenant'];
const WORD_CHARACTERS_MAX = 256;

export function asker(request: OperatorRequest, world: SigningWorld): Asker {
  const account = requireSigned(request, world);
  return { account, isOperator: world.identities().isOperator(account) };
}

/** Each word at most once, and only those that the page knows: a filter that is misspelt must not show everything. */
export function wordsOf(entries: Iterable<readonly [string, unknown]>, known: readonly string[]): Words {
  const words: Record<string, string> = {};
  for (const [name, value] of entries) {
    if (!known.includes(name))
      throw refused(`There is no '${name.slice(0, 64)}' to ask for. There are: ${known.join(', ')}.`);
    if (Object.hasOwn(words, name)) throw refused(`'${name}' is asked for twice.`);
    if (typeof value !== 'string' || value === '' || value.length > WORD_CHARACTERS_MAX)
      throw refused(`'${name}' must be a text of 1 to ${WORD_CHARACTERS_MAX} characters.`);
    words[name] = value;
  }
  return words;
}

/** `stage` may be `{apiId}/{stage}`. Throws AccessDeniedException where somebody else's account is asked about. */
export function placeFilter(words: Words, { account, isOperator }: Asker): PlaceFilter {
  const [stageName, apiOfStage] = (words['stage'] ?? '').split('/').reverse();
  const api = words['api'];
  if (api !== undefined && apiOfStage !== undefined && api !== apiOfStage)
    throw refused(`The stage ${words['stage']} is none of the API ${api}.`);
  const wanted = words['account'];
  if (wanted !== undefined && wanted !== account && !isOperator) {
    const text = `Account ${account} may ask about itself alone. Accounts with operator: true in the accounts file may ask about others.`;
    throw refused(text, 'AccessDeniedException');
  }
  return {
    account: wanted ?? (isOperator ? undefined : account),
    apiId: api ?? apiOfStage,
    stageName: stageName || undefined,
    domainName: words['domain'] === undefined ? undefined : domainAsked(words['domain']),
    tenant: words['tenant'] === undefined ? undefined : hostAsked(words['tenant']),
    connectionId: words['connection'],
  };
}

function domainAsked(name: string): string {
  const isWildcard = name.startsWith('*.');
  const bare = normalizeName(isWildcard ? name.slice(2) : name);
  if (bare === '') throw refused(`The domain '${name}' is no domain name.`);
  return isWildcard ? `*.${bare}` : bare;
}

function hostAsked(name: string): string {
  const host = normalizeHost(name);
  if (host === '') throw refused(`The tenant '${name}' is neither a host name nor the first label of one.`);
  return host;
}
