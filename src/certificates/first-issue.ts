// From requested to issued: mail, proof of every name, the issuer; or timed out, or failed for good (custom-domains 5.5).

import type { Certificate, FailureReason } from '../model/certificate.ts';
import { limit } from '../settings/limits.ts';
import { IssueProblem } from './issuer.ts';
import type { Proving } from './prove-name.ts';
import { ISSUE_RETRY_MS, VALIDATION_RETRY_MS, waitFor } from './renewal-times.ts';
import {
  askIssuer,
  clearNote,
  holdBack,
  noteObstacle,
  proveAll,
  rowsOf,
  sendMail,
  update,
  withProofs,
  type WorkItem,
  type WorkWorld,
} from './work-world.ts';

const PENDING = 'PENDING_VALIDATION';

/** One try. Resolves to when the next one is due; undefined when there is none to come. */
export async function tryFirstIssue(
  certificate: Certificate,
  item: WorkItem,
  world: WorkWorld,
): Promise<number | undefined> {
  const { clock, log } = world;
  const { arn } = certificate;
  const endsAtMs = certificate.createdAtMs + limit('validationTimeoutMs');
  // Names that are proven wait for the issuer as long as it takes.
  const isUnproven = certificate.validations.some(({ status }) => status !== 'SUCCESS');
  if (isUnproven && clock.now() >= endsAtMs) {
    await update(arn, item, world, (current) =>
      current.status === PENDING ? { ...current, status: 'VALIDATION_TIMED_OUT' } : undefined,
    );
    log.warn('a certificate was not validated in time', { arn, domainName: certificate.domainName });
    return undefined;
  }
  const { certificate: mailed, unsent } = await sendMail(certificate, item, world);
  if (mailed?.status !== PENDING) return undefined;
  let provings: Proving[];
  try {
    provings = await proveAll(mailed, namesToProve(mailed, world), world, unsent);
  } catch (error) {
    const nextAtMs = await retryIssue(certificate, item, { provings: [], problem: problemOf(error) }, world);
    return isUnproven ? Math.min(nextAtMs, endsAtMs) : nextAtMs;
  }
  const validations = withProofs(mailed, mailed.validations, provings);
  const current = await update(arn, item, world, (now) =>
    now.status === PENDING ? { ...now, validations: merge(now.validations, validations) } : undefined,
  );
  if (current?.status !== PENDING) return undefined;
  if (provings.some(({ isForbidden }) => isForbidden)) {
    return fail(current, item, { provings }, 'CAA_ERROR', world);
  }
  if (provings.some(({ proof }) => proof === undefined)) {
    const nextAtMs = Math.min(clock.now() + waitFor(item.attempts, VALIDATION_RETRY_MS), endsAtMs);
    await noteObstacle(current, item, { provings }, nextAtMs, world);
    return nextAtMs;
  }
  return issue(current, item, provings, world);
}

/** Names that were proven before are asked about again only by an issuer that has to know how. */
function namesToProve(certificate: Certificate, world: WorkWorld) {
  const isAskedAnew = world.issuers.get(certificate.issuer ?? '')?.canAnswerByAddress ?? false;
  const isByMail = certificate.validationMethod === 'EMAIL';
  return certificate.validations.filter(({ status }) => isAskedAnew || isByMail || status !== 'SUCCESS');
}

/** Somebody may have approved a name while it was looked at: what is there now counts. */
function merge(now: Certificate['validations'], looked: Certificate['validations']): Certificate['validations'] {
  return now.map((validation, position) =>
    validation.status === 'SUCCESS' ? validation : { ...validation, status: looked[position]!.status },
  );
}

async function issue(
  certificate: Certificate,
  item: WorkItem,
  provings: readonly Proving[],
  world: WorkWorld,
): Promise<number | undefined> {
  const { arn } = certificate;
  let rows: ReturnType<typeof rowsOf>;
  try {
    rows = rowsOf(certificate, await askIssuer(certificate, provings, undefined, world), world);
  } catch (error) {
    const problem = problemOf(error);
    if (problem.failureReason) return fail(certificate, item, { provings, problem }, problem.failureReason, world);
    return retryIssue(certificate, item, { provings, problem }, world);
  }
  const done = await update(arn, item, world, (current, transaction) => {
    // Deleted, or taken elsewhere, while it was signed.
    if (current.status !== PENDING) return undefined;
    transaction.putKeyPair(rows.keyPair);
    const validations = current.validations.map((validation) => ({ ...validation, status: 'SUCCESS' as const }));
    const moved = current.methodUpdate === 'PENDING_DOMAIN_VALIDATION' ? { methodUpdate: 'SUCCESS' as const } : {};
    return { ...current, ...moved, status: 'ISSUED', validations, issued: rows.issued };
  });
  if (done?.issued?.keyPairReference !== rows.keyPair.reference) return undefined;
  await clearNote(done, item, world);
  world.log.info('a certificate was issued', {
    arn,
    names: certificate.subjectAlternativeNames,
    issuer: certificate.issuer,
    renewAt: new Date(rows.issued.renewAtMs).toISOString(),
  });
  return rows.issued.reviewAtMs;
}

/** The error itself, when an issuer said it. */
function problemOf(error: unknown): IssueProblem {
  if (error instanceof IssueProblem) return error;
  throw error;
}

async function retryIssue(
  certificate: Certificate,
  item: WorkItem,
  obstacle: { readonly provings: readonly Proving[]; readonly problem: IssueProblem },
  world: WorkWorld,
): Promise<number> {
  const nextAtMs = holdBack(item, obstacle.problem, ISSUE_RETRY_MS, world);
  await noteObstacle(certificate, item, obstacle, nextAtMs, world);
  return nextAtMs;
}

async function fail(
  certificate: Certificate,
  item: WorkItem,
  obstacle: { readonly provings: readonly Proving[]; readonly problem?: IssueProblem },
  failureReason: FailureReason,
  world: WorkWorld,
): Promise<undefined> {
  const { arn } = certificate;
  const refused = obstacle.problem?.domainName;
  await noteObstacle(certificate, item, obstacle, world.clock.now(), world);
  await update(arn, item, world, (current) => {
    if (current.status !== PENDING) return undefined;
    const validations = current.validations.map((validation) =>
      validation.domainName === refused ? { ...validation, status: 'FAILED' as const } : validation,
    );
    return { ...current, status: 'FAILED', failureReason, validations };
  });
  world.log.warn('a certificate can not be issued', { arn, failureReason, reason: obstacle.problem?.message });
  return undefined;
}
