// Which addresses a backend may have: without accounts, with accounts, and with addresses opened; literal and looked up.

import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, test } from 'node:test';
import { createEgress, type Egress } from './egress.ts';

type Verdict = 'ok' | 'closed' | 'never';

function verdict(egress: Egress, address: string): Verdict {
  const problem = egress.problemWith(address);
  if (problem === undefined) return 'ok';
  return problem.includes('never') ? 'never' : 'closed';
}

const development = createEgress(true, []);
const accounts = createEgress(false, []);
const opened = createEgress(false, ['10.1.0.0/16', '127.0.0.1/32', 'fd12::/16', '169.254.0.0/16']);

describe('problemWith', () => {
  // What each of the three says: without accounts, with accounts, with accounts and addresses opened.
  const rows: readonly [name: string, address: string, dev: Verdict, closed: Verdict, open: Verdict][] = [
    ['a public IPv4 address', '8.8.8.8', 'ok', 'ok', 'ok'],
    ['another one', '93.184.215.14', 'ok', 'ok', 'ok'],
    ['just below 10/8', '9.255.255.255', 'ok', 'ok', 'ok'],
    ['just above 10/8', '11.0.0.0', 'ok', 'ok', 'ok'],
    ['just below 172.16/12', '172.15.255.255', 'ok', 'ok', 'ok'],
    ['just above 172.16/12', '172.32.0.0', 'ok', 'ok', 'ok'],
    ['just below multicast', '223.255.255.255', 'ok', 'ok', 'ok'],
    ['a public IPv6 address', '2606:4700:4700::1111', 'ok', 'ok', 'ok'],
    ['a public address mapped into IPv6', '::ffff:8.8.8.8', 'ok', 'ok', 'ok'],
    ['the same in hexadecimal', '::ffff:808:808', 'ok', 'ok', 'ok'],
    ['loopback', '127.0.0.1', 'ok', 'closed', 'ok'],
    ['loopback, another address', '127.8.8.8', 'ok', 'closed', 'closed'],
    ['loopback in IPv6', '::1', 'ok', 'closed', 'closed'],
    ['loopback mapped into IPv6', '::ffff:127.0.0.1', 'ok', 'closed', 'ok'],
    ['the same in hexadecimal, as URLs write it', '::ffff:7f00:1', 'ok', 'closed', 'ok'],
    ['private 10/8', '10.0.0.1', 'ok', 'closed', 'closed'],
    ['private 10/8, opened', '10.1.2.3', 'ok', 'closed', 'ok'],
    ['private 10/8 mapped into IPv6', '::ffff:10.0.0.1', 'ok', 'closed', 'closed'],
    ['private 10/8 mapped, opened', '::ffff:a01:203', 'ok', 'closed', 'ok'],
    ['private 172.16/12, first', '172.16.0.0', 'ok', 'closed', 'closed'],
    ['private 172.16/12, last', '172.31.255.255', 'ok', 'closed', 'closed'],
    ['private 192.168/16', '192.168.1.1', 'ok', 'closed', 'closed'],
    ['shared 100.64/10', '100.127.255.255', 'ok', 'closed', 'closed'],
    ['unique local IPv6', 'fc00::1', 'ok', 'closed', 'closed'],
    ['unique local IPv6, opened', 'fd12::1', 'ok', 'closed', 'ok'],
    ['translated private address', '64:ff9b::a00:1', 'ok', 'closed', 'closed'],
    ['multicast', '224.0.0.1', 'ok', 'closed', 'closed'],
    ['multicast in IPv6', 'ff02::1', 'ok', 'closed', 'closed'],
    ['broadcast', '255.255.255.255', 'ok', 'closed', 'closed'],
    ['documentation', '192.0.2.1', 'ok', 'closed', 'closed'],
    ['benchmarking', '198.18.0.1', 'ok', 'closed', 'closed'],
    ['the metadata service, even when opened', '169.254.169.254', 'never', 'never', 'never'],
    ['the metadata service mapped into IPv6', '::ffff:169.254.169.254', 'never', 'never', 'never'],
    ['the same in hexadecimal, as URLs write it', '::ffff:a9fe:a9fe', 'never', 'never', 'never'],
    ['the container credentials service', '169.254.170.2', 'never', 'never', 'never'],
    ['the metadata service in IPv6', 'fd00:ec2::254', 'never', 'never', 'never'],
    ['another cloud’s metadata service', '100.100.100.200', 'never', 'never', 'never'],
    ['link-local IPv6', 'fe80::1', 'never', 'never', 'never'],
    ['this host', '0.0.0.0', 'never', 'never', 'never'],
    ['this host in IPv6', '::', 'never', 'never', 'never'],
  ];
  for (const [name, address, dev, closed, open] of rows) {
    test(`${name}: ${address}`, () => {
      assert.deepEqual(
        { dev: verdict(development, address), closed: verdict(accounts, address), open: verdict(opened, address) },
        { dev, closed, open },
      );
    });
  }

  test('names the address, and the flag that opens it', () => {
    assert.match(accounts.problemWith('10.0.0.1') ?? '', /10\.0\.0\.1 .*--egress-allow/);
  });

  test('names no flag where none helps', () => {
    assert.doesNotMatch(accounts.problemWith('169.254.169.254') ?? '', /--egress-allow/);
  });
});

describe('lookup', () => {
  function look(egress: Egress, name: string, all: boolean): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      egress.lookup(name, { all }, (error, found, family) => {
        if (error) reject(error);
        else resolve(typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : found);
      });
    });
  }

  for (const all of [true, false]) {
    test(`gives a name’s addresses${all ? ', all of them' : ', the first'}`, async () => {
      const found = await look(development, 'localhost', all);
      assert.ok(found.length > 0 && found.every(({ address }) => address === '127.0.0.1' || address === '::1'));
    });

    test(`fails for a name whose addresses are closed${all ? '' : ', asked for one'}`, async () => {
      await assert.rejects(look(accounts, 'localhost', all), /is not a public address/);
    });
  }

  test('gives of several addresses only those that may be reached', async () => {
    const found = await look(createEgress(false, ['127.0.0.1/32']), 'localhost', true);
    assert.deepEqual(found, [{ address: '127.0.0.1', family: 4 }]);
  });

  test('passes on that a name does not exist', async () => {
    await assert.rejects(look(development, 'nobody.invalid', true), { code: /ENOTFOUND|EAI_AGAIN/ });
  });
});
