// `sallyport explain` names the cause of every broken set-up and the command that mends it: the set-ups are made through the
// public operations, the command line is the real one, and what it says to type is typed.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { CreateDeploymentCommand, CreateStageCommand, UpdateApiCommand } from '@aws-sdk/client-apigatewayv2';
import { foreignAuthority } from '../harness/certificates.ts';
import { paste, sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
  requestCertificate,
  type MadeDomain,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { missing } from '../harness/peers.ts';
import { ask, makeApi, mock, openSocket, RefusedHandshake } from '../harness/sockets.ts';
import { startBrokenDns } from './broken-dns.ts';

const skip = missing('aws');
const brokenDns = await startBrokenDns({ after });
const gateway = await startTestGateway({ after }, ['--clock', 'movable', '--resolver', brokenDns.server]);
const { clients } = gateway;
const zoneId = await makeHostedZone(clients, 'example.com');
const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });
const authority = await foreignAuthority({ after });
/** Where commands are pasted. */
const cwd = temporaryDirectory({ after });

interface Explained {
  readonly isGood: boolean;
  readonly cause?: string;
  readonly fix?: string;
  readonly steps: { step: string; isGood: boolean; found: string }[];
}

async function explain(url: string, env: NodeJS.ProcessEnv = {}): Promise<Explained> {
  const { stdout, stderr } = await sallyport(['explain', url, '--json', '--endpoint', gateway.endpoint], { env });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Explained;
}

async function detailOf(arn: string): Promise<unknown> {
  const { stdout } = await sallyport(['certificates', 'show', arn, '--json', '--endpoint', gateway.endpoint]);
  return (JSON.parse(stdout) as [unknown])[0];
}

/** The fix as it is printed for people, run by a shell. */
async function mend(url: string): Promise<void> {
  const { code, stdout } = await sallyport(['explain', url, '--endpoint', gateway.endpoint]);
  assert.equal(code, 1, stdout);
  const line = /^fix +(?:.*, or: )?(aws .*)$/m.exec(stdout)?.[1];
  assert.ok(line, stdout);
  const pasted = await paste(line, { cwd });
  assert.equal(pasted.code, 0, `${line}\n${pasted.stderr}`);
}

function failing(explained: Explained): string[] {
  return explained.steps.filter((step) => !step.isGood).map((step) => step.step);
}

/** The set-up has exactly this mistake; after the command that is shown, the chain is whole. */
async function assertMended(url: string, step: string, cause: string | RegExp): Promise<void> {
  const explained = await explain(url);
  assert.deepEqual(failing(explained), [step], JSON.stringify(explained));
  if (typeof cause === 'string') assert.equal(explained.cause, cause);
  else assert.match(explained.cause!, cause);
  await mend(url);
  const now = await explain(url);
  assert.ok(now.isGood, JSON.stringify(now));
}

interface Made {
  readonly key?: string;
  readonly record?: boolean;
  readonly target?: { apiId: string; stage: string };
  readonly mapped?: boolean;
}

/** A domain name with all its links, but for those that are left out. */
async function makeDomain(
  name: string,
  { key = 'chat', record = true, target = api, mapped = true }: Made = {},
): Promise<MadeDomain> {
  const made = await createDomain(clients, name, await issueCertificate(clients, zoneId, name));
  if (record) await putRecord(clients, zoneId, aliasRecord(name, made));
  if (mapped) await mapDomain(clients, name, key, target);
  return made;
}

function addressRecord(Name: string, Value: string) {
  return putRecord(clients, zoneId, { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value }] });
}

test('a chain without a fault is explained link by link, and exits 0', async () => {
  await makeDomain('good.example.com');
  const { code, stdout } = await sallyport(['explain', 'wss://good.example.com/chat', '--endpoint', gateway.endpoint]);
  assert.equal(code, 0, stdout);
  const steps = [...stdout.matchAll(/^✓ (\w+) +(.*)$/gm)].map(([, step, found]) => [step, found!] as const);
  const words: readonly [step: string, found: RegExp][] = [
    ['dns', /^127\.0\.0\.1 \(asked 127\.0\.0\.1:\d+\)$/],
    [
      'tls',
      /^good\.example\.com, valid until 20\d\d-\d\d-\d\d, chain good\.example\.com, issued by Sallyport local CA \w+$/,
    ],
    ['host', /^exactly good\.example\.com \(d-[a-z0-9]{10}\.execute-api\.us-east-1\.localhost\)$/],
    [
      'mapping',
      new RegExp(`^/chat → ${api.apiId} by the key 'chat', the longest that matches whole segments \\(of 1\\)$`),
    ],
    ['stage', new RegExp(`^test of ${api.apiId}$`)],
    ['deployment', /^[a-z0-9]+, routes \$default$/],
    ['connect', /^no \$connect route: everybody is let in$/],
  ];
  assert.deepEqual(
    steps.map(([step]) => step),
    words.map(([step]) => step),
  );
  for (const [position, [, found]] of words.entries()) assert.match(steps[position]![1], found);
});

test('from an empty zone and an API, what is shown step by step leads to a connection', { skip }, async () => {
  const url = 'wss://fresh.example.com/chat';
  const causes: string[] = [];
  for (;;) {
    const { isGood, cause } = await explain(url);
    if (isGood) break;
    causes.push(cause!.replace(/arn:\S+/, 'ARN').replace(/: .*/s, ''));
    assert.ok(causes.length <= 12, causes.join('\n'));
    await mend(url);
  }
  // A certificate that was proven may be looked at once more before it is issued.
  assert.deepEqual(
    [...new Set(causes)],
    [
      'fresh.example.com has no certificate',
      'the certificate ARN for fresh.example.com is PENDING_VALIDATION, so the domain name cannot be created yet',
      'the custom domain name fresh.example.com was not created',
      'there is no DNS record for fresh.example.com',
      'fresh.example.com has no API mapping for /chat and no root mapping',
    ],
  );
  const client = await openSocket(gateway, `wss://fresh.example.com:${gateway.tlsPort}/chat`);
  assert.equal(await ask(client, '{}'), 'hello');
  client.socket.terminate();
});

describe('each broken set-up is named, and what is shown mends it', { skip }, () => {
  test('no record', async () => {
    await makeDomain('norecord.example.com', { record: false });
    await assertMended('wss://norecord.example.com/chat', 'dns', 'there is no DNS record for norecord.example.com');
  });

  test('a record to the default host of the API', async () => {
    const name = 'wrongtarget.example.com';
    await makeDomain(name, { record: false });
    const Value = `${api.apiId}.execute-api.us-east-1.localhost`;
    await putRecord(clients, zoneId, { Name: name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] });
    const cause = `the record leads to ${Value}, the API's default host, whose certificate is not for ${name}`;
    await assertMended(`wss://${name}/chat`, 'dns', cause);
  });

  test('a record at an old address', async () => {
    const name = 'old.example.com';
    await makeDomain(name, { record: false });
    await addressRecord(name, '192.0.2.1');
    await assertMended(`wss://${name}/chat`, 'dns', `${name} leads to 192.0.2.1, and this gateway is at 127.0.0.1`);
  });

  test('no address at the apex, where only an alias works', async () => {
    await makeDomain('example.com', { record: false });
    const cause = 'the zone has no address record at its apex example.com';
    await assertMended('wss://example.com/chat', 'dns', cause);
  });

  test('a wildcard whose zone lacks the wildcard record', async () => {
    await makeDomain('*.tenants.example.com', { record: false });
    const cause =
      'there is no DNS record for cust7.tenants.example.com: the wildcard record *.tenants.example.com is missing';
    await assertMended('wss://cust7.tenants.example.com/chat', 'dns', cause);
  });

  test('a certificate that has expired', async () => {
    const name = 'expired.example.com';
    const arn = await importCertificate(clients, await authority.leaf([name], { days: 3 }));
    await putRecord(clients, zoneId, aliasRecord(name, await createDomain(clients, name, arn)));
    await mapDomain(clients, name, 'chat', api);
    assert.ok((await explain(`wss://${name}/chat`)).isGood);
    await gateway.advance('72h');
    // The command names files; these are the ones of whoever pastes it.
    const next = await authority.leaf([name]);
    writeFileSync(`${cwd}/certificate.pem`, next.certificatePem);
    writeFileSync(`${cwd}/key.pem`, next.keyPem);
    await assertMended(`wss://${name}/chat`, 'tls', new RegExp(`^the certificate ${arn} expired on 20`));
  });

  test('a certificate that does not cover the name any more, while another one does', async () => {
    const name = 'uncovered.example.com';
    const arn = await importCertificate(clients, await authority.leaf([name, 'kept.example.com']));
    await putRecord(clients, zoneId, aliasRecord(name, await createDomain(clients, name, arn)));
    await mapDomain(clients, name, 'chat', api);
    await importCertificate(clients, await authority.leaf(['kept.example.com']), arn);
    await issueCertificate(clients, zoneId, name);
    await assertMended(`wss://${name}/chat`, 'tls', `the certificate ${arn} does not cover ${name}`);
  });

  test('a certificate that does not cover the name any more, while the next one waits for its record', async () => {
    const name = 'waiting.example.com';
    const arn = await importCertificate(clients, await authority.leaf([name, 'held.example.com']));
    await putRecord(clients, zoneId, aliasRecord(name, await createDomain(clients, name, arn)));
    await mapDomain(clients, name, 'chat', api);
    await importCertificate(clients, await authority.leaf(['held.example.com']), arn);
    const next = await requestCertificate(clients, name);
    const url = `wss://${name}/chat`;
    const waits = await eventually('the name was looked up', async () => {
      const explained = await explain(url);
      return explained.cause?.includes('NXDOMAIN') ? explained : undefined;
    });
    assert.deepEqual(failing(waits), ['tls']);
    const start = `the certificate ${arn} does not cover ${name}, and ${next} for it is PENDING_VALIDATION: _`;
    assert.ok(waits.cause!.startsWith(start), waits.cause);
    assert.match(waits.cause!, /; create the CNAME .*; next try 20\S+Z$/);
    await mend(url);
    await eventually('the fix is to use it', async () =>
      (await explain(url)).fix?.includes(`CertificateArn=${next}`) ? true : undefined,
    );
    await mend(url);
    assert.ok((await explain(url)).isGood);
  });

  test('no mapping at all', async () => {
    const name = 'unmapped.example.com';
    await makeDomain(name, { mapped: false });
    await assertMended(`wss://${name}/chat`, 'mapping', `${name} has no API mapping for /chat and no root mapping`);
  });

  const keys: readonly [what: string, path: string, cause: string][] = [
    ['another key', '/other', 'keys.example.com has no API mapping for /other and no root mapping'],
    ['the wrong case of a key', '/orders/live', "keys are case-sensitive: it is 'orders/Live'"],
    [
      'the wrong level of a key',
      '/orders',
      "whole segments are compared, and 'orders/Live' is another level than 'orders'",
    ],
    [
      'a key without its first level',
      '/Live',
      "whole segments are compared, and 'orders/Live' is another level than 'Live'",
    ],
    [
      'a path behind a key',
      '/orders/Live/room/1',
      'WebSocket APIs take no path behind the mapping key, and /room/1 is left of /orders/Live/room/1',
    ],
  ];
  test(`the keys: ${keys.map(([what]) => what).join(', ')}`, async () => {
    await makeDomain('keys.example.com', { key: 'orders/Live' });
    const right = `connect to wss://keys.example.com/orders/Live, or: aws --endpoint-url ${gateway.endpoint} apigatewayv2 create-api-mapping `;
    // Each is looked at before the first is mended, which maps one more key.
    for (const [what, path, cause] of keys) {
      const explained = await explain(`wss://keys.example.com${path}`);
      assert.deepEqual(failing(explained), ['mapping'], what);
      assert.equal(explained.cause, cause);
      if (what !== 'another key') assert.ok(explained.fix!.startsWith(right), explained.fix);
    }
    for (const [, path] of keys) {
      await mend(`wss://keys.example.com${path}`);
      assert.ok((await explain(`wss://keys.example.com${path}`)).isGood, path);
    }
  });

  test('a stage without a deployment', async () => {
    await clients.gateway.send(new CreateStageCommand({ ApiId: api.apiId, StageName: 'empty' }));
    await makeDomain('nodeployment.example.com', { target: { apiId: api.apiId, stage: 'empty' } });
    const cause = `the stage empty of ${api.apiId} has no deployment`;
    await assertMended('wss://nodeployment.example.com/chat', 'deployment', cause);
  });

  test('a default endpoint that is disabled', async () => {
    const { apiId: ApiId, stage: StageName } = await makeApi(clients, { $default: { target: mock('x') } });
    await clients.gateway.send(new UpdateApiCommand({ ApiId, DisableExecuteApiEndpoint: true }));
    await clients.gateway.send(new CreateDeploymentCommand({ ApiId, StageName }));
    const url = `wss://${ApiId}.execute-api.us-east-1.localhost/${StageName}`;
    await mapDomain(clients, 'good.example.com', 'instead', { apiId: ApiId, stage: StageName });
    assert.match((await explain(url)).fix!, /^connect to wss:\/\/good\.example\.com\/instead, or: aws --endpoint-url /);
    await assertMended(url, 'host', `the default endpoint of ${ApiId} is disabled`);
  });

  test('a domain name that uses routing rules alone', async () => {
    const name = 'rules.example.com';
    await makeDomain(name);
    const only = await paste(
      `aws --endpoint-url ${gateway.endpoint} apigatewayv2 get-domain-name --domain-name ${name}`,
    );
    assert.equal((JSON.parse(only.stdout) as { DomainName: string }).DomainName, name);
    const { UpdateDomainNameCommand } = await import('@aws-sdk/client-apigatewayv2');
    await clients.gateway.send(new UpdateDomainNameCommand({ DomainName: name, RoutingMode: 'ROUTING_RULE_ONLY' }));
    const explained = await explain(`wss://${name}/chat`);
    assert.deepEqual(failing(explained), ['mapping']);
    assert.match(
      explained.fix!,
      /update-domain-name --domain-name rules\.example\.com --routing-mode API_MAPPING_ONLY$/,
    );
  });
});

test('a CNAME at the apex of a zone at another provider', async () => {
  const name = brokenDns.apex;
  const arn = await importCertificate(clients, await authority.leaf([name]));
  await createDomain(clients, name, arn);
  await mapDomain(clients, name, 'chat', api);
  const explained = await explain(`wss://${name}/chat`);
  assert.deepEqual(failing(explained), ['dns']);
  assert.equal(explained.cause, `${name} is the apex of its zone, where a CNAME is not allowed; use an alias`);
  assert.match(explained.fix!, /^create this record at your DNS provider .*: Type ALIAS or ANAME · Name apex\.test · /);
});

test('a CNAME below the apex of that zone is no mistake, although its target is an apex', async () => {
  const name = `www.${brokenDns.apex}`;
  const arn = await importCertificate(clients, await authority.leaf([name]));
  await createDomain(clients, name, arn);
  await mapDomain(clients, name, 'chat', api);
  const { isGood, steps } = await explain(`wss://${name}/chat`);
  assert.ok(isGood, JSON.stringify(steps));
});

test('a $connect that refuses, once a client was refused by it; no backend is called to find out', async () => {
  let calls = 0;
  const backend = createServer((_, response) => {
    calls += 1;
    response.writeHead(403).end('{}');
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  after(() => backend.close());
  const uri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`;
  const target = await makeApi(clients, {
    $connect: { target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'GET', IntegrationUri: uri } },
  });
  await makeDomain('refusing.example.com', { target });
  assert.ok((await explain('wss://refusing.example.com/chat')).isGood, 'nobody was refused yet');
  await assert.rejects(openSocket(gateway, `wss://refusing.example.com:${gateway.tlsPort}/chat`), RefusedHandshake);
  const explained = await explain('wss://refusing.example.com/chat');
  assert.deepEqual(failing(explained), ['connect']);
  assert.match(
    explained.cause!,
    /^the last handshake was refused at \S+: the \$connect integration answered 403 \(request \S+=\)$/,
  );
  assert.match(
    explained.fix!,
    /^aws --endpoint-url \S+ apigatewayv2 get-integration --api-id \w+ --integration-id \w+$/,
  );
  assert.match(explained.steps.at(-1)!.found, /^\$connect → HTTP_PROXY, no authorization$/);
  await mapDomain(clients, 'refusing.example.com', 'other', api);
  assert.ok((await explain('wss://refusing.example.com/other')).isGood, 'another stage of the name is not blamed');
  assert.equal(calls, 1);
});

test('a certificate that is pending tells what was looked up, at which server, and what came back', async () => {
  const arn = await requestCertificate(clients, 'pending.example.com');
  let cause: string | undefined;
  do ({ cause } = await explain('wss://pending.example.com/chat'));
  while (!cause?.includes('NXDOMAIN'));
  const want = `the certificate ${arn} for pending.example.com is PENDING_VALIDATION, so the domain name cannot be created yet: _`;
  assert.ok(cause.startsWith(want), cause);
  assert.match(
    cause,
    /\.pending\.example\.com\. CNAME, asked 127\.0\.0\.1:\d+: there is no such name \(NXDOMAIN\); create the CNAME .* in hosted zone Z\w+ \(example\.com\.\); next try 20/,
  );
});

test('a CAA record of an own zone in the way is mended first, and then the certificate is asked for once more', async () => {
  const name = 'caa.example.com';
  const values = [{ Value: '0 issue "somebody.else"' }];
  await putRecord(clients, zoneId, { Name: name, Type: 'CAA', TTL: 60, ResourceRecords: values });
  const arn = await requestCertificate(clients, name);
  const { validations } = (await detailOf(arn)) as { validations: { record: string }[] };
  const [Name, , , , Value] = validations[0]!.record.split(' ');
  await putRecord(clients, zoneId, { Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] });
  const url = `wss://${name}/chat`;
  const failed = await eventually('it has failed', async () => {
    const explained = await explain(url);
    return explained.cause?.includes(' is FAILED: ') ? explained : undefined;
  });
  assert.ok(failed.cause!.startsWith(`the certificate ${arn} for ${name} is FAILED: it failed: CAA_ERROR; `));
  const mends =
    /^aws --endpoint-url \S+ route53 .*"0 issue \\"amazon\.com\\"".* && aws --endpoint-url \S+ acm request-certificate /;
  assert.match(failed.fix!, mends);
  const listed = (await detailOf(arn)) as { next: string; cause: string };
  assert.equal(listed.next, failed.fix);
  assert.match(
    listed.cause,
    /^it failed: CAA_ERROR; the CAA records of caa\.example\.com \(issue "somebody\.else"\) allow none of /,
  );
  if (skip !== false) return;
  await mend(url);
  await eventually('the next one is issued', async () =>
    (await explain(url)).cause === `the custom domain name ${name} was not created` ? true : undefined,
  );
  const over = (await detailOf(arn)) as { next: string };
  assert.equal(over.next, `aws --endpoint-url ${gateway.endpoint} acm delete-certificate --certificate-arn ${arn}`);
});

test('the path form of a default endpoint is explained as it is served', async () => {
  const form = `wss://localhost:${gateway.tlsPort}/_aws/execute-api/${api.apiId}`;
  assert.ok((await explain(`${form}/${api.stage}`)).isGood);
  const wrong = await explain(`${form}/none`);
  assert.deepEqual([failing(wrong), wrong.cause], [['host'], 'no API of yours has that stage']);
});

test('another account learns nothing, and what is no name or no wss URL is said so', async () => {
  const stranger = await explain('wss://good.example.com/chat', {
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  assert.equal(stranger.cause, 'good.example.com has no certificate');
  assert.ok(!JSON.stringify(stranger).includes(api.apiId));
  const notSecure = await explain('https://good.example.com/');
  assert.equal(notSecure.cause, "'https://good.example.com/' is not a wss:// URL");
  assert.match(
    (await explain(`wss://${'a'.repeat(64)}.example.com/`)).cause!,
    /is no host name: labels hold .* 63 at most$/,
  );
});
