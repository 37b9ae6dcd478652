// What the store's tests write: a store as they open it, small objects of a few kinds, and quick ways to write and to listen.

import type { Certificate } from '../../src/model/certificate.ts';
import type { ApiMapping } from '../../src/model/domain-name.ts';
import { Fault } from '../../src/model/faults.ts';
import { recordSetId, type HostedZone, type RecordSet } from '../../src/model/hosted-zone.ts';
import type { CertificateSource, ChangeEvent, Store, Transaction } from '../../src/store/contract.ts';
import type { Owner } from '../harness/gateway.ts';

/** A store under test, with this node's way to read key pairs. */
export interface TestedStore extends Store {
  readonly certificateSource: CertificateSource;
}

/** Opens an empty store that ends with its owner. `changeLogRowsMax` makes its change log shorter than usual. */
export type OpenStore = (owner: Owner, options?: { readonly changeLogRowsMax: number }) => Promise<TestedStore>;

export const ACCOUNT = '000000000000';
export const OTHER_ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const OTHER_REGION = 'eu-west-1';

export function zone(id: string, over: Partial<HostedZone> = {}): HostedZone {
  return {
    id,
    account: ACCOUNT,
    region: REGION,
    name: 'example.com.',
    callerReference: `call-${id}`,
    nameServers: ['ns1.example.com.'],
    recordSetCount: 0,
    createdAtMs: 1,
    ...over,
  };
}

export function record(zoneId: string, label: string, over: Partial<RecordSet> = {}): RecordSet {
  const name = `${label}.example.com.`;
  return {
    id: recordSetId(zoneId, name, 'TXT'),
    account: ACCOUNT,
    region: REGION,
    hostedZoneId: zoneId,
    name,
    type: 'TXT',
    ttl: 60,
    values: ['"one"'],
    ...over,
  };
}

export function mapping(domainName: string, own: string, over: Partial<ApiMapping> = {}): ApiMapping {
  return {
    id: `${domainName}/${own}`,
    account: ACCOUNT,
    region: REGION,
    domainName,
    apiMappingId: own,
    apiId: 'api1',
    stage: 'test',
    apiMappingKey: own,
    ...over,
  };
}

export function certificate(id: string): Certificate {
  return {
    id,
    account: ACCOUNT,
    region: REGION,
    arn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/${id}`,
    domainName: 'ws.example.com',
    subjectAlternativeNames: ['ws.example.com'],
    type: 'AMAZON_ISSUED',
    validationMethod: 'DNS',
    keyAlgorithm: 'RSA_2048',
    status: 'PENDING_VALIDATION',
    validations: [],
    exportOption: 'DISABLED',
    transparencyLogging: 'ENABLED',
    tags: {},
    createdAtMs: 1,
  };
}

export function keyPair(of: string, text: string) {
  return {
    reference: of,
    account: ACCOUNT,
    region: REGION,
    chainPem: `chain of ${text}`,
    sealedKey: new Uint8Array([0, 255, 10, ...Buffer.from(text)]),
  };
}

export const idsOf = (entities: readonly { readonly id: string }[]) => entities.map(({ id }) => id);
export const write = (store: Store, work: (transaction: Transaction) => void) => store.transact(async (tx) => work(tx));
export const putZones = (store: Store, ...ids: string[]) =>
  write(store, (tx) => ids.forEach((id) => tx.put('hosted-zone', zone(id))));

/** Every event from here on. */
export function listen(store: Store): ChangeEvent[] {
  const events: ChangeEvent[] = [];
  store.onChange((event) => void events.push(event));
  return events;
}

export const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

export const SHORT_LOG_ROWS = 20;

/** Enough commits that a log of SHORT_LOG_ROWS no longer reaches back to where it stood. */
export async function outrunLog(store: Store): Promise<void> {
  for (let n = 0; n < SHORT_LOG_ROWS * 2; n += 1) await putZones(store, 'busy');
}
