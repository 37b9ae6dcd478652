// Which of several zones with a claim to a name answers for it: order of creation, accounts and delegation decide.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { HostedZone } from '../model/hosted-zone.ts';
import { ancestors, decideServing } from './served-zones.ts';

const [ANNE, BERT] = ['111111111111', '222222222222'];

function zone(id: string, name: string, account: string, createdAtMs: number, chosenAtMs?: number): HostedZone {
  return {
    id,
    account,
    region: 'us-east-1',
    name,
    callerReference: id,
    nameServers: [],
    recordSetCount: 2,
    createdAtMs,
    ...(chosenAtMs === undefined ? {} : { chosenAtMs }),
  };
}

/** Ids of the zones that are served. `delegations`: `zoneId name` pairs with an NS record set. */
function served(zones: readonly HostedZone[], delegations: readonly string[] = []): string[] {
  const { byZone, byName } = decideServing(zones, {
    delegates: (zoneId, name) => delegations.includes(`${zoneId} ${name}`),
  });
  const ids = zones.filter(({ id }) => byZone.get(id)?.isServed).map(({ id }) => id);
  assert.deepEqual([...byName.values()].map(({ id }) => id).sort(), [...ids].sort(), 'both tables say the same');
  for (const { id } of zones) assert.notEqual(byZone.get(id)?.reason, '', `${id} has a reason`);
  return ids;
}

describe('decideServing', () => {
  const rows: readonly [name: string, zones: HostedZone[], delegations: string[], expected: string[]][] = [
    ['no zones', [], [], []],
    ['a lone zone is served', [zone('A', 'example.com.', ANNE, 1)], [], ['A']],
    [
      'of two zones of one name the older is served',
      [zone('B', 'example.com.', BERT, 2), zone('A', 'example.com.', ANNE, 1)],
      [],
      ['A'],
    ],
    [
      'of two zones of one name and account too',
      [zone('A', 'example.com.', ANNE, 2), zone('B', 'example.com.', ANNE, 1)],
      [],
      ['B'],
    ],
    [
      'made in the same millisecond, the lower id is served',
      [zone('B', 'example.com.', ANNE, 1), zone('A', 'example.com.', BERT, 1)],
      [],
      ['A'],
    ],
    [
      'below a zone of the same account no delegation is needed',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'ws.example.com.', ANNE, 2)],
      [],
      ['A', 'B'],
    ],
    [
      'below a zone of another account one is not served',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'ws.example.com.', BERT, 2)],
      [],
      ['A'],
    ],
    [
      'nor is one that lies deeper',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'a.b.c.example.com.', BERT, 2)],
      [],
      ['A'],
    ],
    [
      'unless it is delegated',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'ws.example.com.', BERT, 2)],
      ['A ws.example.com.'],
      ['A', 'B'],
    ],
    [
      'a delegation of another name does not count',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'ws.example.com.', BERT, 2)],
      ['A other.example.com.', 'B ws.example.com.'],
      ['A'],
    ],
    [
      'the nearest served zone above decides: below a zone of its own an account needs nobody else',
      [
        zone('A', 'example.com.', ANNE, 1),
        zone('B', 'b.example.com.', BERT, 2),
        zone('C', 'c.b.example.com.', BERT, 3),
      ],
      ['A b.example.com.'],
      ['A', 'B', 'C'],
    ],
    [
      'with both delegations all are served',
      [
        zone('A', 'example.com.', ANNE, 1),
        zone('B', 'b.example.com.', BERT, 2),
        zone('C', 'c.b.example.com.', BERT, 3),
      ],
      ['A b.example.com.', 'A c.b.example.com.'],
      ['A', 'B', 'C'],
    ],
    [
      'a zone that is not served stands in nobody’s way',
      [
        zone('A', 'example.com.', ANNE, 1),
        zone('B', 'b.example.com.', BERT, 2),
        zone('C', 'c.b.example.com.', ANNE, 3),
      ],
      [],
      ['A', 'C'],
    ],
    [
      'the parent that comes later does not displace what is served below it',
      [zone('B', 'ws.example.com.', BERT, 1), zone('A', 'example.com.', ANNE, 2)],
      [],
      ['B', 'A'],
    ],
    [
      'of two zones of one name the one is served that the operator chose',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'example.com.', BERT, 2, 9)],
      [],
      ['B'],
    ],
    [
      'the latest decision about a name holds',
      [
        zone('A', 'example.com.', ANNE, 1, 8),
        zone('B', 'example.com.', BERT, 2, 9),
        zone('C', 'example.com.', ANNE, 3, 7),
      ],
      [],
      ['B'],
    ],
    [
      'a child of another account that the operator chose needs no delegation',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'ws.example.com.', BERT, 2, 9)],
      [],
      ['A', 'B'],
    ],
    [
      'a decision about a child changes nothing for its neighbours and for the parent',
      [
        zone('A', 'example.com.', ANNE, 1),
        zone('B', 'ws.example.com.', BERT, 2, 9),
        zone('C', 'other.example.com.', BERT, 3),
      ],
      [],
      ['A', 'B'],
    ],
    [
      'a decision about a parent lets no child of a third account slip in',
      [
        zone('A', 'example.com.', ANNE, 1),
        zone('B', 'ws.example.com.', BERT, 2),
        zone('C', 'example.com.', '333333333333', 3, 9),
      ],
      [],
      ['C'],
    ],
    [
      'nor does it when the zone that was served before is deleted',
      [zone('B', 'ws.example.com.', BERT, 2), zone('C', 'example.com.', '333333333333', 3, 9)],
      [],
      ['C'],
    ],
    [
      'with a decision about both, parent and child of two accounts are served',
      [zone('A', 'example.com.', ANNE, 3, 8), zone('B', 'ws.example.com.', BERT, 1, 9)],
      [],
      ['A', 'B'],
    ],
    [
      'a name that only ends alike is no parent',
      [zone('A', 'example.com.', ANNE, 1), zone('B', 'notexample.com.', BERT, 2)],
      [],
      ['A', 'B'],
    ],
  ];
  for (const [name, zones, delegations, expected] of rows) {
    test(name, () => assert.deepEqual(served(zones, delegations), expected));
  }

  test('says which zone serves the name instead', () => {
    const { byZone } = decideServing([zone('A', 'x.test.', ANNE, 1), zone('B', 'x.test.', BERT, 2)], {
      delegates: () => false,
    });
    assert.deepEqual(byZone.get('B'), {
      isServed: false,
      reason: 'x.test. is served by a zone of another account already',
      rivalId: 'A',
    });
  });

  test('names the zone that serves the name to its own account', () => {
    const { byZone } = decideServing([zone('A', 'x.test.', ANNE, 1), zone('B', 'x.test.', ANNE, 2)], {
      delegates: () => false,
    });
    assert.deepEqual(byZone.get('B'), { isServed: false, reason: 'x.test. is served by A already' });
  });

  test('says which zone of another account would have to delegate', () => {
    const { byZone } = decideServing([zone('A', 'x.test.', ANNE, 1), zone('B', 'b.x.test.', BERT, 2)], {
      delegates: () => false,
    });
    assert.match(byZone.get('B')!.reason, /^x\.test\. is served by a zone of another account.*b\.x\.test\.$/);
    assert.equal(byZone.get('B')!.rivalId, 'A');
  });

  test('says that the operator decided, and when, of the one that is served and of the one that is not', () => {
    const when = Date.UTC(2026, 1, 3);
    const { byZone } = decideServing([zone('A', 'x.test.', ANNE, 1), zone('B', 'x.test.', BERT, 2, when)], {
      delegates: () => false,
    });
    assert.equal(byZone.get('B')!.reason, 'decided by the operator on 2026-02-03T00:00:00.000Z');
    assert.match(
      byZone.get('A')!.reason,
      /^x\.test\. is served by a zone of another account, decided by the operator on 2026-02-03/,
    );
  });

  test('does not depend on the order in which the zones come, and serves each name at most once', () => {
    const names = fc.constantFrom('test.', 'a.test.', 'b.a.test.', 'c.test.');
    const zones = fc
      .array(
        fc.tuple(
          names,
          fc.constantFrom(ANNE, BERT),
          fc.integer({ min: 1, max: 4 }),
          fc.option(fc.integer({ min: 5, max: 8 }), { nil: undefined }),
        ),
        { maxLength: 8 },
      )
      .map((rows_) =>
        rows_.map(([name, account, at, chosen], position) => zone(`Z${position}`, name, account, at, chosen)),
      );
    fc.assert(
      fc.property(zones, (all) => {
        const there = served(all);
        assert.deepEqual(served([...all].reverse()).sort(), [...there].sort());
        const servedNames = all.filter(({ id }) => there.includes(id)).map(({ name }) => name);
        assert.equal(new Set(servedNames).size, servedNames.length);
        const chosenNames = all.filter(({ chosenAtMs }) => chosenAtMs !== undefined).map(({ name }) => name);
        for (const name of chosenNames) {
          const there_ = all.find(({ id, name: other }) => other === name && there.includes(id));
          assert.notEqual(there_?.chosenAtMs, undefined, `${name} is served by a zone that was chosen`);
        }
      }),
    );
  });
});

describe('ancestors', () => {
  const rows: readonly [name: string, expected: string[]][] = [
    ['a.b.c.', ['b.c.', 'c.']],
    ['b.c.', ['c.']],
    ['c.', []],
  ];
  for (const [name, expected] of rows) {
    test(`above ${name} lies ${expected.join(', ') || 'nothing'}`, () => assert.deepEqual(ancestors(name), expected));
  }
});
