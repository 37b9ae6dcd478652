// How the proof of a certificate's names looks in answers: one option for each name, the renewal, and a change of the method
// (custom-domains 5.4, 5.7, 5.8, 5.11).

import type { Certificate, DomainValidation, ValidationMethod } from '../../../model/certificate.ts';
import { mailboxesOf } from '../../../model/mailboxes.ts';
import type * as wire from '../../../protocol/wire/shapes-acm.ts';
import { present } from '../members.ts';

/** The name that is proven: the wildcard stands below it. */
export function provenName(domainName: string): string {
  return domainName.replace(/^\*\./, '');
}

/** The method by which what was requested is validated; DNS when nothing says otherwise. */
export function methodOf({ validationMethod = 'DNS' }: Certificate): ValidationMethod {
  return validationMethod;
}

export function resourceRecord({ recordName, recordValue }: DomainValidation): wire.ResourceRecord {
  return { Name: recordName, Type: 'CNAME', Value: recordValue };
}

/** The addresses that mail was sent to: none before it was. */
export function mailedAddresses({ mailedAtMs, validationDomain }: DomainValidation): string[] {
  return mailedAtMs === undefined ? [] : mailboxesOf(validationDomain);
}

/**
 * A certificate whose names are all proven is not issued yet: its last name is shown as pending until it is, because AWS's waiter looks
 * at the names alone, and whoever has waited goes on to use the certificate.
 */
export function shownValidations({ status, validations }: Certificate): readonly DomainValidation[] {
  const last = validations.at(-1);
  const isBetween = status === 'PENDING_VALIDATION' && validations.every((one) => one.status === 'SUCCESS');
  return isBetween && last ? validations.with(-1, { ...last, status: 'PENDING_VALIDATION' }) : validations;
}

export function validationOptions(
  method: ValidationMethod,
  validations: readonly DomainValidation[],
): wire.DomainValidation[] {
  return validations.map((validation) => {
    const { domainName, status, validationDomain } = validation;
    // A wildcard that is proven by DNS shows itself where no other domain was chosen.
    const isItself = method === 'DNS' && validationDomain === provenName(domainName);
    return {
      DomainName: domainName,
      ValidationDomain: isItself ? domainName : validationDomain,
      ValidationStatus: status,
      ValidationMethod: method,
      ...(method === 'DNS'
        ? { ResourceRecord: resourceRecord(validation) }
        : { ValidationEmails: mailedAddresses(validation) }),
    };
  });
}

/** From the moment that the renewal began; never for what was imported. */
export function renewalSummary(certificate: Certificate): wire.RenewalSummary | undefined {
  const { renewal } = certificate;
  if (!renewal) return undefined;
  return {
    RenewalStatus: renewal.status,
    DomainValidationOptions: validationOptions(methodOf(certificate), renewal.validations),
    UpdatedAt: new Date(renewal.updatedAtMs),
    ...present({ RenewalStatusReason: renewal.reason }),
  };
}

/** The only change of a method that there is leads from EMAIL to DNS. */
export function updateSummary({ methodUpdate, methodUpdateAtMs }: Certificate): wire.UpdateSummary | undefined {
  if (methodUpdate === undefined) return undefined;
  return {
    Status: methodUpdate,
    Type: 'DOMAIN_VALIDATION_METHOD',
    DomainValidationMethodUpdateSummary: { From: 'EMAIL', To: 'DNS' },
    ...(methodUpdateAtMs !== undefined && { RequestedAt: new Date(methodUpdateAtMs) }),
  };
}
