// The gateway behind nginx, configured as docs/exposing.md says: clients are known by their own address, whatever they claim, and a
// backend calls back through it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { CreateDeploymentCommand } from '@aws-sdk/client-apigatewayv2';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { startNginx } from '../harness/nginx.ts';
import { missing } from '../harness/peers.ts';
import { addRoute, ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const PROXY = '127.0.0.2';
const CLIENT = '127.0.0.9';
const CLAIMED = { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'http', 'x-forwarded-port': '80' };

test('a client of nginx is known by its own address, and called back', { skip: missing('nginx') }, async (t) => {
  const gateway = await startTestGateway(t, ['--http', '127.0.0.1:0', '--trusted-proxy', `${PROXY}/32`]);
  const { apiId, stage } = await makeApi(gateway.clients, {
    $default: { target: mock('$context.identity.sourceIp'), isTwoWay: true },
  });
  await addRoute(gateway.clients, apiId, 'id', { target: mock('$context.connectionId'), isTwoWay: true });
  await gateway.clients.gateway.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
  const host = `${apiId}.execute-api.${REGION}.localhost`;
  const page = readFileSync(fileURLToPath(new URL('../../docs/exposing.md', import.meta.url)), 'utf8');
  const documented = /```nginx\n([\s\S]*?)```/.exec(page)![1]!;
  const location = documented.replace('10.0.0.7:8080', gateway.ready.http[0]!);
  assert.notEqual(location, documented);
  const proxy = await startNginx(t, { location, from: PROXY, host });

  const options = { localAddress: CLIENT, headers: CLAIMED, ca: proxy.caPem };
  const client = await openSocket(gateway, `wss://${host}:${proxy.port}/test`, options);
  assert.equal(await ask(client, '{}'), CLIENT);
  const id = await ask(client, '{"action":"id"}');
  const management = new ApiGatewayManagementApiClient({
    endpoint: `https://${host}:${proxy.port}/test`,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { httpsAgent: new Agent({ ca: proxy.caPem, lookup: gateway.lookup }) },
  });
  t.after(() => management.destroy());
  await management.send(new PostToConnectionCommand({ ConnectionId: id, Data: Buffer.from('called back') }));
  assert.equal(await client.receive(), 'called back');
});
