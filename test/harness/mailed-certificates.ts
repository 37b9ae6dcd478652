// Certificates that wait for approval by mail, as rows that lie in a data directory before a gateway starts in it; and the key that the
// gateway will know their links by.

import { realClock } from '../../src/ambient/clock.ts';
import { openKeyRing } from '../../src/certificates/key-ring.ts';
import type { Certificate, DomainValidation } from '../../src/model/certificate.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { readMasterKey } from '../../src/store/embedded/master-key.ts';
import { REGION, temporaryDirectory, type Owner } from './gateway.ts';

const DAY_MS = 86_400_000;

export interface MailedDataDirectory {
  readonly path: string;
  /** What the gateway makes links with. */
  readonly approvalKey: Uint8Array;
}

/** A data directory in which these certificates lie. */
export async function mailedDataDirectory(
  owner: Owner,
  certificates: readonly Certificate[],
): Promise<MailedDataDirectory> {
  const path = temporaryDirectory(owner);
  const directory = openDataDirectory(path);
  const log = createLog('error', false);
  const store = await openEmbeddedStore(directory.databasePath, log);
  await store.transact(async (transaction) => {
    for (const certificate of certificates) transaction.put('certificate', certificate);
  });
  const certificateSource = directory.openCertificateSource();
  const master = readMasterKey(undefined, { dataDir: path, environment: {}, flag: 'master-key' });
  const parts = { vault: store.vault, certificateSource, master, previous: undefined, dataDir: path, realClock, log };
  const { approvalKey } = await openKeyRing(parts);
  certificateSource.close();
  await store.close();
  directory.release();
  return { path, approvalKey };
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
