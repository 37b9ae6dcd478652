// What takes the place of a certificate that is over or has failed: one that the account has already, or one that it has asked for.
// Without either the next action stays as it was.

import type { Certificate } from '../model/certificate.ts';
import { isCoveredBy } from '../model/domain-name.ts';
import { awsCommand } from './aws-command.ts';
import { whatItWaitsFor, type Obstacle, type ObstacleWorld } from './certificate-obstacle.ts';
import type { CertificateRecord, CertificateRecords } from './certificate-record.ts';

/** Of those that cover a name, the first that a domain name in the region could use in place of the one with that ARN. */
export function readyFor(
  records: readonly CertificateRecord[],
  region: string,
  insteadOf: string | undefined,
  nowMs: number,
): Certificate | undefined {
  return records.find(
    ({ certificate: { status, issued, arn, region: at } }) =>
      status === 'ISSUED' && (issued?.notAfterMs ?? 0) > nowMs && arn !== insteadOf && at === region,
  )?.certificate;
}

/** Of those that cover a name, the first that is still to be proven; `region` undefined: of any. */
export function waitingFor(
  records: readonly CertificateRecord[],
  region: string | undefined,
): CertificateRecord | undefined {
  return records.find(
    ({ certificate: { status, region: at } }) =>
      status === 'PENDING_VALIDATION' && (region === undefined || at === region),
  );
}

export function useCommand(domainName: string, arn: string, region: string | undefined): string {
  const configuration = { 'domain-name-configurations': `CertificateArn=${arn}` };
  return awsCommand('apigatewayv2 update-domain-name', { 'domain-name': domainName, ...configuration }, region);
}

export interface SuccessorWorld extends ObstacleWorld {
  readonly certificates: CertificateRecords;
}

/**
 * The obstacle of a certificate that is over or has failed, with the next action that fits what the account has:
 * 1. domain names that use it are moved to a good certificate which covers them;
 * 2. when nobody uses it and a good one covers all its names, it is deleted;
 * 3. for one that is asked for already, what that one waits for.
 */
export async function withSuccessor(
  obstacle: Obstacle,
  { certificate }: CertificateRecord,
  users: readonly string[],
  world: SuccessorWorld,
): Promise<Obstacle> {
  if (!isOver(certificate, world.nowMs())) return obstacle;
  const { arn, account, region, type, domainName, subjectAlternativeNames } = certificate;
  const isUsed = users.length > 0;
  const found = await Promise.all(
    (isUsed ? users : [domainName]).map(async (name) => {
      const records = await world.certificates.certificatesFor(account, name);
      return { name, records, ready: readyFor(records, region, arn, world.nowMs()) };
    }),
  );
  const named = region === world.region ? undefined : region;
  const covers = ({ subjectAlternativeNames: those }: Certificate) =>
    subjectAlternativeNames.every((name) => isCoveredBy(name, those));
  const [first] = found;
  if (!isUsed && first?.ready && covers(first.ready)) {
    return { ...obstacle, next: awsCommand('acm delete-certificate', { 'certificate-arn': arn }, named) };
  }
  const moves = found.flatMap(({ name, ready }) => (isUsed && ready ? [useCommand(name, ready.arn, named)] : []));
  if (moves.length > 0) return { ...obstacle, next: moves.join(' && ') };
  const waiting = found.map(({ records }) => waitingFor(records, region)).find((record) => record !== undefined);
  if (!waiting || type === 'IMPORTED') return obstacle;
  const { cause, next, nextTryAtMs } = whatItWaitsFor(waiting, world);
  const why = `${waiting.certificate.arn} for the same is PENDING_VALIDATION`;
  return {
    brief: `${obstacle.brief}; ${why}`,
    cause: `${obstacle.cause}; ${why}: ${cause}`,
    next,
    nextTryAtMs,
  };
}

function isOver({ status, issued }: Certificate, nowMs: number): boolean {
  if (status === 'ISSUED') return (issued?.notAfterMs ?? nowMs) <= nowMs;
  return status !== 'PENDING_VALIDATION';
}
