// The issuer that asks an authority of ACME: one order for each certificate, within the authority's limits, and every failure as
// one problem in words. An authority that hangs, lies or is away costs an order, and nothing else.

import type { Challenge } from '../../model/certificate.ts';
import { limit } from '../../settings/limits.ts';
import type { Store } from '../../store/contract.ts';
import { IssueProblem, type IssueRequest, type Issued, type Issuer, type RenewalWindow } from '../issuer.ts';
import type { AccountKeeper } from './acme-account.ts';
import type { LimitLeft } from './acme-budget.ts';
import { fulfilOrder, type OrderParts } from './acme-order.ts';
import { AcmeProblem } from './acme-problem.ts';
import type { AcmeTransport } from './acme-transport.ts';
import { removeAnswers } from './challenge-answers.ts';
import { toIssueProblem } from './issue-words.ts';
import { createNameTurns } from './name-turns.ts';
import { certificateIdentifier, readWindow } from './renewal-window.ts';

export interface AcmeIssuer extends Issuer {
  /** What the authority's limits leave. */
  budget(): Promise<readonly LimitLeft[]>;
  /** Takes away the answers to challenges that a crash left behind: before the first order. */
  clearChallenges(): Promise<void>;
  /** Orders that are under way fail at once, and no further one is placed. Resolves when no connection is left. */
  close(): Promise<void>;
}

export interface IssuerParts extends OrderParts {
  readonly accounts: AccountKeeper;
  readonly transport: AcmeTransport;
}

const CHALLENGES_PAGE = 500;
/** How long an authority that could not be asked for its names is left alone. */
const NAMES_RETRY_MS = 60_000;

export function createAcmeIssuer(parts: IssuerParts): AcmeIssuer {
  const { client, budget, store, log, realClock } = parts;
  const closing = new AbortController();
  const turns = createNameTurns();
  let namesRetryAtMs = 0;

  return {
    name: 'acme',
    canAnswerByAddress: true,
    suggestsRenewal: true,
    // Two thirds of its life, as authorities advise where they say nothing else.
    renewalLeadMs: (lifetimeMs) => lifetimeMs / 3,
    async caaNames() {
      if (realClock.now() < namesRetryAtMs) return [];
      try {
        return (await client.directory(closing.signal)).caaIdentities;
      } catch (error) {
        namesRetryAtMs = realClock.now() + NAMES_RETRY_MS;
        log.debug('the authority does not say what CAA records call it by', { error: (error as Error).message });
        return [];
      }
    },
    issue(request) {
      const { domainName, subjectAlternativeNames } = request.certificate;
      const names = [...new Set([domainName, ...subjectAlternativeNames])];
      const hosts = names.map((name) => name.replace(/^\*\./, ''));
      return turns.take([...new Set(hosts)], () => issueWithin(parts, closing.signal, names, request));
    },
    async renewalWindow(leafPem): Promise<RenewalWindow | undefined> {
      try {
        const identifier = await certificateIdentifier(leafPem);
        const said = identifier && (await client.renewalInfo(identifier, closing.signal));
        return said ? readWindow(said, realClock) : undefined;
      } catch (error) {
        log.debug('the authority does not say when to renew', { error: (error as Error).message });
        return undefined;
      }
    },
    budget: () => budget.left(),
    clearChallenges: () => clearChallenges(store),
    async close() {
      closing.abort();
      await parts.transport.close();
    },
  };
}

async function issueWithin(
  parts: IssuerParts,
  closing: AbortSignal,
  names: readonly string[],
  request: IssueRequest,
): Promise<Issued> {
  const timeoutMs = limit('acmeOrderTimeoutMs');
  const timeOut = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([closing, timeOut]);
  try {
    signal.throwIfAborted();
    return await issueWithAccount(parts, names, request, signal);
  } catch (error) {
    if (closing.aborted) throw new IssueProblem('the order was given up: the server is stopping', { cause: error });
    if (timeOut.aborted)
      throw new IssueProblem(`the authority did not finish the order in ${timeoutMs} ms`, { cause: error });
    throw toIssueProblem(error, names);
  }
}

/** An account that the authority has lost is made again, once. */
async function issueWithAccount(
  parts: IssuerParts,
  names: readonly string[],
  request: IssueRequest,
  signal: AbortSignal,
): Promise<Issued> {
  const signer = await parts.accounts.signer(signal);
  try {
    return await fulfilOrder(parts, { names, request, signer, signal });
  } catch (error) {
    if (!(error instanceof AcmeProblem && error.type === 'accountDoesNotExist')) throw error;
    parts.log.warn('the authority does not know our account any more; another is made', { detail: error.detail });
    await parts.accounts.lose(signer);
    const again = await parts.accounts.signer(signal);
    return fulfilOrder(parts, { names, request, signer: again, signal });
  }
}

async function clearChallenges(store: Store): Promise<void> {
  for (;;) {
    const left: Challenge[] = await store.view.all('challenge', { limit: CHALLENGES_PAGE });
    await removeAnswers(store, left);
    if (left.length < CHALLENGES_PAGE) return;
  }
}
