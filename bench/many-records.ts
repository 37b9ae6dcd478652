// Many records: what the one at a place of the row is called and holds, as zone files for knot and as rows of a data directory for
// the gateway. All of it is known from the place, so the loads need no list.

import { createLog } from '../src/observe/log.ts';
import { recordSetId, type HostedZone, type RecordSet } from '../src/model/hosted-zone.ts';
import { openDataDirectory } from '../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../src/store/embedded/embedded-store.ts';
import { ACCOUNT } from './domain-names.ts';
import { REGION } from './subject.ts';

const NAMES_PER_ZONE = 100;
const ZONES_PER_COMMIT = 20;
const TTL_S = 300;
const OWNER = { account: ACCOUNT, region: REGION } as const;
const SOA = 'ns-1.dns.localhost. hostmaster.localhost. 1 7200 900 1209600 86400';
const NAME_SERVER = 'ns-1.dns.localhost.';

/** Without a dot at the end, as zones below. */
export function recordNameAt(at: number): string {
  return `n${at % NAMES_PER_ZONE}.${zoneNameAt(at)}`;
}

export function zoneIdAt(at: number): string {
  return `Z${String(Math.floor(at / NAMES_PER_ZONE)).padStart(8, '0')}`;
}

export function addressAt(at: number): string {
  return `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
}

function zoneNameAt(at: number): string {
  return `z${Math.floor(at / NAMES_PER_ZONE)}.bench.example`;
}

/** The places at which a zone begins, of so many names. */
function zonePlaces(names: number): number[] {
  return Array.from({ length: Math.ceil(names / NAMES_PER_ZONE) }, (_, zone) => zone * NAMES_PER_ZONE);
}

function placesFrom(first: number, names: number): number[] {
  return Array.from({ length: Math.min(NAMES_PER_ZONE, names - first) }, (_, at) => first + at);
}

/** The text of every zone, by name. */
export function zoneFiles(names: number): Record<string, string> {
  return Object.fromEntries(
    zonePlaces(names).map((first) => {
      const zone = zoneNameAt(first);
      const records = placesFrom(first, names).map((at) => `${recordNameAt(at)}. ${TTL_S} A ${addressAt(at)}`);
      return [zone, [`${zone}. 900 SOA ${SOA}`, `${zone}. 172800 NS ${NAME_SERVER}`, ...records].join('\n')];
    }),
  );
}

/** Writes the zones to a data directory that nobody holds. */
export async function addRecords(dataDir: string, names: number): Promise<void> {
  const directory = openDataDirectory(dataDir);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  const places = zonePlaces(names);
  for (let from = 0; from < places.length; from += ZONES_PER_COMMIT) {
    await store.transact(async (transaction) => {
      for (const first of places.slice(from, from + ZONES_PER_COMMIT)) {
        const sets = setsOf(first, names);
        transaction.put('hosted-zone', zoneOf(first, sets.length));
        for (const set of sets) transaction.put('record-set', set);
      }
    });
  }
  await store.close();
  directory.release();
}

function zoneOf(first: number, recordSetCount: number): HostedZone {
  const name = `${zoneNameAt(first)}.`;
  const id = zoneIdAt(first);
  return { id, ...OWNER, name, callerReference: id, nameServers: [NAME_SERVER], recordSetCount, createdAtMs: first };
}

function setsOf(first: number, names: number): RecordSet[] {
  const set = (name: string, type: string, ttl: number, value: string): RecordSet => {
    const hostedZoneId = zoneIdAt(first);
    return { id: recordSetId(hostedZoneId, name, type), ...OWNER, hostedZoneId, name, type, ttl, values: [value] };
  };
  const zone = `${zoneNameAt(first)}.`;
  return [
    set(zone, 'SOA', 900, SOA),
    set(zone, 'NS', 172_800, NAME_SERVER),
    ...placesFrom(first, names).map((at) => set(`${recordNameAt(at)}.`, 'A', TTL_S, addressAt(at))),
  ];
}
