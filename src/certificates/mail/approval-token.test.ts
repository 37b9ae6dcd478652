// Approval tokens: what was signed is read back until it expires; anything else is forged, whatever bit of it was changed.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { readApproval, signApproval, type ApprovalClaims } from './approval-token.ts';

const KEY = randomBytes(32);
const CLAIMS: ApprovalClaims = {
  certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/1',
  domainName: '*.example.com',
  mailbox: 'admin@example.com',
  expiresAtMs: 2_000,
  roundId: 'first',
};
const TOKEN = signApproval(KEY, CLAIMS);
const [PAYLOAD, MAC] = TOKEN.split('.') as [string, string];
const EXPIRED = { expired: true, domainName: '*.example.com' };
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same bytes in another spelling: the last letter of 32 bytes in base64url carries two bits that count for nothing. */
const respelled = (text: string) => `${text.slice(0, -1)}${ALPHABET[ALPHABET.indexOf(text.at(-1)!) ^ 1]}`;
const reclaimed = Buffer.from(JSON.stringify(Object.values(CLAIMS)).replace('*.example', 'example'));

const ROWS: readonly (readonly [shows: string, token: string, nowMs: number, want: unknown])[] = [
  ['what was signed', TOKEN, 1_000, CLAIMS],
  ['until the very end', TOKEN, 1_999, CLAIMS],
  ['not at its end', TOKEN, 2_000, EXPIRED],
  ['nor later', TOKEN, 9_000, EXPIRED],
  ['nothing at all', '', 1_000, 'forged'],
  ['a dot alone', '.', 1_000, 'forged'],
  ['claims without a MAC', PAYLOAD, 1_000, 'forged'],
  ['claims with an empty MAC', `${PAYLOAD}.`, 1_000, 'forged'],
  ['a MAC without claims', `.${MAC}`, 1_000, 'forged'],
  ['other claims under the MAC', `${reclaimed.toString('base64url')}.${MAC}`, 1_000, 'forged'],
  ['a MAC by another key', signApproval(randomBytes(32), CLAIMS), 1_000, 'forged'],
  [
    'a MAC without a key',
    `${PAYLOAD}.${createHmac('sha256', '').update(PAYLOAD).digest('base64url')}`,
    1_000,
    'forged',
  ],
  ['the MAC spelled otherwise', `${PAYLOAD}.${respelled(MAC)}`, 1_000, 'forged'],
  ['the claims spelled otherwise', `${PAYLOAD}=.${MAC}`, 1_000, 'forged'],
  ['something behind it', `${TOKEN}.`, 1_000, 'forged'],
  ['a blank before it', ` ${TOKEN}`, 1_000, 'forged'],
];

for (const [shows, token, nowMs, want] of ROWS) {
  test(`${shows} is ${want === CLAIMS ? 'read' : want === EXPIRED ? 'expired' : 'forged'}`, () =>
    assert.deepEqual(readApproval(KEY, token, nowMs), want));
}

test('the respelled MAC decodes to the same bytes', () => {
  assert.notEqual(respelled(MAC), MAC);
  assert.deepEqual(Buffer.from(respelled(MAC), 'base64url'), Buffer.from(MAC, 'base64url'));
});

const claims = fc.record({
  certificateArn: fc.string(),
  domainName: fc.string(),
  mailbox: fc.string(),
  expiresAtMs: fc.integer({ min: 1, max: 2 ** 50 }),
  roundId: fc.string(),
});

test('any claims are read back as they were, in an alphabet that needs no escaping in a URL', () => {
  fc.assert(
    fc.property(claims, (some) => {
      const token = signApproval(KEY, some);
      assert.match(token, /^[\w-]+\.[\w-]+$/);
      assert.deepEqual(readApproval(KEY, token, some.expiresAtMs - 1), { ...some });
    }),
  );
});

test('any single letter that is changed, dropped or added makes it forged', () => {
  fc.assert(
    fc.property(
      claims,
      fc.nat(),
      fc.constantFrom(...ALPHABET, '', '.', '%', '\u0000'),
      fc.boolean(),
      (some, at, by, isAdded) => {
        const token = signApproval(KEY, some);
        const position = at % token.length;
        const altered = token.slice(0, position) + by + token.slice(isAdded ? position : position + 1);
        fc.pre(altered !== token);
        assert.equal(readApproval(KEY, altered, 0), 'forged');
      },
    ),
  );
});

test('any text is forged, and none throws', () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(readApproval(KEY, text, 0), 'forged')));
});
