// The issuer by itself against an authority that is not ours: every challenge, an account that another one vouches for, refused
// nonces and slow answers. What is answered comes from the rows of the issuer's own store.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { IssueProblem, type Issued } from '../../../src/certificates/issuer.ts';
import { openTestIssuer, openTestStore, requestFor } from '../../harness/acme-issuer.ts';
import { missing } from '../../harness/peers.ts';
import { startPebble, type PebbleOptions } from '../../harness/pebble.ts';
import { startAnsweringListeners } from './answering-listeners.ts';
import type { Owner } from '../../harness/gateway.ts';

const EAB = { keyId: 'kid-1', macKey: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' };

async function startAll(owner: Owner, options: Partial<PebbleOptions> = {}) {
  const on = await openTestStore(owner);
  const listeners = await startAnsweringListeners(owner, on);
  const pebble = await startPebble(owner, { ...listeners, ...options });
  return { on, listeners, pebble };
}

/** Verifies up to pebble's root, as a client would. */
function assertTrusted(issued: Issued, rootPem: string, names: readonly string[]): void {
  const chain = `${issued.certificatePem}${issued.intermediatesPem}${rootPem}`
    .match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!
    .map((pem) => new X509Certificate(pem));
  for (const [at, next] of chain.slice(1).entries()) assert.ok(chain[at]!.verify(next.publicKey), `link ${at}`);
  for (const name of names) assert.ok(chain[0]!.checkHost(name.replace('*', 'any')), name);
}

describe('pebble issues', { skip: missing('pebble') && 'pebble is not installed' }, () => {
  test('for a name and its wildcard by DNS, by HTTP, and by TLS, in all key algorithms', async (t) => {
    const { on, listeners, pebble } = await startAll(t);
    const { issuer, again } = await openTestIssuer(t, pebble, { on, areTermsAgreed: true, isHttpServed: true });
    const { issuer: withoutHttp } = await again({ isHttpServed: false });
    const [both, http, tls] = [
      ['both.example.com', '*.both.example.com'],
      ['http.example.com'],
      ['tls.example.com', 'tls.example.net'],
    ] as const;
    const issued = await Promise.all([
      issuer.issue(requestFor(both, { keyAlgorithm: 'RSA_2048' })),
      issuer.issue(requestFor(http, { proof: 'address', keyAlgorithm: 'EC_secp384r1' })),
      withoutHttp.issue(requestFor(tls, { proof: 'address' })),
    ]);
    for (const [at, names] of [both, http, tls].entries()) assertTrusted(issued[at]!, pebble.rootPem, names);
    const answered = new Set(listeners.answered.map((line) => line.split(' ')[0]));
    assert.deepEqual(answered, new Set(['dns-01', 'http-01', 'tls-alpn-01']));
    assert.deepEqual(await on.store.view.all('challenge'), []);
    assert.equal((await on.store.view.all('acme-account')).length, 1);
  });

  test('to an account that another one vouches for, and not without', async (t) => {
    const { on, pebble } = await startAll(t, { eab: EAB });
    const { issuer, again } = await openTestIssuer(t, pebble, { on, areTermsAgreed: true });
    const refused = (use: typeof issuer, words: RegExp) =>
      assert.rejects(use.issue(requestFor(['bound.example.com'])), (error) => {
        assert.ok(error instanceof IssueProblem);
        assert.match(error.message, words);
        return true;
      });
    await refused(issuer, /--acme-eab KID:KEY/);
    const wrong = await again({ eab: { ...EAB, macKey: Buffer.alloc(48).toString('base64url') } });
    await refused(wrong.issuer, /the account was refused: .*--acme-eab/);
    const right = await again({ eab: EAB });
    assertTrusted(await right.issuer.issue(requestFor(['bound.example.com'])), pebble.rootPem, ['bound.example.com']);
    assert.equal((await on.store.view.all('acme-account'))[0]!.eabKeyId, EAB.keyId);
  });

  test('nothing for a name that is not answered for, and says why', async (t) => {
    const { on, listeners, pebble } = await startAll(t);
    const { issuer } = await openTestIssuer(t, pebble, { on, areTermsAgreed: true });
    const request = requestFor(['unanswered.example.com']);
    const [validation] = request.certificate.validations;
    const certificate = {
      ...request.certificate,
      validations: [{ ...validation!, recordValue: 'elsewhere.acme-challenges.gateway.example.' }],
    };
    await assert.rejects(issuer.issue({ ...request, certificate }), (error) => {
      assert.ok(error instanceof IssueProblem);
      assert.equal(error.domainName, 'unanswered.example.com');
      assert.equal(error.failureReason, undefined);
      assert.match(error.message, /unanswered\.example\.com not proven by dns-01: /);
      return true;
    });
    assert.deepEqual(listeners.answered, []);
    assert.deepEqual(
      (await issuer.budget()).map(({ limit, used }) => [limit, used]),
      [
        ['orders', 1],
        ['certificates', 0],
        ['duplicates', 0],
        ['failures', 1],
      ],
    );
  });
});
