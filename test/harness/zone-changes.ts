// Hosted zones and their records by the SDK, and refusals in tables: for the tests of Route 53's operations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as r53 from '@aws-sdk/client-route-53';
import type { Clients } from '../../demo/chain.ts';

export type RecordSet = r53.ResourceRecordSet;

let made = 0;

/** Resolves to the id of a new zone, without its prefix. */
export async function createZone({ route53 }: Clients, Name: string): Promise<string> {
  made += 1;
  const created = await route53.send(new r53.CreateHostedZoneCommand({ Name, CallerReference: `${Name} ${made}` }));
  return created.HostedZone!.Id!.replace('/hostedzone/', '');
}

export async function changeZone(
  { route53 }: Clients,
  HostedZoneId: string,
  ...Changes: r53.Change[]
): Promise<r53.ChangeInfo> {
  const batch = new r53.ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } });
  return (await route53.send(batch)).ChangeInfo!;
}

export function listZone(
  { route53 }: Clients,
  HostedZoneId: string,
  start: Partial<r53.ListResourceRecordSetsRequest> = {},
): Promise<r53.ListResourceRecordSetsResponse> {
  return route53.send(new r53.ListResourceRecordSetsCommand({ HostedZoneId, ...start }));
}

/** Every record set but the NS and SOA of the apex, whatever the length of the list. */
export async function recordSetsOf(clients: Clients, zoneId: string): Promise<RecordSet[]> {
  const found: RecordSet[] = [];
  let start: Partial<r53.ListResourceRecordSetsRequest> = {};
  for (;;) {
    const page = await listZone(clients, zoneId, start);
    found.push(...page.ResourceRecordSets!);
    if (!page.IsTruncated) break;
    start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
  }
  const apex = found.find(({ Type }) => Type === 'SOA')!.Name;
  return found.filter(({ Name, Type }) => Name !== apex || (Type !== 'NS' && Type !== 'SOA'));
}

/** `over` adds members, or replaces them. */
export function records(Name: string, Type: r53.RRType, values: string[], over: Partial<RecordSet> = {}): RecordSet {
  return { Name, Type, TTL: 60, ResourceRecords: values.map((Value) => ({ Value })), ...over };
}

export function alias(
  Name: string,
  Type: r53.RRType,
  HostedZoneId: string,
  DNSName: string,
  over: Partial<RecordSet> = {},
): RecordSet {
  return { Name, Type, AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false }, ...over };
}

export const create = (ResourceRecordSet: RecordSet): r53.Change => ({ Action: 'CREATE', ResourceRecordSet });
export const upsert = (ResourceRecordSet: RecordSet): r53.Change => ({ Action: 'UPSERT', ResourceRecordSet });
export const remove = (ResourceRecordSet: RecordSet): r53.Change => ({ Action: 'DELETE', ResourceRecordSet });

export interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

/** What a call was refused with. Fails when it was answered. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as r53.Route53ServiceException;
    return { name, status: $metadata?.httpStatusCode ?? 0, message };
  }
  assert.fail('the call was answered, and should have been refused');
}

/** A message that is text is the whole message. The status is 400 unless it is said. */
export type RefusalRow = readonly [
  name: string,
  call: () => Promise<unknown>,
  error: string,
  message: string | RegExp,
  status?: number,
];

/** One test a row. */
export function refusesEach(rows: readonly RefusalRow[]): void {
  for (const [name, call, error, message, status = 400] of rows) {
    void test(`refuses ${name}`, async () => {
      const refusal = await refusalOf(call());
      assert.deepEqual([refusal.name, refusal.status], [error, status], refusal.message);
      if (typeof message === 'string') assert.equal(refusal.message, message);
      else assert.match(refusal.message, message);
    });
  }
}
