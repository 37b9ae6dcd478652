// RenewCertificate: an exported certificate is renewed now, whenever it would have been. It says only that this is wanted; the
// reconciler renews it (custom-domains 5.10, 5.11).

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';

export const renewCertificate: Operation<'acm', 'RenewCertificate'> = async (input, request, { store, clock }) =>
  store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    const { arn, account, status, type, issued, renewal, exportedAtMs } = certificate;
    if (status === 'PENDING_VALIDATION') {
      throw new Fault('RequestInProgressException', `Certificate ${arn} in account ${account} not yet issued`);
    }
    const problem =
      type === 'IMPORTED'
        ? 'it was imported; import its successor under the same ARN'
        : status !== 'ISSUED' || !issued
          ? `its status is ${status}`
          : exportedAtMs === undefined
            ? 'it was never exported; while a domain name uses it, it is renewed in time by itself'
            : undefined;
    if (problem !== undefined || !issued) {
      throw new Fault('ValidationException', `Certificate ${arn} cannot be renewed on request: ${problem}.`);
    }
    if (renewal?.status.startsWith('PENDING')) {
      throw new Fault(
        'RequestInProgressException',
        `The renewal of certificate ${arn} is under way: ${renewal.status}.`,
      );
    }
    const nowMs = clock.now();
    const validations = certificate.validations.map(({ mailedAtMs: _mailed, ...validation }) => ({
      ...validation,
      status: 'PENDING_VALIDATION' as const,
    }));
    transaction.put('certificate', {
      ...certificate,
      issued: { ...issued, renewAtMs: nowMs, reviewAtMs: nowMs },
      renewal: { status: 'PENDING_AUTO_RENEWAL', validations, updatedAtMs: nowMs },
    });
  });
