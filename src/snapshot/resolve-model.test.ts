// resolve() and the choice of certificate against a naive model, on random tables: exact before wildcard, one label deep, longest
// key of whole segments, and no host ever gets another tenant's certificate or mapping.

import { NO_OPTIONS } from '../model/stage-options.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../model/faults.ts';
import type { ApiMapping, DomainName } from '../model/domain-name.ts';
import { keyPairFor, resolve } from './resolve.ts';
import { domainEntry, mappingEntry, KeptTexts, SnapshotTable, withMappings, type Entry } from './snapshot.ts';

const LABELS = ['a', 'b', 'ab', 'www'];
const ROOTS = ['example.com', 'a.example.com', 'example.org'];
const SEGMENTS = ['v1', 'v10', 'V1', 'orders'];

const host = fc
  .tuple(fc.constantFrom('', ...LABELS), fc.constantFrom(...ROOTS))
  .map(([label, root]) => (label ? `${label}.${root}` : root));
const domainName = fc.oneof(
  host,
  fc.constantFrom(...ROOTS).map((root) => `*.${root}`),
);
const key = fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 3 }).map((segments) => segments.join('/'));
const tables = fc.uniqueArray(fc.record({ name: domainName, keys: fc.uniqueArray(key, { maxLength: 4 }) }), {
  selector: ({ name }) => name,
  maxLength: 6,
});
const path = fc
  .array(fc.constantFrom(...SEGMENTS, 'other'), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`);

type Table = readonly { readonly name: string; readonly keys: readonly string[] }[];

const OWNER = { account: '000000000000', region: 'us-east-1' };
const TEXTS = new KeptTexts();

/** Every domain has a certificate and an API of its own, named for it, so that a mix-up shows. */
function snapshotOf(table: Table): SnapshotTable {
  const entries: Entry[] = [{ table: 'listener', key: '', value: 'default' }];
  for (const { name, keys } of table) {
    const domain: DomainName = {
      ...OWNER,
      id: name,
      domainName: name,
      certificateArn: `arn ${name}`,
      regionalDomainName: `d-${name}`,
      hostedZoneId: 'Z1',
      ipAddressType: 'ipv4',
      routingMode: 'API_MAPPING_ONLY',
      tags: {},
    };
    const mappings = keys.map((apiMappingKey) => {
      const stage = apiMappingKey === '' ? 'root' : apiMappingKey.replaceAll('/', '-');
      const common = { domainName: name, apiMappingId: apiMappingKey, apiMappingKey, apiId: name, stage };
      entries.push({
        table: 'stage',
        key: `${name}/${stage}`,
        value: {
          api: { ...OWNER, apiId: name },
          stageName: stage,
          deploymentId: undefined,
          stageVariables: {},
          defaultRouteSettings: {},
          routeSettings: {},
          options: NO_OPTIONS,
          logs: undefined,
        },
      });
      const mapping: ApiMapping = { ...OWNER, id: `${name}/${apiMappingKey}`, ...common };
      return mappingEntry(mapping, TEXTS);
    });
    entries.push({
      table: 'certificate',
      key: `arn ${name}`,
      value: { arn: `arn ${name}`, keyPairReference: `pair ${name}` },
    });
    entries.push({ table: 'domain', key: name, value: withMappings(domainEntry(domain, TEXTS), mappings) });
  }
  const snapshot = new SnapshotTable();
  snapshot.apply(1, entries, () => {});
  return snapshot;
}

/** The model: look at every row, and take the first by its rank. */
function expectedDomain(table: Table, asked: string): Table[number] | undefined {
  const covers = (name: string) => name.startsWith('*.') && asked.split('.').slice(1).join('.') === name.slice(2);
  return table.find(({ name }) => name === asked) ?? table.find(({ name }) => covers(name));
}

function expectedKey(keys: readonly string[], asked: string): string | undefined {
  const segments = asked.split('/').slice(1);
  const fits = (candidate: string) => candidate.split('/').every((segment, position) => segment === segments[position]);
  const longest = keys
    .filter((candidate) => candidate !== '' && fits(candidate))
    .sort((a, b) => b.split('/').length - a.split('/').length);
  return longest[0] ?? keys.find((candidate) => candidate === '');
}

test('resolve() agrees with a naive model of the tables', () => {
  fc.assert(
    fc.property(tables, host, path, (table, asked, askedPath) => {
      const resolved = resolve(snapshotOf(table), 'localhost', asked, askedPath);
      const domain = expectedDomain(table, asked);
      const expected = domain && expectedKey(domain.keys, askedPath);
      if (domain === undefined || expected === undefined) return assert.ok(isRefusal(resolved));
      assert.ok(!isRefusal(resolved), JSON.stringify(resolved));
      assert.equal(resolved.stage.api.apiId, domain.name);
      assert.equal(resolved.stage.stageName, expected === '' ? 'root' : expected.replaceAll('/', '-'));
      const taken = expected === '' ? 0 : expected.split('/').length;
      assert.deepEqual(resolved.rest, askedPath.split('/').slice(1 + taken));
    }),
    { numRuns: 2_000 },
  );
});

test('a server name is shown its own certificate, its wildcard’s, or the default one', () => {
  fc.assert(
    fc.property(tables, host, (table, asked) => {
      const domain = expectedDomain(table, asked);
      assert.equal(keyPairFor(snapshotOf(table), asked), domain ? `pair ${domain.name}` : 'default');
    }),
    { numRuns: 1_000 },
  );
});

test('rows about other names never change an answer', () => {
  fc.assert(
    fc.property(tables, tables, host, path, (table, more, asked, askedPath) => {
      const isAbout = (name: string) => expectedDomain([{ name, keys: [] }], asked) !== undefined;
      const others = more.filter(({ name }) => !isAbout(name) && table.every((row) => row.name !== name));
      const answer = (rows: Table) => {
        const resolved = resolve(snapshotOf(rows), 'localhost', asked, askedPath);
        return isRefusal(resolved) ? 'refused' : [resolved.stage.api.apiId, resolved.stage.stageName, resolved.rest];
      };
      assert.deepEqual(answer([...table, ...others]), answer(table));
    }),
    { numRuns: 1_000 },
  );
});
