// A request for a certificate, checked and with its defaults: what RequestCertificate then keeps. Every member counts, or is
// refused by its name (custom-domains 5.3).

import { createHash } from 'node:crypto';
import type { IssuableAlgorithm, ValidationMethod } from '../../../model/certificate.ts';
import { Fault } from '../../../model/faults.ts';
import { hostNameProblem } from '../../../protocol/host-name.ts';
import type { RequestCertificateRequest } from '../../../protocol/wire/shapes-acm.ts';
import { limit } from '../../../settings/limits.ts';
import type { IssuerNames, OperationRequest } from '../operation.ts';
import { checkCertificateTags, tagMap } from './certificate-tags.ts';
import { issuerNamed } from './issuer-arn.ts';
import { provenName } from './validation-output.ts';

const ISSUABLE: readonly string[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'] satisfies IssuableAlgorithm[];
const COMMON_NAME_OCTETS_MAX = 64;

export interface CertificateRequest {
  /** Lower case, the first name first, each once. */
  readonly names: readonly string[];
  readonly validationMethod: ValidationMethod;
  readonly keyAlgorithm: IssuableAlgorithm;
  readonly transparencyLogging: 'ENABLED' | 'DISABLED';
  readonly exportOption: 'ENABLED' | 'DISABLED';
  readonly issuer: string;
  readonly isIssuerChosen: boolean;
  /** Where mail about a name goes, for the names of which that was said. */
  readonly mailDomains: ReadonlyMap<string, string>;
  readonly tags: Readonly<Record<string, string>>;
}

export function readRequest(
  input: RequestCertificateRequest,
  request: OperationRequest,
  issuers: IssuerNames,
): CertificateRequest {
  const names = readNames(input);
  checkCertificateTags(input.Tags);
  const { CertificateAuthorityArn: arn } = input;
  return {
    names,
    validationMethod: readMethod(input),
    keyAlgorithm: readAlgorithm(input),
    transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
    exportOption: input.Options?.Export ?? 'DISABLED',
    issuer: arn === undefined ? issuers.default : issuerNamed(arn, request, issuers),
    isIssuerChosen: arn !== undefined,
    mailDomains: readMailDomains(input, names),
    tags: tagMap(input.Tags),
  };
}

/** Equal for equal requests, whatever the order of tags and options: an idempotency token stands for one of them. */
export function digestOf({ mailDomains, tags, ...rest }: CertificateRequest): string {
  const sorted = (entries: Iterable<[string, string]>) => [...entries].sort();
  const parts = [Object.entries(rest), sorted(mailDomains), sorted(Object.entries(tags))];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function invalid(message: string): Fault {
  return new Fault('InvalidParameterException', message);
}

function readMethod({ ValidationMethod: method = 'EMAIL', Options, ManagedBy }: RequestCertificateRequest) {
  if (ManagedBy !== undefined) {
    throw invalid(`There is no ${ManagedBy} here that could manage the certificate. Leave ManagedBy out.`);
  }
  if (method === 'HTTP') {
    throw invalid(
      'Validation by HTTP is for certificates that CloudFront manages. Give ValidationMethod DNS or EMAIL.',
    );
  }
  if (Options?.ValidationMethod !== undefined && Options.ValidationMethod !== method) {
    throw invalid(
      `Options.ValidationMethod is ${Options.ValidationMethod}, and the ValidationMethod of the request is ${method}.`,
    );
  }
  return method;
}

function readAlgorithm({ KeyAlgorithm: algorithm = 'RSA_2048' }: RequestCertificateRequest): IssuableAlgorithm {
  if (!ISSUABLE.includes(algorithm)) {
    throw invalid(`KeyAlgorithm must be one of [${ISSUABLE.join(', ')}], and is ${algorithm}.`);
  }
  return algorithm as IssuableAlgorithm;
}

function readNames(input: RequestCertificateRequest): string[] {
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
    const problem = nameProblem(provenName(name));
    if (problem !== undefined)
      throw invalid(`'${name.slice(0, 253)}' is not a domain name that can be proven: ${problem}.`);
  }
  if (names[0]!.length > COMMON_NAME_OCTETS_MAX) {
    throw invalid(
      `The first domain name can have at most ${COMMON_NAME_OCTETS_MAX} characters, and '${names[0]}' has ${names[0]!.length}.`,
    );
  }
  return names;
}

function nameProblem(host: string): string | undefined {
  return hostNameProblem(host) ?? (host.includes('.') ? undefined : 'the name must have at least two labels');
}

/** Each option is about a name of the request and leads to that name itself or to a parent of it. */
function readMailDomains(
  { DomainValidationOptions: options = [] }: RequestCertificateRequest,
  names: readonly string[],
): Map<string, string> {
  const chosen = new Map<string, string>();
  for (const { DomainName, ValidationDomain } of options) {
    const [name, domain] = [DomainName.toLowerCase(), provenName(ValidationDomain.toLowerCase())];
    const proven = provenName(name);
    const problem = !names.includes(name)
      ? `'${DomainName}' is not a name of the request`
      : proven !== domain && !proven.endsWith(`.${domain}`)
        ? `the validation domain '${ValidationDomain}' is neither '${DomainName}' nor a parent of it`
        : nameProblem(domain) !== undefined
          ? `the validation domain '${ValidationDomain}' is no domain that mail goes to: ${nameProblem(domain)}`
          : (chosen.get(name) ?? domain) !== domain
            ? `'${DomainName}' has two validation domains, '${chosen.get(name)}' and '${ValidationDomain}'`
            : undefined;
    if (problem !== undefined) throw new Fault('InvalidDomainValidationOptionsException', `${problem}.`);
    chosen.set(name, domain);
  }
  return chosen;
}
