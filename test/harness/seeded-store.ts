// A data directory with certificates in states that take days to come to: the rows are written with the store's own code, before a
// gateway is started on it. Keys are not there, so nothing of it can be exported or served.

import type { Certificate } from '../../src/model/certificate.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { REGION, temporaryDirectory, type Owner } from './gateway.ts';

const ACCOUNT = '000000000000';
const DAY_MS = 86_400_000;

export type Seed = Partial<Certificate> & { readonly domainName: string };

/** A certificate of the development account: pending DNS validation, unless the seed says otherwise. */
export function certificateOf(seed: Seed, number: number): Certificate {
  const { domainName, status = 'PENDING_VALIDATION', subjectAlternativeNames: names = [domainName] } = seed;
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const arn = `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/${id}`;
  return {
    id: arn,
    account: ACCOUNT,
    region: REGION,
    arn,
    type: 'AMAZON_ISSUED',
    validationMethod: 'DNS',
    issuer: 'local',
    keyAlgorithm: 'RSA_2048',
    status,
    subjectAlternativeNames: names,
    validations: names.map((name) => ({
      domainName: name,
      status: status === 'ISSUED' ? 'SUCCESS' : 'PENDING_VALIDATION',
      validationDomain: name,
      recordName: `_name.${name}.`,
      recordValue: '_value.letters.acm-validations.aws.',
    })),
    transparencyLogging: 'ENABLED',
    exportOption: 'DISABLED',
    tags: {},
    createdAtMs: Date.now(),
    ...seed,
  };
}

/** What issuing adds, a while ago, with its end and its next review far away. */
export function issuedFacts(daysAgo = 1): NonNullable<Certificate['issued']> {
  const issuedAtMs = Date.now() - daysAgo * DAY_MS;
  return {
    keyPairReference: 'none',
    serial: '03:e9',
    notBeforeMs: issuedAtMs,
    notAfterMs: issuedAtMs + 198 * DAY_MS,
    issuedAtMs,
    renewAtMs: issuedAtMs + 150 * DAY_MS,
    reviewAtMs: issuedAtMs + 150 * DAY_MS,
  };
}

/** Resolves to the path of a data directory that lives as long as its owner. */
export async function seedCertificates(owner: Owner, certificates: readonly Certificate[]): Promise<string> {
  const path = temporaryDirectory(owner);
  const directory = openDataDirectory(path);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  await store.transact(async (transaction) => {
    for (const certificate of certificates) transaction.put('certificate', certificate);
  });
  await store.close();
  directory.release();
  return path;
}
