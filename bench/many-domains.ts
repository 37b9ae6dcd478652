// Data directories with many custom domain names, each with a certificate of its own and an API mapping. They are written through
// the store while no gateway runs: the API would take an hour for them.

import { openKeyRing, type Sealing } from '../src/certificates/key-ring.ts';
import { createLog } from '../src/observe/log.ts';
import { regionalZoneId } from '../src/controlplane/operations/regional-zone.ts';
import { realClock } from '../src/ambient/clock.ts';
import { ids } from '../src/ambient/ids.ts';
import type { Certificate, KeyPair } from '../src/model/certificate.ts';
import type { ApiMapping, DomainName } from '../src/model/domain-name.ts';
import type { Store } from '../src/store/contract.ts';
import { openDataDirectory } from '../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded-store.ts';
import { readMasterKey } from '../src/store/embedded/master-key.ts';
import { ACCOUNT, certificateArnAt, domainNameAt, mappingIdAt, serialAt, type Edition } from './domain-names.ts';
import type { Issuer, Validity } from './p256-certificates.ts';
import { REGION, STAGE } from './subject.ts';

const DOMAINS_PER_COMMIT = 500;
const REGIONAL_SUFFIX = `execute-api.${REGION}.localhost`;
const OWNER = { account: ACCOUNT, region: REGION } as const;

export interface Source {
  readonly issuer: Issuer;
  readonly validity: Validity;
  /** What all names lead to, at the key and the stage STAGE. */
  readonly apiId: string;
}

/** What is added: the names from one place up to another, and second certificates for those at some places. */
export interface Addition {
  readonly from: number;
  readonly to: number;
  readonly renewed: readonly number[];
}

/** What one certificate, or one name with its first certificate, is in the store. */
interface Rows {
  readonly certificate: Certificate;
  readonly keyPair: KeyPair;
  readonly domain?: DomainName;
  readonly mapping?: ApiMapping;
}

/** Adds to a data directory that a gateway has made and nobody holds. */
export async function addDomains(dataDir: string, source: Source, { from, to, renewed }: Addition): Promise<void> {
  const directory = openDataDirectory(dataDir);
  const log = createLog('error', false);
  const store = await openEmbeddedStore(directory.databasePath, log);
  const certificateSource = directory.openCertificateSource();
  try {
    const { vault } = store;
    const master = readMasterKey(undefined, { dataDir, environment: {}, flag: 'master-key' });
    const keys = await openKeyRing({ vault, certificateSource, master, previous: undefined, dataDir, realClock, log });
    const places = Array.from({ length: to - from }, (_, at) => from + at);
    await putAll(store, places, (at) => rowsOf(at, 'first', source, keys));
    await putAll(store, renewed, (at) => rowsOf(at, 'second', source, keys));
  } finally {
    certificateSource.close();
    await store.close();
    directory.release();
  }
}

/** Makes the next rows while the store's thread writes the last. */
async function putAll(store: Store, places: readonly number[], make: (at: number) => Promise<Rows>): Promise<void> {
  let written: Promise<void> = Promise.resolve();
  for (let first = 0; first < places.length; first += DOMAINS_PER_COMMIT) {
    const [rows] = await Promise.all([Promise.all(places.slice(first, first + DOMAINS_PER_COMMIT).map(make)), written]);
    written = store.transact(async (transaction) => {
      for (const { certificate, keyPair, domain, mapping } of rows) {
        transaction.putKeyPair(keyPair);
        transaction.put('certificate', certificate);
        if (domain) transaction.put('domain-name', domain);
        if (mapping) transaction.put('api-mapping', mapping);
      }
    });
  }
  await written;
}

/** As RequestCertificate, DNS, the reconciler, CreateDomainName and CreateApiMapping leave them behind. */
async function rowsOf(at: number, edition: Edition, { issuer, validity, apiId }: Source, keys: Sealing): Promise<Rows> {
  const domainName = domainNameAt(at);
  const arn = certificateArnAt(at, edition);
  const serial = serialAt(at, edition);
  const { certificatePem, keyPem } = await issuer.issue(domainName, serial);
  const reference = `${arn}#${ids.hex(4)}`;
  const sealedKey = keys.seal(keyPem, reference);
  const keyPair: KeyPair = {
    reference,
    ...OWNER,
    chainPem: certificatePem,
    anchorPem: issuer.certificatePem,
    sealedKey,
  };
  const recordName = `_${ids.hex(16)}.${domainName}.`;
  const recordValue = `_${ids.hex(16)}.${ids.letters(10)}.acm-validations.aws.`;
  const certificate: Certificate = {
    id: arn,
    ...OWNER,
    arn,
    type: 'AMAZON_ISSUED',
    domainName,
    subjectAlternativeNames: [domainName],
    validationMethod: 'DNS',
    keyAlgorithm: 'EC_prime256v1',
    status: 'ISSUED',
    validations: [{ domainName, validationDomain: domainName, status: 'SUCCESS', recordName, recordValue }],
    exportOption: 'DISABLED',
    transparencyLogging: 'ENABLED',
    tags: {},
    createdAtMs: validity.notBeforeMs,
    issued: {
      keyPairReference: reference,
      serial: (serial.toString('hex').match(/../g) ?? []).join(':'),
      ...validity,
      issuedAtMs: validity.notBeforeMs,
      renewAtMs: validity.notAfterMs,
      reviewAtMs: validity.notAfterMs,
    },
  };
  if (edition === 'second') return { certificate, keyPair };
  const domain: DomainName = {
    id: domainName,
    ...OWNER,
    domainName,
    certificateArn: arn,
    regionalDomainName: `${ids.regionalName()}.${REGIONAL_SUFFIX}`,
    hostedZoneId: regionalZoneId(REGION),
    ipAddressType: 'ipv4',
    routingMode: 'API_MAPPING_ONLY',
    tags: {},
  };
  const apiMappingId = mappingIdAt(at);
  const target = { apiId, stage: STAGE, apiMappingKey: STAGE };
  const mapping: ApiMapping = { id: `${domainName}/${apiMappingId}`, ...OWNER, domainName, apiMappingId, ...target };
  return { certificate, keyPair, domain, mapping };
}
