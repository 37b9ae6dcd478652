// What a mapping key of several levels, a routing mode and a name beyond ASCII mean for a connection (custom-domains 1.6, 1.12,
// 2.2, 2.6).

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { CreateDomainNameCommand, UpdateDomainNameCommand, type RoutingMode } from '@aws-sdk/client-apigatewayv2';
import { foreignAuthority } from '../harness/certificates.ts';
import { sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, RefusedHandshake, type TestSocket } from '../harness/sockets.ts';

const MULTI_LEVEL_MAX = 200;

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const authority = await foreignAuthority({ after });
const zoneId = await makeHostedZone(clients, 'example.com');
const [one, two] = await Promise.all(
  ['one', 'two'].map((reply) => makeApi(clients, { $default: { target: mock(reply), isTwoWay: true } })),
);

async function makeDomain(name: string): Promise<string> {
  const arn = await importCertificate(clients, await authority.leaf([name]));
  await putRecord(clients, zoneId, aliasRecord(name, await createDomain(clients, name, arn)));
  return name;
}

const open = (url: string, headers: Record<string, string> = {}) =>
  openSocket(gateway, url.replace(/^(wss:\/\/[^/]+)/, `$1:${gateway.tlsPort}`), {
    ca: authority.certificatePem,
    headers,
  });

/** What the API answers, or the status of the refusal. */
async function leads(url: string): Promise<string> {
  let client: TestSocket;
  try {
    client = await open(url);
  } catch (error) {
    if (!(error instanceof RefusedHandshake)) throw error;
    assert.equal(error.body, '{"message":"Forbidden"}');
    return String(error.status);
  }
  const answer = await ask(client, '{}');
  client.socket.terminate();
  return answer;
}

test(`${MULTI_LEVEL_MAX} keys of several levels, and others of one; the one more is refused; each leads to its own stage`, async () => {
  const name = await makeDomain('many.example.com');
  for (let at = 0; at < MULTI_LEVEL_MAX; at += 1) await mapDomain(clients, name, `t/${at}`, at % 2 === 0 ? one! : two!);
  await assert.rejects(mapDomain(clients, name, 't/one-more', one!), {
    name: 'BadRequestException',
    message: `The domain name has ${MULTI_LEVEL_MAX} API mappings with several levels; at most ${MULTI_LEVEL_MAX} are allowed`,
  });
  await mapDomain(clients, name, 'flat', one!);
  await mapDomain(clients, name, '', two!);
  const rows: readonly [path: string, expected: string][] = [
    ['/t/0', 'one'],
    ['/t/1', 'two'],
    [`/t/${MULTI_LEVEL_MAX - 1}`, 'two'],
    ['/flat', 'one'],
    ['/flat/', 'one'],
    ['/', 'two'],
    // The root, and something behind it.
    ['/t', '403'],
    [`/t/${MULTI_LEVEL_MAX}`, '403'],
    ['/t/0/x', '403'],
    // One segment that holds a slash is not two.
    ['/t%2F0', '403'],
    ['/%74/0', 'one'],
  ];
  for (const [path, expected] of rows) assert.equal(await leads(`wss://${name}${path}`), expected, path);
});

test('behind a key of several levels the names of headers reach the backend in lower case, else as they were sent', async () => {
  const seen: string[][] = [];
  const backend = createServer((request, response) => {
    seen.push(request.rawHeaders.filter((_, position) => position % 2 === 0));
    response.end('{}');
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  after(() => backend.close());
  const IntegrationUri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/`;
  const target = { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri } as const;
  const api = await makeApi(clients, { $connect: { target }, $default: { target: mock('x') } });
  const name = await makeDomain('headers.example.com');
  await mapDomain(clients, name, 'deep/er', api);
  await mapDomain(clients, name, 'flat', api);
  for (const path of ['/deep/er', '/flat'])
    (await open(`wss://${name}${path}`, { 'X-CamelCase': 'v' })).socket.terminate();
  const of = (names: string[] | undefined) => names?.find((header) => header.toLowerCase() === 'x-camelcase');
  assert.deepEqual(seen.map(of), ['x-camelcase', 'X-CamelCase']);
});

test('routing modes: rules alone make mappings unusable, and the others use them; open sockets stay', async () => {
  const name = await makeDomain('modes.example.com');
  await mapDomain(clients, name, 'chat', one!);
  const client = await open(`wss://${name}/chat`);
  const set = async (mode: RoutingMode) =>
    (await clients.gateway.send(new UpdateDomainNameCommand({ DomainName: name, RoutingMode: mode }))).RoutingMode;
  assert.equal(await set('ROUTING_RULE_ONLY'), 'ROUTING_RULE_ONLY');
  assert.equal(await leads(`wss://${name}/chat`), '403');
  await assert.rejects(mapDomain(clients, name, 'more', one!), {
    name: 'BadRequestException',
    message: `${name} is in mode ROUTING_RULE_ONLY, in which no API mapping can be created.`,
  });
  assert.equal(await ask(client, '{}'), 'one');
  for (const mode of ['ROUTING_RULE_THEN_API_MAPPING', 'API_MAPPING_ONLY'] as const) {
    assert.equal(await set(mode), mode);
    assert.equal(await leads(`wss://${name}/chat`), 'one', mode);
  }
  client.socket.terminate();
});

test('a name beyond ASCII is created in its IDNA form, which the refusal tells, and called in any form', async () => {
  const idna = 'xn--bcher-kva.example.com';
  const arn = await importCertificate(clients, await authority.leaf([idna]));
  const create = (DomainName: string) =>
    clients.gateway.send(
      new CreateDomainNameCommand({ DomainName, DomainNameConfigurations: [{ CertificateArn: arn }] }),
    );
  await assert.rejects(create('bücher.example.com'), {
    name: 'BadRequestException',
    message: `Invalid domain name identifier specified: bücher.example.com (a name is written in ASCII; its IDNA form is ${idna})`,
  });
  await assert.rejects(create('*.bücher.example.com'), {
    message: /its IDNA form is \*\.xn--bcher-kva\.example\.com\)$/,
  });
  await makeDomain(idna);
  await mapDomain(clients, idna, '', one!);
  for (const host of ['bücher.example.com', 'BÜCHER.example.com', idna, idna.toUpperCase()]) {
    assert.equal(await leads(`wss://${host}/`), 'one', host);
    const { stdout, code } = await sallyport(['explain', `wss://${host}/`, '--endpoint', gateway.endpoint]);
    assert.equal(code, 0, stdout);
  }
  // A Host is ASCII: what was typed is for the client to map.
  const typed = open(`wss://${idna}/`, { Host: Buffer.from('bücher.example.com').toString('latin1') });
  await assert.rejects(typed, RefusedHandshake);
});
