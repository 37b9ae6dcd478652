// One order from its placing to a certificate that was checked (RFC 8555 7.1.6): authorizations → challenges → answers → finalize →
// certificate. Whatever happens, the answers are taken away again, and the budget learns what was used.

import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../ambient/clock.ts';
import type { Log } from '../../observe/log.ts';
import { limit } from '../../settings/limits.ts';
import { IssueProblem, type IssueRequest, type Issued } from '../issuer.ts';
import type { AcmeBudget, Reservation } from './acme-budget.ts';
import type { AcmeClient, Authorization, Order } from './acme-client.ts';
import { AcmeProblem, AcmeTrouble, oneLine } from './acme-problem.ts';
import { chooseChallenge, putAnswers, type AnswerParts, type ChosenChallenge } from './challenge-answers.ts';
import { removeChallenges } from '../clear-challenges.ts';
import { checkIssued } from './check-issued.ts';
import { isAboutReplacing, isPassing, notProven } from './issue-words.ts';
import type { Signer } from './jws.ts';
import { certificateIdentifier } from './renewal-window.ts';

export interface OrderParts extends AnswerParts {
  readonly client: AcmeClient;
  readonly budget: AcmeBudget;
  readonly log: Log;
}

export interface OrderWork {
  readonly names: readonly string[];
  readonly request: IssueRequest;
  readonly signer: Required<Signer>;
  readonly signal: AbortSignal;
}

interface PlacedOrder {
  readonly order: Order;
  readonly reservation: Reservation;
  readonly isReplacing: boolean;
}

const FIRST_POLL_MS = 250;
const POLL_MS_MAX = 5_000;
const POLL_MS_MIN = 50;
const READS_MAX = 3;
const INTERNAL_ERROR = 500;

/** Rejects with an IssueProblem, a problem or trouble of the authority's, or the reason of the signal. */
export async function fulfilOrder(parts: OrderParts, work: OrderWork): Promise<Issued> {
  const { order, reservation, isReplacing } = await placeOrder(parts, work);
  const progress = { mayBeIssued: false };
  try {
    await proveNames(parts, work, order, isReplacing);
    return await obtain(parts, work, order, progress);
  } finally {
    await settle(parts, reservation, { isPlaced: true, ...progress });
  }
}

/** As the replacement of the certificate of before where that can be, for such orders are hardly limited; else as any other. */
async function placeOrder(parts: OrderParts, work: OrderWork): Promise<PlacedOrder> {
  const { client, budget, log } = parts;
  const { names } = work;
  const replaces = await replacedIdentifier(parts, work);
  if (replaces !== undefined) {
    const reservation = await budget.reserve(names, true);
    try {
      const order = await client.newOrder(names, replaces, work);
      return { order, reservation, isReplacing: true };
    } catch (error) {
      if (!isAboutReplacing(error)) throw error;
      log.info('the authority does not take the order as a replacement; it is placed as any other', {
        names,
        detail: (error as AcmeProblem).detail,
      });
    }
  }
  const reservation = await budget.reserve(names, false);
  try {
    return { order: await client.newOrder(names, undefined, work), reservation, isReplacing: false };
  } catch (error) {
    // An answer that was lost may have been that the order is there.
    const isRefused = isRefusal(error) || (error instanceof AcmeTrouble && error.isUnsent);
    await settle(parts, reservation, { isPlaced: !isRefused, mayBeIssued: false });
    throw error;
  }
}

async function replacedIdentifier({ client }: OrderParts, work: OrderWork): Promise<string | undefined> {
  const { request, signal } = work;
  if (request.replacedPem === undefined) return undefined;
  const { renewalInfo } = await client.directory(signal);
  return renewalInfo === undefined ? undefined : certificateIdentifier(request.replacedPem);
}

/** A server that fails may have done what it was asked. */
function isRefusal(error: unknown): boolean {
  return error instanceof AcmeProblem && error.status < INTERNAL_ERROR;
}

/** What the ledger could not note is on the safe side: it counts what may not have been used. */
async function settle(
  { log }: OrderParts,
  reservation: Reservation,
  outcome: { readonly isPlaced: boolean; readonly mayBeIssued: boolean },
): Promise<void> {
  await reservation.settle(outcome).catch((error: Error) => {
    log.warn('what an order did not use could not be noted; it counts as used', { error: error.message });
  });
}

/** Answers every challenge that must be, and waits for the authority's word on each name. */
async function proveNames(parts: OrderParts, work: OrderWork, order: Order, isReplacing: boolean): Promise<void> {
  const { client, store, log, isHttpServed } = parts;
  const { request, signer, names } = work;
  const open: { readonly authorization: Authorization; readonly chosen: ChosenChallenge }[] = [];
  if (order.authorizations.length > names.length)
    throw new AcmeTrouble(
      `the authority asks for ${order.authorizations.length} authorizations of ${names.length} names`,
    );
  for (const url of order.authorizations) {
    const authorization = await persist(parts, work, () => client.authorization(url, work));
    if (!names.includes(authorization.name))
      throw new AcmeTrouble(`the authority asks to prove ${oneLine(authorization.name)}, which was not ordered`);
    if (authorization.status === 'valid') continue;
    if (authorization.status !== 'pending') throw refusedBefore(authorization);
    open.push({ authorization, chosen: chooseChallenge(authorization, request, isHttpServed) });
  }
  const chosen = open.map((one) => one.chosen);
  const answers = await putAnswers(parts, chosen, signer.key, request.certificate);
  try {
    for (const { name, type, challenge } of chosen) {
      log.debug('the authority is told that its challenge is answered', { name, type });
      await client.answerChallenge(challenge.url, work);
    }
    await awaitWord(parts, work, open, isReplacing);
  } finally {
    await removeChallenges(store, answers).catch((error: Error) => {
      log.warn('the answers to challenges could not be taken away; the next start does', { error: error.message });
    });
  }
}

/** Of several names that were found not proven, the first is told of and all are counted. */
async function awaitWord(
  parts: OrderParts,
  work: OrderWork,
  open: readonly { readonly authorization: Authorization; readonly chosen: ChosenChallenge }[],
  isReplacing: boolean,
): Promise<void> {
  let problem: IssueProblem | undefined;
  for (const { authorization, chosen } of open) {
    const read = () => parts.client.authorization(authorization.url, work);
    // With one name refused the order is lost: the others are looked at, but not waited for.
    const seen = problem ? await read() : await poll(parts, work, read, ({ status }) => status !== 'pending');
    if (seen.status === 'valid' || (problem && seen.status === 'pending')) continue;
    await parts.budget.fail(chosen.name, isReplacing).catch((error: Error) => {
      parts.log.warn('a failed validation could not be noted', { name: chosen.name, error: error.message });
    });
    const refused = seen.challenges.find(({ url }) => url === chosen.challenge.url) ?? chosen.challenge;
    problem ??= notProven({ ...chosen, challenge: refused });
  }
  if (problem) throw problem;
}

async function obtain(
  parts: OrderParts,
  work: OrderWork,
  placed: Order,
  progress: { mayBeIssued: boolean },
): Promise<Issued> {
  const { client, signing, realClock } = parts;
  const { names, request } = work;
  const readOrder = () => client.order(placed.url, work);
  const ready =
    placed.status === 'ready' ? placed : await poll(parts, work, readOrder, ({ status }) => status !== 'pending');
  if (ready.status !== 'ready') throw unexpected(ready, 'ready');
  const { csr, keyPem } = await signing.request({ make: 'csr', names, keyAlgorithm: request.keyAlgorithm });
  progress.mayBeIssued = true;
  let finalized: Order;
  try {
    finalized = await client.finalize(ready, csr, work);
  } catch (error) {
    progress.mayBeIssued = !isRefusal(error);
    throw error;
  }
  if (finalized.status !== 'valid')
    finalized = await poll(parts, work, readOrder, ({ status }) => status !== 'processing' && status !== 'ready');
  progress.mayBeIssued = finalized.status !== 'invalid';
  const { certificate: url } = finalized;
  if (finalized.status !== 'valid' || url === undefined) throw unexpected(finalized, 'valid, with a certificate');
  const sent = await persist(parts, work, () => client.certificate(url, work));
  return checkIssued(sent, keyPem, names, realClock.now());
}

function refusedBefore({ name, status }: Authorization): IssueProblem {
  return new IssueProblem(`the authority gave an authorization for ${name} that is ${oneLine(status)} already`, {
    domainName: name,
  });
}

/** An order that is invalid says why. */
function unexpected({ status, error }: Order, wanted: string): Error {
  if (status === 'invalid') return new AcmeProblem('the authority found the order invalid', 0, error);
  return new AcmeTrouble(`the order is ${oneLine(status)}, and should be ${wanted}`);
}

/** Looks again and again, as often as the authority wants it and within bounds, until the order's time is over. */
async function poll<T extends { readonly retryAtMs: number | undefined }>(
  parts: OrderParts,
  work: OrderWork,
  read: () => Promise<T>,
  isDone: (seen: T) => boolean,
): Promise<T> {
  for (let usualMs = FIRST_POLL_MS; ; usualMs = Math.min(usualMs * 2, POLL_MS_MAX)) {
    const seen = await persist(parts, work, read);
    if (isDone(seen)) return seen;
    await pause(parts.realClock, seen.retryAtMs, usualMs, work.signal);
  }
}

/** A read that failed in passing is tried again: an order that is nearly done must not be lost to one answer. */
async function persist<T>(parts: OrderParts, { signal }: OrderWork, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries >= READS_MAX || !isPassing(error)) throw error;
      const retryAtMs = error instanceof AcmeProblem ? error.retryAtMs : undefined;
      await pause(parts.realClock, retryAtMs, tries * FIRST_POLL_MS, signal);
    }
  }
}

async function pause(realClock: Clock, untilMs: number | undefined, usualMs: number, signal: AbortSignal) {
  const wantedMs = untilMs === undefined ? usualMs : untilMs - realClock.now();
  await wait(Math.min(Math.max(wantedMs, POLL_MS_MIN), limit('acmePollWaitMsMax')), undefined, { signal });
}
