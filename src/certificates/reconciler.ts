// Brings certificates to where they should be: keeps a queue of those with work to come, looks at each when its time comes or when
// something that bears on it changes, and lets first-issue.ts and review.ts do what is to be done. It reads the store and writes
// the store; nobody waits for it. How many are under way together is bounded where they ask: DNS servers and issuers.

import { isDeepStrictEqual } from 'node:util';
import { monotonicMs } from '../ambient/clock.ts';
import { createAlarm } from '../ambient/timers.ts';
import type { Certificate } from '../model/certificate.ts';
import { reference } from '../model/kinds.ts';
import { limit } from '../settings/limits.ts';
import type { ChangeEvent } from '../store/contract.ts';
import { createDnsAsker } from './dns-queries.ts';
import { tryFirstIssue } from './first-issue.ts';
import { ensureListenerCertificate, type ListenerCertificateOptions } from './listener-certificates.ts';
import { review } from './review.ts';
import { createSlots } from './slots.ts';
import { WorkQueue } from './work-queue.ts';
import type { WorkItem, WorkWorld } from './work-world.ts';

const PAGE = 1_000;
/** How long until work that could not even be looked at, or a store that could not be read, is tried again. */
const TROUBLE_RETRY_MS = 60_000;
/** However many are due together, sockets are served between so many. */
const BEGUN_IN_A_TURN = 32;
/** Work that waits for an issuer is not waited for: it is begun anew after the start. */
const STOP_MAX_MS = 2_000;

export interface ReconcilerOptions extends Omit<WorkWorld, 'looks' | 'diagnoses' | 'letters' | 'queriesOf'> {
  readonly listeners: ListenerCertificateOptions;
}

export interface ReconcilerState {
  /** Certificates with work to come. */
  readonly waiting: number;
  readonly underWay: number;
  /** True when nothing is under way and nothing is due. */
  readonly isSettled: boolean;
  /** When the next one is looked at (lifecycle milliseconds); undefined when none is. */
  readonly nextLookAtMs: number | undefined;
  /** Real time since anything began or ended, while something is under way; else 0. */
  readonly withoutProgressMs: number;
}

export interface Reconciler {
  state(): ReconcilerState;
  /** Begins no further work, and resolves when what is under way has ended, or soon. */
  stop(): Promise<void>;
}

export async function startReconciler(options: ReconcilerOptions): Promise<Reconciler> {
  const reconciler = new CertificateReconciler(options, {
    ...options,
    queriesOf: createDnsAsker(options.realClock),
    looks: createSlots(limit('validationsAtOnceMax')),
    diagnoses: createSlots(limit('diagnosesAtOnceMax')),
    letters: createSlots(limit('lettersAtOnceMax')),
  });
  await reconciler.load();
  return reconciler;
}

interface Item extends WorkItem {
  isUnderWay: boolean;
  /** Something changed while it was under way. */
  isStale: boolean;
  /** What of the certificate the work depends on, as it was seen last. */
  seen: string;
  recordNames: readonly string[];
}

class CertificateReconciler implements Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #world: WorkWorld;
  readonly #items = new Map<string, Item>();
  readonly #queue = new WorkQueue();
  /** Who waits for a record: names with the ARNs of their certificates. */
  readonly #byRecord = new Map<string, Set<string>>();
  readonly #regions = new Set<string>();
  /** Regions whose certificate could not be made yet. */
  readonly #unmade = new Set<string>();
  readonly #alarm;
  readonly #dueAlarm;
  readonly #underWay = new Set<Promise<void>>();
  /** Up to here, what is due is in the queue. */
  #dueUntilMs = 0;
  #nextDueAtMs = Number.POSITIVE_INFINITY;
  #loading: Promise<void> | undefined;
  #isRunSoon = false;
  #progressAtMs = monotonicMs();
  #isStopped = false;

  constructor(options: ReconcilerOptions, world: WorkWorld) {
    this.#options = options;
    this.#world = world;
    this.#alarm = createAlarm(options.clock, () => this.#run());
    this.#dueAlarm = createAlarm(options.clock, () => this.#loadDue());
    options.store.onChange((event) => this.#follow(event));
  }

  /** Finds what is pending from before; nothing is read of certificates that need nothing. */
  async load(): Promise<void> {
    for (let after = ''; ;) {
      const page = await this.#options.store.view.referring('certificate', reference.pendingCertificates(), {
        after,
        limit: PAGE,
      });
      for (const certificate of page) this.#add(certificate);
      if (page.length < PAGE) break;
      after = page.at(-1)!.id;
    }
    // A crash may have come between the first API of a region and its certificate.
    for (const kind of ['api', 'domain-name'] as const) {
      for (const region of await this.#options.store.view.regions(kind)) this.#needRegion(region);
    }
    this.#loadDue();
    this.#run();
  }

  state(): ReconcilerState {
    const nextAtMs = this.#queue.nextAtMs();
    const nowMs = this.#options.clock.now();
    const isQuiet = this.#underWay.size === 0 && this.#loading === undefined;
    const isDue = (nextAtMs ?? Number.POSITIVE_INFINITY) <= nowMs || this.#nextDueAtMs <= nowMs;
    const next = Math.min(nextAtMs ?? Number.POSITIVE_INFINITY, this.#nextDueAtMs);
    return {
      waiting: this.#items.size,
      underWay: this.#underWay.size,
      isSettled: isQuiet && !isDue,
      nextLookAtMs: Number.isFinite(next) ? next : undefined,
      withoutProgressMs: this.#underWay.size === 0 ? 0 : monotonicMs() - this.#progressAtMs,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#alarm.cancel();
    this.#dueAlarm.cancel();
    this.#options.teller.stop();
    let timer: NodeJS.Timeout | undefined;
    const soon = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MAX_MS)));
    await Promise.race([Promise.all([...this.#underWay, this.#loading]), soon]);
    clearTimeout(timer);
  }

  #follow(event: ChangeEvent): void {
    for (const change of event.changes) {
      if (change.kind === 'certificate') {
        if (change.after) this.#notice(change.after);
        else this.#drop(change.id);
      } else if (change.kind === 'record-set' && change.after) {
        for (const arn of this.#byRecord.get(change.after.name) ?? []) this.#hasten(arn);
      } else if (change.kind === 'domain-name' && change.after) {
        // What nobody used until now may have to be renewed.
        this.#hasten(change.after.certificateArn);
        this.#needRegion(change.after.region);
      } else if (change.kind === 'api' && change.after) this.#needRegion(change.after.region);
      else if (change.kind === 'listener-certificate' && change.after) this.#dueAt(change.after.renewAtMs);
      else if (change.kind === 'account-configuration' && change.after) this.#hastenAll(change.after);
    }
    this.#run();
  }

  /** A certificate as it is now. What the work itself wrote is no news. */
  #notice(certificate: Certificate): void {
    const { arn, status, issued, methodUpdate } = certificate;
    const item = this.#items.get(arn);
    const isOwnWrite = item?.written !== undefined && isDeepStrictEqual(plain(item.written), certificate);
    const seen = workStateOf(certificate);
    // Neither is what the work does not depend on: tags, exports.
    const isNoNews = isOwnWrite || item?.seen === seen;
    if (item) item.seen = seen;
    if (isNoNews) return;
    const nowMs = this.#options.clock.now();
    const hasWork =
      status === 'PENDING_VALIDATION' ||
      (status === 'ISSUED' && (issued!.reviewAtMs <= nowMs || methodUpdate === 'PENDING_DOMAIN_VALIDATION'));
    if (hasWork && item) this.#hasten(arn);
    else if (hasWork) this.#add(certificate);
    else this.#drop(arn);
    if (status === 'ISSUED') this.#dueAt(issued!.reviewAtMs);
  }

  #add(certificate: Certificate): void {
    const { arn, validations } = certificate;
    if (this.#items.has(arn)) return;
    const recordNames = validations.map((validation) => validation.recordName);
    const counts = { attempts: 0, refusals: 0, notBeforeMs: 0, notices: 0, isTroubleTold: false };
    const seen = workStateOf(certificate);
    this.#items.set(arn, { ...counts, isUnderWay: false, isStale: false, recordNames, seen });
    for (const name of recordNames) {
      const waiting = this.#byRecord.get(name) ?? new Set();
      this.#byRecord.set(name, waiting.add(arn));
    }
    this.#queue.set(arn, this.#options.clock.now());
  }

  #drop(arn: string): void {
    const item = this.#items.get(arn);
    if (!item) return;
    this.#items.delete(arn);
    this.#queue.delete(arn);
    for (const name of item.recordNames) {
      const waiting = this.#byRecord.get(name);
      waiting?.delete(arn);
      if (waiting?.size === 0) this.#byRecord.delete(name);
    }
  }

  #hasten(arn: string): void {
    const item = this.#items.get(arn);
    if (!item) return;
    item.attempts = 0;
    if (item.isUnderWay) item.isStale = true;
    else this.#queue.set(arn, Math.max(this.#options.clock.now(), item.notBeforeMs));
  }

  #hastenAll({ account, region }: { readonly account: string; readonly region: string }): void {
    for (const arn of this.#items.keys()) if (arn.includes(`:${region}:${account}:`)) this.#hasten(arn);
  }

  #needRegion(region: string): void {
    if (this.#regions.has(region)) return;
    this.#regions.add(region);
    void this.#ensureRegion(region);
  }

  async #ensureRegion(region: string): Promise<void> {
    const { listeners, clock, log } = this.#options;
    try {
      await ensureListenerCertificate(listeners, region, clock.now());
      this.#unmade.delete(region);
    } catch (error) {
      this.#unmade.add(region);
      log.error('the certificate of the default endpoints could not be made', {
        region,
        error: (error as Error).message,
      });
      this.#dueAt(clock.now() + TROUBLE_RETRY_MS);
    }
  }

  /** The due alarm rings no later than this. */
  #dueAt(atMs: number): void {
    if (atMs >= this.#nextDueAtMs || atMs <= this.#dueUntilMs) return;
    this.#nextDueAtMs = atMs;
    if (!this.#isStopped && !this.#loading) this.#dueAlarm.set(atMs);
  }

  #loadDue(): void {
    if (this.#isStopped || this.#loading) return;
    this.#nextDueAtMs = Number.POSITIVE_INFINITY;
    this.#loading = this.#addDue()
      .catch((error: Error) => {
        this.#options.log.error('what is due could not be read; tried again later', { error: error.message });
        return this.#options.clock.now() + TROUBLE_RETRY_MS;
      })
      .then((nextAtMs) => {
        this.#loading = undefined;
        // One that was issued meanwhile may be due before what the store knew.
        this.#nextDueAtMs = Math.min(this.#nextDueAtMs, nextAtMs);
        if (!this.#isStopped && Number.isFinite(this.#nextDueAtMs)) this.#dueAlarm.set(this.#nextDueAtMs);
        this.#run();
      });
  }

  /** Takes what has become due into the queue, and tells when the next is. */
  async #addDue(): Promise<number> {
    const { store, clock } = this.#options;
    const untilMs = clock.now();
    const ended = await store.due('listener-certificate', { afterMs: 0, untilMs, limit: PAGE });
    for (const region of new Set([...this.#unmade, ...ended.map(({ id }) => id)])) await this.#ensureRegion(region);
    let window: { afterMs: number; afterId?: string } = { afterMs: this.#dueUntilMs };
    for (;;) {
      const page = await store.due('certificate', { ...window, untilMs, limit: PAGE });
      for (const certificate of page) this.#add(certificate);
      if (page.length < PAGE || this.#isStopped) break;
      const last = page.at(-1)!;
      window = { afterMs: last.issued!.reviewAtMs, afterId: last.id };
    }
    this.#dueUntilMs = untilMs;
    const [certificate, listener] = await Promise.all([
      store.nextDue('certificate', untilMs),
      store.nextDue('listener-certificate', untilMs),
    ]);
    return Math.min(certificate ?? Number.POSITIVE_INFINITY, listener ?? Number.POSITIVE_INFINITY);
  }

  #run(): void {
    if (this.#isStopped) return;
    const nowMs = this.#options.clock.now();
    for (let begun = 0; begun < BEGUN_IN_A_TURN; begun += 1) {
      const arn = this.#queue.take(nowMs);
      if (arn === undefined) break;
      this.#begin(arn);
    }
    const nextAtMs = this.#queue.nextAtMs();
    if (nextAtMs === undefined) return;
    if (nextAtMs > nowMs) this.#alarm.set(nextAtMs);
    else this.#runSoon();
  }

  /** Goes on when sockets had their turn. */
  #runSoon(): void {
    if (this.#isRunSoon) return;
    this.#isRunSoon = true;
    setImmediate(() => {
      this.#isRunSoon = false;
      this.#run();
    });
  }

  #begin(arn: string): void {
    const item = this.#items.get(arn);
    if (!item) return;
    item.isUnderWay = true;
    item.attempts += 1;
    this.#progressAtMs = monotonicMs();
    const work = this.#lookAt(arn, item).then((nextAtMs) => {
      this.#underWay.delete(work);
      this.#progressAtMs = monotonicMs();
      item.isUnderWay = false;
      // Removed, and perhaps made anew, meanwhile.
      if (this.#items.get(arn) !== item) return;
      if (item.isStale) this.#queue.set(arn, Math.max(this.#options.clock.now(), item.notBeforeMs));
      else if (nextAtMs === undefined) this.#drop(arn);
      else this.#wait(arn, item, nextAtMs);
      item.isStale = false;
      this.#run();
    });
    this.#underWay.add(work);
  }

  /** A certificate that needs nothing for a while is forgotten: the store tells when it is due. */
  #wait(arn: string, item: Item, nextAtMs: number): void {
    const issued = item.written?.status === 'ISSUED' ? item.written.issued : undefined;
    if (issued && issued.reviewAtMs === nextAtMs && nextAtMs > this.#options.clock.now()) {
      this.#drop(arn);
      this.#dueAt(nextAtMs);
    } else this.#queue.set(arn, nextAtMs);
  }

  async #lookAt(arn: string, item: Item): Promise<number | undefined> {
    const { store, clock, log } = this.#options;
    try {
      const certificate = await store.view.get('certificate', arn);
      if (certificate?.status === 'PENDING_VALIDATION') return await tryFirstIssue(certificate, item, this.#world);
      if (certificate?.status === 'ISSUED') return await review(certificate, item, this.#world);
      return undefined;
    } catch (error) {
      if (!this.#isStopped) {
        log.error('a certificate could not be looked at; it will be tried again', {
          arn,
          error: (error as Error).message,
        });
      }
      return clock.now() + TROUBLE_RETRY_MS;
    }
  }
}

/** What the work on a certificate depends on. */
function workStateOf({ status, validationMethod, methodUpdate, validations, renewal, issued }: Certificate): string {
  return JSON.stringify([
    status,
    validationMethod,
    methodUpdate,
    validations,
    renewal,
    issued?.serial,
    issued?.renewAtMs,
  ]);
}

/** As a reader of the store would see it. */
function plain(certificate: Certificate): unknown {
  return JSON.parse(JSON.stringify(certificate));
}
