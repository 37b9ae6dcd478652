// RequestCertificate: keeps what is wanted. Each name is proven by its CNAME or by an approval of mail, which the reconciler in
// certificates/ sees to; so is the issue (custom-domains 5.3, 5.7, 5.8).

import { ids } from '../../../ambient/ids.ts';
import { formatArn } from '../../../model/arn.ts';
import type { Certificate } from '../../../model/certificate.ts';
import { reference } from '../../../model/kinds.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { digestOf, readRequest } from './read-request.ts';
import { validationOf } from './validation-records.ts';

export const requestCertificate: Operation<'acm', 'RequestCertificate'> = async (input, request, world) => {
  const wanted = readRequest(input, request, world.issuers);
  const { names, issuer, mailDomains } = wanted;
  const { region, caller } = request;
  const { account } = caller;
  const requestDigest = digestOf(wanted);
  const validations = names.map((name) => validationOf(name, { account, issuer, mailDomains }, world));
  const isRefused = validations.some(({ status }) => status === 'FAILED');
  const { IdempotencyToken: idempotencyToken } = input;
  return world.store.transact(async (transaction) => {
    const nowMs = world.clock.now();
    if (idempotencyToken !== undefined) {
      const target = reference.idempotencyToken(account, region, idempotencyToken);
      // A token stands for a request: with other parameters it is another request.
      const earlier = (await transaction.referring('certificate', target)).find(
        (one) => one.createdAtMs > nowMs - limit('certificateTokenMs') && one.requestDigest === requestDigest,
      );
      if (earlier) return { CertificateArn: earlier.arn };
    }
    const arn = formatArn('acm', region, account, `certificate/${ids.uuid()}`);
    const created: Certificate = {
      id: arn,
      account,
      region,
      arn,
      type: 'AMAZON_ISSUED',
      domainName: names[0]!,
      subjectAlternativeNames: names,
      validationMethod: wanted.validationMethod,
      issuer,
      requestedBy: caller.accessKeyId,
      keyAlgorithm: wanted.keyAlgorithm,
      status: isRefused ? 'FAILED' : 'PENDING_VALIDATION',
      validations,
      transparencyLogging: wanted.transparencyLogging,
      exportOption: wanted.exportOption,
      tags: wanted.tags,
      createdAtMs: nowMs,
      ...(isRefused && { failureReason: 'DOMAIN_NOT_ALLOWED' }),
      ...(wanted.isIssuerChosen && { isIssuerChosen: true }),
      ...(idempotencyToken !== undefined && { idempotencyToken, requestDigest }),
    };
    transaction.put('certificate', created);
    return { CertificateArn: arn };
  });
};
