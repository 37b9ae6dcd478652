// ListCertificateDomainValidations: each name with the validation that counts, and, while a certificate moves from mail to DNS,
// the one that it moves to, with the record to be made.

import type { Certificate, DomainValidation, ValidationMethod } from '../../../model/certificate.ts';
import type { DomainValidationSummary, ValidationConfiguration } from '../../../protocol/wire/shapes-acm.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { decodeToken, encodeToken } from '../paging.ts';
import { findCertificate } from './find-certificate.ts';
import { mailedAddresses, methodOf, resourceRecord, shownValidations } from './validation-output.ts';

const FAULT = 'InvalidArgsException';

export const listCertificateDomainValidations: Operation<'acm', 'ListCertificateDomainValidations'> = async (
  input,
  request,
  { store },
) => {
  const certificate = await findCertificate(store.view, request, input.CertificateArn, FAULT);
  const list = `validations/${certificate.arn}`;
  const size = input.MaxItems ?? limit('certificatesPageSizeMax');
  const from = input.NextToken === undefined ? 0 : Number(decodeToken(list, input.NextToken, FAULT));
  const page = shownValidations(certificate).slice(from, from + size);
  const end = from + page.length;
  return {
    DomainValidationSummaryList: page.map((validation) => summaryOf(certificate, validation)),
    NextToken: end < certificate.validations.length ? encodeToken(list, String(end)) : undefined,
  };
};

function summaryOf(certificate: Certificate, validation: DomainValidation): DomainValidationSummary {
  const { domainName, status } = validation;
  if (certificate.methodUpdate !== 'PENDING_DOMAIN_VALIDATION') {
    const active = configuration(methodOf(certificate), validation, status);
    return { DomainName: domainName, ActiveValidationConfiguration: active };
  }
  return {
    DomainName: domainName,
    ActiveValidationConfiguration: configuration('EMAIL', validation, status),
    RequestedValidationConfiguration: configuration('DNS', validation, 'PENDING_VALIDATION'),
  };
}

function configuration(
  method: ValidationMethod,
  validation: DomainValidation,
  status: DomainValidation['status'],
): ValidationConfiguration {
  return {
    ValidationMethod: method,
    ValidationStatus: status,
    ValidationChallenge:
      method === 'DNS'
        ? { DnsValidationChallenge: { ResourceRecord: resourceRecord(validation) } }
        : {
            EmailValidationChallenge: {
              ValidationEmails: mailedAddresses(validation),
              ValidationDomain: validation.validationDomain,
            },
          },
  };
}
