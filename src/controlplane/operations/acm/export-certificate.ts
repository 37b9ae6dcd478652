// ExportCertificate: the one way on which a private key leaves, under a passphrase, for a certificate that was requested with
// Options.Export ENABLED (custom-domains 5.10). The key is in no message and no log line, in the clear or not.

import { createPrivateKey } from 'node:crypto';
import type { Certificate } from '../../../model/certificate.ts';
import { assert, Fault } from '../../../model/faults.ts';
import { encryptPkcs8 } from '../../../protocol/encrypted-pkcs8.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation, OperationWorld } from '../operation.ts';
import { certificatePems } from './certificate-pems.ts';
import { findCertificate } from './find-certificate.ts';

/** Octets that a passphrase may not have, besides all beyond ASCII. */
const REFUSED = Buffer.from('#$%');
const ASCII_MAX = 0x7f;

export const exportCertificate: Operation<'acm', 'ExportCertificate'> = async (input, request, world) => {
  checkPassphrase(input.Passphrase);
  const { store, clock } = world;
  for (;;) {
    const certificate = await findCertificate(store.view, request, input.CertificateArn);
    checkExportable(certificate);
    const pems = await certificatePems(store, certificate);
    const reference = certificate.issued!.keyPairReference;
    const PrivateKey = await encryptInTurn(keyOf(reference, world), input.Passphrase);
    const isMarked = await store.transact(async (transaction) => {
      const current = await findCertificate(transaction, request, input.CertificateArn);
      // Renewed meanwhile: this key is the old one.
      if (current.issued?.keyPairReference !== reference) return false;
      transaction.put('certificate', { ...current, exportedAtMs: clock.now() });
      return true;
    });
    if (isMarked) return { ...pems, PrivateKey };
  }
};

function checkPassphrase(passphrase: Uint8Array): void {
  if (passphrase.some((octet) => octet > ASCII_MAX || REFUSED.includes(octet))) {
    throw new Fault(
      'ValidationException',
      'The passphrase may hold any ASCII character except #, $ and %, and this one holds another.',
    );
  }
}

function checkExportable({ arn, type, status, exportOption }: Certificate): void {
  const problem =
    type === 'IMPORTED'
      ? 'was imported: whoever imported it has its key'
      : exportOption !== 'ENABLED'
        ? 'was requested with Options.Export DISABLED, which cannot be changed: request another one with ENABLED'
        : status === 'EXPIRED'
          ? 'has expired'
          : undefined;
  if (problem !== undefined)
    throw new Fault('ValidationException', `Certificate ${arn} cannot be exported: it ${problem}.`);
}

function keyOf(reference: string, world: OperationWorld): Uint8Array {
  const keyPem = world.openKey(reference);
  assert(keyPem !== undefined, 'what is issued has its key');
  return createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
}

let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** One after the other: the threads that derive keys are those that resolve the names of backends, and stay free for them. */
function encryptInTurn(keyDer: Uint8Array, passphrase: Uint8Array): Promise<string> {
  if (waiting >= limit('exportsWaitingMax')) {
    throw new Fault('ThrottlingException', 'Rate exceeded: too many keys are being exported. Please try again later.');
  }
  waiting += 1;
  const encrypted = turn.then(() => encryptPkcs8(keyDer, passphrase)).finally(() => (waiting -= 1));
  turn = encrypted.catch(() => undefined);
  return encrypted;
}
