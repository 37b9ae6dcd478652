// What an issued certificate needs from time to time: the word of its authority about its renewal, the renewal itself, a notice of
// its coming end, and the end (custom-domains 5.11). The old certificate is served until the new one is there.

import { accountConfigurationId, type Certificate, type Renewal } from '../model/certificate.ts';
import { reference } from '../model/kinds.ts';
import { limit } from '../settings/limits.ts';
import { IssueProblem } from './issuer.ts';
import { momentIn, noticesUntil, RENEWAL_RETRY_MS, VALIDATION_RETRY_MS, waitFor } from './renewal-times.ts';
import {
  askIssuer,
  clearNote,
  holdBack,
  inLifecycleTime,
  issuedOf,
  noteObstacle,
  proveAll,
  rowsOf,
  sendMail,
  update,
  withProofs,
  type Obstacle,
  type WorkItem,
  type WorkWorld,
} from './work-world.ts';

/** Tries that may fail before anybody is told: names have bad minutes. */
const UNTOLD_ATTEMPTS = 2;

/** One look. Resolves to when the next one is due. */
export async function review(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<number | undefined> {
  const { clock } = world;
  const { notAfterMs, renewAtMs } = issuedOf(certificate);
  if (clock.now() >= notAfterMs) return expire(certificate, item, world);
  if (certificate.imported) return remindOfImport(certificate, item, world);
  // A renewal looks for the same records, so while one is under way it is the one that moves the method, too.
  const isToRenew = clock.now() >= renewAtMs && (isUnderWay(certificate) || (await isRenewed(certificate, world)));
  if (isToRenew) return renew(certificate, item, world);
  const nextAtMs = clock.now() < renewAtMs ? renewAtMs : notAfterMs;
  if (certificate.methodUpdate === 'PENDING_DOMAIN_VALIDATION') {
    return Math.min(await proveNewMethod(certificate, item, world), nextAtMs);
  }
  return clock.now() < renewAtMs ? askAuthority(certificate, item, world) : nextAtMs;
}

/** In use by a domain name, or exported since it was issued: else nobody would miss it. */
async function isRenewed(certificate: Certificate, { store }: WorkWorld): Promise<boolean> {
  if ((certificate.exportedAtMs ?? 0) > issuedOf(certificate).issuedAtMs) return true;
  const users = await store.view.referring('domain-name', reference.certificate(certificate.arn), { limit: 1 });
  return users.length > 0;
}

async function expire(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<undefined> {
  const nowMs = world.clock.now();
  const expired = await update(certificate.arn, item, world, (current) => {
    if (current.status !== 'ISSUED' || nowMs < issuedOf(current).notAfterMs) return undefined;
    const { renewal } = current;
    const isOpen = renewal?.status.startsWith('PENDING') ?? false;
    const failed = isOpen && renewal ? { renewal: { ...renewal, status: 'FAILED' as const, updatedAtMs: nowMs } } : {};
    return { ...current, status: 'EXPIRED', ...failed };
  });
  if (expired?.status === 'EXPIRED') world.teller.tell('expired', certificate, { nowMs });
  return undefined;
}

async function remindOfImport(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<number> {
  const nowMs = world.clock.now();
  const { account, region } = certificate;
  const wanted = await world.store.view.get('account-configuration', accountConfigurationId(account, region));
  const { count, nextAtMs } = noticesUntil(nowMs, issuedOf(certificate).notAfterMs, wanted?.daysBeforeExpiry);
  if (count > item.notices && (await isRenewed(certificate, world)))
    world.teller.tell('expiring', certificate, { nowMs });
  item.notices = count;
  return nextAtMs;
}

/** UpdateCertificateOptions moved it from mail to DNS: the records are looked for until they are there. */
async function proveNewMethod(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<number> {
  const provings = await proveAll(certificate, certificate.validations, world);
  if (provings.every(({ proof }) => proof !== undefined)) {
    await update(certificate.arn, item, world, (current) =>
      current.methodUpdate === 'PENDING_DOMAIN_VALIDATION' ? { ...current, methodUpdate: 'SUCCESS' } : undefined,
    );
    await clearNote(certificate, item, world);
    return issuedOf(certificate).reviewAtMs;
  }
  const nowMs = world.clock.now();
  const endsAtMs = (certificate.methodUpdateAtMs ?? 0) + limit('validationTimeoutMs');
  const nextAtMs = Math.min(nowMs + waitFor(item.attempts, VALIDATION_RETRY_MS), Math.max(endsAtMs, nowMs + 1));
  if (nowMs >= endsAtMs) {
    await update(certificate.arn, item, world, (current) =>
      current.methodUpdate === 'PENDING_DOMAIN_VALIDATION' ? { ...current, methodUpdate: 'FAILED' } : undefined,
    );
    world.log.warn('a certificate was not moved to DNS in time', { arn: certificate.arn });
    return issuedOf(certificate).reviewAtMs;
  }
  await noteObstacle(certificate, item, { provings }, nextAtMs, world);
  return nextAtMs;
}

/** Before its time: the authority may want it renewed sooner, or later. */
async function askAuthority(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<number> {
  const { store, clock, log } = world;
  const { renewAtMs, keyPairReference, serial, notAfterMs } = issuedOf(certificate);
  const pem = await store.chainOf(keyPairReference);
  const window = pem === undefined ? undefined : await world.issuers.get(certificate.issuer ?? '')?.renewalWindow(pem);
  if (!window) return Math.min(renewAtMs, clock.now() + waitFor(RENEWAL_RETRY_MS.length, RENEWAL_RETRY_MS));
  const wanted = Math.min(momentIn(window, renewAtMs, world.random()), notAfterMs - 1);
  if (wanted !== renewAtMs) {
    log.info('the authority wants a certificate renewed at another time', {
      arn: certificate.arn,
      renewAt: new Date(wanted).toISOString(),
    });
    await update(certificate.arn, item, world, (current) =>
      current.issued?.serial === serial ? { ...current, issued: { ...current.issued, renewAtMs: wanted } } : undefined,
    );
  }
  return Math.max(Math.min(wanted, inLifecycleTime(window.askAgainAtMs, world)), clock.now() + 1);
}

function isOfThisRound(renewal: Renewal | undefined, certificate: Certificate): boolean {
  return (
    renewal !== undefined && renewal.status !== 'SUCCESS' && renewal.updatedAtMs >= issuedOf(certificate).issuedAtMs
  );
}

function isUnderWay(certificate: Certificate): boolean {
  return isOfThisRound(certificate.renewal, certificate) && certificate.renewal?.status !== 'FAILED';
}

/**
 * The certificate with its renewal begun: its names are to be proven anew. It is stored at once where others have to see it, whoever
 * approves a mail and whoever waits for an authority; what is signed in the same second is stored with the outcome.
 */
async function begin(certificate: Certificate, item: WorkItem, world: WorkWorld): Promise<Certificate | undefined> {
  if (isOfThisRound(certificate.renewal, certificate)) return certificate;
  const begun = withRenewal(certificate, world.clock.now());
  const isSignedAtOnce =
    certificate.validationMethod === 'DNS' &&
    !(world.issuers.get(certificate.issuer ?? '')?.canAnswerByAddress ?? true);
  if (isSignedAtOnce) return begun;
  return update(certificate.arn, item, world, (current) =>
    current.status === 'ISSUED' ? { ...current, renewal: begun.renewal } : undefined,
  );
}

function withRenewal(certificate: Certificate, updatedAtMs: number): Certificate & { readonly renewal: Renewal } {
  const validations = certificate.validations.map(({ mailedAtMs: _mailedAtMs, ...validation }) => ({
    ...validation,
    status: 'PENDING_VALIDATION' as const,
  }));
  return { ...certificate, renewal: { status: 'PENDING_AUTO_RENEWAL', validations, updatedAtMs } };
}

async function renew(found: Certificate, item: WorkItem, world: WorkWorld): Promise<number | undefined> {
  const begun = await begin(found, item, world);
  if (!begun) return undefined;
  const { certificate, unsent } = await sendMail(begun, item, world);
  if (certificate?.status !== 'ISSUED' || !certificate.renewal) return undefined;
  const { validations } = certificate.renewal;
  let obstacle: Obstacle = { provings: [] };
  try {
    const provings = await proveAll(certificate, validations, world, unsent);
    obstacle = { provings };
    if (provings.every(({ proof }) => proof !== undefined)) {
      const replacedPem = await world.store.chainOf(issuedOf(certificate).keyPairReference);
      const issued = await askIssuer(certificate, provings, replacedPem, world);
      return await replace(certificate, item, rowsOf(certificate, issued, world), world);
    }
  } catch (error) {
    if (!(error instanceof IssueProblem)) throw error;
    obstacle = { ...obstacle, problem: error };
  }
  return postpone(certificate, item, obstacle, world);
}

/** The same ARN, a new key, in one commit. */
async function replace(
  certificate: Certificate,
  item: WorkItem,
  { issued, keyPair }: ReturnType<typeof rowsOf>,
  world: WorkWorld,
): Promise<number | undefined> {
  const { arn } = certificate;
  const old = issuedOf(certificate);
  const updatedAtMs = world.clock.now();
  let hadTries = item.attempts > 1;
  const renewed = await update(arn, item, world, (current, transaction) => {
    // Deleted, or replaced by somebody else, while it was signed.
    if (current.status !== 'ISSUED' || current.issued?.keyPairReference !== old.keyPairReference) return undefined;
    hadTries ||= isOfThisRound(current.renewal, current);
    transaction.removeKeyPair(old.keyPairReference);
    transaction.putKeyPair(keyPair);
    const validations = current.validations.map((validation) => ({ ...validation, status: 'SUCCESS' as const }));
    const moved = current.methodUpdate === 'PENDING_DOMAIN_VALIDATION' ? { methodUpdate: 'SUCCESS' as const } : {};
    return { ...current, ...moved, validations, issued, renewal: { status: 'SUCCESS', validations, updatedAtMs } };
  });
  if (renewed?.issued?.keyPairReference !== keyPair.reference) return undefined;
  if (hadTries) await clearNote(renewed, item, world);
  world.log.info('a certificate was renewed', {
    arn,
    names: certificate.subjectAlternativeNames,
    issuer: certificate.issuer,
    notAfter: new Date(issued.notAfterMs).toISOString(),
    renewAt: new Date(issued.renewAtMs).toISOString(),
  });
  if (item.isTroubleTold) world.teller.tell('renewal-recovered', renewed, { nowMs: updatedAtMs });
  Object.assign(item, { isTroubleTold: false, notices: 0, refusals: 0, notBeforeMs: 0 });
  return issued.reviewAtMs;
}

/** Keeps the old certificate, and says why, and when it is tried again. */
async function postpone(
  certificate: Certificate,
  item: WorkItem,
  obstacle: Obstacle,
  world: WorkWorld,
): Promise<number> {
  const { provings, problem } = obstacle;
  const nowMs = world.clock.now();
  const { notAfterMs } = issuedOf(certificate);
  const looked = withProofs(certificate, certificate.renewal?.validations ?? [], provings);
  const isForbidden = provings.some((proving) => proving.isForbidden);
  const reason = isForbidden ? 'CAA_ERROR' : problem?.failureReason;
  const isUnproven = provings.some(({ proof }) => proof === undefined);
  const status = isUnproven ? 'PENDING_VALIDATION' : 'PENDING_AUTO_RENEWAL';
  await update(certificate.arn, item, world, (current) => {
    if (current.status !== 'ISSUED' || current.issued?.serial !== certificate.issued?.serial) return undefined;
    const renewal = (isOfThisRound(current.renewal, current) ? current : certificate).renewal!;
    const validations = renewal.validations.map((validation, position) => {
      const isApproved = certificate.validationMethod === 'EMAIL' && validation.status === 'SUCCESS';
      return isApproved ? validation : { ...validation, status: looked[position]!.status };
    });
    const { reason: _, ...rest } = renewal;
    const changed: Renewal = { ...rest, status, validations, ...(reason && { reason }) };
    const isNews = JSON.stringify(changed) !== JSON.stringify(current.renewal);
    return isNews ? { ...current, renewal: { ...changed, updatedAtMs: nowMs } } : undefined;
  });
  const notice = noticesUntil(nowMs, notAfterMs);
  const retryAtMs = problem
    ? holdBack(item, problem, RENEWAL_RETRY_MS, world)
    : nowMs + Math.round(waitFor(item.attempts, RENEWAL_RETRY_MS) * (0.9 + 0.2 * world.random()));
  const nextTryAtMs = Math.min(retryAtMs, notice.nextAtMs);
  await noteObstacle(certificate, item, obstacle, nextTryAtMs, world);
  const isTold = item.attempts > UNTOLD_ATTEMPTS && (!item.isTroubleTold || notice.count > item.notices);
  if (isTold) {
    const words = [
      problem?.message,
      ...provings.map(({ domainName, progress: look }) => look && wordsFor(domainName, look)),
    ];
    world.teller.tell('renewal-failing', certificate, {
      nowMs,
      reason: words.filter((text) => text !== undefined).join('; '),
      nextTryAtMs,
    });
    Object.assign(item, { isTroubleTold: true, notices: notice.count });
  }
  return nextTryAtMs;
}

function wordsFor(
  domainName: string,
  { lookedUp, server, found, advice }: { lookedUp: string; server: string; found: string; advice?: string },
): string {
  const asked = `${domainName}: ${lookedUp} at ${server}: ${found}`;
  return advice === undefined ? asked : `${asked} (${advice})`;
}
