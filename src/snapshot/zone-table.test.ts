// The zone table after any changes says the same as one that was made of what is left.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recordSetId, type HostedZone, type RecordSet } from '../model/hosted-zone.ts';
import { ZoneTable } from './zone-table.ts';

const NAMES = ['test.', 'a.test.', 'b.a.test.', 'c.b.a.test.', 'd.test.', 'x.y.test.'];
const RESERVED = 'd.test.';
const ACCOUNTS = ['111111111111', '222222222222'];
const IDS = ['Z0', 'Z1', 'Z2', 'Z3', 'Z4', 'Z5'];

type Step =
  | { readonly do: 'zone'; readonly id: string; readonly name: string; readonly account: string; readonly at: number }
  | { readonly do: 'remove'; readonly id: string }
  | { readonly do: 'choose'; readonly id: string; readonly at: number | undefined }
  | { readonly do: 'delegate' | 'withdraw'; readonly id: string; readonly name: string };

const id = fc.constantFrom(...IDS);
const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('zone' as const),
    id,
    name,
    account: fc.constantFrom(...ACCOUNTS),
    at: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('remove' as const), id }),
  fc.record({
    do: fc.constant('choose' as const),
    id,
    at: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constantFrom('delegate' as const, 'withdraw' as const), id, name }),
);

function zoneOf({ id: zoneId, name: zoneName, account, at }: Extract<Step, { do: 'zone' }>): HostedZone {
  return {
    id: zoneId,
    account,
    region: 'us-east-1',
    name: zoneName,
    callerReference: zoneId,
    nameServers: [],
    recordSetCount: 2,
    createdAtMs: at,
  };
}

function nsOf(hostedZoneId: string, at: string): RecordSet {
  const setId = recordSetId(hostedZoneId, at, 'NS');
  return { id: setId, account: '', region: '', hostedZoneId, name: at, type: 'NS', ttl: 1, values: ['ns.test.'] };
}

/** What a table says about every zone and name. */
function saidBy(table: ZoneTable) {
  const questions = [...NAMES, ...NAMES.map((one) => `q.${one}`), 'other.'];
  return {
    serving: IDS.map((one) => table.servingOf(one)),
    zones: questions.map((one) => table.zoneFor(one)?.id),
    named: NAMES.map((one) =>
      table
        .zonesNamed(one)
        .map((zone) => zone.id)
        .toSorted(),
    ),
    below: questions.map((one) => IDS.map((zoneId) => table.hasNamesBelow(zoneId, one))),
  };
}

test('says after any changes what a table made of the result says', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 15 }), (turns) => {
      const changed = new ZoneTable(RESERVED);
      const zones = new Map<string, HostedZone>();
      const records = new Map<string, RecordSet>();
      for (const [isLast, one] of turns.flatMap((turn) =>
        turn.map((one, place) => [place === turn.length - 1, one] as const),
      )) {
        const zone = zones.get(one.id);
        if (one.do === 'zone' && !zone) {
          zones.set(one.id, zoneOf(one));
          changed.putZone(zoneOf(one));
        } else if (one.do === 'choose' && zone) {
          const { chosenAtMs: _, ...plain } = zone;
          const decided = one.at === undefined ? plain : { ...plain, chosenAtMs: one.at };
          zones.set(one.id, decided);
          changed.putZone(decided);
        } else if (one.do === 'remove') {
          zones.delete(one.id);
          for (const [key, { hostedZoneId }] of records) if (hostedZoneId === one.id) records.delete(key);
          changed.removeZone(one.id);
        } else if (one.do === 'delegate' && zone && one.name.endsWith(zone.name)) {
          const ns = nsOf(one.id, one.name);
          records.set(ns.id, ns);
          changed.putRecordSet(ns);
        } else if (one.do === 'withdraw') {
          records.delete(nsOf(one.id, one.name).id);
          changed.removeRecordSet(nsOf(one.id, one.name).id);
        }
        // One turn may hold several changes.
        if (isLast) changed.settle();
      }
      const fresh = new ZoneTable(RESERVED);
      for (const zone of zones.values()) fresh.putZone(zone);
      for (const ns of records.values()) fresh.putRecordSet(ns);
      fresh.settle();
      assert.deepEqual(saidBy(changed), saidBy(fresh));
    }),
    { numRuns: 2_000 },
  );
});
