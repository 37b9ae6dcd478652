// Host and path → stage, rest of the path, or the step that refused: handshakes, callbacks and certificates, row by row.

import { NO_OPTIONS } from '../model/stage-options.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ApiMapping, DomainName } from '../model/domain-name.ts';
import type { Deployment } from '../model/api.ts';
import { isRefusal, type Refusal } from '../model/faults.ts';
import { compileDeployment } from './compile-deployment.ts';
import {
  currentDeployment,
  keyPairFor,
  pathSegments,
  resolve,
  resolveCallback,
  type ResolvedStage,
} from './resolve.ts';
import { domainEntry, mappingEntry, KeptTexts, SnapshotTable, withMappings, type Entry } from './snapshot.ts';

const SUFFIX = 'localhost';
const OWNER = { account: '000000000000', region: 'us-east-1' };
const TEXTS = new KeptTexts();

/** A domain name with its mappings: key → `api/stage`. */
function domain(domainName: string, mappings: Readonly<Record<string, string>>): Entry {
  const entity: DomainName = {
    ...OWNER,
    id: domainName,
    domainName,
    certificateArn: `arn:${domainName}`,
    regionalDomainName: `d-${domainName.length}.execute-api.us-east-1.${SUFFIX}`,
    hostedZoneId: 'Z1',
    ipAddressType: 'ipv4',
    routingMode: 'API_MAPPING_ONLY',
    tags: {},
  };
  const entries = Object.entries(mappings).map(([apiMappingKey, target], position) => {
    const [apiId, stage] = target.split('/') as [string, string];
    const apiMappingId = `m${position}`;
    const mapping: ApiMapping = {
      ...OWNER,
      id: `${domainName}/${apiMappingId}`,
      domainName,
      apiMappingId,
      apiId,
      stage,
      apiMappingKey,
    };
    return mappingEntry(mapping, TEXTS);
  });
  return { table: 'domain', key: domainName, value: withMappings(domainEntry(entity, TEXTS), entries) };
}

function api(apiId: string, region = 'us-east-1'): Entry {
  return { table: 'api', key: apiId, value: { apiId, isDualstack: false, account: OWNER.account, region } };
}

function stage(apiId: string, stageName: string, deploymentId?: string): Entry {
  const value = {
    api: { ...OWNER, apiId },
    stageName,
    deploymentId,
    stageVariables: {},
    defaultRouteSettings: {},
    routeSettings: {},
    options: NO_OPTIONS,
    logs: undefined,
  };
  return { table: 'stage', key: `${apiId}/${stageName}`, value };
}

function deployment(apiId: string, deploymentId: string, disableExecuteApiEndpoint: boolean): Entry {
  const frozen = {
    routeSelectionExpression: '$request.body.action',
    disableExecuteApiEndpoint,
    routes: [],
    integrations: [],
    models: [],
    authorizers: [],
  };
  const entity: Deployment = { ...OWNER, id: `${apiId}/${deploymentId}`, apiId, deploymentId, createdAtMs: 0, frozen };
  return { table: 'deployment', key: entity.id, value: compileDeployment(entity) };
}

function snapshotOf(...entries: Entry[]): SnapshotTable {
  const table = new SnapshotTable();
  table.apply(1, entries, () => {});
  return table;
}

const SNAPSHOT = snapshotOf(
  api('aaa'),
  api('bbb'),
  api('far', 'eu-west-1'),
  api('shut'),
  stage('aaa', 'prod', 'd1'),
  stage('aaa', 'beta', 'd1'),
  stage('bbb', 'prod', 'd1'),
  stage('bbb', 'only-b'),
  stage('far', 'prod'),
  stage('shut', 'prod', 'd1'),
  deployment('aaa', 'd1', false),
  deployment('shut', 'd1', true),
  domain('ws.example.com', { '': 'aaa/prod', v1: 'bbb/prod', 'v1/deep/er': 'aaa/beta', V2: 'aaa/beta' }),
  domain('rootless.example.com', { chat: 'aaa/prod' }),
  domain('bare.example.com', {}),
  domain('*.example.com', { '': 'bbb/prod' }),
  domain('stale.example.com', { '': 'gone/prod' }),
  domain('shut.example.com', { '': 'shut/prod' }),
);

function said(resolved: ResolvedStage | Refusal): string {
  if (isRefusal(resolved)) return `${resolved.code} at ${resolved.step}`;
  const { stage: found, via, rest } = resolved;
  return `${found.api.apiId}/${found.stageName} by ${via}, rest [${rest.join('|')}]`;
}

const REFUSED = 'Forbidden at resolve';
const ENDPOINT = 'aaa.execute-api.us-east-1.localhost';

describe('resolve', () => {
  const rows: readonly [name: string, host: string, path: string, expected: string][] = [
    ['the root mapping', 'ws.example.com', '/', 'aaa/prod by custom-domain, rest []'],
    ['a key of one level', 'ws.example.com', '/v1', 'bbb/prod by custom-domain, rest []'],
    ['a key with a slash behind it', 'ws.example.com', '/v1/', 'bbb/prod by custom-domain, rest []'],
    ['what is left behind a key', 'ws.example.com', '/v1/room/7', 'bbb/prod by custom-domain, rest [room|7]'],
    ['a key matches whole segments only', 'ws.example.com', '/v10', 'aaa/prod by custom-domain, rest [v10]'],
    ['half of a deep key is not that key', 'ws.example.com', '/v1/deep', 'bbb/prod by custom-domain, rest [deep]'],
    ['the longest key wins', 'ws.example.com', '/v1/deep/er/x', 'aaa/beta by custom-domain, rest [x]'],
    ['keys know upper from lower case', 'ws.example.com', '/v2', 'aaa/prod by custom-domain, rest [v2]'],
    ['a percent-encoded key', 'ws.example.com', '/%76%31', 'bbb/prod by custom-domain, rest []'],
    ['a path is decoded once only', 'ws.example.com', '/%25761', 'aaa/prod by custom-domain, rest [%761]'],
    ['a stage name is no key', 'rootless.example.com', '/prod', REFUSED],
    ['no key fits, and there is no root', 'rootless.example.com', '/', REFUSED],
    ['a domain without mappings', 'bare.example.com', '/', REFUSED],
    ['a mapping whose stage is gone', 'stale.example.com', '/', REFUSED],
    ['a wildcard serves its subdomains', 'cust7.example.com', '/', 'bbb/prod by custom-domain, rest []'],
    ['the exact name wins over the wildcard', 'ws.example.com', '/', 'aaa/prod by custom-domain, rest []'],
    ['an exact name without a fit does not fall back to the wildcard', 'rootless.example.com', '/x', REFUSED],
    ['a wildcard covers one label', 'a.cust7.example.com', '/', REFUSED],
    ['a wildcard does not cover its parent', 'example.com', '/', REFUSED],
    ['the host *.example.com itself', '*.example.com', '/', REFUSED],
    ['a host that starts with a star', '*cust7.example.com', '/', REFUSED],
    ['no host', '', '/prod', REFUSED],
    ['an unknown host', 'nobody.test', '/prod', REFUSED],
    ['a path that is not percent-encoded UTF-8', 'ws.example.com', '/%ff', REFUSED],
    ['the default endpoint', ENDPOINT, '/prod', 'aaa/prod by execute-api, rest []'],
    ['the default endpoint with a slash behind', ENDPOINT, '/prod/', 'aaa/prod by execute-api, rest []'],
    ['the default endpoint with more behind', ENDPOINT, '/prod/room', 'aaa/prod by execute-api, rest [room]'],
    ['the default endpoint without a stage', ENDPOINT, '/', REFUSED],
    ['the default endpoint with another stage', ENDPOINT, '/test', REFUSED],
    ['stage names know upper from lower case', ENDPOINT, '/PROD', REFUSED],
    ['an API that is not there', 'zzz.execute-api.us-east-1.localhost', '/prod', REFUSED],
    ['the wrong region', 'aaa.execute-api.eu-west-1.localhost', '/prod', REFUSED],
    ['an API of another region', 'far.execute-api.eu-west-1.localhost', '/prod', 'far/prod by execute-api, rest []'],
    ['another suffix', 'aaa.execute-api.us-east-1.amazonaws.com', '/prod', REFUSED],
    ['another service', 'aaa.lambda.us-east-1.localhost', '/prod', REFUSED],
    ['one label too many', 'x.aaa.execute-api.us-east-1.localhost', '/prod', REFUSED],
    ['one label too few', 'aaa.execute-api.localhost', '/prod', REFUSED],
    ['the Regional name of a domain', 'd-14.execute-api.us-east-1.localhost', '/prod', REFUSED],
    ['the path form', 'localhost', '/_aws/execute-api/aaa/prod', 'aaa/prod by execute-api, rest []'],
    ['the path form on IPv4', '127.0.0.1', '/_aws/execute-api/aaa/beta/', 'aaa/beta by execute-api, rest []'],
    ['the path form on IPv6', '[::1]', '/_aws/execute-api/far/prod/x', 'far/prod by execute-api, rest [x]'],
    ['the path form without a stage', 'localhost', '/_aws/execute-api/aaa', REFUSED],
    ['the path form without an API', 'localhost', '/_aws/execute-api', REFUSED],
    ['the path form on a host that is not local', 'nobody.test', '/_aws/execute-api/aaa/prod', REFUSED],
    ['half of the path form', 'localhost', '/_aws/aaa/prod', REFUSED],
    ['a disabled default endpoint', 'shut.execute-api.us-east-1.localhost', '/prod', REFUSED],
    ['the path form of a disabled one', 'localhost', '/_aws/execute-api/shut/prod', REFUSED],
    [
      'a custom domain of an API whose endpoint is disabled',
      'shut.example.com',
      '/',
      'shut/prod by custom-domain, rest []',
    ],
  ];
  for (const [name, host, path, expected] of rows) {
    test(`${name}: ${host}${path}`, () => {
      assert.equal(said(resolve(SNAPSHOT, SUFFIX, host, path)), expected);
    });
  }

  test('names in its reason the host and the path that nothing fits', () => {
    const refused = resolve(SNAPSHOT, SUFFIX, 'rootless.example.com', '/prod/x');
    assert.ok(isRefusal(refused));
    assert.match(refused.reason, /rootless\.example\.com .*\/prod\/x/);
    assert.equal(refused.message, undefined, 'the reason is for the log, never for the client');
  });

  test('follows another suffix when it is given one', () => {
    const found = resolve(SNAPSHOT, 'ws.corp.test', 'aaa.execute-api.us-east-1.ws.corp.test', '/prod');
    assert.equal(said(found), 'aaa/prod by execute-api, rest []');
  });

  test('always takes the longest key that is a whole-segment prefix', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', 'a-b');
    const segments = fc.array(segment, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(
          segments.map((key) => key.join('/')),
          { maxLength: 8 },
        ),
        fc.boolean(),
        segments,
        (keys, hasRoot, path) => {
          const mappings = Object.fromEntries(
            [...keys, ...(hasRoot ? [''] : [])].map((key) => [key, `aaa/${key.replaceAll('/', '.') || 'root'}`]),
          );
          const stages = Object.values(mappings).map((target) => stage('aaa', target.slice('aaa/'.length)));
          const table = snapshotOf(api('aaa'), domain('d.test', mappings), ...stages);
          const text = path.join('/');
          const fits = keys
            .filter((key) => text === key || text.startsWith(`${key}/`))
            .sort((a, b) => b.length - a.length);
          const key = fits[0] ?? (hasRoot ? '' : undefined);
          const rest = key === '' ? path : path.slice(key?.split('/').length ?? 0);
          const expected =
            key === undefined
              ? REFUSED
              : `aaa/${key.replaceAll('/', '.') || 'root'} by custom-domain, rest [${rest.join('|')}]`;
          assert.equal(said(resolve(table, SUFFIX, 'd.test', `/${text}`)), expected);
        },
      ),
    );
  });
});

describe('resolveCallback', () => {
  const rows: readonly [name: string, host: string, path: string, expected: string][] = [
    ['behind a stage', ENDPOINT, '/prod/@connections/id', 'aaa/prod id'],
    ['behind another stage of the API', ENDPOINT, '/beta/@connections/id', 'aaa/beta id'],
    ['behind the path form', 'localhost', '/_aws/execute-api/aaa/prod/@connections/id', 'aaa/prod id'],
    ['with an encoded @', ENDPOINT, '/prod/%40connections/id', 'aaa/prod id'],
    ['with an encoded id', ENDPOINT, '/prod/@connections/id%3D%3D', 'aaa/prod id=='],
    ['an id decoded once only', ENDPOINT, '/prod/@connections/id%253D', 'aaa/prod id%3D'],
    ['behind the root mapping', 'ws.example.com', '/@connections/id', 'aaa/prod id'],
    ['behind a key', 'ws.example.com', '/v1/@connections/id', 'bbb/prod id'],
    ['behind a deep key', 'ws.example.com', '/v1/deep/er/@connections/id', 'aaa/beta id'],
    ['behind a wildcard', 'cust7.example.com', '/@connections/id', 'bbb/prod id'],
    [
      'behind a stage under a custom domain: every API mapped there',
      'ws.example.com',
      '/prod/@connections/id',
      'bbb/prod,aaa/prod id',
    ],
    ['behind a stage that one of them has', 'ws.example.com', '/only-b/@connections/id', 'bbb/only-b id'],
    ['behind a stage without a root mapping', 'rootless.example.com', '/prod/@connections/id', 'aaa/prod id'],
    ['behind a stage that none of them has', 'ws.example.com', '/none/@connections/id', REFUSED],
    ['behind a sibling stage that no mapping names', 'rootless.example.com', '/beta/@connections/id', 'aaa/beta id'],
    ['an absent stage', ENDPOINT, '/none/@connections/id', REFUSED],
    ['nothing behind the stage', ENDPOINT, '/prod', REFUSED],
    ['no id', ENDPOINT, '/prod/@connections', REFUSED],
    ['more behind the id', ENDPOINT, '/prod/@connections/id/x', REFUSED],
    ['another word', ENDPOINT, '/prod/connections/id', REFUSED],
    ['a domain without mappings', 'bare.example.com', '/prod/@connections/id', REFUSED],
    ['an unknown host', 'nobody.test', '/prod/@connections/id', REFUSED],
    ['a disabled default endpoint', 'shut.execute-api.us-east-1.localhost', '/prod/@connections/id', REFUSED],
    ['the domain of an API whose endpoint is disabled', 'shut.example.com', '/@connections/id', 'shut/prod id'],
  ];
  for (const [name, host, path, expected] of rows) {
    test(`${name}: ${host}${path}`, () => {
      const found = resolveCallback(SNAPSHOT, SUFFIX, host, path);
      if (isRefusal(found)) return assert.equal(`${found.code} at ${found.step}`, expected);
      const stages = found.stages.map(({ api: owner, stageName }) => `${owner.apiId}/${stageName}`);
      const [wanted, id] = expected.split(' ') as [string, string];
      assert.deepEqual(stages.sort(), wanted.split(',').sort());
      assert.equal(found.connectionId, id);
    });
  }
});

describe('currentDeployment', () => {
  const rows: readonly [name: string, apiId: string, stageName: string, expected: string][] = [
    ['the one its stage points at', 'aaa', 'prod', 'd1'],
    ['none, without a stage', 'aaa', 'none', REFUSED],
    ['none, when the stage never had one', 'bbb', 'only-b', REFUSED],
    ['none, when the stage points at nothing', 'bbb', 'prod', REFUSED],
  ];
  for (const [name, apiId, stageName, expected] of rows) {
    test(name, () => {
      const found = currentDeployment(SNAPSHOT, apiId, stageName);
      assert.equal(isRefusal(found) ? `${found.code} at ${found.step}` : found.deploymentId, expected);
    });
  }
});

describe('keyPairFor', () => {
  const listener = (key: string, value: string): Entry => ({ table: 'listener', key, value });
  const certificate = (name: string): Entry => ({
    table: 'certificate',
    key: `arn:${name}`,
    value: { arn: `arn:${name}`, keyPairReference: `pair of ${name}` },
  });
  const table = snapshotOf(
    domain('ws.example.com', {}),
    domain('*.example.com', {}),
    domain('pending.example.com', {}),
    certificate('ws.example.com'),
    certificate('*.example.com'),
    listener('', 'default pair'),
    listener('*.execute-api.us-east-1.localhost', 'pair of us-east-1'),
    listener('*.execute-api.eu-west-1.localhost', 'pair of eu-west-1'),
  );
  const rows: readonly [serverName: string, expected: string][] = [
    ['ws.example.com', 'pair of ws.example.com'],
    ['cust7.example.com', 'pair of *.example.com'],
    ['pending.example.com', 'default pair'],
    ['a.b.example.com', 'default pair'],
    ['*.example.com', 'default pair'],
    ['aaa.execute-api.us-east-1.localhost', 'pair of us-east-1'],
    ['d-14.execute-api.eu-west-1.localhost', 'pair of eu-west-1'],
    ['aaa.execute-api.ap-south-1.localhost', 'default pair'],
    ['localhost', 'default pair'],
    ['nobody.test', 'default pair'],
    ['', 'default pair'],
  ];
  for (const [serverName, expected] of rows) {
    test(`the server name '${serverName}' is shown the ${expected}`, () =>
      assert.equal(keyPairFor(table, serverName), expected));
  }

  test('there is none before the default one is made', () => {
    assert.equal(keyPairFor(snapshotOf(), 'nobody.test'), undefined);
  });
});

describe('pathSegments', () => {
  const rows: readonly [path: string, expected: string[] | undefined][] = [
    ['/', ['']],
    ['/a/b', ['a', 'b']],
    ['/a/', ['a', '']],
    ['//a', ['', 'a']],
    ['/%40connections/x%3D', ['@connections', 'x=']],
    ['/%E2%82%AC', ['€']],
    ['/%', undefined],
    ['/%E2%82', undefined],
  ];
  for (const [path, expected] of rows) {
    test(`${path} is ${JSON.stringify(expected) ?? 'refused'}`, () => assert.deepEqual(pathSegments(path), expected));
  }
});
