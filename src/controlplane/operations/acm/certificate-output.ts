// How a certificate looks in DescribeCertificate and ListCertificates (custom-domains 5.4, 5.6). The hyphen in `RSA-2048` is
// AWS's.

import { formatArn } from '../../../model/arn.ts';
import type { Certificate } from '../../../model/certificate.ts';
import type { CertificateDetail, CertificateSummary } from '../../../protocol/wire/shapes-acm.ts';

const SUMMARY_NAMES_MAX = 100;
const KEY_USAGES = ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'] as const;
const SERVER_AUTHENTICATION = { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' } as const;

function keyAlgorithmOf(certificate: Certificate) {
  return (certificate.keyAlgorithm === 'RSA_2048' ? 'RSA-2048' : certificate.keyAlgorithm) as NonNullable<
    CertificateDetail['KeyAlgorithm']
  >;
}

function datesOf({ issued, createdAtMs }: Certificate) {
  return {
    CreatedAt: new Date(createdAtMs),
    ...(issued && {
      IssuedAt: new Date(issued.issuedAtMs),
      NotBefore: new Date(issued.notBeforeMs),
      NotAfter: new Date(issued.notAfterMs),
    }),
  };
}

/** `users` are the custom domain names that use it: one entry of InUseBy each. */
export function certificateDetail(certificate: Certificate, users: readonly string[]): CertificateDetail {
  const { issued } = certificate;
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNames: certificate.subjectAlternativeNames,
    DomainValidationOptions: certificate.validations.map((validation) => ({
      DomainName: validation.domainName,
      ValidationDomain: validation.domainName,
      ValidationStatus: validation.status,
      ValidationMethod: 'DNS',
      ResourceRecord: { Name: validation.recordName, Type: 'CNAME', Value: validation.recordValue },
    })),
    ...datesOf(certificate),
    ...(issued && { Serial: issued.serial }),
    Subject: `CN=${certificate.domainName}`,
    Issuer: 'Amazon',
    Status: certificate.status,
    ...(certificate.failureReason !== undefined && {
      FailureReason: certificate.failureReason as NonNullable<CertificateDetail['FailureReason']>,
    }),
    KeyAlgorithm: keyAlgorithmOf(certificate),
    SignatureAlgorithm: 'SHA256WITHRSA',
    InUseBy: users.map((name) => formatArn('apigateway', certificate.region, '', `/domainnames/${name}`)),
    Type: 'AMAZON_ISSUED',
    KeyUsages: issued ? KEY_USAGES.map((Name) => ({ Name })) : [],
    ExtendedKeyUsages: issued ? [SERVER_AUTHENTICATION] : [],
    RenewalEligibility: users.length > 0 ? 'ELIGIBLE' : 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: certificate.transparencyLogging, Export: 'DISABLED' },
  };
}

export function certificateSummary(certificate: Certificate, isInUse: boolean): CertificateSummary {
  const names = certificate.subjectAlternativeNames;
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNameSummaries: names.slice(0, SUMMARY_NAMES_MAX),
    HasAdditionalSubjectAlternativeNames: names.length > SUMMARY_NAMES_MAX,
    Status: certificate.status,
    Type: 'AMAZON_ISSUED',
    KeyAlgorithm: keyAlgorithmOf(certificate),
    KeyUsages: certificate.issued ? [...KEY_USAGES] : [],
    ExtendedKeyUsages: certificate.issued ? [SERVER_AUTHENTICATION.Name] : [],
    Exported: false,
    ExportOption: 'DISABLED',
    InUse: isInUse,
    RenewalEligibility: isInUse ? 'ELIGIBLE' : 'INELIGIBLE',
    ...datesOf(certificate),
  };
}
