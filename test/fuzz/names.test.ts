// Hosts, paths and mapping keys of any text: a host is normalised once and for all or is none, whatever is asked leads somewhere or is
// refused, and a key that may be made leads to its own stage and to no other.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkMappingKey } from '../../src/controlplane/operations/apigatewayv2/api-mapping-rules.ts';
import { Fault, isRefusal } from '../../src/model/faults.ts';
import type { DomainName } from '../../src/model/domain-name.ts';
import { isCoveredBy, overlaps } from '../../src/model/domain-name.ts';
import { parseArn, formatArn } from '../../src/model/arn.ts';
import { NO_OPTIONS } from '../../src/model/stage-options.ts';
import {
  hostNameProblem,
  hostPort,
  idnaForm,
  isHostField,
  normalizeHost,
  normalizeName,
  wildcardFor,
} from '../../src/protocol/host-name.ts';
import { isHeaderValue, isToken } from '../../src/protocol/header-text.ts';
import {
  isHostServed,
  keyPairFor,
  pathSegments,
  resolve,
  resolveCallback,
  resolveConnect,
} from '../../src/snapshot/resolve.ts';
import {
  domainEntry,
  KeptTexts,
  mappingEntry,
  SnapshotTable,
  withMappings,
  type Entry,
} from '../../src/snapshot/snapshot.ts';
import { fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('names');

const OWNER = { account: '000000000000', region: 'us-east-1' };
const TEXTS = new KeptTexts();

function domain(domainName: string, keys: readonly string[]): Entry {
  const entity: DomainName = {
    ...OWNER,
    id: domainName,
    domainName,
    certificateArn: 'arn:of-it',
    regionalDomainName: `d-0000000000.execute-api.us-east-1.localhost`,
    hostedZoneId: 'Z1',
    ipAddressType: 'ipv4',
    routingMode: 'API_MAPPING_ONLY',
    tags: {},
  };
  const mappings = keys.map((apiMappingKey, number) =>
    mappingEntry(
      {
        ...OWNER,
        id: `m${number}`,
        domainName,
        apiMappingId: `m${number}`,
        apiId: 'aaa',
        stage: `s${number}`,
        apiMappingKey,
      },
      TEXTS,
    ),
  );
  return { table: 'domain', key: domainName, value: withMappings(domainEntry(entity, TEXTS), mappings) };
}

const API: Entry = {
  table: 'api',
  key: 'aaa',
  value: { apiId: 'aaa', isDualstack: false, account: OWNER.account, region: OWNER.region },
};

function stage(number: number): Entry {
  const value = {
    api: { ...OWNER, apiId: 'aaa' },
    stageName: `s${number}`,
    deploymentId: undefined,
    stageVariables: {},
    defaultRouteSettings: {},
    routeSettings: {},
    options: NO_OPTIONS,
    logs: undefined,
  };
  return { table: 'stage', key: `aaa/s${number}`, value };
}

function snapshotOf(...entries: readonly Entry[]): SnapshotTable {
  const table = new SnapshotTable();
  table.apply(1, [API, ...entries], () => {});
  return table;
}

const SNAPSHOT = snapshotOf(
  domain('ws.example.com', ['', 'v1', 'v1/deep']),
  domain('*.example.com', ['chat']),
  stage(0),
  stage(1),
  stage(2),
);
const SERVED = ['ws.example.com', 'aaa.execute-api.us-east-1.localhost', 'localhost'];

const HOSTS = textOf(
  'ws',
  '.',
  'example.com',
  'WS.EXAMPLE.COM',
  ':',
  ':443',
  ':99999',
  '[::1]',
  '[',
  ']',
  '*',
  '*.',
  'xn--',
  'ä',
  '\u212a',
  '@',
  '/',
  ',',
  ' ',
  '\t',
  '\0',

  'aaa.execute-api.us-east-1.localhost',
  'd-0000000000.execute-api.us-east-1.localhost',
  '__proto__',
  'constructor',
  '-',
  '_',
  '%2e',
);
const PATHS = textOf(
  '/',
  '//',
  'v1',
  'deep',
  'chat',
  '%',
  '%2F',
  '%00',
  '%ff',
  '..',
  '.',
  '@connections',
  '%40connections',
  '_aws',
  'execute-api',
  'aaa',
  's0',
  ';',
  '#',
  '?',
);

property('a host is normalised once and for all, or is none', HOSTS, (text) => {
  const once = normalizeHost(text);
  assert.equal(normalizeHost(once), once);
  if (once.startsWith('[')) return assert.match(once, /^\[[0-9a-f:.]+\]$/);
  assert.ok(once === '' || hostNameProblem(once.replaceAll('_', '0')) === undefined, once);
  assert.ok(once === '' || text.toLowerCase().startsWith(once), `${once} is not what was sent`);
  // A port says nothing about whom it is for.
  if (once !== '' && !text.includes(':')) assert.equal(normalizeHost(`${text}:443`), once);
  assert.ok(!once.includes('*'));
  assert.equal(typeof isHostField(text), 'boolean');
  assert.equal(normalizeName(idnaForm(text)), idnaForm(text));
  if (once !== '') assert.equal(wildcardFor(once)?.startsWith('*.') ?? true, true);
  assert.equal(normalizeHost(hostPort(once, 443)), once);
});

property(
  'a host and a path lead somewhere, or are refused with a reason',
  fc.tuple(fc.oneof(HOSTS, fc.constantFrom(...SERVED)), PATHS),
  ([text, path]) => {
    const host = normalizeHost(text);
    for (const found of [
      resolve(SNAPSHOT, 'localhost', host, path),
      resolveConnect(SNAPSHOT, 'localhost', host, path),
      resolveCallback(SNAPSHOT, 'localhost', host, path),
    ]) {
      if (isRefusal(found)) assert.ok(found.reason.length > 0);
      else if ('stage' in found) assert.equal(found.stage.api.apiId, 'aaa');
    }
    if (host === '') assert.equal(isHostServed(SNAPSHOT, 'localhost', host), false);
    assert.ok(['string', 'undefined'].includes(typeof keyPairFor(SNAPSHOT, normalizeName(text))));
    assert.ok(pathSegments(path)?.every((segment) => typeof segment === 'string') ?? true);
  },
  1_500,
);

const KEYS = textOf(
  'a',
  'B',
  '1',
  '/',
  '//',
  '-',
  '_',
  '.',
  '..',
  '+',
  '!',
  '*',
  "'",
  '(',
  ')',
  '$',
  '%',
  ' ',
  'é',
  '(none)',
  '@connections',
  '__proto__',
);

property(
  'a key that may be made leads to its own stage, as a whole alone',
  fc.uniqueArray(KEYS, { minLength: 1, maxLength: 4 }),
  (texts) => {
    const keys: string[] = [];
    for (const text of texts) {
      try {
        keys.push(checkMappingKey(text));
      } catch (error) {
        assert.ok(error instanceof Fault && error.code === 'BadRequestException', String(error));
      }
    }
    const unique = [...new Set(keys)];
    const snapshot = snapshotOf(domain('k.example', unique), ...unique.map((_, number) => stage(number)));
    for (const [number, key] of unique.entries()) {
      for (const path of [`/${key}`, `/${key}?`.slice(0, -1), `/${encodeURIComponent(key).replaceAll('%2F', '/')}`]) {
        const found = resolve(snapshot, 'localhost', 'k.example', path);
        assert.ok(!isRefusal(found), `${key} is not found`);
        assert.equal(found.stage.stageName, `s${number}`, key);
      }
      const longer = resolve(snapshot, 'localhost', 'k.example', `/${key}x`);
      if (!isRefusal(longer)) assert.ok(key === '' || longer.stage.stageName !== `s${number}`, key);
    }
  },
);

property(
  'names cover and overlap each other or not, and ARNs are read as they are written',
  fc.tuple(HOSTS, HOSTS),
  ([one, other]) => {
    assert.equal(overlaps(one, other), overlaps(other, one));
    assert.equal(typeof isCoveredBy(one, [other]), 'boolean');
    const arn = parseArn(one);
    if (arn) assert.ok(one.startsWith('arn:'));
    const made = formatArn('acm', 'us-east-1', '000000000000', 'certificate/x');
    assert.deepEqual(parseArn(made)?.account, '000000000000');
  },
);

property(
  'no text that is taken for a header ends its line',
  textOf('a', '\r', '\n', '\0', ' ', ':', 'é', '\x7f', '\t'),
  (text) => {
    if (isHeaderValue(text)) assert.doesNotMatch(text, /[\r\n\0]/);
    if (isToken(text)) assert.match(text, /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
  },
);
