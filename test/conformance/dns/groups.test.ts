// Weighted and multivalue groups on the wire: what is chosen anew for each question is never kept, and what leads to a group by an
// alias or a CNAME is chosen as well (custom-domains 6.4).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { missing } from '../../harness/peers.ts';
import { startDnsHere } from './dns-here.ts';
import { digOnce, nodata } from './questions.ts';
import { servedHere } from './zone-text.ts';

const skip = missing('dig');
const ZONE = 'example.com';
const alias = (name: string) => ({ hostedZoneId: 'Z0', dnsName: `${name}.${ZONE}.`, evaluateTargetHealth: false });
const weighted = (label: string, identifier: string, weight: number, more: object) => ({
  name: `${label}.${ZONE}.`,
  type: 'A',
  ttl: 60,
  setIdentifier: identifier,
  weight,
  ...more,
});

const snapshot = servedHere({ [ZONE]: 'to-wide 60 CNAME wide.example.com\nother 60 A 192.0.2.99' }, [
  weighted('pair', 'a', 1, { values: ['192.0.2.1'] }),
  weighted('pair', 'b', 1, { values: ['192.0.2.2'] }),
  weighted('drained', 'a', 0, { values: ['192.0.2.1'] }),
  weighted('drained', 'b', 255, { values: ['192.0.2.2', '192.0.2.3'] }),
  weighted('mixed', 'a', 0, { values: ['192.0.2.1'] }),
  weighted('mixed', 'b', 1, { aliasTarget: alias('other') }),
  weighted('empty', 'a', 1, { aliasTarget: alias('missing') }),
  { name: `to-pair.${ZONE}.`, type: 'A', aliasTarget: alias('pair') },
  { name: `to-pair-twice.${ZONE}.`, type: 'A', aliasTarget: alias('to-pair') },
  ...Array.from({ length: 12 }, (_, at) => ({
    name: `wide.${ZONE}.`,
    type: 'A',
    ttl: 60,
    setIdentifier: String(at),
    isMultivalue: true,
    values: [`192.0.2.${at}`],
  })),
]);
const server = await startDnsHere({ after }, { snapshot });
const ASKED = 40;

async function answers(label: string): Promise<string[][]> {
  const replies: string[][] = [];
  for (let count = 0; count < ASKED; count += 1) {
    const { answer } = await digOnce(server.address, `${label}.${ZONE} A`);
    replies.push(answer.map((line) => line.split(' ').at(-1)!));
  }
  return replies;
}

for (const label of ['pair', 'to-pair', 'to-pair-twice']) {
  test(`one set of a weighted group is the answer, and not always the same: ${label}`, { skip }, async () => {
    const all = await answers(label);
    assert.ok(all.every(({ length }) => length === 1));
    // That 40 questions are answered alike happens once in 2^39 times.
    assert.deepEqual([...new Set(all.flat())].toSorted(), ['192.0.2.1', '192.0.2.2']);
  });
}

test(
  'a set of weight 0 is never the answer beside another, and all values of a set stand together',
  { skip },
  async () => {
    for (const values of await answers('drained')) assert.deepEqual(values, ['192.0.2.2', '192.0.2.3']);
  },
);

test('a set of a weighted group may be an alias', { skip }, async () => {
  for (const values of await answers('mixed')) assert.deepEqual(values, ['192.0.2.99']);
});

test('a weighted alias that leads to nothing has no records', { skip }, async () => {
  const { code, answer, authority } = await digOnce(server.address, `empty.${ZONE} A`);
  assert.deepEqual([code, answer, authority.length], ['NOERROR', [], nodata(ZONE).authority!.length]);
});

test('a multivalue group is answered with eight of its values, in any order', { skip }, async () => {
  const all = await answers('wide');
  assert.ok(all.every((values) => new Set(values).size === 8));
  assert.equal(new Set(all.flat()).size, 12, 'every value is answered at some time');
  assert.ok(new Set(all.map(([first]) => first)).size > 1);
});

test('a group behind a CNAME is chosen from as well', { skip }, async () => {
  const all = await answers('to-wide');
  assert.ok(
    all.every(({ length }) => length === 9),
    'the CNAME and eight values',
  );
  assert.ok(new Set(all.map((values) => values[1])).size > 1);
});
