// Nothing that is served ever expires: two years of fifty certificates, on the local CA and on an authority that has bad days.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestGateway } from '../harness/gateway.ts';
import { describeCertificate, liveTwoYears, NAMES, UNLUCKY } from '../harness/two-years.ts';

void test('two years on the local CA', async (t) => {
  const gateway = await startTestGateway(t, ['--clock', 'movable']);
  const { seen, arns } = await liveTwoYears(gateway, { awayDays: [140, 190], ca: gateway.ca });
  for (const name of NAMES) {
    // 198 days each, renewed 36 to 45 days before the end.
    const count = seen.get(name)!.size;
    assert.ok(count >= 4 && count <= 6, `${name} had ${count} certificates`);
  }
  const unlucky = await describeCertificate(gateway, arns.get(UNLUCKY)!);
  assert.equal(unlucky.Status, 'ISSUED');
  const troubles = gateway.logged().filter(({ message }) => message === 'a certificate could not be renewed yet');
  assert.deepEqual([...new Set(troubles.map(({ names }) => String(names)))], [UNLUCKY]);
});
