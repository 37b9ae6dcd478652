// The first level of keys at rest: finds the master key that opens the secrets of the store, moves them under another one, and
// makes them at first start, or out of what the master key itself was used for in the first versions.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../ambient/clock.ts';
import { assert } from '../model/faults.ts';
import type { Log } from '../observe/log.ts';
import { deriveKey, KEY_BYTES, MASTER_KEY_ID, open, seal, type SealingKey } from '../protocol/sealed-envelope.ts';
import type { SealedKey, Secret, Vault } from '../store/contract.ts';
import { MasterKeyProblem, type MasterKey } from '../store/embedded/master-key.ts';

export const PRIVATE_KEYS = 'private keys';
/** What secrets there are beside data keys: validation CNAMEs and ids of changes, connection ids, links in validation mail, what access keys are sealed with. */
export const PURPOSES = ['tokens', 'connection ids', 'approvals', 'access keys'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface OpenedSecret {
  readonly id: string;
  readonly purpose: string;
  readonly dataKey?: number;
  readonly createdAtMs: number;
  readonly bytes: Uint8Array;
}

export interface SecretParts {
  readonly vault: Vault;
  readonly master: MasterKey;
  /** Read only when the master key does not open the secrets. */
  readonly previous: (() => MasterKey) | undefined;
  readonly dataDir: string;
  readonly realClock: Clock;
  readonly log: Log;
}

export interface OpenedSecrets {
  readonly masterKey: Uint8Array;
  readonly secrets: readonly OpenedSecret[];
}

/** Of the key pairs of a first version, so many are tried: one of them may be damaged. */
const TRIED_MAX = 10;
const FIRST_DATA_KEY = 1;

/** Throws MasterKeyProblem, and then has changed nothing, when no master key that was given opens them. */
export async function openSecrets(parts: SecretParts): Promise<OpenedSecrets> {
  const stored = await parts.vault.secrets();
  return stored.length === 0 ? makeSecrets(parts) : findMasterKey(parts, stored);
}

export function dataKeySecret(number: number, bytes: Uint8Array, createdAtMs: number): OpenedSecret {
  return { id: `private-keys-${number}`, purpose: PRIVATE_KEYS, dataKey: number, createdAtMs, bytes };
}

export function wrapAll(masterKey: Uint8Array, secrets: readonly OpenedSecret[]): Secret[] {
  const key = wrappingKey(masterKey);
  return secrets.map(({ bytes, ...secret }) => ({ ...secret, wrapped: seal(key, bytes, identityOf(secret)) }));
}

/** The master key seals nothing itself: it was the root of other keys in the first versions. */
function wrappingKey(masterKey: Uint8Array): SealingKey {
  return { id: MASTER_KEY_ID, bytes: deriveKey(masterKey, 'wrapping') };
}

function identityOf({ id, purpose }: { readonly id: string; readonly purpose: string }): string {
  return `secret ${id} ${purpose}`;
}

/** All of them, or undefined when one does not open. */
function unwrapAll(masterKey: Uint8Array, secrets: readonly Secret[]): OpenedSecret[] | undefined {
  const key = wrappingKey(masterKey);
  try {
    return secrets.map(({ wrapped, ...secret }) => ({ ...secret, bytes: open(key, wrapped, identityOf(secret)) }));
  } catch {
    // Another key, or a row that was tampered with: GCM does not tell them apart.
    return undefined;
  }
}

async function findMasterKey(parts: SecretParts, stored: readonly Secret[]): Promise<OpenedSecrets> {
  const { vault, master, previous, log } = parts;
  for (const masterKey of master.candidates) {
    const secrets = unwrapAll(masterKey, stored);
    if (!secrets) continue;
    // A replacement that was cut short ends here, one way or the other.
    master.keep([masterKey]);
    if (previous) log.info('the master key opens everything: --previous-master-key is not needed any more');
    return { masterKey, secrets: await completed(parts, stored, { masterKey, secrets }) };
  }
  const former = previous?.();
  const secrets = former?.candidates.map((key) => unwrapAll(key, stored)).find((opened) => opened !== undefined);
  if (!secrets) throw doesNotOpen(parts, former);
  const [masterKey] = master.candidates;
  assert(masterKey, 'a master key is one key at least');
  master.keep([masterKey]);
  assert(await vault.swapSecrets(stored, wrapAll(masterKey, secrets)), 'nobody else changes the secrets at start');
  log.info('all keys are wrapped under the new master key: --previous-master-key is not needed any more');
  return { masterKey, secrets: await completed(parts, await vault.secrets(), { masterKey, secrets }) };
}

/** With those that a later version has come to need. */
async function completed({ vault, realClock }: SecretParts, stored: readonly Secret[], opened: OpenedSecrets) {
  const lacking = PURPOSES.filter((purpose) => opened.secrets.every((secret) => secret.purpose !== purpose));
  if (lacking.length === 0) return opened.secrets;
  const secrets = [...opened.secrets, ...lacking.map((one) => secretOf(one, randomBytes(KEY_BYTES), realClock.now()))];
  const isSwapped = await vault.swapSecrets(stored, wrapAll(opened.masterKey, secrets));
  assert(isSwapped, 'nobody else changes the secrets at start');
  return secrets;
}

function secretOf(purpose: Purpose, bytes: Uint8Array, createdAtMs: number): OpenedSecret {
  return { id: purpose.replaceAll(' ', '-'), purpose, createdAtMs, bytes };
}

async function makeSecrets(parts: SecretParts): Promise<OpenedSecrets> {
  const { vault, master, previous, realClock, log } = parts;
  const sealed = await vault.sealedUnder(FIRST_DATA_KEY, { limit: TRIED_MAX });
  const usual = master.candidates[0];
  assert(usual, 'a master key is one key at least');
  let masterKey = usual;
  let secrets: readonly OpenedSecret[];
  if (sealed.length === 0) {
    secrets = firstSecrets(realClock, () => randomBytes(KEY_BYTES));
  } else {
    const own = master.candidates.find((key) => opensSome(key, sealed));
    const former = own ? undefined : previous?.();
    const root = own ?? former?.candidates.find((key) => opensSome(key, sealed));
    if (!root) throw doesNotOpen(parts, former);
    masterKey = own ?? usual;
    secrets = firstSecrets(realClock, (purpose) => deriveKey(root, purpose));
    log.info('the keys of an earlier version were brought over, and lie wrapped under the master key');
  }
  master.keep([masterKey]);
  assert(await vault.swapSecrets([], wrapAll(masterKey, secrets)), 'nobody else changes the secrets at start');
  return { masterKey, secrets };
}

function firstSecrets({ now }: Clock, bytesFor: (purpose: string) => Uint8Array): OpenedSecret[] {
  return [
    dataKeySecret(FIRST_DATA_KEY, bytesFor(PRIVATE_KEYS), now()),
    ...PURPOSES.map((purpose) => secretOf(purpose, bytesFor(purpose), now())),
  ];
}

/** In the first versions a key derived from the master key sealed private keys itself. */
function opensSome(masterKey: Uint8Array, sealed: readonly SealedKey[]): boolean {
  const key = { id: FIRST_DATA_KEY, bytes: deriveKey(masterKey, PRIVATE_KEYS) };
  return sealed.some(({ reference, sealedKey }) => {
    try {
      return open(key, sealedKey, reference).length > 0;
    } catch {
      // Another key, or a damaged row: the next one tells.
      return false;
    }
  });
}

function doesNotOpen({ master, dataDir }: SecretParts, former: MasterKey | undefined): MasterKeyProblem {
  if (master.isFresh && master.isOwn && !former) {
    return new MasterKeyProblem(
      `the master key ${master.name} is not there, and the private keys in --data-dir ${dataDir} are sealed under one. ` +
        'No key was changed. Restore it, or give the right one with --master-key.',
    );
  }
  const who = former
    ? `neither the master key ${master.name} nor ${former.name} opens`
    : `the master key ${master.name} does not open`;
  return new MasterKeyProblem(
    `${who} the private keys in --data-dir ${dataDir}. No key was changed. Give the one that they are sealed under with ` +
      '--master-key, or with --previous-master-key to move to this one.',
  );
}
