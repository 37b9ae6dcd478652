// What the metrics say of certificates: how much work there is, and when the certificates of domain names end, of those that end first.
// Read from the store, once in a while, however often somebody asks. Loaded with the first reading.

import type { Clock } from '../ambient/clock.ts';
import { KIND_LAWS, reference } from '../model/kinds.ts';
import type { Certificate } from '../model/certificate.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import { limit } from '../settings/limits.ts';
import type { Store } from '../store/contract.ts';

export interface CertificateReadingsOptions {
  readonly store: Pick<Store, 'view' | 'due'>;
  readonly clock: Clock;
  readonly realClock: Clock;
  /** Whether it is the certificate of a domain name at this moment. */
  readonly isUsed: (arn: string, domainName: string) => boolean;
  readonly work: () => { readonly waiting: number; readonly underWay: number };
}

interface Ending {
  readonly arn: string;
  readonly domainName: string;
  readonly account: string;
  readonly notAfterMs: number;
}

const MS_PER_SECOND = 1_000;
/** So many times as many certificates are looked at as are shown: some are used by nobody. */
const LOOKED_AT_FACTOR = 5;

export function createCertificateReadings(options: CertificateReadingsOptions): MetricSource {
  const { clock, realClock, isUsed, work } = options;
  const endings = new Endings(options.store);
  let [read, readAtMs]: [Promise<readonly Ending[]> | undefined, number] = [undefined, 0];
  return async (readings, { account }) => {
    const nowMs = realClock.now();
    if (!read || Math.abs(nowMs - readAtMs) >= limit('metricsCertificatesReadMs')) {
      [read, readAtMs] = [endings.look(), nowMs];
      // A store that is away is told of by its own metrics, and is asked again with the next reading.
      read.catch(() => (read = undefined));
    }
    for (const ending of await read.catch((): Ending[] => [])) {
      const { arn, domainName: domain, notAfterMs } = ending;
      if ((account !== undefined && account !== ending.account) || !isUsed(arn, domain)) continue;
      readings.add('sallyport_certificate_expiry_seconds', { domain }, (notAfterMs - clock.now()) / MS_PER_SECOND);
    }
    if (account !== undefined) return;
    const { waiting, underWay } = work();
    readings.add('sallyport_certificate_work', { state: 'waiting' }, waiting);
    readings.add('sallyport_certificate_work', { state: 'under_way' }, underWay);
  };
}

class Endings {
  readonly #store: CertificateReadingsOptions['store'];
  /** Those that were told of: the store forgets when one that has ended was due, and an end is when it is wanted most. */
  #told: readonly string[] = [];

  constructor(store: CertificateReadingsOptions['store']) {
    this.#store = store;
  }

  /** In the order in which they end, or their renewal begins; the ended ones first. */
  async look(): Promise<readonly Ending[]> {
    const max = limit('metricsCertificatesShownMax');
    const ended = await Promise.all(this.#told.map((arn) => this.#store.view.get('certificate', arn)));
    const certificates = ended.filter((one) => one !== undefined && one.status === 'EXPIRED') as Certificate[];
    const found = new Map<string, Ending[]>();
    for (const certificate of certificates) found.set(certificate.arn, await this.#usesOf(certificate));
    let page: Certificate[];
    let [afterMs, afterId]: [number, string | undefined] = [Number.MIN_SAFE_INTEGER, undefined];
    let lookedAt = 0;
    do {
      page = await this.#store.due('certificate', {
        afterMs,
        untilMs: Number.MAX_SAFE_INTEGER,
        limit: max,
        ...(afterId !== undefined && { afterId }),
      });
      for (const certificate of page) found.set(certificate.arn, await this.#usesOf(certificate));
      const last = page.at(-1);
      if (last) [afterMs, afterId] = [KIND_LAWS.certificate.due!(last)!, last.id];
      lookedAt += page.length;
    } while (page.length === max && countOf(found) < max && lookedAt < LOOKED_AT_FACTOR * max);
    this.#told = [...found].flatMap(([arn, uses]) => (uses.length > 0 ? [arn] : [])).slice(0, max);
    return [...found.values()].flat().slice(0, max);
  }

  async #usesOf({ arn, account, issued }: Certificate): Promise<Ending[]> {
    if (!issued) return [];
    const page = { limit: limit('metricsCertificatesShownMax') };
    const domains = await this.#store.view.referring('domain-name', reference.certificate(arn), page);
    return domains.map(({ domainName }) => ({ arn, domainName, account, notAfterMs: issued.notAfterMs }));
  }
}

const countOf = (found: ReadonlyMap<string, readonly Ending[]>) =>
  [...found.values()].reduce((count, { length }) => count + length, 0);
