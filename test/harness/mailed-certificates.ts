// Certificates that wait for approval by mail, as rows that lie in a data directory before a gateway starts in it; and the key that the
// gateway will know their links by.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate, DomainValidation } from '../../src/model/certificate.ts';
import { createLog } from '../../src/observe/log.ts';
import { deriveKey } from '../../src/protocol/sealed-envelope.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { REGION, temporaryDirectory, type Owner } from './gateway.ts';

const DAY_MS = 86_400_000;

export interface MailedDataDirectory {
  readonly path: string;
  /** What the gateway derives for approvals. */
  readonly approvalKey: Uint8Array;
}

/** A data directory in which these certificates lie. */
export async function mailedDataDirectory(
  owner: Owner,
  certificates: readonly Certificate[],
): Promise<MailedDataDirectory> {
  const path = temporaryDirectory(owner);
  const directory = openDataDirectory(path, undefined);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  await store.transact(async (transaction) => {
    for (const certificate of certificates) transaction.put('certificate', certificate);
  });
  await store.close();
  directory.release();
  const masterKey = Buffer.from(readFileSync(join(path, 'master.key'), 'utf8'), 'base64');
  return { path, approvalKey: deriveKey(masterKey, 'approvals') };
}

export function mailedCertificate(names: readonly string[], over: Partial<Certificate> = {}): Certificate {
  const account = over.account ?? '000000000000';
  const arn = over.arn ?? `arn:aws:acm:${REGION}:${account}:certificate/${names[0]!.replace('*', 'wildcard')}`;
  return {
    id: arn,
    account,
    region: REGION,
    arn,
    type: 'AMAZON_ISSUED',
    domainName: names[0]!,
    subjectAlternativeNames: names,
    validationMethod: 'EMAIL',
    issuer: 'local',
    requestedBy: 'AKIDREQUESTER',
    keyAlgorithm: 'EC_prime256v1',
    status: 'PENDING_VALIDATION',
    validations: names.map((name) => waiting(name)),
    transparencyLogging: 'ENABLED',
    exportOption: 'DISABLED',
    tags: {},
    createdAtMs: Date.now(),
    ...over,
  };
}

export function waiting(domainName: string, over: Partial<DomainValidation> = {}): DomainValidation {
  const validationDomain = domainName.replace(/^\*\./, '');
  return {
    domainName,
    status: 'PENDING_VALIDATION',
    validationDomain,
    recordName: `_0.${validationDomain}.`,
    recordValue: '_1.letters.acm-validations.aws.',
    // The tests write the mail themselves.
    mailedAtMs: Date.now(),
    ...over,
  };
}

/** What makes a certificate of these names an issued one, of this serial, which is being renewed. */
export function renewing(
  names: readonly string[],
  serial: string,
  over: Partial<Certificate> = {},
): Partial<Certificate> {
  const nowMs = Date.now();
  const success = names.map((name) => waiting(name, { status: 'SUCCESS' }));
  return {
    status: 'ISSUED',
    validations: success,
    issued: {
      keyPairReference: `no-key-${serial}`,
      serial,
      notBeforeMs: nowMs - DAY_MS,
      notAfterMs: nowMs + 300 * DAY_MS,
      issuedAtMs: nowMs - DAY_MS,
      renewAtMs: nowMs + 200 * DAY_MS,
      reviewAtMs: nowMs + 200 * DAY_MS,
    },
    renewal: { status: 'PENDING_VALIDATION', validations: names.map((name) => waiting(name)), updatedAtMs: nowMs },
    ...over,
  };
}
