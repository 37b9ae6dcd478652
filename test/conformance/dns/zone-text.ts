// Zones written down as text and created with the Route 53 SDK. One record set a line: name, TTL, type, values parted by ` | `;
// `ALIAS zone-id name` in place of TTL and values makes an alias record.

import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ChangeAction,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Clients } from '../../../demo/chain.ts';
import { isWithinZone, recordSetId, type RecordSet } from '../../../src/model/hosted-zone.ts';
import { SnapshotTable } from '../../../src/snapshot/snapshot.ts';

let created = 0;

/** Creates a hosted zone with these records. Resolves to its id. */
export async function makeZone(clients: Clients, zone: string, text = ''): Promise<string> {
  created += 1;
  const answer = await clients.route53.send(
    new CreateHostedZoneCommand({ Name: zone, CallerReference: `${zone} ${created}` }),
  );
  const id = answer.HostedZone!.Id!.replace('/hostedzone/', '');
  if (text !== '') await changeZone(clients, id, zone, 'CREATE', text);
  return id;
}

/** Changes records of a zone, all in one batch. */
export async function changeZone(
  clients: Clients,
  zoneId: string,
  zone: string,
  action: ChangeAction,
  text: string,
): Promise<void> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const changes = lines.map((line) => ({ Action: action, ResourceRecordSet: recordSet(line.trim(), zone) }));
  await clients.route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: changes } }),
  );
}

/** `@` is the zone itself; any other name is below it. */
function recordSet(line: string, zone: string): ResourceRecordSet {
  const [, label, ttl, type, values] = /^(\S+)\s+(\S+)\s+(\S+)\s+(.+)$/.exec(line)!;
  const common = { Name: label === '@' ? zone : `${label}.${zone}`, Type: type as 'A' };
  if (ttl !== 'ALIAS') {
    return { ...common, TTL: Number(ttl), ResourceRecords: values!.split(' | ').map((Value) => ({ Value })) };
  }
  const [HostedZoneId, DNSName] = values!.split(' ');
  return { ...common, AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false } };
}

/** The same text as a zone file, after the lines `first`. */
export function zoneFile(zone: string, first: readonly string[], text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records = lines.flatMap((line) => {
    const { Name, TTL, Type, ResourceRecords } = recordSet(line.trim(), zone);
    return ResourceRecords!.map(({ Value }) => `${Name}. ${TTL} ${Type} ${Value}`);
  });
  return [...first, ...records].join('\n');
}

/** A snapshot that serves zones of this text, by name, without a gateway around it. `sets` come on top, at names as zones keep them. */
export function servedHere(
  zones: Readonly<Record<string, string>>,
  sets: readonly (Pick<RecordSet, 'name' | 'type'> & Partial<RecordSet>)[] = [],
): SnapshotTable {
  const snapshot = new SnapshotTable();
  const common = { account: '000000000000', region: 'us-east-1' };
  snapshot.apply(1, [], (table) => {
    for (const [at, [zone, text]] of Object.entries(zones).entries()) {
      const hostedZoneId = `Z${at}`;
      const row = { id: hostedZoneId, name: `${zone}.`, callerReference: zone, nameServers: [], recordSetCount: 0 };
      table.putZone({ ...common, ...row, createdAtMs: at });
      const put = (set: Pick<RecordSet, 'name' | 'type'> & Partial<RecordSet>) =>
        table.putRecordSet({
          ...common,
          id: recordSetId(hostedZoneId, set.name, set.type, set.setIdentifier),
          hostedZoneId,
          ...set,
        });
      put({
        name: `${zone}.`,
        type: 'SOA',
        ttl: 900,
        values: [`ns-1.dns.localhost. a.${zone}. 1 7200 900 1209600 300`],
      });
      put({ name: `${zone}.`, type: 'NS', ttl: 172_800, values: ['ns-1.dns.localhost.'] });
      for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
        const { Name, TTL, Type, ResourceRecords } = recordSet(line.trim(), zone);
        put({ name: `${Name}.`, type: Type!, ttl: TTL!, values: ResourceRecords!.map(({ Value }) => Value!) });
      }
      for (const set of sets) if (isWithinZone(set.name, `${zone}.`)) put(set);
    }
  });
  return snapshot;
}
