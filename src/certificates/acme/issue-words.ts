// What went wrong with an order → why there is no certificate: whether trying again can help, which name it is about, until when to
// wait, and the authority's own words.

import { IssueProblem } from '../issuer.ts';
import type { FailureReason } from '../../model/certificate.ts';
import type { ChosenChallenge } from './challenge-answers.ts';
import { AcmeProblem, AcmeTrouble } from './acme-problem.ts';

/** Of any error; one that says all this already is left as it is. */
export function toIssueProblem(error: unknown, names: readonly string[]): IssueProblem {
  if (error instanceof IssueProblem) return error;
  if (!(error instanceof AcmeProblem)) {
    const remedy = error instanceof AcmeTrouble ? error.remedy : undefined;
    return new IssueProblem((error as Error).message, { cause: error, remedy });
  }
  const about = decisivePart(error);
  const failureReason = reasonOf(about);
  const domainName = about.name === undefined ? onlyName(names) : nameOf(about.name, names);
  return new IssueProblem(words(error, about), {
    ...(failureReason === undefined ? {} : { failureReason }),
    domainName,
    retryAtMs: error.retryAtMs,
    cause: error,
  });
}

/** A name that the authority found not proven. */
export function notProven({ name, type, challenge }: ChosenChallenge): IssueProblem {
  const problem = new AcmeProblem(`the authority found ${name} not proven by ${type}`, 0, challenge.error);
  const isRefusedByCaa = problem.type === 'caa';
  const message = problem.detail === '' ? `the authority found ${name} not proven by ${type}` : problem.message;
  return new IssueProblem(message, {
    domainName: name,
    cause: problem,
    ...(isRefusedByCaa ? { failureReason: 'CAA_ERROR' } : {}),
  });
}

interface Part {
  readonly type: string;
  readonly detail: string;
  readonly name?: string | undefined;
}

/** Of a refusal for several reasons, the one that ends it. */
function decisivePart({ type, detail, subproblems }: AcmeProblem): Part {
  return (
    subproblems.find((part) => reasonOf(part) !== undefined && part.name !== undefined) ??
    (subproblems.length === 1 ? { type, detail, name: subproblems[0]!.name } : { type, detail })
  );
}

function reasonOf({ type, detail }: Part): FailureReason | undefined {
  if (type === 'caa') return 'CAA_ERROR';
  if (type !== 'rejectedIdentifier') return undefined;
  return /\bpolicy\b/i.test(detail) ? 'ADDITIONAL_VERIFICATION_REQUIRED' : 'DOMAIN_NOT_ALLOWED';
}

function words(problem: AcmeProblem, about: Part): string {
  const detail = about.detail !== '' && about.detail !== problem.detail ? ` (${about.name}: ${about.detail})` : '';
  if (problem.type !== 'userActionRequired') return `${problem.message}${detail}`;
  return `${problem.message}${detail}. Something is to be done first${problem.instance === undefined ? '' : ` at ${problem.instance}`}`;
}

/** Authorities speak of a wildcard by the name below its star. */
function nameOf(said: string, names: readonly string[]): string | undefined {
  const name = said.toLowerCase();
  return [name, `*.${name}`].find((one) => names.includes(one));
}

function onlyName(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

/** True of refusals that the same order without `replaces` does not meet (RFC 9773 5). */
export function isAboutReplacing(error: unknown): boolean {
  return error instanceof AcmeProblem && ['alreadyReplaced', 'malformed', 'unauthorized'].includes(error.type);
}

/** True when trying the same read again a little later may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AcmeTrouble) return true;
  return error instanceof AcmeProblem && (error.status >= 500 || error.status === 429);
}
