// What the work on one certificate needs, and the acts that its first issue and its renewals have in common: mail, proof, issue,
// and the commits. The reconciler decides when; nothing here looks at a queue.

import { X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ids } from '../ambient/ids.ts';
import type { Clock, LifecycleClock } from '../ambient/clock.ts';
import type {
  Certificate,
  CertificateProgress,
  DomainValidation,
  IssuableAlgorithm,
  IssuedCertificate,
  KeyPair,
  NameProgress,
} from '../model/certificate.ts';
import { assert } from '../model/faults.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import type { Store, Transaction } from '../store/contract.ts';
import { IssueProblem, type Issued, type Issuer, type Proof } from './issuer.ts';
import type { Mailer } from './mail/mailer.ts';
import { proveName, type Proving, type ProvingWorld } from './prove-name.ts';
import { noticesUntil, renewalTimes, waitFor } from './renewal-times.ts';
import type { Teller } from './renewal-webhook.ts';
import type { Slots } from './slots.ts';

export interface WorkWorld extends ProvingWorld {
  readonly store: Store;
  readonly clock: LifecycleClock;
  readonly realClock: Clock;
  readonly log: Log;
  readonly issuers: ReadonlyMap<string, Issuer>;
  readonly mailer: Pick<Mailer, 'mail'>;
  readonly teller: Teller;
  /** Seals a private key for its row. */
  readonly seal: (keyPem: string, reference: string) => Uint8Array;
  /** In [0, 1). */
  readonly random: () => number;
  readonly letters: Slots;
}

/** What the reconciler remembers of a certificate while there is work on it. */
export interface WorkItem {
  /** Tries since something last changed; the present one counts. */
  attempts: number;
  /** How often in a row the issuer did not issue; no change of records makes it forgotten. */
  refusals: number;
  /** The issuer is not asked again before this, whatever changes. */
  notBeforeMs: number;
  /** What the work itself wrote last: seeing it in the change feed is no news. */
  written?: Certificate;
  /** How many notices of its coming end were given. */
  notices: number;
  isTroubleTold: boolean;
  /** What the last look found, to log only what is new. */
  lastFound?: string;
}

/** Why there is no certificate after a try, for the note and for whoever is told. */
export interface Obstacle {
  readonly provings: readonly Proving[];
  readonly problem?: IssueProblem;
}

export function issuerOf(certificate: Certificate, world: WorkWorld): Issuer {
  const issuer = world.issuers.get(certificate.issuer ?? 'local');
  if (issuer) return issuer;
  throw new IssueProblem(
    `the issuer '${certificate.issuer}' is not configured any more: start with it, or request the certificate anew`,
  );
}

/** Where and why no mailbox of a name took its mail. */
export type Unsent = ReadonlyMap<string, Pick<NameProgress, 'server' | 'found'>>;

/** Sends what mail is still to be sent, and marks at once what was. Resolves to the certificate as it is then. */
export async function sendMail(
  certificate: Certificate,
  item: WorkItem,
  world: WorkWorld,
): Promise<{ readonly certificate: Certificate | undefined; readonly unsent: Unsent }> {
  const unsent = new Map<string, Pick<NameProgress, 'server' | 'found'>>();
  const nowMs = world.clock.now();
  const waiting = validationsOf(certificate).filter(
    (validation) => validation.status !== 'SUCCESS' && isToBeMailed(validation, certificate, nowMs),
  );
  if (certificate.validationMethod !== 'EMAIL' || waiting.length === 0) return { certificate, unsent };
  const { arn, account } = certificate;
  const { clock, log, mailer, letters } = world;
  const sent = new Set<string>();
  const send = async (validation: DomainValidation) => {
    const { domainName } = validation;
    const outcome = await letters.run(account, () => mailer.mail(certificate, validation, clock.now()));
    const { accepted, refused, place, found } = outcome;
    if (refused.length > 0) log.warn('validation mail did not go out to all', { arn, domainName, place, found });
    else log.info('validation mail was sent', { arn, domainName, place });
    if (accepted.length > 0) sent.add(domainName);
    else unsent.set(domainName, { server: place, found });
  };
  await Promise.all(waiting.map(send));
  const marked = await update(arn, item, world, (current) => {
    if (current.status !== certificate.status) return undefined;
    const mark = (validation: DomainValidation) =>
      sent.has(validation.domainName) && isToBeMailed(validation, certificate, nowMs)
        ? { ...validation, mailedAtMs: clock.now() }
        : validation;
    if (current.status === 'PENDING_VALIDATION') return { ...current, validations: current.validations.map(mark) };
    const { renewal } = current;
    return renewal && { ...current, renewal: { ...renewal, validations: renewal.validations.map(mark) } };
  });
  return { certificate: marked, unsent };
}

/** Not yet; or its link is over, and the end of the certificate has come so much closer that somebody is told again. */
function isToBeMailed({ mailedAtMs }: DomainValidation, { issued }: Certificate, nowMs: number): boolean {
  if (mailedAtMs === undefined) return true;
  const isOver = nowMs >= mailedAtMs + limit('validationTimeoutMs');
  if (!issued || !isOver) return false;
  return noticesUntil(nowMs, issued.notAfterMs).count > noticesUntil(mailedAtMs, issued.notAfterMs).count;
}

/** What is to be proven now: for the first issue, or for the renewal that is under way. */
export function validationsOf({ status, validations, renewal }: Certificate): readonly DomainValidation[] {
  return status === 'ISSUED' && renewal ? renewal.validations : validations;
}

/** Looks at every name that `isWanted`, at the same time. */
export async function proveAll(
  certificate: Certificate,
  validations: readonly DomainValidation[],
  world: WorkWorld,
  unsent: Unsent = new Map(),
): Promise<Proving[]> {
  const issuer = issuerOf(certificate, world);
  const caaNames = await issuer.caaNames();
  return Promise.all(
    validations.map(async (validation) => {
      const proving = await proveName(certificate, validation, issuer, caaNames, world);
      const why = unsent.get(validation.domainName);
      return why && proving.progress ? { ...proving, progress: { ...proving.progress, ...why } } : proving;
    }),
  );
}

/** The validations as the looks leave them: what was proven stays so; an approval is not ours to give. */
export function withProofs(
  certificate: Certificate,
  validations: readonly DomainValidation[],
  provings: readonly Proving[],
): readonly DomainValidation[] {
  return validations.map((validation) => {
    const proving = provings.find(({ domainName }) => domainName === validation.domainName);
    if (!proving) return validation;
    if (proving.isForbidden) return { ...validation, status: 'FAILED' };
    const isProven = proving.proof !== undefined && certificate.validationMethod !== 'EMAIL';
    return isProven ? { ...validation, status: 'SUCCESS' } : validation;
  });
}

/** Asks the issuer, in its turn. Every failure is an IssueProblem. */
export async function askIssuer(
  certificate: Certificate,
  provings: readonly Proving[],
  replacedPem: string | undefined,
  world: WorkWorld,
): Promise<Issued> {
  const issuer = issuerOf(certificate, world);
  const proofs = new Map<string, Proof>();
  for (const { domainName, proof } of provings) if (proof !== undefined) proofs.set(domainName, proof);
  // What was imported is never issued, so its algorithm is one that can be.
  const keyAlgorithm = certificate.keyAlgorithm as IssuableAlgorithm;
  try {
    return await issuer.issue({ certificate, keyAlgorithm, proofs, ...(replacedPem !== undefined && { replacedPem }) });
  } catch (error) {
    if (error instanceof IssueProblem) throw error;
    throw new IssueProblem((error as Error).message, { cause: error });
  }
}

/** The rows of a new certificate: what the certificate says of it, and its key pair. */
export function rowsOf(certificate: Certificate, issued: Issued, world: WorkWorld) {
  const issuer = issuerOf(certificate, world);
  const issuedAtMs = world.clock.now();
  const { notBeforeMs, notAfterMs, serial } = issued;
  const leadMs = issuer.renewalLeadMs(notAfterMs - notBeforeMs);
  const isAuthorityAsked = issuer.suggestsRenewal;
  const reference = ids.keyPair();
  const { account, region } = certificate;
  const facts: IssuedCertificate = {
    keyPairReference: reference,
    serial,
    notBeforeMs,
    notAfterMs,
    issuedAtMs,
    ...signerOf(issued, issuer),
    ...renewalTimes({ issuedAtMs, notAfterMs, leadMs, isAuthorityAsked }, world.random()),
  };
  const keyPair: KeyPair = {
    reference,
    account,
    region,
    chainPem: `${issued.certificatePem}${issued.intermediatesPem}`,
    ...(issued.anchorPem !== undefined && { anchorPem: issued.anchorPem }),
    sealedKey: world.seal(issued.keyPem, reference),
  };
  return { issued: facts, keyPair };
}

const SIGNATURES: Readonly<Record<string, string>> = {
  'ecdsa-with-SHA256': 'SHA256WITHECDSA',
  'ecdsa-with-SHA384': 'SHA384WITHECDSA',
  sha384WithRSAEncryption: 'SHA384WITHRSA',
};

/** Who signed it and how, in ACM's words. */
function signerOf(
  { certificatePem }: Issued,
  { name }: Issuer,
): Pick<IssuedCertificate, 'signatureAlgorithm' | 'issuerName'> {
  const leaf = new X509Certificate(certificatePem);
  const signatureAlgorithm = SIGNATURES[leaf.signatureAlgorithm ?? ''] ?? 'SHA256WITHRSA';
  const by = (field: string) => new RegExp(`^${field}=(.*)$`, 'm').exec(leaf.issuer)?.[1];
  const issuerName = name === 'local' ? undefined : (by('O') ?? by('CN'));
  return { signatureAlgorithm, ...(issuerName !== undefined && { issuerName }) };
}

/**
 * Changes the certificate as it is now, unless `change` finds that it is no longer what it was looked at as, and gives undefined.
 * What would change nothing is not written. Resolves to the certificate as it is then.
 */
export async function update(
  arn: string,
  item: WorkItem,
  world: WorkWorld,
  change: (current: Certificate, transaction: Transaction) => Certificate | undefined,
): Promise<Certificate | undefined> {
  return world.store.transact(async (transaction) => {
    const current = await transaction.get('certificate', arn);
    const next = current && change(current, transaction);
    if (!next || isDeepStrictEqual(next, current)) return current;
    item.written = next;
    transaction.put('certificate', next);
    return next;
  });
}

/** When the issuer is asked again after it did not issue: it says so itself, or the waits grow. */
export function holdBack(item: WorkItem, problem: IssueProblem, waits: readonly number[], world: WorkWorld): number {
  item.refusals += 1;
  const waitMs = Math.round(waitFor(item.refusals, waits) * (0.9 + 0.2 * world.random()));
  item.notBeforeMs = Math.max(world.clock.now() + waitMs, inLifecycleTime(problem.retryAtMs ?? 0, world));
  return item.notBeforeMs;
}

/** Notes what the try found, and logs it when it is news. */
export async function noteObstacle(
  certificate: Certificate,
  item: WorkItem,
  { provings, problem }: Obstacle,
  nextTryAtMs: number,
  world: WorkWorld,
): Promise<void> {
  const { store, clock, log } = world;
  const { arn } = certificate;
  const names = provings.flatMap(({ progress }) => progress ?? []);
  const progress: CertificateProgress = {
    attempts: item.attempts,
    triedAtMs: clock.now(),
    nextTryAtMs,
    ...(problem && { problem: problem.message }),
    ...(problem?.remedy !== undefined && { remedy: problem.remedy }),
    names,
  };
  await store.note('certificate', arn, progress);
  const found = JSON.stringify([problem?.message, names]);
  if (found === item.lastFound) return;
  item.lastFound = found;
  const nextTryAt = new Date(nextTryAtMs).toISOString();
  for (const name of names) log.info('a name is not proven yet', { arn, ...name, attempts: item.attempts, nextTryAt });
  if (problem) log.warn('a certificate could not be issued yet', { arn, reason: problem.message, nextTryAt });
}

/** The note of a certificate that has what it needs. */
export async function clearNote(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<void> {
  delete item.lastFound;
  const progress: CertificateProgress = {
    attempts: item.attempts,
    triedAtMs: world.clock.now(),
    nextTryAtMs: certificate.issued?.renewAtMs ?? world.clock.now(),
    names: [],
  };
  await world.store.note('certificate', certificate.arn, progress);
}

/** A moment of real time in lifecycle time: as far from now as it is there. */
export function inLifecycleTime(realMs: number, { clock, realClock }: WorkWorld): number {
  return clock.now() + Math.max(0, realMs - realClock.now());
}

export function issuedOf(certificate: Certificate): IssuedCertificate {
  assert(certificate.issued, 'what is issued has its facts');
  return certificate.issued;
}
