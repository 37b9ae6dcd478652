// `--public-port`: what a backend is told, and what clients call, is the port of the forward in front of the TLS listener; nothing
// of it is seen when that port is 443.

import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { GetApiCommand } from '@aws-sdk/client-apigatewayv2';
import { foreignAuthority } from '../harness/certificates.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { REGION, startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, openSocket } from '../harness/sockets.ts';
import { startTellingBackend } from './telling-backend.ts';

const NAME = 'ws.example.com';
const authority = await foreignAuthority({ after });
const backend = await startTellingBackend({ after });

/** A forward to a port that is known later. Its own port is what `--public-port` says. */
const target = { port: 0 };
const open = new Set<Socket>();
const forward = createServer((client) => {
  const server = connect(target.port, '127.0.0.1');
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    open.add(one);
    one.on('error', () => other.destroy()).on('close', () => open.delete(one));
    one.pipe(other);
  }
});
await new Promise<void>((resolve) => forward.listen(0, '127.0.0.1', resolve));
after(() => {
  for (const socket of open) socket.destroy();
  forward.close();
});
const forwardPort = (forward.address() as AddressInfo).port;

async function makeChain(gateway: TestGateway): Promise<{ apiId: string }> {
  const { clients } = gateway;
  const zoneId = await makeHostedZone(clients, 'example.com');
  const made = await createDomain(clients, NAME, await importCertificate(clients, await authority.leaf([NAME])));
  await putRecord(clients, zoneId, aliasRecord(NAME, made));
  const api = await makeApi(clients, { $default: { target: backend.target, isTwoWay: true } });
  await mapDomain(clients, NAME, 'chat', api);
  return api;
}

test('behind a forward: the URL that every backend builds works, through the forward', async (t) => {
  const gateway = await startTestGateway(t, ['--public-port', String(forwardPort)]);
  target.port = gateway.tlsPort;
  const { apiId: ApiId } = await makeChain(gateway);
  const client = await openSocket(gateway, `wss://${NAME}:${forwardPort}/chat`, { ca: authority.certificatePem });
  const { domainName, stage, connectionId } = JSON.parse(await ask(client, '{}')) as Record<string, string>;
  assert.equal(domainName, `${NAME}:${forwardPort}`);
  const management = new ApiGatewayManagementApiClient({
    endpoint: `https://${domainName}/${stage}`,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { httpsAgent: new Agent({ ca: authority.certificatePem, lookup: gateway.lookup }) },
  });
  await management.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'through the forward' }));
  assert.equal(await client.receive(), 'through the forward');
  const { ApiEndpoint } = await gateway.clients.gateway.send(new GetApiCommand({ ApiId }));
  assert.equal(ApiEndpoint, `wss://${ApiId}.execute-api.${REGION}.localhost:${forwardPort}`);
  client.socket.terminate();
});

test('with 443 no port is seen anywhere', async (t) => {
  const gateway = await startTestGateway(t, ['--public-port', '443']);
  const { apiId: ApiId } = await makeChain(gateway);
  const client = await openSocket(gateway, `wss://${NAME}:${gateway.tlsPort}/chat`, { ca: authority.certificatePem });
  const told = JSON.parse(await ask(client, '{}')) as Record<string, string>;
  assert.deepEqual([told['domainName'], told['domainPrefix']], [NAME, 'ws']);
  const { ApiEndpoint } = await gateway.clients.gateway.send(new GetApiCommand({ ApiId }));
  assert.equal(ApiEndpoint, `wss://${ApiId}.execute-api.${REGION}.localhost`);
  client.socket.terminate();
});
