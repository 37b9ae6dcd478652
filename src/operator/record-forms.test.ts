// Records as each DNS host wants to be told of them: names relative or whole, dots, apexes, and whose name servers are whose.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isProviderName, PROVIDER_NAMES, providerOf, recordLines, type ProviderName } from './record-forms.ts';

const REGIONAL = 'd-0123456789.execute-api.us-east-1.gateway.test';
const addresses = ['192.0.2.7', '2001:db8::7'];
const cname = (name: string) => ({ name, type: 'CNAME', value: REGIONAL, addresses }) as const;

describe('a name below the apex', () => {
  const name = '_x.ws.example.com';
  const rows: readonly [provider: ProviderName, name: string, value: string][] = [
    ['cloudflare', '_x.ws', REGIONAL],
    ['digitalocean', '_x.ws', `${REGIONAL}.`],
    ['gandi', '_x.ws', `${REGIONAL}.`],
    ['godaddy', '_x.ws', REGIONAL],
    ['google', '_x.ws', `${REGIONAL}.`],
    ['hetzner', '_x.ws', `${REGIONAL}.`],
    ['namecheap', '_x.ws', REGIONAL],
    ['ovh', '_x.ws', `${REGIONAL}.`],
    ['porkbun', '_x.ws', REGIONAL],
    ['plain', name, REGIONAL],
  ];
  for (const [provider, typed, value] of rows) {
    test(`${provider} is told ${typed}`, () => {
      const lines = recordLines(cname(name), 'example.com', provider).map((line) => line.split(/ {2,}/)[1]);
      assert.deepEqual(lines.slice(0, 3), ['CNAME', typed, value]);
      assert.match(lines.at(-1)!, /^(?:Auto|\d+(?: min)?)$/);
    });
  }

  for (const provider of ['bind', 'nsd', 'knot'] as const) {
    test(`${provider} gets a line of a zone file`, () =>
      assert.deepEqual(recordLines(cname(name), 'example.com', provider), [`${name}. 60 IN CNAME ${REGIONAL}.`]));
  }

  test('the proxy of Cloudflare is told to keep out', () =>
    assert.ok(recordLines(cname(name), 'example.com', 'cloudflare').includes('Proxy status  DNS only')));

  test('where the zone is not known, the name is whole', () =>
    assert.match(recordLines(cname(name), undefined, 'gandi')[1]!, /^Name +_x\.ws\.example\.com$/));
});

test('every provider but those who write zone files or commands has a row in the test above', () => {
  const others = ['bind', 'nsd', 'knot', 'route53'];
  assert.equal(PROVIDER_NAMES.filter((name) => !others.includes(name)).length, 10);
});

test('Route 53 of AWS itself gets a command without an endpoint of ours, which asks for the zone by its name', () => {
  const [command] = recordLines(cname('ws.example.com'), 'example.com', 'route53') as [string];
  assert.match(command, /^aws route53 change-resource-record-sets --change-batch '\{"Changes":\[\{"Action":"UPSERT"/);
  assert.match(command, /--hosted-zone-id "\$\(aws route53 list-hosted-zones-by-name --dns-name example\.com\. .*\)"$/);
  assert.doesNotMatch(command, /endpoint/);
});

describe('the apex', () => {
  const rows: readonly [provider: ProviderName, lines: RegExp][] = [
    ['cloudflare', /^Type +CNAME\nName +@\n/],
    ['gandi', /^Type +ALIAS\nName +@\nHostname +d-.*\.\n/],
    ['namecheap', /^Type +ALIAS\nHost +@\n/],
    ['porkbun', /^Type +ALIAS\nHost +@\n/],
    ['hetzner', /^Type +A\nName +@\nValue +192\.0\.2\.7\nTTL +60\n\nType +AAAA\nName +@\nValue +2001:db8::7\n/],
    ['godaddy', /^Type +A\nName +@\nValue +192\.0\.2\.7\n/],
    ['bind', /^example\.com\. 60 IN A 192\.0\.2\.7\nexample\.com\. 60 IN AAAA 2001:db8::7$/],
    ['route53', /"Type":"A","TTL":60,.*"Type":"AAAA"/],
    ['plain', /^Type +ALIAS or ANAME\nName +example\.com\n/],
  ];
  for (const [provider, lines] of rows) {
    test(provider, () => assert.match(recordLines(cname('example.com'), 'example.com', provider).join('\n'), lines));
  }
});

test('a text has its quotes where they are to be typed', () => {
  const text = { name: 'x.example.com', type: 'TXT', value: 'a b', addresses } as const;
  assert.deepEqual(recordLines(text, 'example.com', 'knot'), ['x.example.com. 60 IN TXT "a b"']);
  assert.match(recordLines(text, 'example.com', 'cloudflare').join('\n'), /Target +a b\n/);
  assert.match(recordLines(text, 'example.com', 'hetzner').join('\n'), /Value +"a b"\n/);
});

describe('providerOf', () => {
  const rows: readonly [nameServers: string[], provider: ProviderName | undefined][] = [
    [['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'], 'cloudflare'],
    [['ns1.digitalocean.com', 'ns2.digitalocean.com'], 'digitalocean'],
    [['ns-12-a.gandi.net'], 'gandi'],
    [['ns01.domaincontrol.com'], 'godaddy'],
    [['ns-cloud-b1.googledomains.com'], 'google'],
    [['hydrogen.ns.hetzner.com', 'helium.ns.hetzner.de'], 'hetzner'],
    [['dns1.registrar-servers.com'], 'namecheap'],
    [['dns10.ovh.net', 'ns10.ovh.net'], 'ovh'],
    [['curitiba.ns.porkbun.com'], 'porkbun'],
    [['ns-1.awsdns-00.com', 'ns-2.awsdns-63.co.uk'], 'route53'],
    [['ns1.other.net'], undefined],
    [['ada.ns.cloudflare.com', 'ns1.other.net'], undefined],
    [['ada.ns.cloudflare.com.evil.test'], undefined],
    [[], undefined],
  ];
  for (const [nameServers, provider] of rows) {
    test(nameServers.join(', ') || 'none', () => assert.equal(providerOf(nameServers), provider));
  }
});

test('what is no provider is no name of one, not even what every object has', () => {
  assert.ok(isProviderName('cloudflare'));
  assert.ok(!isProviderName('constructor'));
});
