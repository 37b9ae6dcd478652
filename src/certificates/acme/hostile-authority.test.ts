// An authority that hangs, lies, breaks off or answers nonsense costs one failed order: nothing is left behind, nothing is believed,
// and the next order succeeds. The time-outs are short here, and nothing is asserted of time.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTestIssuer, requestFor } from '../../../test/harness/acme-issuer.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import {
  startScriptedAuthority,
  type Misdeed,
  type RequestKind,
  type Returned,
} from '../../../test/harness/scripted-authority.ts';
import { lowerLimit } from '../../../test/harness/lowered-limit.ts';
import { limit } from '../../settings/limits.ts';
import { IssueProblem } from '../issuer.ts';

lowerLimit('acmeRequestTimeoutMs', 2_000);
lowerLimit('acmeOrderTimeoutMs', 8_000);
lowerLimit('acmePollWaitMsMax', 500);

const NAMES = ['a.example.com', '*.a.example.com'];
const ATTEMPTS = limit('acmeAttemptsMax');

function refuses(work: Promise<unknown>, words: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof IssueProblem, String(error));
    assert.match(error.message, words);
    assert.equal(error.message.includes('\n'), false);
    assert.equal(error.failureReason, undefined);
    return true;
  });
}

/** With an account already, so that what is wrong meets the order. */
async function start(t: Parameters<typeof openTestIssuer>[0]) {
  const authority = await startScriptedAuthority(t);
  const opened = await openTestIssuer(t, authority);
  await opened.issuer.issue(requestFor(['first.example.com']));
  return { authority, ...opened };
}

const TIMED_OUT = /did not answer in 2000 ms|did not finish the order in 8000 ms/;
const AT_EVERY_REQUEST: readonly RequestKind[] = [
  'order',
  'authorization',
  'challenge',
  'finalize',
  'order-status',
  'certificate',
];
const redirect: Misdeed = { answer: { status: 307, headers: { location: 'http://127.0.0.1:1/' } } };
const MISDEEDS: readonly (readonly [string, Misdeed, RegExp])[] = [
  ['hangs', 'hang', TIMED_OUT],
  ['breaks off', 'close', /cannot be reached/],
  ['never ends', 'endless', /more than 1048576 bytes|did not answer/],
  ['redirects', redirect, /answered 307/],
  ['answers a web page', { answer: { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } } }, /./],
  ['answers a list', { answer: { status: 200, body: '[]' } }, /./],
  ['answers other members', { answer: { status: 200, body: '{"status":7,"identifier":[]}' } }, /./],
  ['fails without a problem document', { answer: { status: 500, body: 'oh' } }, /it answered 500/],
];

describe('one order is lost, and no more, when an authority', { concurrency: 8 }, () => {
  for (const [what, misdeed, words] of MISDEEDS) {
    for (const kind of AT_EVERY_REQUEST) {
      // What a challenge is answered with, and a certificate in another form, are not read as documents.
      if (kind === 'challenge' && 'answer' in Object(misdeed) && !/500|307/.test(JSON.stringify(misdeed))) continue;
      test(`${what} at ${kind}`, async (t) => {
        const { authority, issuer, store } = await start(t);
        authority.script.readsUntilWord = 1;
        authority.misbehave(kind, misdeed, 100);
        await refuses(issuer.issue(requestFor(NAMES)), words);
        authority.behave();
        authority.release();
        assert.deepEqual(await store.view.all('challenge'), []);
        await issuer.issue(requestFor(['next.example.com']));
        assert.equal(authority.accounts.length, 1);
      });
    }
  }
});

describe('a first order waits for', { concurrency: 8 }, () => {
  for (const kind of ['directory', 'nonce', 'account'] as const) {
    for (const [what, misdeed, words] of MISDEEDS) {
      // A nonce comes in a header, whatever stands below it, and so does the place of an account.
      if (kind !== 'directory' && 'answer' in Object(misdeed) && !/500/.test(JSON.stringify(misdeed))) continue;
      if (kind === 'nonce' && misdeed === 'endless') continue;
      test(`an authority that ${what} at ${kind}`, async (t) => {
        const authority = await startScriptedAuthority(t);
        const { issuer, store } = await openTestIssuer(t, authority);
        authority.misbehave(kind, misdeed, 100);
        await refuses(issuer.issue(requestFor(NAMES)), words);
        assert.deepEqual(await issuer.caaNames(), []);
        authority.behave();
        authority.release();
        assert.deepEqual(await store.view.all('acme-use'), []);
        await issuer.issue(requestFor(NAMES));
      });
    }
  }
});

test('an authority that is not there costs nothing of the budget, and is asked again', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { port } = new URL(authority.directoryUrl);
  const gone = { ...authority, directoryUrl: authority.directoryUrl.replace(port, '1'), caFile: authority.caFile };
  const { issuer, store } = await openTestIssuer(t, gone);
  await refuses(issuer.issue(requestFor(NAMES)), /localhost:1 cannot be reached/);
  assert.deepEqual(await store.view.all('acme-use'), []);
  assert.deepEqual(await issuer.caaNames(), []);
});

test('an authority whose server has a certificate of somebody else’s is not spoken to', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { caFile } = await startScriptedAuthority(t);
  const { issuer } = await openTestIssuer(t, { directoryUrl: authority.directoryUrl, caFile });
  await assert.rejects(issuer.issue(requestFor(NAMES)), (error) => {
    assert.ok(error instanceof IssueProblem);
    assert.match(
      error.message,
      /cannot be reached: .*(certificate|issuer|signature).*\. Give its root with --acme-ca FILE$/,
    );
    assert.ok(!error.message.includes('Node'), 'how Node would be told is not what to do here');
    assert.match(error.remedy!, /^restart with --acme-ca FILE/);
    return true;
  });
  assert.equal(authority.requests('directory'), 0);
});

const URLS = [
  'http://localhost:1/',
  'file:///etc/passwd',
  'ftp://localhost/',
  '/order',
  'https://user:word@localhost/',
];
for (const url of URLS) {
  test(`no request goes to ${url}`, async (t) => {
    const authority = await startScriptedAuthority(t);
    const { issuer } = await openTestIssuer(t, authority);
    authority.script.directory = (directory) => ({ ...directory, newOrder: url });
    await refuses(issuer.issue(requestFor(NAMES)), /named a URL that is not https/);
    authority.script.directory = (directory) => directory;
    await eventually('its directory is read again', async () => {
      const outcome = await issuer.issue(requestFor(NAMES)).catch((error: Error) => error);
      return outcome instanceof Error ? undefined : outcome;
    });
  });
}

test('a directory without its places is none, and says where to look', async (t) => {
  const authority = await startScriptedAuthority(t);
  const { issuer } = await openTestIssuer(t, authority);
  authority.script.directory = (directory) => ({ ...directory, newOrder: undefined });
  await refuses(
    issuer.issue(requestFor(NAMES)),
    /is no directory of ACME: it has no newOrder\. Look at --acme-directory/,
  );
});

test('nonces that are refused are asked for again, so often and no more', async (t) => {
  const { authority, issuer } = await start(t);
  authority.refuseNonces(ATTEMPTS - 1);
  await issuer.issue(requestFor(NAMES));
  authority.refuseNonces(ATTEMPTS);
  await refuses(issuer.issue(requestFor(NAMES)), /the nonce is refused/);
  await issuer.issue(requestFor(NAMES));
});

test('nonces that all went bad together cost a request each, and no order', async (t) => {
  const { authority, issuer } = await start(t);
  await Promise.all(Array.from({ length: 20 }, (_, at) => issuer.issue(requestFor([`${at}.example.com`]))));
  authority.forgetNonces();
  await issuer.issue(requestFor(NAMES));
});

test('an authority that is busy in the middle of an order is asked again when it says', async (t) => {
  const { authority, issuer } = await start(t);
  const busy: Misdeed = { problem: { type: 'serverInternal', status: 503, retryAfter: '1' } };
  for (const kind of ['authorization', 'certificate'] as const) authority.misbehave(kind, busy, 2);
  await issuer.issue(requestFor(NAMES));
});

test('one that is busy for good says until when, and the order waits', async (t) => {
  const { authority, issuer } = await start(t);
  authority.misbehave('order', { problem: { type: 'serverInternal', status: 503, retryAfter: '600' } });
  await assert.rejects(issuer.issue(requestFor(NAMES)), (error) => {
    assert.ok(error instanceof IssueProblem);
    assert.ok(Math.abs(error.retryAtMs! - Date.now() - 600_000) < 60_000);
    return true;
  });
});

test('an order that never ends is given up', async (t) => {
  const { authority, issuer, store } = await start(t);
  authority.script.readsUntilWord = Number.POSITIVE_INFINITY;
  await refuses(issuer.issue(requestFor(NAMES)), /did not finish the order in 8000 ms/);
  assert.deepEqual(await store.view.all('challenge'), []);
});

test('an authority that asks to prove other names, or too many, is not answered', async (t) => {
  const { authority, issuer } = await start(t);
  const body = { identifier: { type: 'dns', value: 'victim.example' }, status: 'pending', challenges: [] };
  authority.misbehave('authorization', { answer: { status: 200, body: JSON.stringify(body) } });
  await refuses(issuer.issue(requestFor(NAMES)), /asks to prove victim\.example, which was not ordered/);
  const order = {
    status: 'pending',
    finalize: 'https://localhost/',
    authorizations: Array(500).fill('https://localhost/'),
  };
  const headers = { location: 'https://localhost/' };
  authority.misbehave('order', { answer: { status: 201, body: JSON.stringify(order), headers } });
  await refuses(issuer.issue(requestFor(NAMES)), /asks for 500 authorizations of 2 names/);
  assert.equal(authority.requests('challenge'), 1);
});

for (const token of ['../../secret', 'short', 'a'.repeat(300), 'with space in the token', 7]) {
  test(`a token that is ${String(token).slice(0, 30)} is not answered`, async (t) => {
    const { authority, issuer, store } = await start(t);
    const challenge = { type: 'dns-01', url: 'https://localhost/', token };
    const body = { identifier: { value: 'a.example.com' }, status: 'pending', challenges: [challenge] };
    authority.misbehave('authorization', { answer: { status: 200, body: JSON.stringify(body) } });
    await refuses(issuer.issue(requestFor(NAMES)), /gave a token for a\.example\.com that is none/);
    assert.deepEqual(await store.view.all('challenge'), []);
  });
}

const RETURNED: readonly (readonly [Returned, RegExp])[] = [
  ['for another name', /the authority returned a certificate for other names than were asked for: other\.example\.net/],
  ['for a further name', /other names than were asked for: a\.example\.com, \*\.a\.example\.com, other\.example\.net/],
  ['for another key', /the authority returned a certificate for another key/],
  ['expired', /the authority returned a certificate that was valid until /],
  ['not valid yet', /the authority returned a certificate that is valid from /],
  ['out of order', /a chain in which certificate 2 does not certify the one before it/],
  ['of another authority', /a chain in which certificate 2 does not certify the one before it/],
  ['garbage', /a chain whose certificate 1 cannot be read/],
  ['nothing', /the authority returned no certificate in PEM/],
];

for (const [returned, words] of RETURNED) {
  test(`a certificate ${returned} is not taken, and counts as one`, async (t) => {
    const { authority, issuer } = await start(t);
    authority.script.returns = returned;
    await refuses(issuer.issue(requestFor(NAMES)), words);
    assert.equal((await issuer.budget())[1]!.used, 2);
    authority.script.returns = 'what was ordered';
    await issuer.issue(requestFor(NAMES));
  });
}

test('what was lost after the authority did it counts; what it did not do does not', async (t) => {
  const { authority, issuer } = await start(t);
  const used = async () => (await issuer.budget()).slice(0, 2).map((one) => one.used);
  assert.deepEqual(await used(), [1, 1]);
  authority.misbehave('order', 'lose-answer');
  await refuses(issuer.issue(requestFor(NAMES)), /cannot be reached/);
  assert.deepEqual(await used(), [2, 1]);
  authority.misbehave('finalize', 'lose-answer');
  await refuses(issuer.issue(requestFor(NAMES)), /cannot be reached/);
  assert.deepEqual(await used(), [3, 2]);
  assert.equal(authority.orders.length, 3);
  assert.equal(authority.certificates.length, 2);
});

test('closing ends what hangs, and takes its answers away', async (t) => {
  const { authority, issuer, store } = await start(t);
  authority.script.readsUntilWord = Number.POSITIVE_INFINITY;
  const refused = refuses(issuer.issue(requestFor(NAMES)), /given up: the server is stopping/);
  await eventually('it is answered for', async () =>
    (await store.view.all('challenge')).length > 0 ? true : undefined,
  );
  await issuer.close();
  await refused;
  assert.deepEqual(await store.view.all('challenge'), []);
  await refuses(issuer.issue(requestFor(NAMES)), /the server is stopping/);
});
