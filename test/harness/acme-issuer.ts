// The issuer of ACME by itself, with an embedded store of its own: as the gateway opens it, without the gateway.

import { createHmac } from 'node:crypto';
import { after } from 'node:test';
import { realClock, type Clock } from '../../src/ambient/clock.ts';
import type { AcmeIssuer } from '../../src/certificates/acme/acme-issuer.ts';
import { openAcmeIssuer } from '../../src/certificates/acme/open-acme-issuer.ts';
import type { IssueRequest, Proof } from '../../src/certificates/issuer.ts';
import type { Sealing } from '../../src/certificates/key-ring.ts';
import { createSigning } from '../../src/certificates/signing.ts';
import type { Certificate, IssuableAlgorithm } from '../../src/model/certificate.ts';
import { createLog } from '../../src/observe/log.ts';
import { open, seal } from '../../src/protocol/sealed-envelope.ts';
import type { AcmeSettings } from '../../src/settings/settings.ts';
import type { CertificateSource, Store } from '../../src/store/contract.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { temporaryDirectory, type Owner } from './gateway.ts';

/** One thread for all tests of a file: it takes longer to start than to sign. */
const signing = createSigning();
after(() => signing.close());

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const SEALING_KEY = { id: 1, bytes: Buffer.alloc(32, 7) };
/** What key pairs are sealed with. */
export const KEYS: Sealing = {
  seal: (keyPem, reference) => seal(SEALING_KEY, Buffer.from(keyPem), reference),
  open: (sealedKey, reference) => open(SEALING_KEY, sealedKey, reference).toString(),
};

export const WIDE_BUDGET: AcmeSettings['budget'] = {
  orders: { count: 300, windowMs: 3 * HOUR_MS },
  certificates: { count: 50, windowMs: 7 * DAY_MS },
  duplicates: { count: 5, windowMs: 7 * DAY_MS },
  failures: { count: 5, windowMs: HOUR_MS },
};

export interface TestStore {
  readonly store: Store;
  readonly certificateSource: CertificateSource;
}

export async function openTestStore(owner: Owner): Promise<TestStore> {
  const directory = openDataDirectory(temporaryDirectory(owner));
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  const certificateSource = directory.openCertificateSource();
  owner.after(async () => {
    certificateSource.close();
    await store.close();
    directory.release();
  });
  return { store, certificateSource };
}

export interface IssuerOptions extends Partial<AcmeSettings> {
  readonly on?: TestStore;
  readonly isHttpServed?: boolean;
  readonly realClock?: Clock;
}

export interface TestIssuer extends TestStore {
  readonly issuer: AcmeIssuer;
  /** A further one on the same store, as after a restart. */
  again(options?: IssuerOptions): Promise<TestIssuer>;
}

export async function openTestIssuer(
  owner: Owner,
  authority: { readonly directoryUrl: string; readonly caFile: string },
  options: IssuerOptions = {},
): Promise<TestIssuer> {
  const { on = await openTestStore(owner), isHttpServed = false, realClock: clock = realClock, ...settings } = options;
  const issuer = openAcmeIssuer({
    ...on,
    keys: KEYS,
    signing,
    realClock: clock,
    log: createLog('error', false),
    isHttpServed,
    settings: {
      directoryUrl: authority.directoryUrl,
      caFile: authority.caFile,
      email: undefined,
      eab: undefined,
      areTermsAgreed: false,
      budget: WIDE_BUDGET,
      ...settings,
    },
  });
  owner.after(() => issuer.close());
  return { ...on, issuer, again: (more = {}) => openTestIssuer(owner, authority, { ...options, ...more, on }) };
}

/** The first label of the place that a name delegates its challenge to. */
export function delegatedLabel(name: string): string {
  return createHmac('sha256', 'a test').update(name.replace(/^\*\./, '')).digest('hex').slice(0, 32);
}

export interface WantedCertificate {
  /** For all names alike. */
  readonly proof?: Proof;
  readonly keyAlgorithm?: IssuableAlgorithm;
  readonly replacedPem?: string;
}

/** What the reconciler asks for when all names are proven. */
export function requestFor(names: readonly string[], wanted: WantedCertificate = {}): IssueRequest {
  const { proof = 'record', keyAlgorithm = 'EC_prime256v1', replacedPem } = wanted;
  const arn = `arn:aws:acm:us-east-1:000000000000:certificate/${names[0]}`;
  const certificate: Certificate = {
    id: arn,
    arn,
    account: '000000000000',
    region: 'us-east-1',
    type: 'AMAZON_ISSUED',
    domainName: names[0]!,
    subjectAlternativeNames: names,
    validationMethod: 'DNS',
    issuer: 'acme',
    keyAlgorithm,
    status: 'PENDING_VALIDATION',
    validations: names.map((domainName) => ({
      domainName,
      status: 'SUCCESS',
      validationDomain: domainName.replace(/^\*\./, ''),
      recordName: `_acme-challenge.${domainName.replace(/^\*\./, '')}.`,
      recordValue: `${delegatedLabel(domainName)}.acme-challenges.gateway.example.`,
    })),
    transparencyLogging: 'ENABLED',
    exportOption: 'DISABLED',
    tags: {},
    createdAtMs: Date.now(),
  };
  return {
    certificate,
    keyAlgorithm,
    proofs: new Map(names.map((name) => [name, proof])),
    ...(replacedPem === undefined ? {} : { replacedPem }),
  };
}
