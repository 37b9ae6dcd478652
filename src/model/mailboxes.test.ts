// The five addresses of a validation domain.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailboxesOf } from './mailboxes.ts';

const ROWS: readonly (readonly [shows: string, validationDomain: string, at: string])[] = [
  ['a name is written to as it is', 'ws.example.com', 'ws.example.com'],
  ['a wildcard as the name below it', '*.example.com', 'example.com'],
  ['a leading www is left out', 'www.example.com', 'example.com'],
  ['after a wildcard, too', '*.www.example.com', 'example.com'],
  ['once', 'www.www.example.com', 'www.example.com'],
  ['not where it is no label of its own', 'www2.example.com', 'www2.example.com'],
  ['not inside', 'a.www.example.com', 'a.www.example.com'],
  ['not where only a top-level domain would be left', 'www.com', 'www.com'],
];

for (const [shows, validationDomain, at] of ROWS) {
  test(`${shows}: ${validationDomain}`, () => {
    assert.deepEqual(
      mailboxesOf(validationDomain),
      ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map((local) => `${local}@${at}`),
    );
  });
}
