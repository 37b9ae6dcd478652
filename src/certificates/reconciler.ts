// Brings certificates from requested to issued: looks at every pending one when its time comes or its DNS record changes, asks
// DNS for each unproven name, and issues when all are proven. It reads the store and writes the store; nobody waits for it.

import type { LifecycleClock } from '../ambient/clock.ts';
import { createAlarm } from '../ambient/timers.ts';
import type {
  Certificate,
  CertificateProgress,
  IssuableAlgorithm,
  IssuedCertificate,
  NameProgress,
} from '../model/certificate.ts';
import { reference } from '../model/kinds.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import type { ChangeEvent, Store } from '../store/contract.ts';
import { ensureListenerCertificate, type ListenerCertificateOptions } from './listener-certificates.ts';
import type { LocalAuthority } from './local-authority.ts';
import { validateName, type ValidationServers } from './validate-name.ts';

/** Waits between the tries of one certificate; the last one repeats. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000] as const;
const PAGE = 1_000;
const MAX_AT_ONCE = 8;
/** How long until a store that could not tell what has expired is asked again. */
const EXPIRY_RETRY_MS = 60_000;

interface Pending {
  attempts: number;
  nextTryAtMs: number;
  readonly recordNames: readonly string[];
}

export interface ReconcilerOptions {
  readonly store: Store;
  readonly authority: LocalAuthority;
  readonly listeners: ListenerCertificateOptions;
  readonly servers: ValidationServers;
  readonly clock: LifecycleClock;
  readonly log: Log;
}

export interface Reconciler {
  /** Resolves when no look is under way; no further one begins. */
  stop(): Promise<void>;
}

export async function startReconciler(options: ReconcilerOptions): Promise<Reconciler> {
  const reconciler = new CertificateReconciler(options);
  await reconciler.load();
  return reconciler;
}

class CertificateReconciler implements Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #regions = new Set<string>();
  readonly #alarm;
  readonly #expiryAlarm;
  #running: Promise<void> | undefined;
  #expiring: Promise<void> | undefined;
  /** When the expiry alarm is set to ring, as far as known. */
  #nextEndAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#alarm = createAlarm(options.clock, () => this.#look());
    this.#expiryAlarm = createAlarm(options.clock, () => this.#beginExpiry());
    options.store.onChange((event) => this.#follow(event));
  }

  /** Finds what is pending from before; nothing is read of certificates that need nothing. */
  async load(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.#options.store.view.referring('certificate', reference.pendingCertificates(), {
        after,
        limit: PAGE,
      });
      for (const certificate of page) this.#notice(certificate);
      if (page.length < PAGE) break;
      after = page.at(-1)!.id;
    }
    this.#schedule();
    this.#beginExpiry();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#alarm.cancel();
    this.#expiryAlarm.cancel();
    await Promise.all([this.#running, this.#expiring]);
  }

  #follow(event: ChangeEvent): void {
    for (const change of event.changes) {
      if (change.kind === 'certificate') {
        if (change.after) this.#notice(change.after);
        else this.#pending.delete(change.id);
        if (change.after?.status === 'ISSUED') this.#endsAt(change.after.issued!.notAfterMs);
      } else if (change.kind === 'record-set' && change.after) this.#hasten(change.after.name);
      else if ((change.kind === 'api' || change.kind === 'domain-name') && change.after)
        this.#needRegion(change.after.region);
    }
    this.#schedule();
  }

  #notice(certificate: Certificate): void {
    if (certificate.status !== 'PENDING_VALIDATION') this.#pending.delete(certificate.arn);
    else if (!this.#pending.has(certificate.arn)) {
      const recordNames = certificate.validations.map((validation) => validation.recordName);
      this.#pending.set(certificate.arn, { attempts: 0, nextTryAtMs: this.#options.clock.now(), recordNames });
    }
  }

  /** A certificate that ends before all others is waited for from now on. */
  #endsAt(atMs: number): void {
    if (atMs >= this.#nextEndAtMs) return;
    this.#nextEndAtMs = atMs;
    if (!this.#isStopped && !this.#expiring) this.#expiryAlarm.set(atMs);
  }

  #beginExpiry(): void {
    if (this.#isStopped || this.#expiring) return;
    this.#nextEndAtMs = Number.POSITIVE_INFINITY;
    this.#expiring = this.#expire()
      .catch((error: Error) => {
        this.#options.log.error('expired certificates could not be marked; tried again later', {
          error: error.message,
        });
        return this.#options.clock.now() + EXPIRY_RETRY_MS;
      })
      .then((nextAtMs = Number.POSITIVE_INFINITY) => {
        this.#expiring = undefined;
        // One that was issued meanwhile may end before what the store knew.
        this.#nextEndAtMs = Math.min(this.#nextEndAtMs, nextAtMs);
        if (!this.#isStopped && Number.isFinite(this.#nextEndAtMs)) this.#expiryAlarm.set(this.#nextEndAtMs);
      });
  }

  /** Marks what has ended, and tells when to look again. A domain name that uses it goes on showing it; clients refuse it. */
  async #expire(): Promise<number | undefined> {
    const { clock, log, store } = this.#options;
    for (;;) {
      const ended = await store.due('certificate', { afterMs: 0, untilMs: clock.now(), limit: PAGE });
      if (ended.length === 0 || this.#isStopped) return store.nextDue('certificate', 0);
      for (const { arn, issued } of ended) {
        log.warn('a certificate has expired', { arn, notAfter: new Date(issued!.notAfterMs).toISOString() });
        await this.#update(arn, 'ISSUED', (current) => ({ ...current, status: 'EXPIRED' }));
      }
    }
  }

  /** A record that was changed may be the one that somebody waits for. */
  #hasten(recordName: string): void {
    for (const pending of this.#pending.values()) {
      if (pending.recordNames.includes(recordName))
        Object.assign(pending, { attempts: 0, nextTryAtMs: this.#options.clock.now() });
    }
  }

  #needRegion(region: string): void {
    if (this.#regions.has(region)) return;
    this.#regions.add(region);
    ensureListenerCertificate(this.#options.listeners, region, this.#options.clock.now()).catch((error: Error) => {
      this.#regions.delete(region);
      this.#options.log.error('the certificate of the default endpoints could not be made', {
        region,
        error: error.message,
      });
    });
  }

  #schedule(): void {
    if (this.#isStopped || this.#running || this.#pending.size === 0) return;
    this.#alarm.set(Math.min(...[...this.#pending.values()].map((pending) => pending.nextTryAtMs)));
  }

  #look(): void {
    if (this.#isStopped || this.#running) return;
    this.#running = this.#lookAtDue().finally(() => {
      this.#running = undefined;
      this.#schedule();
    });
  }

  async #lookAtDue(): Promise<void> {
    const now = this.#options.clock.now();
    const due = [...this.#pending].filter(([, pending]) => pending.nextTryAtMs <= now).map(([arn]) => arn);
    for (let first = 0; first < due.length && !this.#isStopped; first += MAX_AT_ONCE) {
      await Promise.all(due.slice(first, first + MAX_AT_ONCE).map((arn) => this.#lookAt(arn)));
    }
  }

  async #lookAt(arn: string): Promise<void> {
    const { clock, log } = this.#options;
    const pending = this.#pending.get(arn);
    if (!pending) return;
    pending.nextTryAtMs = clock.now() + RETRY_MS[Math.min(pending.attempts, RETRY_MS.length - 1)]!;
    pending.attempts += 1;
    try {
      await this.#advance(arn, pending);
    } catch (error) {
      log.error('a certificate could not be looked at; it will be tried again', {
        arn,
        error: (error as Error).message,
      });
    }
  }

  async #advance(arn: string, pending: Pending): Promise<void> {
    const { store, clock, log } = this.#options;
    const certificate = await store.view.get('certificate', arn);
    if (certificate?.status !== 'PENDING_VALIDATION') {
      this.#pending.delete(arn);
      return;
    }
    if (clock.now() >= certificate.createdAtMs + limit('validationTimeoutMs')) {
      await this.#update(arn, 'PENDING_VALIDATION', (current) => ({ ...current, status: 'VALIDATION_TIMED_OUT' }));
      log.warn('a certificate was not validated in time', { arn, domainName: certificate.domainName });
      return;
    }
    const proven = await this.#validate(certificate, pending);
    if (proven.size < certificate.validations.length) await this.#keepProven(certificate, proven);
    else await this.#issue(certificate);
  }

  /** The names that are proven now or were before. Notes what each look found. */
  async #validate(certificate: Certificate, pending: Pending): Promise<Set<string>> {
    const { store, servers, clock, log } = this.#options;
    const names: NameProgress[] = [];
    const proven = new Set<string>();
    for (const validation of certificate.validations) {
      const { domainName } = validation;
      if (validation.status === 'SUCCESS') {
        proven.add(domainName);
        continue;
      }
      const { isProven, ...lookup } = await validateName(validation, servers);
      if (isProven) proven.add(domainName);
      else
        log.info('a name is not proven yet', {
          arn: certificate.arn,
          domainName,
          ...lookup,
          attempts: pending.attempts,
        });
      names.push({ domainName, ...lookup });
    }
    const { attempts, nextTryAtMs } = pending;
    const progress: CertificateProgress = { attempts, triedAtMs: clock.now(), nextTryAtMs, names };
    await store.note('certificate', certificate.arn, progress);
    return proven;
  }

  async #keepProven(certificate: Certificate, proven: ReadonlySet<string>): Promise<void> {
    const before = certificate.validations.filter((validation) => validation.status === 'SUCCESS').length;
    if (proven.size === before) return;
    await this.#update(certificate.arn, 'PENDING_VALIDATION', (current) => ({
      ...current,
      validations: markProven(current, proven),
    }));
  }

  async #issue(certificate: Certificate): Promise<void> {
    const { authority, clock, log, store } = this.#options;
    const { arn } = certificate;
    // What is pending was requested, so its algorithm is one that can be.
    const algorithm = certificate.keyAlgorithm as IssuableAlgorithm;
    const signed = await authority.issue(certificate.subjectAlternativeNames, algorithm);
    const keyPair = authority.keyPairOf(signed, certificate);
    const issued: IssuedCertificate = {
      keyPairReference: keyPair.reference,
      serial: signed.serial,
      notBeforeMs: signed.notBeforeMs,
      notAfterMs: signed.notAfterMs,
      issuedAtMs: clock.now(),
      renewAtMs: signed.notAfterMs,
      reviewAtMs: signed.notAfterMs,
    };
    const names = new Set(certificate.subjectAlternativeNames);
    await store.transact(async (transaction) => {
      const current = await transaction.get('certificate', arn);
      // Deleted, or taken elsewhere, while it was signed.
      if (current?.status !== 'PENDING_VALIDATION') return;
      transaction.putKeyPair(keyPair);
      transaction.put('certificate', { ...current, status: 'ISSUED', validations: markProven(current, names), issued });
    });
    log.info('a certificate was issued', { arn, names: certificate.subjectAlternativeNames });
  }

  /** Changes a certificate that is still in the state in which it was looked at. */
  async #update(
    arn: string,
    status: Certificate['status'],
    change: (current: Certificate) => Certificate,
  ): Promise<void> {
    await this.#options.store.transact(async (transaction) => {
      const current = await transaction.get('certificate', arn);
      if (current?.status === status) transaction.put('certificate', change(current));
    });
  }
}

function markProven(certificate: Certificate, proven: ReadonlySet<string>): Certificate['validations'] {
  return certificate.validations.map((validation) =>
    proven.has(validation.domainName) ? { ...validation, status: 'SUCCESS' } : validation,
  );
}
