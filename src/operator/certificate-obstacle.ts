// What stands in the way of a certificate, and the one thing to do next: from its row and the note that the work on it leaves. For
// `explain` and for the list of certificates alike; looks nothing up.

import type { Certificate, DomainValidation, NameProgress, Renewal } from '../model/certificate.ts';
import { limit } from '../settings/limits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { awsCommand } from './aws-command.ts';
import type { CertificateRecord } from './certificate-record.ts';
import { foreignRecords, recordCommand } from './validation-record.ts';

export interface Obstacle {
  readonly cause: string;
  readonly next: string;
  /** Undefined where nothing is tried again by itself. */
  readonly nextTryAtMs: number | undefined;
}

export interface ObstacleWorld {
  readonly snapshot: Snapshot;
  /** The server's own region: commands need not name it. */
  readonly region: string;
  readonly nowMs: () => number;
}

export const DAY_MS = 86_400_000;

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
    return final(`it failed: ${joined(words)}`, requestCommand(certificate, world));
  }
  if (status === 'VALIDATION_TIMED_OUT') {
    const hours = limit('validationTimeoutMs') / 3_600_000;
    return final(`its names were not proven within ${hours} hours`, requestCommand(certificate, world));
  }
  if (status === 'EXPIRED' || (issued && issued.notAfterMs <= nowMs)) {
    const ended = `it expired on ${time(issued?.notAfterMs ?? nowMs).slice(0, 10)}`;
    const unrenewed = renewalWords(record);
    return final(unrenewed === undefined ? ended : `${ended}; ${unrenewed}`, successorCommand(certificate, world));
  }
  if (type === 'IMPORTED') {
    if (!issued || issued.notAfterMs > nowMs + limit('expiryNoticeMs')) return undefined;
    const cause = `it ends on ${time(issued.notAfterMs).slice(0, 10)}, and what is imported is renewed by nobody`;
    return final(cause, successorCommand(certificate, world));
  }
  const isHeldUp = renewal?.status === 'PENDING_VALIDATION' || renewal?.status === 'FAILED';
  const isRefused = renewal?.status === 'PENDING_AUTO_RENEWAL' && progress?.problem !== undefined;
  if (isHeldUp || isRefused) {
    const waits = whatItWaitsFor(record, world);
    return { ...waits, cause: `its renewal is ${renewal.status}${reasonOf(renewal)}: ${waits.cause}` };
  }
  if (methodUpdate !== 'PENDING_DOMAIN_VALIDATION') return undefined;
  const waits = whatItWaitsFor(record, world);
  return { ...waits, cause: `it cannot be validated by DNS yet: ${waits.cause}` };
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

const final = (cause: string, next: string): Obstacle => ({ cause, next, nextTryAtMs: undefined });

/** For one that is worked on: the issuer's word, what the look at the first unproven name found, and when it is tried again. */
export function whatItWaitsFor(record: CertificateRecord, world: ObstacleWorld): Obstacle {
  const { certificate, progress } = record;
  const open = openValidations(record);
  const [first] = open;
  const look = first && lookAt(first, record);
  const nextTryAtMs = progress?.nextTryAtMs;
  const isMailed = first !== undefined && first.status !== 'SUCCESS' && certificate.validationMethod === 'EMAIL';
  const cause = joined([
    progress?.problem,
    ...(isMailed ? [mailWords(first)] : look ? lookWords(look) : []),
    open.length > 1 ? `${open.length} names are not proven` : undefined,
    nextTryAtMs === undefined ? undefined : `next try ${time(nextTryAtMs)}`,
  ]);
  return { cause: cause || 'it was not looked at yet', next: nextFor(open, record, world), nextTryAtMs };
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

function mailWords({ domainName, validationDomain, mailedAtMs }: DomainValidation): string {
  if (mailedAtMs === undefined) return `the mail that asks about ${domainName} is still to be sent`;
  return `the mail that asks about ${domainName} was sent to the mailboxes of ${validationDomain} at ${time(mailedAtMs)}, and nobody followed its link yet`;
}

function nextFor(open: readonly DomainValidation[], record: CertificateRecord, world: ObstacleWorld): string {
  const { certificate } = record;
  const { arn, account } = certificate;
  const region = regionToName(certificate, world);
  const atMs = record.progress?.nextTryAtMs;
  const describe = awsCommand('acm describe-certificate', { 'certificate-arn': arn }, region);
  const wait = `wait${atMs === undefined ? '' : ` until ${time(atMs)}`}, or: ${describe}`;
  const [first] = open;
  if (!first) return wait;
  if (certificate.validationMethod === 'EMAIL' && first.status !== 'SUCCESS') {
    if (first.mailedAtMs === undefined) return wait;
    const { domainName: domain, validationDomain } = first;
    const options = { 'certificate-arn': arn, domain, 'validation-domain': validationDomain };
    const again = awsCommand('acm resend-validation-email', options, region);
    return `follow the link in that mail (sallyport certificates mail shows what lies in the outbox), or: ${again}`;
  }
  const command = recordCommand(open, account, world.snapshot);
  if (command !== undefined) return command;
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
