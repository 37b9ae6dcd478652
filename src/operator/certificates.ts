// The certificates of an account: one state for each, with what stands in the way and the next action; and everything there is to
// know of one. Decided from rows and notes; looked up in DNS is only whose form the record of a name should have.

import { daysUntil, type Certificate, type CertificateProgress, type DomainValidation } from '../model/certificate.ts';
import { certificatesIn, commonName } from '../protocol/certificate-text.ts';
import type { CertificateRecord } from './certificate-record.ts';
import { currentValidations, hasLinkExpired, obstacleOf, time } from './certificate-obstacle.ts';
import { bare } from './ask-dns.ts';
import { formOf, type PlaceWorld, type RecordForm } from './record-place.ts';
import { withSuccessor, type SuccessorWorld } from './successor.ts';
import { foreignRecords, recordCommand, recordLine } from './validation-record.ts';

export interface CertificateState {
  readonly arn: string;
  readonly region: string;
  readonly names: readonly string[];
  readonly status: Certificate['status'];
  /** The issuer, or `imported`. */
  readonly kind: string;
  readonly isWell: boolean;
  readonly notAfter: string | undefined;
  /** Whole days until then, rounded up; 0 when it is over. */
  readonly daysLeft: number | undefined;
  /** Domain names that use it, the first of them. */
  readonly usedBy: readonly string[];
  readonly isUsedByMore: boolean;
  readonly renewal: RenewalState | undefined;
  /** When the next renewal begins by itself; undefined where none does: it is not issued, imported, or nobody would miss it. */
  readonly renewAt: string | undefined;
  /** In short. */
  readonly cause: string | undefined;
  readonly nextTryAt: string | undefined;
  /** The one next action. */
  readonly next: string | undefined;
}

interface RenewalState {
  readonly status: string;
  readonly reason: string | undefined;
  readonly updatedAt: string;
}

export interface NameState {
  readonly domainName: string;
  readonly status: DomainValidation['status'];
  /** The CNAME that proves it, as a line of a zone file, and the command where the account has the zone and lacks the record. */
  readonly record: string | undefined;
  readonly command: string | undefined;
  /** The same as the DNS provider of the zone wants it; where the zone is not the account's, and the record is asked for or missing. */
  readonly form: RecordForm | undefined;
  readonly mail:
    | { readonly validationDomain: string; readonly sentAt: string | undefined; readonly hasLinkExpired: boolean }
    | undefined;
  readonly look: CertificateProgress['names'][number] | undefined;
}

export interface CertificateDetail extends CertificateState {
  readonly account: string;
  readonly createdAt: string;
  readonly requestedBy: string | undefined;
  readonly validationMethod: string | undefined;
  readonly methodUpdate: string | undefined;
  readonly keyAlgorithm: string;
  readonly issuedAt: string | undefined;
  readonly notBefore: string | undefined;
  readonly serial: string | undefined;
  /** Common names from the leaf up to the root, as far as they are kept. */
  readonly chain: readonly string[];
  readonly exportOption: string;
  readonly exportedAt: string | undefined;
  readonly failureReason: string | undefined;
  readonly problem: string | undefined;
  readonly triedAt: string | undefined;
  readonly attempts: number | undefined;
  /** Of the renewal while there is one under way, else of the first issue; empty for an imported certificate. */
  readonly validations: readonly NameState[];
}

export interface CertificatePage {
  readonly certificates: readonly CertificateState[];
  /** Where the next page begins; undefined on the last. */
  readonly after: string | undefined;
}

export interface CertificatesWorld extends SuccessorWorld, PlaceWorld {}

export const CERTIFICATES_PAGE_SIZE = 50;
const USERS_LISTED = 3;
const USERS_SHOWN = 100;

/** One page of the account's certificates behind `after`, in order of ARN. */
export async function certificateStates(
  account: string,
  after: string,
  world: CertificatesWorld,
): Promise<CertificatePage> {
  const records = await world.certificates.certificatesOf(account, after, CERTIFICATES_PAGE_SIZE + 1);
  const page = records.slice(0, CERTIFICATES_PAGE_SIZE);
  const certificates = await Promise.all(page.map((record) => stateOf(record, USERS_LISTED, world)));
  return { certificates, after: records.length > page.length ? page.at(-1)?.certificate.arn : undefined };
}

async function stateOf(
  record: CertificateRecord,
  usersMax: number,
  world: CertificatesWorld,
): Promise<CertificateState> {
  const { certificate } = record;
  const { arn, region, subjectAlternativeNames, status, type, issuer = 'local', issued, renewal } = certificate;
  const users = await world.certificates.usedBy(arn, usersMax + 1);
  const found = obstacleOf(record, world);
  const obstacle = found && (await withSuccessor(found, record, users.slice(0, usersMax), world));
  const daysLeft = issued && daysUntil(world.nowMs(), issued.notAfterMs);
  return {
    arn,
    region,
    names: subjectAlternativeNames,
    status,
    kind: type === 'IMPORTED' ? 'imported' : issuer,
    isWell: obstacle === undefined,
    notAfter: timeOf(issued?.notAfterMs),
    daysLeft: status === 'EXPIRED' ? 0 : daysLeft,
    usedBy: users.slice(0, usersMax),
    isUsedByMore: users.length > usersMax,
    renewal: renewal && { status: renewal.status, reason: renewal.reason, updatedAt: time(renewal.updatedAtMs) },
    renewAt: isRenewed(certificate, users) ? timeOf(issued?.renewAtMs) : undefined,
    cause: obstacle?.brief,
    nextTryAt: timeOf(obstacle?.nextTryAtMs),
    next: obstacle?.next,
  };
}

/** As the work on certificates decides it: nobody would miss one that no domain name uses and whose key never left. */
function isRenewed({ status, type, issued, exportedAtMs = 0 }: Certificate, users: readonly string[]): boolean {
  if (status !== 'ISSUED' || type === 'IMPORTED' || !issued) return false;
  return users.length > 0 || exportedAtMs > issued.issuedAtMs;
}

export async function certificateDetail(
  record: CertificateRecord,
  world: CertificatesWorld,
): Promise<CertificateDetail> {
  const { certificate, progress } = record;
  const { issued } = certificate;
  const [state, chainPem] = await Promise.all([
    stateOf(record, USERS_SHOWN, world),
    issued && world.certificates.chainOf(issued.keyPairReference),
  ]);
  return {
    ...state,
    account: certificate.account,
    createdAt: time(certificate.createdAtMs),
    requestedBy: certificate.requestedBy,
    validationMethod: certificate.validationMethod,
    methodUpdate: certificate.methodUpdate,
    keyAlgorithm: certificate.keyAlgorithm,
    issuedAt: timeOf(issued?.issuedAtMs),
    notBefore: timeOf(issued?.notBeforeMs),
    serial: issued?.serial,
    chain: certificatesIn(chainPem ?? '').map(({ subject }) => commonName(subject)),
    exportOption: certificate.exportOption,
    exportedAt: timeOf(certificate.exportedAtMs),
    failureReason: certificate.failureReason,
    problem: progress?.problem,
    triedAt: timeOf(progress?.triedAtMs),
    attempts: progress?.attempts,
    validations: await Promise.all(
      currentValidations(certificate).map((validation) => nameState(validation, record, world)),
    ),
  };
}

async function nameState(
  validation: DomainValidation,
  { certificate, progress }: CertificateRecord,
  world: CertificatesWorld,
): Promise<NameState> {
  const { domainName, status, validationDomain, mailedAtMs } = validation;
  const isOpen = status !== 'SUCCESS';
  const isByMail = certificate.validationMethod === 'EMAIL';
  return {
    domainName,
    status,
    // It must stay for as long as the certificate is to be renewed, so it is told of a proven name, too.
    record: isByMail ? undefined : recordLine(validation),
    command: isByMail || !isOpen ? undefined : recordCommand([validation], certificate.account, world.snapshot),
    form:
      isByMail || (!isOpen && world.provider === undefined)
        ? undefined
        : await formOfProof(validation, certificate, world),
    mail: isByMail
      ? {
          validationDomain,
          sentAt: timeOf(mailedAtMs),
          hasLinkExpired: isOpen && hasLinkExpired(validation, world.nowMs()),
        }
      : undefined,
    look: lookFor(validation, { certificate, progress }, world),
  };
}

function formOfProof(
  validation: DomainValidation,
  { account }: Certificate,
  world: CertificatesWorld,
): Promise<RecordForm> | undefined {
  if (foreignRecords([validation], account, world.snapshot).length === 0) return undefined;
  const { recordName, recordValue } = validation;
  return formOf({ name: bare(recordName), type: 'CNAME', value: bare(recordValue), addresses: [] }, world);
}

/** Where mail is handed over, and what is wrong there, is the operator's to know. */
function lookFor(
  { domainName, validationDomain }: DomainValidation,
  { certificate: { account, validationMethod }, progress }: CertificateRecord,
  world: CertificatesWorld,
): NameState['look'] {
  const look = progress?.names.find((one) => one.domainName === domainName);
  const server = `mail to ${validationDomain}`;
  const isOfThePost =
    look !== undefined && validationMethod === 'EMAIL' && look.lookedUp.startsWith('the approval of ');
  if (!isOfThePost || look.server === server || world.identities().isOperator(account)) return look;
  return { ...look, server, found: 'the mail could not be handed over: ask the operator of the server' };
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : time(ms);
}
