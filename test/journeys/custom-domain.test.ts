// Clients on custom domain names: which certificate they see, which stage the Host and the path lead to, and what changes for the
// next handshake, and for open sockets, when domain names, mappings and deployments change.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  CreateDeploymentCommand,
  CreateStageCommand,
  DeleteApiMappingCommand,
  DeleteDomainNameCommand,
  UpdateApiCommand,
  UpdateApiMappingCommand,
  UpdateDomainNameCommand,
} from '@aws-sdk/client-apigatewayv2';
import type { ClientOptions } from 'ws';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { eventually, next } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { ask, makeApi, openSocket, RefusedHandshake, type TestSocket } from '../harness/sockets.ts';
import { startTellingBackend, type Told } from './telling-backend.ts';

type Api = Awaited<ReturnType<typeof makeApi>>;

/** Options of the WebSocket client, with those of its TLS connection. */
type Options = ClientOptions & ConnectionOptions;

const { told, target } = await startTellingBackend({ after });
const gateway = await startTestGateway({ after });
/** The switches of the data plane, all of them. */
const switched = await startTestGateway({ after }, ['--strict-host', '--bare-domain-name', '--tls-max', '1.3']);

/** An API with stages `alpha` and `beta`, whose every event goes to the backend. */
async function makeToldApi(on: TestGateway = gateway): Promise<Api> {
  const api = await makeApi(
    on.clients,
    { $connect: { target }, $disconnect: { target }, $default: { target, isTwoWay: true } },
    'alpha',
  );
  await on.clients.gateway.send(new CreateStageCommand({ ApiId: api.apiId, StageName: 'beta' }));
  await on.clients.gateway.send(new CreateDeploymentCommand({ ApiId: api.apiId, StageName: 'beta' }));
  return api;
}

const { gateway: client } = gateway.clients;
const zoneId = await makeHostedZone(gateway.clients, 'example.com');

const issue = (name: string) => issueCertificate(gateway.clients, zoneId, name, { KeyAlgorithm: 'RSA_2048' });
const map = (name: string, key: string, { apiId, stage }: Api, asStage = stage) =>
  mapDomain(gateway.clients, name, key, { apiId, stage: asStage });

/** A domain name with a certificate and an alias record. Resolves to its Regional name. */
async function makeDomain(name: string): Promise<string> {
  const made = await createDomain(gateway.clients, name, await issue(name));
  await putRecord(gateway.clients, zoneId, aliasRecord(name, made));
  return made.regionalName;
}

const [apiA, apiB, strictApi] = [await makeToldApi(), await makeToldApi(), await makeToldApi(switched)];
const [regionalOne] = await Promise.all([
  makeDomain('one.example.com'),
  makeDomain('two.example.com'),
  makeDomain('*.tenants.example.com'),
]);
await makeDomain('vip.tenants.example.com');
await makeDomain('keys.example.com');
await map('keys.example.com', 'orders/v1/items', apiB, 'alpha');
await map('keys.example.com', 'orders/v2/items', apiA, 'beta');
await map('keys.example.com', 'orders', apiB, 'beta');
await map('one.example.com', '', apiA);
await map('one.example.com', 'nested/key', apiB, 'beta');
await map('two.example.com', '', apiB);
await map('*.tenants.example.com', '', apiA, 'beta');
await map('vip.tenants.example.com', '', apiB, 'beta');

function open(host: string, path = '/', options: Options = {}, on: TestGateway = gateway): Promise<TestSocket> {
  return openSocket(on, `wss://${host}:${on.tlsPort}${path}`, options);
}

function endpointOf({ apiId }: Api): string {
  return `${apiId}.execute-api.${REGION}.localhost`;
}

async function hear(socket: TestSocket): Promise<Told> {
  return JSON.parse(await ask(socket, '{}')) as Told;
}

/** `a alpha`: which API and stage answer. */
async function where(socket: TestSocket): Promise<string> {
  const { apiId: api, stage } = await hear(socket);
  return `${api === apiA.apiId ? 'a' : api === apiB.apiId ? 'b' : api} ${stage}`;
}

/** Where a handshake leads, or the status of its refusal. */
async function leads(host: string, path = '/', options: Options = {}): Promise<string> {
  try {
    const socket = await open(host, path, options);
    const found = await where(socket);
    socket.socket.terminate();
    return found;
  } catch (error) {
    if (!(error instanceof RefusedHandshake)) throw error;
    return String(error.status);
  }
}

/** The certificate and protocol of a TLS handshake that trusts our CA only, whatever name it shows. */
async function handshake(
  options: ConnectionOptions,
  on: TestGateway = gateway,
): Promise<{ certificate: PeerCertificate; protocol: string; alpn: string | false }> {
  const socket: TLSSocket = connectTls({
    host: '127.0.0.1',
    port: on.tlsPort,
    ca: on.ca,
    checkServerIdentity: () => undefined,
    ...options,
  });
  await next(socket, 'secureConnect');
  const seen = {
    certificate: socket.getPeerCertificate(),
    protocol: String(socket.getProtocol()),
    alpn: socket.alpnProtocol ?? false,
  };
  socket.destroy();
  return seen;
}

function management(endpoint: string): ApiGatewayManagementApiClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const httpsAgent = new Agent({ ca: gateway.ca, lookup: gateway.lookup });
  return new ApiGatewayManagementApiClient({
    endpoint,
    region: REGION,
    credentials,
    requestHandler: { httpsAgent },
    maxAttempts: 1,
  });
}

const DEFAULT_NAME = `DNS:*.execute-api.${REGION}.localhost`;

const caFile = join(temporaryDirectory({ after }), 'ca.pem');
writeFileSync(caFile, gateway.ca);

describe('which certificate a client sees', () => {
  const rows: readonly [name: string, servername: string | undefined, expected: string][] = [
    ['a domain name: its own', 'one.example.com', 'DNS:one.example.com'],
    ['another domain name: its own', 'two.example.com', 'DNS:two.example.com'],
    ['in upper case', 'ONE.example.COM', 'DNS:one.example.com'],
    ['under a wildcard: the wildcard’s', 'cust7.tenants.example.com', 'DNS:*.tenants.example.com'],
    ['an exact name beside the wildcard: its own', 'vip.tenants.example.com', 'DNS:vip.tenants.example.com'],
    ['two labels below a wildcard: the default one', 'a.cust7.tenants.example.com', DEFAULT_NAME],
    ['a default endpoint: the region’s', endpointOf(apiA), DEFAULT_NAME],
    ['a Regional name: the region’s', regionalOne, DEFAULT_NAME],
    ['an unknown name: the default one', 'nobody.test', DEFAULT_NAME],
    ['no server name: the default one', undefined, DEFAULT_NAME],
  ];
  for (const [name, servername, expected] of rows) {
    test(name, async () => {
      const { certificate } = await handshake(servername === undefined ? {} : { servername });
      assert.ok(certificate.subjectaltname?.split(', ').includes(expected), certificate.subjectaltname);
    });
  }

  for (const name of ['one.example.com', 'two.example.com', 'cust7.tenants.example.com']) {
    test(`openssl verifies ${name} up to our CA`, { skip: missing('openssl') }, async () => {
      const connect = ['-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', name];
      const verify = ['-verify_hostname', name, '-verify_return_error', '-CAfile', caFile];
      const { code, stdout, stderr } = await runPeer('openssl', ['s_client', ...connect, ...verify]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /Verif(?:y return code: 0 \(ok\)|ication: OK)/);
      const subject = name.startsWith('cust7') ? '\\*.tenants.example.com' : name;
      assert.match(stdout, new RegExp(`subject=.*CN ?= ?${subject}`));
    });
  }

  test('a certificate that was changed is seen by the next handshake, and open sockets stay', async () => {
    const DomainName = 'changing.example.com';
    await makeDomain(DomainName);
    await map(DomainName, '', apiA);
    const socket = await open(DomainName);
    const before = (await handshake({ servername: DomainName })).certificate.fingerprint256;
    const DomainNameConfigurations = [{ CertificateArn: await issue(DomainName) }];
    await client.send(new UpdateDomainNameCommand({ DomainName, DomainNameConfigurations }));
    assert.notEqual((await handshake({ servername: DomainName })).certificate.fingerprint256, before);
    assert.equal(await where(socket), 'a alpha');
    socket.socket.terminate();
  });
});

describe('which TLS a client gets', () => {
  test('1.2 by default, though the client can do more', async () => {
    assert.equal((await handshake({ servername: 'one.example.com' })).protocol, 'TLSv1.2');
  });

  test('1.3 with --tls-max 1.3, and still 1.2 for who asks for it', async () => {
    assert.equal((await handshake({}, switched)).protocol, 'TLSv1.3');
    assert.equal((await handshake({ maxVersion: 'TLSv1.2' }, switched)).protocol, 'TLSv1.2');
  });

  const refused: readonly [name: string, options: ConnectionOptions][] = [
    ['1.3 only', { minVersion: 'TLSv1.3' }],
    ['1.1 at most', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['HTTP/2 only', { ALPNProtocols: ['h2'] }],
  ];
  for (const [name, options] of refused) {
    test(`a client that speaks ${name} is refused`, async () => {
      await assert.rejects(handshake({ servername: 'one.example.com', ...options }), { code: /^ERR_SSL_/ });
    });
  }

  test('http/1.1 is agreed when it is offered', async () => {
    assert.equal((await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  });

  test('openssl agrees: 1.2 is spoken, 1.3 and 1.1 are not', { skip: missing('openssl') }, async () => {
    const speak = async (version: string) => {
      const connect = ['-connect', `127.0.0.1:${gateway.tlsPort}`, '-servername', 'one.example.com'];
      const { stdout, stderr } = await runPeer('openssl', ['s_client', ...connect, version], {}, '');
      return /Cipher is \(NONE\)/.test(stdout)
        ? 'refused'
        : (/Protocol *: *(\S+)|New, (TLSv[\d.]+)/.exec(stdout)?.[0] ?? stdout + stderr);
    };
    assert.match(await speak('-tls1_2'), /TLSv1\.2/);
    assert.equal(await speak('-tls1_3'), 'refused');
    assert.equal(await speak('-tls1_1'), 'refused');
  });
});

describe('the Host decides', () => {
  const rows: readonly [name: string, host: string, path: string, options: Options, expected: string][] = [
    ['each domain name leads to its own API', 'one.example.com', '/', {}, 'a alpha'],
    ['and the other to its', 'two.example.com', '/', {}, 'b alpha'],
    ['a wildcard', 'cust7.tenants.example.com', '/', {}, 'a beta'],
    ['the exact name beside it', 'vip.tenants.example.com', '/', {}, 'b beta'],
    ['not the server name', 'one.example.com', '/', { headers: { Host: 'two.example.com' } }, 'b alpha'],
    ['with a port', 'one.example.com', '/', { headers: { Host: 'two.example.com:443' } }, 'b alpha'],
    ['in upper case', 'one.example.com', '/', { headers: { Host: 'TWO.Example.com' } }, 'b alpha'],
    ['with a dot at the end', 'one.example.com', '/', { headers: { Host: 'two.example.com.' } }, 'b alpha'],
    [
      'a domain name over the default endpoint',
      endpointOf(apiA),
      '/',
      { headers: { Host: 'two.example.com' } },
      'b alpha',
    ],
    [
      'a default endpoint over a domain name',
      'one.example.com',
      '/beta',
      { headers: { Host: endpointOf(apiB) } },
      'b beta',
    ],
    ['an unknown Host', 'one.example.com', '/', { headers: { Host: 'nobody.example.com' } }, '403'],
    ['the wildcard itself as Host', 'one.example.com', '/', { headers: { Host: '*.tenants.example.com' } }, '403'],
    ['two labels below the wildcard', 'one.example.com', '/', { headers: { Host: 'a.b.tenants.example.com' } }, '403'],
    ['the Regional name itself', regionalOne, '/', {}, '403'],
    ['the Regional name with a stage', regionalOne, '/alpha', {}, '403'],
    ['the path form is for local hosts only', 'one.example.com', `/_aws/execute-api/${apiA.apiId}/alpha`, {}, '403'],
  ];
  for (const [name, host, path, options, expected] of rows) {
    test(`${name}: ${expected}`, async () => assert.equal(await leads(host, path, options), expected));
  }

  test('a refusal is AWS’s answer, and the log names the step and the host', async () => {
    const refused = (await open(regionalOne, '/').catch((error: unknown) => error)) as RefusedHandshake;
    assert.equal(refused.body, '{"message":"Forbidden"}');
    assert.equal(refused.headers['x-amzn-errortype'], 'ForbiddenException');
    const requestId = refused.headers['x-amzn-requestid'];
    const line = await eventually('the refusal was logged', () =>
      gateway.logged().find((one) => one['message'] === 'refused' && one['requestId'] === requestId),
    );
    assert.deepEqual([line['step'], line['code'], line['host']], ['resolve', 'Forbidden', regionalOne]);
  });
});

describe('--strict-host', () => {
  const host = endpointOf(strictApi);

  test('a Host that differs from the server name is 421', async () => {
    const refused = (await open(host, '/alpha', { servername: 'localhost' }, switched).catch(
      (error: unknown) => error,
    )) as RefusedHandshake;
    assert.equal(refused.status, 421);
    const line = await eventually('the refusal was logged', () =>
      switched.logged().find((one) => one['code'] === 'MisdirectedRequest'),
    );
    assert.equal(line['step'], 'resolve');
  });

  const accepted: readonly [name: string, options: Options][] = [
    ['the same name', {}],
    ['the same name with a port', { headers: { Host: `${host}:443` } }],
    ['the same name in upper case', { headers: { Host: host.toUpperCase() } }],
    ['no server name', { servername: '', rejectUnauthorized: false }],
  ];
  for (const [name, options] of accepted) {
    test(`${name} is accepted`, async () => {
      const socket = await open(host, '/alpha', options, switched);
      assert.equal((await hear(socket)).stage, 'alpha');
      socket.socket.terminate();
    });
  }

  test('a callback whose Host differs is 421 as well', async () => {
    const response = await new Promise<number>((resolve, reject) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: switched.tlsPort,
        ca: switched.ca,
        servername: 'localhost',
      });
      socket.on('error', reject);
      socket.once('data', (chunk: Buffer) => {
        resolve(Number(chunk.toString('latin1').split(' ')[1]));
        socket.destroy();
      });
      socket.write(`GET /alpha/@connections/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    });
    assert.equal(response, 421);
  });
});

describe('which mapping the path means', () => {
  const DomainName = 'keys.example.com';
  const rows: readonly [host: string, path: string, expected: string][] = [
    [DomainName, '/orders/v1/items', 'b alpha'],
    [DomainName, '/orders/v1/items/', 'b alpha'],
    [DomainName, '/orders/v2/items', 'a beta'],
    [DomainName, '/orders', 'b beta'],
    [DomainName, '/orders?query=/orders/v1/items', 'b beta'],
    [DomainName, '/orders/v1', '403'],
    [DomainName, '/orders/v1/items/123', '403'],
    [DomainName, '/orders/v1/itemsx', '403'],
    [DomainName, '/ordersx', '403'],
    [DomainName, '/Orders', '403'],
    [DomainName, '/', '403'],
    [DomainName, '/alpha', '403'],
    ['one.example.com', '/nested/key', 'b beta'],
    ['one.example.com', '/nested', '403'],
    ['one.example.com', '/alpha', '403'],
    ['one.example.com', '', 'a alpha'],
  ];
  for (const [host, path, expected] of rows) {
    test(`${host}${path}: ${expected}`, async () => assert.equal(await leads(host, path), expected));
  }

  test('a stage without a deployment: 403', async () => {
    await client.send(new CreateStageCommand({ ApiId: apiA.apiId, StageName: 'bare' }));
    await map(DomainName, 'bare', apiA, 'bare');
    assert.equal(await leads(DomainName, '/bare'), '403');
  });
});

describe('what the backend learns of the name', () => {
  const rows: readonly [name: string, host: string, path: string, stage: string, prefix: string][] = [
    ['a domain name, and the stage that no URL shows', 'one.example.com', '/', 'alpha', 'one'],
    ['the client’s own host under a wildcard', 'cust7.tenants.example.com', '/', 'beta', 'cust7'],
    ['another host under the same wildcard', 'cust8.tenants.example.com', '/', 'beta', 'cust8'],
    ['the default endpoint', endpointOf(apiA), '/beta', 'beta', apiA.apiId],
  ];
  for (const [name, host, path, stage, prefix] of rows) {
    test(`${name}: on connect, message and disconnect alike, with the port`, async () => {
      const socket = await open(host, path);
      const { connectionId: connection } = await hear(socket);
      socket.socket.close();
      const mine = () => told.filter((one) => one.connectionId === connection);
      await eventually('the disconnect was told', () => mine().find(({ eventType }) => eventType === 'DISCONNECT'));
      assert.deepEqual(
        mine().map(({ eventType }) => eventType),
        ['CONNECT', 'MESSAGE', 'DISCONNECT'],
      );
      for (const one of mine()) {
        assert.deepEqual([one.domainName, one.stage, one.domainPrefix], [`${host}:${gateway.tlsPort}`, stage, prefix]);
      }
    });
  }

  test('in small letters, whatever the client wrote', async () => {
    const socket = await open('one.example.com', '/', { headers: { Host: 'TWO.Example.COM.:1' } });
    assert.equal((await hear(socket)).domainName, `two.example.com:${gateway.tlsPort}`);
    socket.socket.terminate();
  });

  test('without a port with --bare-domain-name', async () => {
    const socket = await open(endpointOf(strictApi), '/alpha', {}, switched);
    const { domainName: domain, domainPrefix: prefix } = await hear(socket);
    assert.deepEqual([domain, prefix], [endpointOf(strictApi), strictApi.apiId]);
    socket.socket.terminate();
  });
});

describe('callbacks through a domain name', () => {
  const rows: readonly [name: string, endpoint: (told: Told) => string][] = [
    [
      'the URL that every example builds: domainName and stage',
      ({ domainName, stage }) => `https://${domainName}/${stage}`,
    ],
    ['the mapping alone', ({ domainName }) => `https://${domainName}`],
    ['another host of the same wildcard', () => `https://cust9.tenants.example.com:${gateway.tlsPort}`],
    ['another domain name of the same API', () => `https://one.example.com:${gateway.tlsPort}`],
    ['the default endpoint', () => `https://${endpointOf(apiA)}:${gateway.tlsPort}/beta`],
  ];
  for (const [name, endpoint] of rows) {
    test(`${name} reaches the socket`, async () => {
      const socket = await open('cust7.tenants.example.com');
      const one = await hear(socket);
      await management(endpoint(one)).send(new PostToConnectionCommand({ ConnectionId: one.connectionId, Data: name }));
      assert.equal(await socket.receive(), name);
      socket.socket.terminate();
    });
  }

  test('a key of several levels, and the stage beside it', async () => {
    const socket = await open('keys.example.com', '/orders/v2/items');
    const { connectionId: connection } = await hear(socket);
    for (const path of ['orders/v2/items', 'beta', 'alpha']) {
      const there = management(`https://keys.example.com:${gateway.tlsPort}/${path}`);
      await there.send(new PostToConnectionCommand({ ConnectionId: connection, Data: path }));
      assert.equal(await socket.receive(), path);
    }
    socket.socket.terminate();
  });

  const refused: readonly [name: string, endpoint: string, expected: string][] = [
    ['a domain name that maps another API only', `https://two.example.com:${gateway.tlsPort}`, 'BadRequestException'],
    ['the same with a stage', `https://two.example.com:${gateway.tlsPort}/alpha`, 'BadRequestException'],
    ['a stage that its API lacks', `https://one.example.com:${gateway.tlsPort}/none`, 'ForbiddenException'],
    ['a Regional name', `https://${regionalOne}:${gateway.tlsPort}/alpha`, 'ForbiddenException'],
  ];
  for (const [name, endpoint, expected] of refused) {
    test(`${name}: ${expected}`, async () => {
      const socket = await open('cust7.tenants.example.com');
      const { connectionId: connection } = await hear(socket);
      await assert.rejects(management(endpoint).send(new GetConnectionCommand({ ConnectionId: connection })), {
        name: expected,
      });
      socket.socket.terminate();
    });
  }
});

describe('changes under open sockets', () => {
  test('a mapping to another stage is seen by the next handshake; the open socket stays where it is', async () => {
    const DomainName = 'moving.example.com';
    await makeDomain(DomainName);
    const ApiMappingId = await map(DomainName, 'chat', apiA, 'alpha');
    const socket = await open(DomainName, '/chat');
    const update = (ApiId: string, Stage: string) =>
      client.send(new UpdateApiMappingCommand({ DomainName, ApiMappingId, ApiId, Stage }));
    await update(apiA.apiId, 'beta');
    assert.equal(await leads(DomainName, '/chat'), 'a beta');
    await update(apiB.apiId, 'alpha');
    assert.equal(await leads(DomainName, '/chat'), 'b alpha');
    assert.equal(await where(socket), 'a alpha');
    await client.send(
      new UpdateApiMappingCommand({ DomainName, ApiMappingId, ApiId: apiB.apiId, ApiMappingKey: 'talk' }),
    );
    assert.deepEqual([await leads(DomainName, '/chat'), await leads(DomainName, '/talk')], ['403', 'b alpha']);
    await client.send(new DeleteApiMappingCommand({ DomainName, ApiMappingId }));
    assert.equal(await leads(DomainName, '/talk'), '403');
    assert.equal(await where(socket), 'a alpha');
    socket.socket.terminate();
  });

  test('an exact name takes its host from the wildcard at once, and gives it back', async () => {
    const DomainName = 'late.tenants.example.com';
    const socket = await open(DomainName);
    assert.equal(await where(socket), 'a beta');
    await makeDomain(DomainName);
    assert.equal(await leads(DomainName), '403', 'it has no mapping yet');
    await map(DomainName, '', apiB);
    assert.equal(await leads(DomainName), 'b alpha');
    await client.send(new DeleteDomainNameCommand({ DomainName }));
    // The alias of the deleted name leads nowhere, so another name of the wildcard takes the client there.
    assert.equal(await leads('cust7.tenants.example.com', '/', { headers: { Host: DomainName } }), 'a beta');
    assert.equal(await where(socket), 'a beta');
    socket.socket.terminate();
  });

  test('a deleted domain name: its host is unknown to the next handshake, its certificate is shown no more, and the open socket stays', async () => {
    const DomainName = 'leaving.example.com';
    await makeDomain(DomainName);
    await map(DomainName, '', apiA);
    const socket = await open(DomainName);
    const { connectionId: connection } = await hear(socket);
    await client.send(new DeleteDomainNameCommand({ DomainName }));
    assert.equal(await leads('one.example.com', '/', { headers: { Host: DomainName } }), '403');
    assert.ok((await handshake({ servername: DomainName })).certificate.subjectaltname?.includes(DEFAULT_NAME));
    assert.equal(await where(socket), 'a alpha');
    const endpoint = management(`https://${endpointOf(apiA)}:${gateway.tlsPort}/alpha`);
    await endpoint.send(new PostToConnectionCommand({ ConnectionId: connection, Data: 'still yours' }));
    assert.equal(await socket.receive(), 'still yours');
    socket.socket.terminate();
  });

  test('disableExecuteApiEndpoint counts with the next deployment, for the default endpoint alone', async () => {
    const DomainName = 'only.example.com';
    await makeDomain(DomainName);
    const api = await makeToldApi();
    await map(DomainName, '', api);
    const [direct, pathForm] = [endpointOf(api), `/_aws/execute-api/${api.apiId}/alpha`];
    const local: Options = { headers: { Host: 'localhost' } };
    const socket = await open(direct, '/alpha');
    const { connectionId: connection } = await hear(socket);
    const all = async () => [
      await leads(direct, '/alpha'),
      await leads('one.example.com', pathForm, local),
      await leads(DomainName),
    ];
    const open_ = [`${api.apiId} alpha`, `${api.apiId} alpha`, `${api.apiId} alpha`];
    const set = (DisableExecuteApiEndpoint: boolean) =>
      client.send(new UpdateApiCommand({ ApiId: api.apiId, DisableExecuteApiEndpoint }));
    const deploy = () => client.send(new CreateDeploymentCommand({ ApiId: api.apiId, StageName: 'alpha' }));
    await set(true);
    assert.deepEqual(await all(), open_);
    await deploy();
    assert.deepEqual(await all(), ['403', '403', `${api.apiId} alpha`]);
    assert.equal((await hear(socket)).stage, 'alpha', 'the open socket stays');
    const get = new GetConnectionCommand({ ConnectionId: connection });
    await assert.rejects(management(`https://${direct}:${gateway.tlsPort}/alpha`).send(get), {
      name: 'ForbiddenException',
    });
    await management(`https://${DomainName}:${gateway.tlsPort}`).send(get);
    await set(false);
    assert.deepEqual(await all(), ['403', '403', `${api.apiId} alpha`]);
    await deploy();
    assert.deepEqual(await all(), open_);
    socket.socket.terminate();
  });
});
