// ImportCertificate: a certificate of one's own, with its key. With an ARN it replaces an imported certificate, whose ARN and
// domain names stay (custom-domains 5.9): the next full handshake shows the new one.

import { ids } from '../../../ambient/ids.ts';
import { formatArn } from '../../../model/arn.ts';
import type { Certificate } from '../../../model/certificate.ts';
import type { ImportCertificateRequest } from '../../../protocol/wire/shapes-acm.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import { checkCertificateTags, tagMap } from './certificate-tags.ts';
import { findCertificate } from './find-certificate.ts';
import { invalid, readImported, type ReadCertificate } from './read-imported.ts';

export const importCertificate: Operation<'acm', 'ImportCertificate'> = async (input, request, world) => {
  checkCertificateTags(input.Tags);
  const read = await readImported(input, world.clock.now());
  const { account } = request.caller;
  const { region } = request;
  const keyPairReference = ids.keyPair();
  const sealedKey = world.seal(read.keyPem, keyPairReference);
  const certificate = await world.store.transact(async (transaction) => {
    const earlier = await findEarlier(transaction, request, input, read);
    const arn = earlier?.arn ?? formatArn('acm', region, account, `certificate/${ids.uuid()}`);
    const imported: Certificate = {
      id: arn,
      account,
      region,
      arn,
      type: 'IMPORTED',
      domainName: read.names[0]!,
      subjectAlternativeNames: read.names,
      keyAlgorithm: read.keyAlgorithm,
      status: 'ISSUED',
      validations: [],
      exportOption: 'DISABLED',
      transparencyLogging: 'DISABLED',
      tags: earlier?.tags ?? tagMap(input.Tags),
      createdAtMs: earlier?.createdAtMs ?? world.clock.now(),
      issued: {
        keyPairReference,
        serial: read.serial,
        notBeforeMs: read.notBeforeMs,
        notAfterMs: read.notAfterMs,
        issuedAtMs: world.clock.now(),
        renewAtMs: read.notAfterMs - limit('expiryNoticeMs'),
        reviewAtMs: read.notAfterMs - limit('expiryNoticeMs'),
      },
      imported: read.facts,
    };
    if (earlier?.issued) transaction.removeKeyPair(earlier.issued.keyPairReference);
    const { chainPem, anchorPem } = read;
    transaction.putKeyPair({
      reference: keyPairReference,
      account,
      region,
      chainPem,
      ...(anchorPem !== undefined && { anchorPem }),
      sealedKey,
    });
    transaction.put('certificate', imported);
    return imported;
  });
  return { CertificateArn: certificate.arn };
};

/** The certificate to be replaced, when the new one may replace it. */
async function findEarlier(
  view: View,
  request: OperationRequest,
  { CertificateArn: arn, Tags }: ImportCertificateRequest,
  read: ReadCertificate,
): Promise<Certificate | undefined> {
  if (arn === undefined) return undefined;
  const earlier = await findCertificate(view, request, arn);
  if (Tags !== undefined) throw invalid('Tags cannot be given when a certificate is imported again.');
  const { imported } = earlier;
  if (!imported) throw invalid(`The certificate ${arn} was not imported, so it cannot be imported again.`);
  if (earlier.keyAlgorithm !== read.keyAlgorithm) {
    throw invalid(
      `The key of a certificate that is imported again keeps its type and size, ${earlier.keyAlgorithm}; this one is ${read.keyAlgorithm}.`,
    );
  }
  if (!earlier.subjectAlternativeNames.some((name) => read.names.includes(name))) {
    throw invalid(
      `A certificate that is imported again keeps at least one of its names, ${earlier.subjectAlternativeNames.join(', ')}.`,
    );
  }
  const usages = ({ keyUsages, extendedKeyUsages }: ReadCertificate['facts']) => [
    ...keyUsages,
    ...extendedKeyUsages.map(({ oid }) => oid),
  ];
  const lost = usages(imported).find((usage) => !usages(read.facts).includes(usage));
  if (lost !== undefined)
    throw invalid(`A certificate that is imported again keeps its usages, and this one lacks ${lost}.`);
  return earlier;
}
