// What stands in the way of a certificate, and the one thing to do next: from its row and the note that the work on it leaves. For
// `explain` and for the list of certificates alike; looks nothing up.

import type { Identities } from '../identity/identities.ts';
import type { Certificate, DomainValidation, NameProgress, Renewal } from '../model/certificate.ts';
import { limit } from '../settings/limits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { awsCommand } from './aws-command.ts';
import { caaCommand } from './caa-command.ts';
import type { CertificateRecord } from './certificate-record.ts';
import { foreignRecords, recordCommand } from './validation-record.ts';

export interface Obstacle {
  /** The cause in short, for a list. */
  readonly brief: string;
  /** The cause with everything that is known of it, for whoever is shown nothing else. */
  readonly cause: string;
  /** What to do: a command wherever there is one. */
  readonly next: string;
  /** Undefined where nothing is tried again by itself. */
  readonly nextTryAtMs: number | undefined;
}

export interface ObstacleWorld {
  readonly snapshot: Snapshot;
  /** The server's own region: commands need not name it. */
  readonly region: string;
  readonly nowMs: () => number;
  /** Who is told what is the operator's alone to know, and to do. */
  readonly identities: () => Pick<Identities, 'isOperator'>;
}

export const time = (ms: number) => new Date(ms).toISOString();

/** The names as they are proven now: for the renewal while there is one under way, else for the first issue. */
export function currentValidations({ status, renewal, validations }: Certificate): readonly DomainValidation[] {
  return status === 'ISSUED' && renewal && renewal.status !== 'SUCCESS' ? renewal.validations : validations;
}

/** Those that the work waits for: not proven yet, or proven before and not now. */
function openValidations({ certificate, progress }: CertificateRecord): readonly DomainValidation[] {
  const isLookedAt = (name: string) => progress?.names.some(({ domainName }) => domainName === name);
  return currentValidations(certificate).filter(
    ({ status, domainName }) => status !== 'SUCCESS' || isLookedAt(domainName),
  );
}

/** Undefined when all is well. */
export function obstacleOf(record: CertificateRecord, world: ObstacleWorld): Obstacle | undefined {
  const { certificate, progress } = record;
  const { status, issued, renewal, failureReason, type, methodUpdate } = certificate;
  const nowMs = world.nowMs();
  if (status === 'PENDING_VALIDATION') return whatItWaitsFor(record, world);
  if (status === 'FAILED') {
    const [look] = progress?.names ?? [];
    const words = [failureReason, progress?.problem, ...(look ? lookWords(look) : [])];
    const next = afterCaa(record, requestCommand(certificate, world), world);
    const brief = joined([failureReason, progress?.problem ?? look?.found]);
    return { ...final(`it failed: ${joined(words)}`, next), brief: `it failed: ${brief}` };
  }
  if (status === 'VALIDATION_TIMED_OUT') {
    const hours = limit('validationTimeoutMs') / 3_600_000;
    return final(`its names were not proven within ${hours} hours`, requestCommand(certificate, world));
  }
  if (status === 'EXPIRED' || (issued && issued.notAfterMs <= nowMs)) {
    const ended = `it expired on ${time(issued?.notAfterMs ?? nowMs).slice(0, 10)}`;
    const unrenewed = renewalWords(record);
    const next = afterCaa(record, successorCommand(certificate, world), world);
    return { ...final(joined([ended, unrenewed]), next), brief: ended };
  }
  if (type === 'IMPORTED') {
    if (!issued || issued.notAfterMs > nowMs + limit('expiryNoticeMs')) return undefined;
    const cause = `it ends on ${time(issued.notAfterMs).slice(0, 10)}, and what is imported is renewed by nobody`;
    return final(cause, successorCommand(certificate, world));
  }
  const isHeldUp = renewal?.status === 'PENDING_VALIDATION' || renewal?.status === 'FAILED';
  const isRefused = renewal?.status === 'PENDING_AUTO_RENEWAL' && progress?.problem !== undefined;
  if (isHeldUp || isRefused) {
    return because(`its renewal is ${renewal.status}${reasonOf(renewal)}`, whatItWaitsFor(record, world));
  }
  if (methodUpdate !== 'PENDING_DOMAIN_VALIDATION') return undefined;
  return because('it cannot be validated by DNS yet', whatItWaitsFor(record, world));
}

function because(what: string, waits: Obstacle): Obstacle {
  return { ...waits, brief: `${what}: ${waits.brief}`, cause: `${what}: ${waits.cause}` };
}

/** Of a renewal that has not succeeded, with the issuer's word; undefined where there is none. */
export function renewalWords({ certificate: { renewal }, progress }: CertificateRecord): string | undefined {
  if (!renewal || renewal.status === 'SUCCESS') return undefined;
  const problem = progress?.problem === undefined ? '' : `: ${progress.problem}`;
  return `its renewal is ${renewal.status}${reasonOf(renewal)}${problem}`;
}

function reasonOf({ reason }: Renewal): string {
  return reason === undefined ? '' : ` (${reason})`;
}

const final = (cause: string, next: string): Obstacle => ({ brief: cause, cause, next, nextTryAtMs: undefined });

/** What CAA records of the account's own forbid is mended before it is asked for once more. */
function afterCaa({ certificate, progress }: CertificateRecord, next: string, { snapshot }: ObstacleWorld): string {
  const caa = caaCommand(progress?.names ?? [], certificate.account, snapshot);
  return caa === undefined ? next : `${caa} && ${next}`;
}

/** For one that is worked on: the issuer's word, what the look at the first unproven name found, and when it is tried again. */
export function whatItWaitsFor(record: CertificateRecord, world: ObstacleWorld): Obstacle {
  const { certificate, progress } = record;
  const open = openValidations(record);
  const [first] = open;
  const look = first && lookAt(first, record);
  const nextTryAtMs = progress?.nextTryAtMs;
  const isMailed = first !== undefined && first.status !== 'SUCCESS' && certificate.validationMethod === 'EMAIL';
  const mailed = isMailed ? mailWords(first, world.nowMs()) : undefined;
  const count = open.length > 1 ? `${open.length} names are not proven` : undefined;
  const cause = joined([
    progress?.problem,
    ...(mailed === undefined && look ? lookWords(look) : [mailed]),
    count,
    nextTryAtMs === undefined ? undefined : `next try ${time(nextTryAtMs)}`,
  ]);
  const found = look && `${look.lookedUp}: ${look.found}`;
  const brief = joined([count, progress?.problem ?? mailed ?? found]);
  const unknown = 'it was not looked at yet';
  return { brief: brief || unknown, cause: cause || unknown, next: nextFor(open, record, world), nextTryAtMs };
}

function lookAt({ domainName }: DomainValidation, { progress }: CertificateRecord): NameProgress | undefined {
  return progress?.names.find((look) => look.domainName === domainName);
}

function lookWords({ lookedUp, server, found, advice }: NameProgress): (string | undefined)[] {
  return [`${lookedUp}, asked ${server}: ${found}`, advice];
}

function joined(words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined).join('; ');
}

function mailWords(validation: DomainValidation, nowMs: number): string {
  const { domainName, validationDomain, mailedAtMs } = validation;
  if (mailedAtMs === undefined) return `the mail that asks about ${domainName} is still to be sent`;
  const sent = `the mail that asks about ${domainName} was sent to the mailboxes of ${validationDomain} at ${time(mailedAtMs)}`;
  if (hasLinkExpired(validation, nowMs)) return `${sent}; the link of that mail has expired: send another`;
  return `${sent}, and nobody approved it yet`;
}

/** An approval is taken for as long as a validation may last. */
export function hasLinkExpired({ mailedAtMs }: DomainValidation, nowMs: number): boolean {
  return mailedAtMs !== undefined && nowMs >= mailedAtMs + limit('validationTimeoutMs');
}

function nextFor(open: readonly DomainValidation[], record: CertificateRecord, world: ObstacleWorld): string {
  const { certificate, progress } = record;
  const { arn, account } = certificate;
  const region = regionToName(certificate, world);
  const atMs = progress?.nextTryAtMs;
  const isOperator = world.identities().isOperator(account);
  if (progress?.remedy !== undefined) {
    return isOperator ? progress.remedy : `ask the operator of the server: ${progress.remedy}`;
  }
  const describe = awsCommand('acm describe-certificate', { 'certificate-arn': arn }, region);
  const until = `wait${atMs === undefined ? '' : ` until ${time(atMs)}`}`;
  // What the issuer said was told already, and ACM's own operations know nothing of it.
  const wait = progress?.problem === undefined ? `${until}, or: ${describe}` : until;
  const [first] = open;
  if (!first) return wait;
  if (certificate.validationMethod === 'EMAIL' && first.status !== 'SUCCESS') {
    if (first.mailedAtMs === undefined) return wait;
    const { domainName: domain, validationDomain } = first;
    const options = { 'certificate-arn': arn, domain, 'validation-domain': validationDomain };
    const again = awsCommand('acm resend-validation-email', options, region);
    if (hasLinkExpired(first, world.nowMs())) return again;
    const link = isOperator
      ? 'open the link that this shows: sallyport certificates mail'
      : 'read the mailbox, or ask the operator';
    return `${link}, or: ${again}`;
  }
  const commands = [
    caaCommand(progress?.names ?? [], account, world.snapshot),
    recordCommand(open, account, world.snapshot),
  ].filter((command) => command !== undefined);
  if (commands.length > 0) return commands.join(' && ');
  // A name may be held up by another record than the one that proves it.
  const look = lookAt(first, record);
  if (look?.advice !== undefined && !look.lookedUp.endsWith(' CNAME')) return look.advice;
  const foreign = foreignRecords(open, account, world.snapshot);
  return foreign.length > 0 ? `at your DNS provider: ${foreign.join(', ')}` : wait;
}

/** What follows a certificate that has ended, or is about to. */
function successorCommand(certificate: Certificate, world: ObstacleWorld): string {
  if (certificate.type !== 'IMPORTED') return requestCommand(certificate, world);
  return importCommand(certificate.arn, regionToName(certificate, world));
}

export function importCommand(arn: string, region: string | undefined): string {
  const files = { certificate: 'fileb://certificate.pem', 'private-key': 'fileb://key.pem' };
  return awsCommand('acm import-certificate', { 'certificate-arn': arn, ...files }, region);
}

/** Asks for the same once more. */
function requestCommand(certificate: Certificate, world: ObstacleWorld): string {
  const { domainName, subjectAlternativeNames, validationMethod = 'DNS', keyAlgorithm } = certificate;
  const others = subjectAlternativeNames.filter((name) => name !== domainName);
  const options = {
    'domain-name': domainName,
    'subject-alternative-names': others.length > 0 ? JSON.stringify(others) : undefined,
    'validation-method': validationMethod,
    'key-algorithm': keyAlgorithm,
  };
  return awsCommand('acm request-certificate', options, regionToName(certificate, world));
}

function regionToName({ region }: Certificate, world: ObstacleWorld): string | undefined {
  return region === world.region ? undefined : region;
}
