// Two years in the life of fifty certificates, five days at a time: each of them belongs to a domain name that is served, one name's
// record is away for some months of the first year, and after every step each name shows a certificate that is not over.

import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import { DescribeCertificateCommand, type CertificateDetail } from '@aws-sdk/client-acm';
import { ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { changeRecords, createDomain, issueCertificate, makeHostedZone, putRecord } from './domains.ts';
import type { TestGateway } from './gateway.ts';

const DAY_MS = 86_400_000;
export const NAMES = Array.from({ length: 50 }, (_, at) => `t${at}.example.com`);
const STEP_DAYS = 5;
const DAYS = 730;
/** Its record is away from before its first renewal until shortly before it would be too late. */
export const UNLUCKY = NAMES[7]!;

export interface SimulatedLife {
  /** How many different certificates each name was seen with. */
  readonly seen: ReadonlyMap<string, ReadonlySet<string>>;
  readonly arns: ReadonlyMap<string, string>;
}

export interface LifeOptions {
  /** Days on which the unlucky name's record goes and comes back. */
  readonly awayDays: readonly [from: number, until: number];
  /** Called at the beginning of each day that is stepped to, with the days that have passed. */
  readonly onDay?: (day: number) => void | Promise<void>;
  readonly ca: string;
}

export async function liveTwoYears(gateway: TestGateway, options: LifeOptions): Promise<SimulatedLife> {
  const { clients } = gateway;
  const zoneId = await makeHostedZone(clients, 'example.com');
  const arns = new Map<string, string>();
  await Promise.all(
    NAMES.map(async (name) => {
      const arn = await issueCertificate(clients, zoneId, name);
      await createDomain(clients, name, arn);
      arns.set(name, arn);
    }),
  );
  const away = await recordsOf(gateway, zoneId, UNLUCKY);
  const seen = new Map(NAMES.map((name) => [name, new Set<string>()]));
  for (let day = 0; day <= DAYS; day += STEP_DAYS) {
    await options.onDay?.(day);
    const [from, until] = options.awayDays;
    if (day === from) await Promise.all(away.map((record) => takeAway(gateway, zoneId, record)));
    if (day === until) await Promise.all(away.map((record) => putRecord(clients, zoneId, record)));
    await gateway.settled();
    const nowMs = Date.now() + day * DAY_MS;
    for (const name of NAMES) {
      const { serial, notAfterMs } = await shownTo(gateway, name, options.ca);
      assert.ok(
        notAfterMs > nowMs,
        `on day ${day} ${name} shows a certificate that ended ${new Date(notAfterMs).toISOString()}`,
      );
      seen.get(name)!.add(serial);
    }
    await gateway.advance(`${STEP_DAYS}d`);
  }
  return { seen, arns };
}

export async function describeCertificate(gateway: TestGateway, arn: string): Promise<CertificateDetail> {
  const { Certificate } = await gateway.clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  return Certificate!;
}

async function recordsOf({ clients }: TestGateway, zoneId: string, name: string): Promise<ResourceRecordSet[]> {
  const all: ResourceRecordSet[] = [];
  for (let from: { StartRecordName?: string; StartRecordType?: ResourceRecordSet['Type'] } = {}; ;) {
    const page = await clients.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, ...from }));
    all.push(...page.ResourceRecordSets!);
    if (!page.IsTruncated) break;
    from = { StartRecordName: page.NextRecordName!, StartRecordType: page.NextRecordType! };
  }
  return all.filter(({ Name, Type }) => Type === 'CNAME' && Name!.endsWith(`.${name}.`));
}

function takeAway({ clients }: TestGateway, zoneId: string, record: ResourceRecordSet): Promise<unknown> {
  return changeRecords(clients, zoneId, { Action: 'DELETE', ResourceRecordSet: record });
}

/** What a new client is shown, which must be a certificate of the name's own that the client trusts today. */
function shownTo(
  gateway: TestGateway,
  servername: string,
  ca: string,
): Promise<{ serial: string; notAfterMs: number }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: gateway.tlsPort, servername, ca }, () => {
      const { serialNumber, valid_to: until } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ serial: serialNumber, notAfterMs: Date.parse(until) });
    });
    socket.once('error', (error) => reject(new Error(`${servername}: ${error.message}`)));
  });
}
