// The second level of keys at rest: data keys that seal private keys, one of them the current one, and their rotation while
// handshakes go on. Whoever seals or opens gets two functions, never a key.

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../ambient/clock.ts';
import { assert, Fault } from '../model/faults.ts';
import type { Log } from '../observe/log.ts';
import { KEY_BYTES, KEY_ID_MAX, keyIdOf, open, seal, type SealingKey } from '../protocol/sealed-envelope.ts';
import { limit } from '../settings/limits.ts';
import type { CertificateSource, Secret, Vault } from '../store/contract.ts';
import { MasterKeyProblem, newMasterKey, type MasterKey } from '../store/embedded/master-key.ts';
import { Resealing, type ResealingReport } from './resealing.ts';
import {
  dataKeySecret,
  openSecrets,
  wrapAll,
  type OpenedSecret,
  type Purpose,
  type SecretParts,
} from './wrapped-secrets.ts';

/** Private keys as text (PEM) for a row, and back. Both throw on what is not as it was made. */
export interface Sealing {
  seal(keyPem: string, reference: string): Uint8Array;
  open(sealedKey: Uint8Array, reference: string): string;
}

export interface KeyRow {
  readonly id: string;
  readonly purpose: string;
  readonly createdAtMs: number;
  /** How many key pairs lie under it; undefined for what seals none. */
  readonly keyPairs: number | undefined;
}

export interface KeysReport {
  readonly masterKey: { readonly name: string; readonly isReplacedByRotation: boolean };
  readonly keys: readonly KeyRow[];
  /** The last one since the start; undefined when there was none. */
  readonly rotation: ResealingReport | undefined;
}

export interface KeyRing extends Sealing {
  /** What validation CNAMEs and change ids are made with: the same for ever. */
  readonly tokenKey: Uint8Array;
  readonly connectionIdKey: Uint8Array;
  /** What links in validation mail are made with: they outlive a rotation. */
  readonly approvalKey: Uint8Array;
  /** What secrets in the accounts file and values of API keys are sealed with, and sessions are made with: it outlives a rotation, too. */
  readonly accessKeysKey: Uint8Array;
  report(): Promise<KeysReport>;
  /**
   * Begins a rotation, and resolves when it is begun for good: it goes on by itself, also after a restart. One that is under way
   * already is left to it. Throws a Fault when it could not begin; then nothing was changed.
   */
  rotate(): Promise<void>;
  /** Goes on with a rotation that an earlier process began. */
  resume(): void;
  /** Resolves when no row is being sealed anew. */
  stop(): Promise<void>;
}

export interface KeyRingParts extends SecretParts {
  readonly certificateSource: CertificateSource;
}

/** Throws MasterKeyProblem when the master key is not the one. */
export async function openKeyRing(parts: KeyRingParts): Promise<KeyRing> {
  const { masterKey, secrets } = await openSecrets(parts);
  return new StoredKeyRing(parts, masterKey, secrets);
}

/** What a rotation wants stored. */
interface Swap {
  readonly masterKey: Uint8Array;
  readonly secrets: readonly OpenedSecret[];
  readonly next: SealingKey;
  readonly wrapped: readonly Secret[];
}

/** Rows as plain values, whichever kind of bytes they came in. */
function byId(secrets: readonly Secret[]) {
  return secrets
    .map(({ wrapped, ...rest }) => ({ ...rest, wrapped: Buffer.from(wrapped).toString('base64') }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

class StoredKeyRing implements KeyRing {
  readonly tokenKey: Uint8Array;
  readonly connectionIdKey: Uint8Array;
  readonly approvalKey: Uint8Array;
  readonly accessKeysKey: Uint8Array;
  readonly #vault: Vault;
  readonly #master: MasterKey;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #source: CertificateSource;
  readonly #dataKeys = new Map<number, SealingKey>();
  #current: SealingKey;
  #masterKey: Uint8Array;
  #secrets: readonly OpenedSecret[];
  /** What was sealed a moment ago, by reference, the oldest first: it may not be written yet. */
  readonly #recent = new Map<string, { readonly dataKey: number; readonly atMs: number }>();
  #unsettled: Swap | undefined;
  #beginning: Promise<void> | undefined;
  #resealing: Resealing | undefined;

  constructor(parts: KeyRingParts, masterKey: Uint8Array, secrets: readonly OpenedSecret[]) {
    this.#vault = parts.vault;
    this.#master = parts.master;
    this.#clock = parts.realClock;
    this.#log = parts.log;
    this.#source = parts.certificateSource;
    this.#masterKey = masterKey;
    this.#secrets = secrets;
    this.tokenKey = secretFor(secrets, 'tokens');
    this.connectionIdKey = secretFor(secrets, 'connection ids');
    this.approvalKey = secretFor(secrets, 'approvals');
    this.accessKeysKey = secretFor(secrets, 'access keys');
    for (const { dataKey, bytes } of secrets) {
      if (dataKey !== undefined) this.#dataKeys.set(dataKey, { id: dataKey, bytes });
    }
    const current = [...this.#dataKeys.values()].find(({ id }) => !this.#dataKeys.has(numberAfter(id)));
    assert(current && this.#dataKeys.size <= 2, 'there is one data key, or its follower, too');
    this.#current = current;
  }

  seal(keyPem: string, reference: string): Uint8Array {
    const atMs = this.#clock.now();
    for (const [oldest, sealed] of this.#recent) {
      if (sealed.atMs > atMs - limit('sealToCommitMsMax')) break;
      this.#recent.delete(oldest);
    }
    this.#recent.delete(reference);
    this.#recent.set(reference, { dataKey: this.#current.id, atMs });
    return seal(this.#current, Buffer.from(keyPem), reference);
  }

  open(sealedKey: Uint8Array, reference: string): string {
    return this.#open(sealedKey, reference).toString();
  }

  #open(sealedKey: Uint8Array, reference: string): Buffer {
    const key = this.#dataKeys.get(keyIdOf(sealedKey) ?? 0);
    if (!key) throw new Error(`the sealed key of ${reference} is under no data key of this server`);
    return open(key, sealedKey, reference);
  }

  async report(): Promise<KeysReport> {
    const counts = await this.#vault.countSealed();
    return {
      masterKey: { name: this.#master.name, isReplacedByRotation: this.#master.isOwn },
      keys: [...this.#secrets]
        .sort((one, other) => one.purpose.localeCompare(other.purpose) || one.createdAtMs - other.createdAtMs)
        .map(({ id, purpose, createdAtMs, dataKey }) => {
          const keyPairs = dataKey === undefined ? undefined : (counts.get(dataKey) ?? 0);
          return { id, purpose, createdAtMs, keyPairs };
        }),
      rotation: this.#resealing?.report(counts),
    };
  }

  async rotate(): Promise<void> {
    this.#beginning ??= this.#begin().finally(() => (this.#beginning = undefined));
    await this.#beginning;
  }

  async #begin(): Promise<void> {
    if (this.#dataKeys.size === 1) await this.#addDataKey();
    this.resume();
  }

  /** The new data key becomes the current one, and the own master key another, in one commit. */
  async #addDataKey(): Promise<void> {
    const stored = await this.#vault.secrets();
    if (this.#unsettled && this.#decide(this.#unsettled, stored)) return;
    const next = { id: numberAfter(this.#current.id), bytes: randomBytes(KEY_BYTES) };
    const secrets = [...this.#secrets, dataKeySecret(next.id, next.bytes, this.#clock.now())];
    const masterKey = this.#master.isOwn ? newMasterKey() : this.#masterKey;
    const swap: Swap = { masterKey, secrets, next, wrapped: wrapAll(masterKey, secrets) };
    // Whichever of the two the commit leaves in force, a start finds it.
    this.#keepMasterKeys([this.#masterKey, masterKey]);
    // A swap that ends with an error may be done all the same: what is stored decides, now or at the next rotation.
    this.#unsettled = swap;
    const isSwapped = await this.#vault.swapSecrets(stored, swap.wrapped).catch(async (error: Error) => {
      if (isDeepStrictEqual(byId(await this.#vault.secrets()), byId(swap.wrapped))) return true;
      throw error;
    });
    if (isSwapped) return this.#adopt(swap);
    this.#unsettled = undefined;
    this.#keepMasterKeys([this.#masterKey]);
    throw new Fault('ConflictException', 'The keys were changed by somebody else. Please try again.', {
      step: 'keys',
    });
  }

  /** True when a swap of unknown outcome was done. */
  #decide(swap: Swap, stored: readonly Secret[]): boolean {
    const isDone = isDeepStrictEqual(byId(stored), byId(swap.wrapped));
    if (isDone) this.#adopt(swap);
    this.#unsettled = undefined;
    return isDone;
  }

  #adopt({ masterKey, secrets, next }: Swap): void {
    this.#unsettled = undefined;
    this.#masterKey = masterKey;
    this.#secrets = secrets;
    this.#dataKeys.set(next.id, next);
    this.#current = next;
    try {
      this.#keepMasterKeys([masterKey]);
    } catch (error) {
      // Both are in the file: the next start leaves the new one alone there.
      this.#log.warn('the old master key is still in its file', { error: (error as Error).message });
    }
  }

  #keepMasterKeys(candidates: readonly Uint8Array[]): void {
    if (!this.#master.isOwn) return;
    try {
      this.#master.keep(candidates);
    } catch (error) {
      if (!(error instanceof MasterKeyProblem)) throw error;
      const text = `The master key cannot be replaced: ${error.message} No key was changed.`;
      throw new Fault('ServiceUnavailableException', text, { step: 'keys', cause: error });
    }
  }

  resume(): void {
    const from = [...this.#dataKeys.values()].find((key) => key !== this.#current);
    if (!from || this.#resealing?.isRunning) return;
    this.#resealing = new Resealing({
      vault: this.#vault,
      log: this.#log,
      from: from.id,
      to: this.#current.id,
      sealAnew: ({ reference, sealedKey }) => seal(this.#current, this.#open(sealedKey, reference), reference),
      isSettled: () => this.#isSettled(from.id),
      removed: () => this.#forget(from.id),
    });
    this.#resealing.start();
  }

  /** True when nothing that was sealed under the key can still be on its way to the store. */
  #isSettled(dataKey: number): boolean {
    const since = this.#clock.now() - limit('sealToCommitMsMax');
    for (const [reference, sealed] of this.#recent) {
      const mayBeOnItsWay = sealed.dataKey === dataKey && sealed.atMs > since;
      if (mayBeOnItsWay && this.#source.read(reference) === undefined) return false;
    }
    return true;
  }

  #forget(dataKey: number): void {
    this.#dataKeys.delete(dataKey);
    this.#secrets = this.#secrets.filter((secret) => secret.dataKey !== dataKey);
  }

  async stop(): Promise<void> {
    await this.#beginning?.catch(() => {});
    await this.#resealing?.stop();
  }
}

/** Numbers go round: there are never more than two data keys. */
function numberAfter(id: number): number {
  return (id % KEY_ID_MAX) + 1;
}

function secretFor(secrets: readonly OpenedSecret[], purpose: Purpose): Uint8Array {
  const found = secrets.find((secret) => secret.purpose === purpose);
  assert(found, `there is a secret for ${purpose}`);
  return found.bytes;
}
