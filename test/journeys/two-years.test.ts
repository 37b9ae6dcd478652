// Nothing that is served ever expires: two years of fifty certificates, on the local CA and on an authority that has bad days.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { startScriptedAuthority, type Returned, type ScriptedAuthority } from '../harness/scripted-authority.ts';
import { describeCertificate, liveTwoYears, NAMES, UNLUCKY } from '../harness/two-years.ts';

const DAY_MS = 86_400_000;

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

void test('two years on an authority that refuses, hangs, lies and is away for days', async (t) => {
  const authority = await startScriptedAuthority(t, { hasRenewalInfo: true });
  const acme = ['--acme-directory', authority.directoryUrl, '--acme-ca', authority.caFile];
  const budget = 'orders=9999/3h,certificates=9999/7d,duplicates=9999/7d,failures=9999/1h';
  const gateway = await startTestGateway(t, ['--clock', 'movable', ...acme, '--acme-budget', budget]);
  const resolver = new dns.Resolver();
  resolver.setServers([gateway.dnsServer]);
  const { script } = authority;
  script.validityMs = 90 * DAY_MS;
  // What an authority does: it looks for the digest of the key authorization in DNS.
  script.validate = async (type, name, keyAuthorization) => {
    const wanted = createHash('sha256').update(keyAuthorization).digest('base64url');
    const found = await resolver.resolveTxt(`_acme-challenge.${name}`).catch(() => []);
    return type === 'dns-01' && found.flat().includes(wanted);
  };
  const badDays = badDaysOf(authority);
  const { seen, arns } = await liveTwoYears(gateway, {
    awayDays: [55, 80],
    ca: authority.rootPem,
    async onDay(day) {
      script.offsetMs = day * DAY_MS;
      await badDays(day);
    },
  });
  for (const name of NAMES) {
    const count = seen.get(name)!.size;
    assert.ok(count >= 12 && count <= 20, `${name} had ${count} certificates`);
  }
  const unlucky = await describeCertificate(gateway, arns.get(UNLUCKY)!);
  assert.equal(unlucky.Status, 'ISSUED');
  assert.ok(
    authority.orders.some(({ replaces }) => replaces !== undefined),
    'renewals say what they replace',
  );
});

/** What goes wrong, by day. Each ends with the step after it. */
function badDaysOf(authority: ScriptedAuthority): (day: number) => Promise<void> {
  const { script } = authority;
  const away = { answer: { status: 503, headers: { 'retry-after': '3600' } } } as const;
  const refused = { problem: { type: 'rejectedIdentifier', detail: 'not today' } } as const;
  return async (day) => {
    authority.behave();
    script.returns = RETURNED.get(day) ?? 'what was ordered';
    script.renewalWindow = () => undefined;
    if (day >= 60 && day < 75) authority.misbehave('order', away, 1_000);
    if (day === 120 || day === 125) {
      const before = authority.requests('order');
      authority.misbehave('order', 'hang', 1_000);
      // Whoever waits is let go once it is seen to wait.
      void eventually('an order hangs', () => (authority.requests('order') > before ? true : undefined)).then(
        () => authority.release(),
        () => {},
      );
    }
    if (day >= 180 && day < 195) authority.misbehave('order', refused, 1_000);
    if (day >= 240 && day < 250) authority.misbehave('finalize', 'close', 1_000);
    if (day >= 400 && day < 410) {
      // It found a mistake of its own, and wants all of them renewed at once (RFC 9773).
      const now = new Date(Date.now() + day * DAY_MS).toISOString();
      script.renewalWindow = () => ({ start: now, end: now });
    }
  };
}

const RETURNED: ReadonlyMap<number, Returned> = new Map([
  [300, 'for another name'],
  [305, 'for another key'],
  [310, 'expired'],
  [315, 'garbage'],
  [320, 'out of order'],
]);
