// Where a record is to be created that belongs into somebody else's DNS, and in which form: the zone that holds its name by real
// queries, and the provider that was asked for, or whose name servers the zone has.

import { worldZoneOf, type WorldZone } from './ask-dns.ts';
import { PROVIDERS, providerOf, recordLines, type ProviderName, type WantedRecord } from './record-forms.ts';

export interface RecordForm {
  readonly provider: ProviderName;
  /** What it is called, and why it is the one. */
  readonly title: string;
  readonly why: string;
  readonly zone: string | undefined;
  /** To be copied as they are. */
  readonly lines: readonly string[];
}

export interface PlaceWorld {
  /** The configured resolver; empty for the system's. */
  readonly resolvers: readonly string[];
  /** As the user says, where it is not to be guessed. */
  readonly provider: ProviderName | undefined;
}

/** `isApex`: the name is known to be one, whatever name servers are found. */
export async function formOf(wanted: WantedRecord, world: PlaceWorld, isApex = false): Promise<RecordForm> {
  const found = await worldZoneOf(wanted.name, world.resolvers);
  const place = isApex && found?.zone !== wanted.name ? { zone: wanted.name, nameServers: [] } : found;
  return formAt(wanted, place, world.provider);
}

export function formAt(
  wanted: WantedRecord,
  place: WorldZone | undefined,
  asked: ProviderName | undefined,
): RecordForm {
  const guessed = place && providerOf(place.nameServers);
  const provider = asked ?? guessed ?? 'plain';
  return {
    provider,
    title: PROVIDERS[provider].title,
    why: asked === undefined ? guessWords(place, guessed) : 'as you say',
    zone: place?.zone,
    lines: recordLines(wanted, place?.zone, provider),
  };
}

function guessWords(place: WorldZone | undefined, guessed: ProviderName | undefined): string {
  if (!place || place.nameServers.length === 0) return 'which one is not known: no name servers of its zone were found';
  const servers = `the name servers of ${place.zone} are ${place.nameServers.join(', ')}`;
  return guessed === undefined ? servers : `guessed: ${servers}`;
}

/** One line that says where; the lines to copy follow it. */
export function formWords({ title, why, lines }: RecordForm): string {
  return `create this record at ${title} (${why}): ${lines.join(' · ').replaceAll(/ {2,}/g, ' ')}`;
}
