// A process to be killed: it opens the embedded store in a data directory and lets four writers change it at once. Each writer
// reports a commit on stdout before it begins its next, so whoever reads knows what was acknowledged.

import { writeSync } from 'node:fs';
import type { Api, Stage } from '../../src/model/api.ts';
import type { Certificate, KeyPair } from '../../src/model/certificate.ts';
import { Fault } from '../../src/model/faults.ts';
import { recordSetId, type HostedZone, type RecordSet } from '../../src/model/hosted-zone.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Store, Transaction } from '../../src/store/contract.ts';

/** The first line, before the store is opened, and every further one. */
export type WriterLine = { readonly started: true } | { readonly writer: number; readonly step: number };

export const WRITERS = 4;
/** Record sets of one batch, and stages that change together. */
export const BATCH = 3;
/** Every so many steps, a writer takes back what its last one made. */
export const TAKE_BACK = 4;

const OWNER = { account: '000000000000', region: 'us-east-1' };

export const zoneId = (round: number) => `Z${round}`;
export const apiId = (round: number) => `api${round}`;
export const certificateId = (round: number, step: number) => `certificate-${round}-${step}`;
export const keyReference = (id: string) => `key of ${id}`;
export const chainOf = (id: string) => `chain of ${id} ${'.'.repeat(2_000)}`;

/** The record sets of one batch. */
export function batchOf(round: number, writer: number, step: number): RecordSet[] {
  return Array.from({ length: BATCH }, (_, part) => {
    const name = `p${part}.w${writer}-${step}.example.com.`;
    const id = recordSetId(zoneId(round), name, 'TXT');
    return { ...OWNER, id, hostedZoneId: zoneId(round), name, type: 'TXT', ttl: 60, values: [`"${step}"`] };
  });
}

/** The steps that still show after `done` of them: a step that takes back undoes the one before it. */
export function stepsThatShow(done: number): number[] {
  const isTakenBack = (step: number) => step % TAKE_BACK === 0 || (step + 1 <= done && (step + 1) % TAKE_BACK === 0);
  return Array.from({ length: done }, (_, at) => at + 1).filter((step) => !isTakenBack(step));
}

type Work = (transaction: Transaction, step: number) => Promise<void>;

/** Two writers share a zone and its count, so they collide; one writes certificates with keys, one stages of equal version. */
function worksOf(round: number): readonly Work[] {
  const batches =
    (writer: number): Work =>
    async (tx, step) => {
      const zone = (await tx.get('hosted-zone', zoneId(round))) ?? freshZone(round);
      const isTakingBack = step % TAKE_BACK === 0;
      for (const records of batchOf(round, writer, isTakingBack ? step - 1 : step)) {
        if (isTakingBack) tx.remove('record-set', records.id);
        else tx.put('record-set', records);
      }
      tx.put('hosted-zone', { ...zone, recordSetCount: zone.recordSetCount + (isTakingBack ? -BATCH : BATCH) });
    };
  const certificates: Work = async (tx, step) => {
    const isTakingBack = step % TAKE_BACK === 0;
    const id = certificateId(round, isTakingBack ? step - 1 : step);
    if (isTakingBack) {
      tx.remove('certificate', id);
      tx.removeKeyPair(keyReference(id));
    } else {
      tx.put('certificate', freshCertificate(id));
      tx.putKeyPair(keyPairOf(id));
    }
  };
  const versions: Work = async (tx, step) => {
    tx.put('api', freshApi(round, step));
    for (let part = 0; part < BATCH; part += 1) tx.put('stage', freshStage(round, part, step));
  };
  return [batches(0), batches(1), certificates, versions];
}

function freshZone(round: number): HostedZone {
  const id = zoneId(round);
  return {
    ...OWNER,
    id,
    name: 'example.com.',
    callerReference: id,
    nameServers: [],
    recordSetCount: 0,
    createdAtMs: 0,
  };
}

function keyPairOf(id: string): KeyPair {
  return { ...OWNER, reference: keyReference(id), chainPem: chainOf(id), sealedKey: Buffer.from(keyReference(id)) };
}

function freshCertificate(id: string): Certificate {
  return {
    ...OWNER,
    id,
    arn: id,
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
    createdAtMs: 0,
  };
}

function freshApi(round: number, step: number): Api {
  return {
    ...OWNER,
    id: apiId(round),
    apiId: apiId(round),
    name: 'killed',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.action',
    apiKeySelectionExpression: '$request.header.x-api-key',
    disableExecuteApiEndpoint: false,
    ipAddressType: 'ipv4',
    version: String(step),
    createdAtMs: 0,
  };
}

function freshStage(round: number, part: number, step: number): Stage {
  return {
    ...OWNER,
    id: `${apiId(round)}/s${part}`,
    apiId: apiId(round),
    stageName: `s${part}`,
    description: String(step),
    stageVariables: {},
    defaultRouteSettings: {},
    routeSettings: {},
    tags: {},
    createdAtMs: 0,
    lastUpdatedAtMs: 0,
  };
}

/** Says it at once, before anything else happens: a pipe that is full is tried again until it takes the whole line. */
function say(line: WriterLine): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** A commit that kept colliding wrote nothing: its step is tried once more. */
async function writeForever(store: Store, writer: number, work: Work): Promise<never> {
  for (let step = 1; ;) {
    try {
      await store.transact((transaction) => work(transaction, step));
    } catch (error) {
      if (error instanceof Fault && error.code === 'ConflictException') continue;
      throw error;
    }
    say({ writer, step });
    step += 1;
  }
}

if (import.meta.main) {
  const [path, round] = process.argv.slice(2);
  say({ started: true });
  const directory = openDataDirectory(path!);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  await Promise.all(worksOf(Number(round)).map((work, writer) => writeForever(store, writer, work)));
}
