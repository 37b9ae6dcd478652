// RequestCertificate with DNS validation: the certificate is pending until each name's CNAME is found by a DNS query, which the
// reconciler in certificates/ makes (custom-domains 5.3, 5.7).

import { createHmac } from 'node:crypto';
import { ids } from '../../../ambient/ids.ts';
import { formatArn } from '../../../model/arn.ts';
import type { Certificate, DomainValidation, IssuableAlgorithm } from '../../../model/certificate.ts';
import { Fault } from '../../../model/faults.ts';
import { reference } from '../../../model/kinds.ts';
import { hostNameProblem } from '../../../protocol/host-name.ts';
import type { RequestCertificateRequest } from '../../../protocol/wire/shapes-acm.ts';
import { limit } from '../../../settings/limits.ts';
import { present } from '../members.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation, OperationWorld } from '../operation.ts';
import { checkCertificateTags } from './certificate-tags.ts';

const ISSUABLE: readonly string[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'] satisfies IssuableAlgorithm[];
const IDEMPOTENCY_MS = 3_600_000;
const COMMON_NAME_OCTETS_MAX = 64;

export const requestCertificate: Operation<'acm', 'RequestCertificate'> = async (input, request, world) => {
  const names = namesOf(input);
  checkMembers(input);
  const { account } = request.caller;
  const certificate = await world.store.transact(async (transaction) => {
    if (input.IdempotencyToken !== undefined) {
      const target = reference.idempotencyToken(account, request.region, input.IdempotencyToken);
      const earlier = (await transaction.referring('certificate', target)).find(
        (one) => one.createdAtMs > world.clock.now() - IDEMPOTENCY_MS && isSameRequest(one, input, names),
      );
      if (earlier) return earlier;
    }
    const arn = formatArn('acm', request.region, account, `certificate/${ids.uuid()}`);
    const created: Certificate = {
      id: arn,
      account,
      region: request.region,
      arn,
      type: 'AMAZON_ISSUED',
      domainName: names[0]!,
      subjectAlternativeNames: names,
      validationMethod: 'DNS',
      keyAlgorithm: (input.KeyAlgorithm ?? 'RSA_2048') as IssuableAlgorithm,
      status: 'PENDING_VALIDATION',
      validations: names.map((name) => validationOf(name, account, world)),
      issuer: 'local',
      requestedBy: request.caller.accessKeyId,
      exportOption: input.Options?.Export ?? 'DISABLED',
      transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
      tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key, tag.Value ?? ''])),
      createdAtMs: world.clock.now(),
      ...present({ idempotencyToken: input.IdempotencyToken }),
    };
    transaction.put('certificate', created);
    return created;
  });
  return { CertificateArn: certificate.arn };
};

/** A token stands for a request: with other parameters it is another request. */
function isSameRequest(earlier: Certificate, input: RequestCertificateRequest, names: readonly string[]): boolean {
  return (
    String(earlier.subjectAlternativeNames) === String(names) &&
    earlier.keyAlgorithm === (input.KeyAlgorithm ?? 'RSA_2048') &&
    earlier.transparencyLogging === (input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED')
  );
}

/** All names in lower case, the first name first, each once. Throws for what no certificate can be issued for. */
function namesOf(input: RequestCertificateRequest): string[] {
  const names = [
    ...new Set([input.DomainName, ...(input.SubjectAlternativeNames ?? [])].map((name) => name.toLowerCase())),
  ];
  const max = limit('namesPerCertificateMax');
  if (names.length > max) {
    throw new Fault(
      'LimitExceededException',
      `The certificate would have ${names.length} names; at most ${max} are allowed.`,
    );
  }
  for (const name of names) {
    const host = name.startsWith('*.') ? name.slice(2) : name;
    const problem =
      hostNameProblem(host) ?? (host.includes('.') ? undefined : 'the name must have at least two labels');
    if (problem !== undefined) {
      throw new Fault(
        'InvalidParameterException',
        `'${name.slice(0, 253)}' is not a domain name that can be proven: ${problem}.`,
      );
    }
  }
  if (names[0]!.length > COMMON_NAME_OCTETS_MAX) {
    throw new Fault(
      'InvalidParameterException',
      `The first domain name can have at most ${COMMON_NAME_OCTETS_MAX} characters, and '${names[0]}' has ${names[0]!.length}.`,
    );
  }
  return names;
}

function checkMembers(input: RequestCertificateRequest): void {
  const { KeyAlgorithm: algorithm = 'RSA_2048', ValidationMethod: method = 'EMAIL' } = input;
  if (!ISSUABLE.includes(algorithm)) {
    throw new Fault(
      'InvalidParameterException',
      `KeyAlgorithm must be one of [${ISSUABLE.join(', ')}], and is ${algorithm}.`,
    );
  }
  checkCertificateTags(input.Tags);
  refuseUnavailable('RequestCertificate', {
    [`ValidationMethod ${method} (give ValidationMethod DNS)`]: method !== 'DNS',
    DomainValidationOptions: input.DomainValidationOptions,
    CertificateAuthorityArn: input.CertificateAuthorityArn,
    ManagedBy: input.ManagedBy,
    'Options.Export ENABLED': input.Options?.Export === 'ENABLED',
  });
}

/**
 * The CNAME of a name. Stable for an account and name, the same for a wildcard and the name below it, so that one record serves
 * every later certificate.
 */
function validationOf(name: string, account: string, world: OperationWorld): DomainValidation {
  const proven = name.replace(/^\*\./, '');
  const token = (purpose: string) =>
    createHmac('sha256', world.tokenKey).update(`acm ${purpose} ${account} ${proven}`).digest('hex');
  const letters = Array.from(token('zone').slice(0, 10))
    .map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)])
    .join('');
  return {
    domainName: name,
    status: 'PENDING_VALIDATION',
    validationDomain: proven,
    recordName: `_${token('name').slice(0, 32)}.${proven}.`,
    recordValue: `_${token('value').slice(0, 32)}.${letters}.acm-validations.aws.`,
  };
}
