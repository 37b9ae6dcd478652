// `sallyport explain` names the cause of every broken set-up, and the command that mends it; `sallyport domains` rolls it up.
// The set-ups are made through the public operations, and the command line is the real one.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  CreateApiMappingCommand,
  CreateDeploymentCommand,
  CreateDomainNameCommand,
  CreateStageCommand,
  UpdateApiCommand,
} from '@aws-sdk/client-apigatewayv2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { makeApi, mock, openSocket, RefusedHandshake } from '../harness/sockets.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/sallyport.cjs', import.meta.url));
const ends: (() => unknown)[] = [];
let gateway: TestGateway;
let zoneId: string;
let api: { apiId: string; stage: string };

before(async () => {
  gateway = await startTestGateway({ after: (end) => ends.unshift(end) });
  const zone = await gateway.clients.route53.send(
    new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'zone' }),
  );
  zoneId = zone.HostedZone!.Id!.replace('/hostedzone/', '');
  api = await makeApi(gateway.clients, { $default: { target: mock('hello'), isTwoWay: true } });
});
after(async () => {
  for (const end of ends) await end();
});

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [LAUNCHER, ...args, '--endpoint', gateway.endpoint], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}

interface Explained {
  readonly isGood: boolean;
  readonly cause?: string;
  readonly fix?: string;
  readonly steps: { step: string; isGood: boolean; found: string; cause?: string; fix?: string }[];
}

async function explain(url: string): Promise<Explained> {
  const { stdout, stderr } = await run('explain', url, '--json');
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Explained;
}

function putRecord(record: ResourceRecordSet): Promise<unknown> {
  return gateway.clients.route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
    }),
  );
}

async function requestCertificate(...names: string[]): Promise<string> {
  const [DomainName, ...SubjectAlternativeNames] = names;
  const { CertificateArn } = await gateway.clients.acm.send(
    new RequestCertificateCommand({
      DomainName,
      ValidationMethod: 'DNS',
      KeyAlgorithm: 'EC_prime256v1',
      ...(SubjectAlternativeNames.length > 0 ? { SubjectAlternativeNames } : {}),
    }),
  );
  return CertificateArn!;
}

async function issueCertificate(...names: string[]): Promise<string> {
  const CertificateArn = await requestCertificate(...names);
  const { Certificate: pending } = await gateway.clients.acm.send(new DescribeCertificateCommand({ CertificateArn }));
  for (const { ResourceRecord } of pending!.DomainValidationOptions!) {
    const { Name, Type, Value } = ResourceRecord!;
    await putRecord({ Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
  }
  await eventually('the certificate is issued', async () => {
    const { Certificate: now } = await gateway.clients.acm.send(new DescribeCertificateCommand({ CertificateArn }));
    return now!.Status === 'ISSUED' ? now : undefined;
  });
  return CertificateArn;
}

interface Made {
  readonly record?: boolean;
  readonly key?: string;
  readonly mapped?: boolean;
  readonly target?: { apiId: string; stage: string };
}

/** A custom domain name, with its alias record and mapping unless they are left out. */
async function makeDomain(
  name: string,
  { record = true, key = 'chat', mapped = true, target = api }: Made = {},
): Promise<string> {
  const CertificateArn = await issueCertificate(name);
  const created = await gateway.clients.gateway.send(
    new CreateDomainNameCommand({ DomainName: name, DomainNameConfigurations: [{ CertificateArn }] }),
  );
  const { ApiGatewayDomainName, HostedZoneId } = created.DomainNameConfigurations![0]!;
  if (record) {
    const AliasTarget = { HostedZoneId, DNSName: ApiGatewayDomainName, EvaluateTargetHealth: false };
    await putRecord({ Name: name, Type: 'A', AliasTarget });
  }
  if (mapped) {
    const { apiId: ApiId, stage: Stage } = target;
    await gateway.clients.gateway.send(
      new CreateApiMappingCommand({ DomainName: name, ApiMappingKey: key, ApiId, Stage }),
    );
  }
  return ApiGatewayDomainName!;
}

function failing(explained: Explained): string[] {
  return explained.steps.filter((step) => !step.isGood).map((step) => step.step);
}

test('a chain without a fault is explained link by link, and exits 0', async () => {
  await makeDomain('good.example.com');
  const { code, stdout } = await run('explain', 'wss://good.example.com/chat');
  assert.equal(code, 0, stdout);
  assert.deepEqual(
    [...stdout.matchAll(/^✓ (\w+)/gm)].map((match) => match[1]),
    ['dns', 'tls', 'host', 'mapping', 'deployment', 'connect'],
  );
});

test('no record: the alias to create is named', async () => {
  const regional = await makeDomain('norecord.example.com', { record: false });
  const explained = await explain('wss://norecord.example.com/chat');
  assert.deepEqual(failing(explained), ['dns']);
  assert.equal(explained.cause, 'there is no DNS record for norecord.example.com');
  assert.match(
    explained.fix!,
    new RegExp(`change-resource-record-sets --hosted-zone-id ${zoneId} .*"DNSName":"${regional}"`),
  );
});

test('a record to the default host of the API', async () => {
  await makeDomain('wrongtarget.example.com', { record: false });
  const target = `${api.apiId}.execute-api.us-east-1.localhost`;
  await putRecord({ Name: 'wrongtarget.example.com', Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: target }] });
  const explained = await explain('wss://wrongtarget.example.com/chat');
  assert.equal(
    explained.cause,
    `the record leads to ${target}, the API's default host, whose certificate is not for wrongtarget.example.com`,
  );
});

test('a record at an old address', async () => {
  await makeDomain('old.example.com', { record: false });
  await putRecord({ Name: 'old.example.com', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] });
  const explained = await explain('wss://old.example.com/chat');
  assert.equal(explained.cause, 'old.example.com leads to 192.0.2.1, and this gateway is at 127.0.0.1');
});

test('no address at the apex, where only an alias works', async () => {
  await makeDomain('example.com', { record: false });
  const explained = await explain('wss://example.com/chat');
  assert.equal(explained.cause, 'the zone has no address record at its apex example.com');
  assert.match(explained.fix!, /"AliasTarget"/);
});

test('a certificate that is pending, and one that was never asked for', async () => {
  const arn = await requestCertificate('pending.example.com');
  const pending = await explain('wss://pending.example.com/chat');
  assert.ok(failing(pending).includes('host'));
  assert.equal(pending.cause, `its certificate ${arn} is PENDING_VALIDATION, so the domain name cannot be created yet`);
  assert.equal(pending.fix, `create its validation CNAME: aws acm describe-certificate --certificate-arn ${arn}`);
  const absent = await explain('wss://absent.example.com/chat');
  assert.equal(absent.cause, 'it has no certificate');
  assert.equal(absent.fix, 'aws acm request-certificate --domain-name absent.example.com --validation-method DNS');
});

test('a domain name that was not created although its certificate is there', async () => {
  const arn = await issueCertificate('uncreated.example.com');
  const explained = await explain('wss://uncreated.example.com/chat');
  assert.equal(explained.cause, 'it was not created');
  assert.equal(
    explained.fix,
    `aws apigatewayv2 create-domain-name --domain-name uncreated.example.com --domain-name-configurations CertificateArn=${arn}`,
  );
});

test('no mapping, the wrong case of a key, the wrong level of a key, and a path behind a key', async () => {
  await makeDomain('keys.example.com', { key: 'orders/Live' });
  const rows: [path: string, cause: RegExp, fix: RegExp][] = [
    [
      '/other',
      /no API mapping for \/other and no root mapping/,
      /create-api-mapping --domain-name keys\.example\.com --api-mapping-key other/,
    ],
    ['/orders/live', /case-sensitive: it is 'orders\/Live'/, /^wss:\/\/keys\.example\.com\/orders\/Live$/],
    ['/orders', /'orders\/Live' is another level than 'orders'/, /^wss:\/\/keys\.example\.com\/orders\/Live$/],
    ['/orders/Live/room/1', /no path behind the mapping key, and \/room\/1 is left/, /leave it out/],
  ];
  for (const [path, cause, fix] of rows) {
    const explained = await explain(`wss://keys.example.com${path}`);
    assert.deepEqual(failing(explained), ['mapping'], path);
    assert.match(explained.cause!, cause);
    assert.match(explained.fix!, fix);
  }
});

test('a stage without a deployment', async () => {
  await gateway.clients.gateway.send(new CreateStageCommand({ ApiId: api.apiId, StageName: 'empty' }));
  await makeDomain('nodeployment.example.com', { target: { apiId: api.apiId, stage: 'empty' } });
  const explained = await explain('wss://nodeployment.example.com/chat');
  assert.deepEqual(failing(explained), ['deployment']);
  assert.equal(explained.cause, `the stage empty of ${api.apiId} has no deployment`);
  assert.equal(explained.fix, `aws apigatewayv2 create-deployment --api-id ${api.apiId} --stage-name empty`);
});

test('a default endpoint that is disabled', async () => {
  const other = await makeApi(gateway.clients, { $default: { target: mock('x') } });
  await gateway.clients.gateway.send(new UpdateApiCommand({ ApiId: other.apiId, DisableExecuteApiEndpoint: true }));
  await gateway.clients.gateway.send(new CreateDeploymentCommand({ ApiId: other.apiId, StageName: other.stage }));
  const explained = await explain(`wss://${other.apiId}.execute-api.us-east-1.localhost/${other.stage}`);
  assert.deepEqual(failing(explained), ['mapping']);
  assert.equal(explained.cause, `the default endpoint of ${other.apiId} is disabled`);
});

test('a $connect that refuses, once a client was refused by it; no backend is called to find out', async () => {
  let calls = 0;
  const backend = createServer((_, response) => {
    calls += 1;
    response.writeHead(403).end('{}');
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  ends.unshift(() => backend.close());
  const uri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`;
  const target = await makeApi(gateway.clients, {
    $connect: { target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'GET', IntegrationUri: uri } },
  });
  await makeDomain('refusing.example.com', { target });
  await assert.rejects(openSocket(gateway, `wss://refusing.example.com:${gateway.tlsPort}/chat`), RefusedHandshake);
  const explained = await explain('wss://refusing.example.com/chat');
  assert.deepEqual(failing(explained), ['connect']);
  assert.equal(explained.cause, 'the last handshake was refused: the $connect integration answered 403');
  assert.equal(calls, 1);
});

test('another account learns nothing, and what is no wss URL is said so', async () => {
  const child = spawn(
    process.execPath,
    [LAUNCHER, 'explain', 'wss://good.example.com/chat', '--json', '--endpoint', gateway.endpoint],
    {
      env: { ...process.env, AWS_ACCESS_KEY_ID: '111122223333', AWS_SECRET_ACCESS_KEY: 'test' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const stranger = JSON.parse(await text(child.stdout)) as Explained;
  assert.equal(stranger.cause, 'it has no certificate');
  assert.ok(!JSON.stringify(stranger).includes(api.apiId));
  assert.equal((await explain('https://good.example.com/')).cause, 'it is not a wss:// URL');
});

test('sallyport domains shows each domain with the one next action', async () => {
  const { code, stdout } = await run('domains');
  assert.equal(code, 1);
  assert.match(stdout, /^✓ good\.example\.com +\/chat$/m);
  assert.match(
    stdout,
    /^✗ norecord\.example\.com +\/chat\n +dns: there is no DNS record for norecord\.example\.com\n +next: aws route53 /m,
  );
});

test('a gateway that does not answer is one line', async () => {
  const child = spawn(process.execPath, [LAUNCHER, 'domains', '--endpoint', 'http://127.0.0.1:9'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, code] = await Promise.all([text(child.stderr), new Promise((resolve) => child.once('exit', resolve))]);
  assert.equal(code, 1);
  assert.match(stderr, /^sallyport: no gateway answers at http:\/\/127\.0\.0\.1:9 .*--endpoint\.\n$/);
});
