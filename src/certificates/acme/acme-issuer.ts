// The issuer that asks an authority of ACME: one order for each certificate, within the authority's limits, and every failure as
// one problem in words. An authority that hangs, lies or is away costs an order, and nothing else.

import { limit } from '../../settings/limits.ts';
import { IssueProblem, type IssueRequest, type Issued, type Issuer, type RenewalWindow } from '../issuer.ts';
import type { AccountKeeper } from './acme-account.ts';
import type { LimitLeft } from './acme-budget.ts';
import { fulfilOrder, type OrderParts } from './acme-order.ts';
import { AcmeProblem } from './acme-problem.ts';
import type { AcmeTransport } from './acme-transport.ts';
import { toIssueProblem } from './issue-words.ts';
import { createNameTurns } from './name-turns.ts';
import { createSlots } from '../slots.ts';
import { certificateIdentifier, readWindow } from './renewal-window.ts';

export interface AcmeIssuer extends Issuer {
  /** What the authority's limits leave. */
  budget(): Promise<readonly LimitLeft[]>;
  /** Looks at the authority once, and warns of what would keep it from issuing. Never rejects. */
  greet(): Promise<void>;
  /** Orders that are under way fail at once, and no further one is placed. Resolves when no connection is left. */
  close(): Promise<void>;
}

export interface IssuerParts extends OrderParts {
  readonly accounts: AccountKeeper;
  readonly transport: AcmeTransport;
}

/** How long an authority that could not be asked for its names is left alone. */
const NAMES_RETRY_MS = 60_000;

export function createAcmeIssuer(parts: IssuerParts): AcmeIssuer {
  const { client, budget, log, realClock } = parts;
  const closing = new AbortController();
  const turns = createNameTurns();
  const orders = createSlots(limit('issuesAtOnceMax'));
  const questions = createSlots(limit('renewalQuestionsAtOnceMax'));
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
      const { account, domainName, subjectAlternativeNames } = request.certificate;
      const names = [...new Set([domainName, ...subjectAlternativeNames])];
      const hosts = names.map((name) => name.replace(/^\*\./, ''));
      // Whoever waits for a name holds no place of an order.
      return turns.take([...new Set(hosts)], () =>
        orders.run(account, () => issueWithin(parts, closing.signal, names, request)),
      );
    },
    async renewalWindow(leafPem): Promise<RenewalWindow | undefined> {
      try {
        const identifier = await certificateIdentifier(leafPem);
        if (identifier === undefined) return undefined;
        const said = await questions.run('', () => client.renewalInfo(identifier, closing.signal));
        return said ? readWindow(said, realClock) : undefined;
      } catch (error) {
        log.debug('the authority does not say when to renew', { error: (error as Error).message });
        return undefined;
      }
    },
    async greet() {
      try {
        await parts.accounts.signer(closing.signal);
      } catch (error) {
        if (closing.signal.aborted) return;
        log.warn('the authority would not issue now', { reason: toIssueProblem(error, []).message });
      }
    },
    budget: () => budget.left(),
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
