// Which addresses a backend may have: without accounts, with accounts, and with addresses opened; literal and looked up.

import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { describe, test } from 'node:test';
import fc from 'fast-check';
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
    ['Azure’s platform', '168.63.129.16', 'never', 'never', 'never'],
    ['Oracle’s metadata service', '192.0.0.192', 'never', 'never', 'never'],
    ['Google’s metadata service in IPv6', 'fd20:ce::254', 'never', 'never', 'never'],
    ['a translated public address', '64:ff9b::808:808', 'ok', 'ok', 'ok'],
    ['a translated address, opened', '64:ff9b::a01:203', 'ok', 'closed', 'ok'],
    ['the metadata service, translated', '64:ff9b::a9fe:a9fe', 'never', 'never', 'never'],
    ['the metadata service, translated by a network of one’s own', '64:ff9b:1::a9fe:a9fe', 'never', 'never', 'never'],
    ['the metadata service by 6to4', '2002:a9fe:a9fe::1', 'never', 'never', 'never'],
    ['the metadata service by Teredo, in its complement', '2001:0:808:808::5601:5601', 'never', 'never', 'never'],
    ['the metadata service as an IPv4-compatible address', '::a9fe:a9fe', 'never', 'never', 'never'],
    ['a local translation of a public address', '64:ff9b:1::808:808', 'ok', 'closed', 'closed'],
    ['6to4 of a public address', '2002:808:808::1', 'ok', 'ok', 'ok'],
    ['6to4 of a private address', '2002:a00:1::1', 'ok', 'closed', 'closed'],
    ['ISATAP of a private address', '2606:4700::5efe:a00:1', 'ok', 'closed', 'closed'],
    ['documentation in IPv6', '2001:db8::1', 'ok', 'closed', 'closed'],
    ['documentation in IPv6, the other range', '3fff::1', 'ok', 'closed', 'closed'],
    ['site-local IPv6, which is given up', 'fec0::1', 'ok', 'closed', 'closed'],
    ['discard-only IPv6', '100::1', 'ok', 'closed', 'closed'],
    ['what is assigned to nobody', '4000::1', 'ok', 'closed', 'closed'],
    ['reserved 240/4', '240.0.0.1', 'ok', 'closed', 'closed'],
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

describe('whatever way an address is written', () => {
  const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255))) as fc.Arbitrary<
    [number, number, number, number]
  >;
  /** Half of them from ranges that matter. */
  const ipv4 = fc.oneof(
    octets,
    fc
      .tuple(fc.constantFrom([127, 0], [10, 1], [192, 168], [169, 254], [172, 16], [100, 64]), fc.nat(255), fc.nat(255))
      .map(([[a, b], c, d]) => [a!, b!, c, d] as [number, number, number, number]),
  );
  const strictness: Record<Verdict, number> = { ok: 0, closed: 1, never: 2 };

  test('a URL leads to what its plain address leads to', () => {
    const radix = (value: number, to: 'decimal' | 'hex' | 'octal') =>
      to === 'decimal' ? String(value) : to === 'hex' ? `0x${value.toString(16)}` : `0${value.toString(8)}`;
    fc.assert(
      fc.property(ipv4, fc.constantFrom('decimal', 'hex', 'octal'), fc.constantFrom('', '.'), (bytes, to, dot) => {
        const [a, b, c, d] = bytes;
        const plain = bytes.join('.');
        const spellings = [
          bytes.map((byte) => radix(byte, to)).join('.'),
          [radix(a, to), radix(b, to), radix(c * 256 + d, to)].join('.'),
          [radix(a, to), radix((b * 256 + c) * 256 + d, to)].join('.'),
          radix(((a * 256 + b) * 256 + c) * 256 + d, to),
        ].map((host) => `${host}${dot}`);
        const six = [
          `[::ffff:${plain}]`,
          `[0:0:0:0:0:ffff:${hex(a, b)}:${hex(c, d)}]`,
          `[::FFFF:${hex(a, b)}:${hex(c, d)}]`,
        ];
        for (const host of [...spellings, ...six]) {
          const { hostname } = new URL(`http://${host}:8080/`);
          const address = hostname.replace(/^\[|\]$/g, '');
          for (const egress of [development, accounts, opened]) {
            assert.equal(verdict(egress, address), verdict(egress, plain), `${host} is ${address}`);
          }
        }
      }),
    );
  });

  test('an address with a closed one in it is not more open than that', () => {
    fc.assert(
      fc.property(ipv4, ([a, b, c, d]) => {
        if (a === 0) return;
        const plain = [a, b, c, d].join('.');
        const [high, low] = [hex(a, b), hex(c, d)];
        const forms = [
          `64:ff9b::${high}:${low}`,
          `64:ff9b:1::${high}:${low}`,
          `2002:${high}:${low}::1`,
          `2001:0:808:808::${hex(a ^ 255, b ^ 255)}:${hex(c ^ 255, d ^ 255)}`,
          `2606:4700::5efe:${high}:${low}`,
          `2606:4700::200:5efe:${high}:${low}`,
          `::ffff:0:${high}:${low}`,
        ];
        for (const form of forms) {
          for (const egress of [accounts, development]) {
            const [got, least] = [verdict(egress, form), verdict(egress, plain)];
            assert.ok(strictness[got] >= strictness[least], `${form} is ${got}, ${plain} ${least}`);
          }
        }
      }),
    );
  });

  test('of IPv6 only what is global unicast is public', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
        const address = groups.map((group) => group.toString(16)).join(':');
        if ((groups[0]! & 0xe000) !== 0x2000) assert.notEqual(verdict(accounts, address), 'ok', address);
      }),
    );
  });

  test('what is no address is not reached', () => {
    for (const text of [
      '',
      'localhost',
      'fe80::1%lo',
      '127.1',
      '0x7f000001',
      '2130706433',
      '::1]',
      '1.2.3.4/0',
      '256.1.1.1',
      'x'.repeat(999),
    ])
      assert.match(development.problemWith(text) ?? '', / is no address$/, text);
  });

  function hex(high: number, low: number): string {
    return (high * 256 + low).toString(16);
  }
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

  test('judges each look-up anew, whatever the name had before', async () => {
    const turns = [['8.8.8.8'], ['127.0.0.1'], ['8.8.8.8', '169.254.169.254', '::ffff:10.0.0.1'], []];
    const egress = createEgress(false, [], (_, __, callback) =>
      callback(
        null,
        turns.shift()!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
    const found = [{ address: '8.8.8.8', family: 4 }];
    assert.deepEqual(await look(egress, 'rebind.test', true), found);
    await assert.rejects(look(egress, 'rebind.test', true), /127\.0\.0\.1 is not a public address/);
    assert.deepEqual(await look(egress, 'rebind.test', true), found);
    await assert.rejects(look(egress, 'rebind.test', true), /rebind\.test has no address/);
  });

  test('passes on that a name does not exist', async () => {
    await assert.rejects(look(development, 'nobody.invalid', true), { code: /ENOTFOUND|EAI_AGAIN/ });
  });
});
