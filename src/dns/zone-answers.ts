// What the server says as one hosted zone's name server, for whoever asks without a packet: TestDNSAnswer.

import { isWithinZone, type HostedZone } from '../model/hosted-zone.ts';
import type { Settings } from '../settings/settings.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { answerQuestion } from './answer.ts';
import { createOwnNames } from './own-names.ts';
import type { DnsAnswer } from './resource-record.ts';

export interface ZoneAnswer {
  readonly code: DnsAnswer['code'];
  /** Of the name itself, in Route 53's text; what lies behind a CNAME is not among them. */
  readonly values: string[];
}

/** `name` is a stored one: lower case, octal escapes, a dot at its end. */
export function createZoneAnswers(
  snapshot: Snapshot,
  settings: Pick<Settings, 'endpointSuffix' | 'region' | 'publicAddresses'>,
) {
  const own = createOwnNames(settings.endpointSuffix, settings.region, settings.publicAddresses);
  return {
    answer(zone: Pick<HostedZone, 'id' | 'name'>, name: string, type: string): ZoneAnswer {
      const isServed = snapshot.zones.servingOf(zone.id)?.isServed ?? false;
      if (!isServed || !isWithinZone(name, zone.name)) return { code: 'REFUSED', values: [] };
      const { code, answers } = answerQuestion(snapshot, own, name, type);
      return { code, values: answers.filter((record) => record.name === name).map((record) => record.value) };
    },
  };
}
