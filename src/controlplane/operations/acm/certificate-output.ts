// How a certificate looks in DescribeCertificate and ListCertificates (custom-domains 5.4, 5.6), requested or imported. The
// hyphen in `RSA-2048` is AWS's.

import { formatArn } from '../../../model/arn.ts';
import type { Certificate } from '../../../model/certificate.ts';
import type {
  CertificateDetail,
  CertificateSummary,
  ExtendedKeyUsage,
  KeyUsage,
} from '../../../protocol/wire/shapes-acm.ts';
import { present } from '../members.ts';
import { issuerArn } from './issuer-arn.ts';
import { methodOf, renewalSummary, shownValidations, updateSummary, validationOptions } from './validation-output.ts';

type KeyUsageName = NonNullable<KeyUsage['Name']>;

const SUMMARY_NAMES_MAX = 100;
const KEY_USAGES: readonly KeyUsageName[] = ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'];
const SERVER_AUTHENTICATION: ExtendedKeyUsage = { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' };

function keyAlgorithmOf(certificate: Certificate) {
  return certificate.keyAlgorithm.replace(/^RSA_/, 'RSA-') as NonNullable<CertificateDetail['KeyAlgorithm']>;
}

/** What the certificate may be used for; nothing before it was issued. */
export function usagesOf({ issued, imported }: Certificate): {
  keyUsages: readonly KeyUsageName[];
  extended: readonly ExtendedKeyUsage[];
} {
  if (!issued) return { keyUsages: [], extended: [] };
  if (!imported) return { keyUsages: KEY_USAGES, extended: [SERVER_AUTHENTICATION] };
  return {
    keyUsages: imported.keyUsages as KeyUsageName[],
    extended: imported.extendedKeyUsages.map(({ name, oid }) => ({ Name: name as ExtendedKeyUsage['Name'], OID: oid })),
  };
}

function datesOf({ issued, createdAtMs, type }: Certificate) {
  return {
    CreatedAt: new Date(createdAtMs),
    ...(issued && {
      [type === 'IMPORTED' ? 'ImportedAt' : 'IssuedAt']: new Date(issued.issuedAtMs),
      NotBefore: new Date(issued.notBeforeMs),
      NotAfter: new Date(issued.notAfterMs),
    }),
  };
}

/** `users` are the custom domain names that use it: one entry of InUseBy each. */
export function certificateDetail(certificate: Certificate, users: readonly string[]): CertificateDetail {
  const { issued, imported } = certificate;
  const { keyUsages, extended } = usagesOf(certificate);
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNames: certificate.subjectAlternativeNames,
    DomainValidationOptions: imported
      ? certificate.subjectAlternativeNames.map((DomainName) => ({ DomainName }))
      : validationOptions(methodOf(certificate), shownValidations(certificate)),
    ...datesOf(certificate),
    ...(issued && { Serial: issued.serial }),
    Subject: imported?.subject ?? `CN=${certificate.domainName}`,
    Issuer: imported?.issuer ?? issued?.issuerName ?? 'Amazon',
    Status: certificate.status,
    KeyAlgorithm: keyAlgorithmOf(certificate),
    SignatureAlgorithm: imported?.signatureAlgorithm ?? issued?.signatureAlgorithm ?? 'SHA256WITHRSA',
    InUseBy: users.map((name) => formatArn('apigateway', certificate.region, '', `/domainnames/${name}`)),
    Type: certificate.type,
    KeyUsages: keyUsages.map((Name) => ({ Name })),
    ExtendedKeyUsages: [...extended],
    RenewalEligibility: renewalEligibility(certificate, users.length > 0),
    Options: {
      CertificateTransparencyLoggingPreference: certificate.transparencyLogging,
      Export: certificate.exportOption,
    },
    ...present({
      FailureReason: certificate.failureReason,
      RenewalSummary: renewalSummary(certificate),
      UpdateSummary: updateSummary(certificate),
      CertificateAuthorityArn: chosenIssuer(certificate),
    }),
  };
}

function chosenIssuer({ isIssuerChosen, issuer, region, account }: Certificate): string | undefined {
  return isIssuerChosen && issuer !== undefined ? issuerArn(issuer, region, account) : undefined;
}

/** Renewed is what somebody would miss: in use, or exported as it is now. What is imported or has ended never is. */
function renewalEligibility(certificate: Certificate, isInUse: boolean): 'ELIGIBLE' | 'INELIGIBLE' {
  const { type, status, issued, exportedAtMs = 0 } = certificate;
  const isRenewable = type !== 'IMPORTED' && status === 'ISSUED' && issued !== undefined;
  return isRenewable && (isInUse || exportedAtMs > issued.issuedAtMs) ? 'ELIGIBLE' : 'INELIGIBLE';
}

export function certificateSummary(certificate: Certificate, isInUse: boolean): CertificateSummary {
  const { keyUsages, extended } = usagesOf(certificate);
  const names = certificate.subjectAlternativeNames;
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNameSummaries: names.slice(0, SUMMARY_NAMES_MAX),
    HasAdditionalSubjectAlternativeNames: names.length > SUMMARY_NAMES_MAX,
    Status: certificate.status,
    Type: certificate.type,
    KeyAlgorithm: keyAlgorithmOf(certificate),
    KeyUsages: [...keyUsages],
    ExtendedKeyUsages: extended.map(({ Name }) => Name!),
    ...(certificate.type !== 'IMPORTED' && { Exported: certificate.exportedAtMs !== undefined }),
    ExportOption: certificate.exportOption,
    InUse: isInUse,
    RenewalEligibility: renewalEligibility(certificate, isInUse),
    ...datesOf(certificate),
  };
}
