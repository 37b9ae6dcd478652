// What a filter lets pass: each member by itself, and nothing that is not known.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithin, type PlaceFilter } from './live-event.ts';

const PLACE = {
  account: '111122223333',
  apiId: 'a1b2c3d4e5',
  stageName: 'prod',
  host: 'one.example.com',
  connectionId: 'L0SM9cOFvHcCIhw=',
};
const NOWHERE = { account: undefined, apiId: undefined, stageName: undefined, host: '', connectionId: undefined };
const DOMAINS: Readonly<Record<string, string>> = {
  'one.example.com': '*.example.com',
  'ws.example.com': 'ws.example.com',
};
const domainOf = (host: string) => DOMAINS[host];

const ROWS: readonly (readonly [filter: PlaceFilter, host: string, isIn: boolean])[] = [
  [{}, 'one.example.com', true],
  [{ account: '111122223333' }, 'one.example.com', true],
  [{ account: '444455556666' }, 'one.example.com', false],
  [{ apiId: 'a1b2c3d4e5', stageName: 'prod' }, 'one.example.com', true],
  [{ apiId: 'a1b2c3d4e5', stageName: 'test' }, 'one.example.com', false],
  [{ apiId: 'other' }, 'one.example.com', false],
  [{ connectionId: 'L0SM9cOFvHcCIhw=' }, 'one.example.com', true],
  [{ connectionId: 'other' }, 'one.example.com', false],
  [{ domainName: '*.example.com' }, 'one.example.com', true],
  [{ domainName: '*.example.com' }, 'ws.example.com', false],
  [{ domainName: 'one.example.com' }, 'one.example.com', false],
  [{ tenant: 'one.example.com' }, 'one.example.com', true],
  [{ tenant: 'one' }, 'one.example.com', true],
  [{ tenant: 'on' }, 'one.example.com', false],
  [{ tenant: 'ws' }, 'ws.example.com', false],
  [{ tenant: 'ws.example.com' }, 'ws.example.com', true],
  [{ tenant: 'localhost' }, 'localhost', true],
  [{ tenant: 'example.com' }, 'one.example.com', false],
];
for (const [filter, host, isIn] of ROWS) {
  test(`${JSON.stringify(filter)} ${isIn ? 'lets' : 'does not let'} ${host} pass`, () =>
    assert.equal(isWithin(filter, { ...PLACE, host }, domainOf), isIn));
}

test('what is of nobody passes no filter but the empty one', () => {
  assert.equal(isWithin({}, NOWHERE, domainOf), true);
  for (const member of Object.keys(PLACE).map((name) => (name === 'host' ? 'tenant' : name)))
    assert.equal(isWithin({ [member]: 'x' }, NOWHERE, domainOf), false, member);
});
