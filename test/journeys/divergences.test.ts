// Knowing differences from AWS that no other journey shows: one name in the whole server, pings as activity, the stage that
// could not be called, and the number of names in a certificate.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CreateStageCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients, type Clients } from '../../demo/chain.ts';
import { createDomain, issueCertificate, makeHostedZone } from '../harness/domains.ts';
import { next } from '../harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const ends: (() => unknown)[] = [];
let gateway: TestGateway;

before(async () => {
  gateway = await startTestGateway({ after: (end) => ends.unshift(end) }, ['--clock', 'movable']);
});
after(async () => {
  for (const end of ends) await end();
});

test('a domain name that is taken in another region is a duplicate', async () => {
  const east = gateway.clients;
  const west = createClients(gateway.endpoint, 'eu-west-1');
  const zoneId = await makeHostedZone(east, 'example.com');
  const create = async (clients: Clients) =>
    createDomain(clients, 'ws.example.com', await issueCertificate(clients, zoneId, 'ws.example.com'));
  await create(east);
  await assert.rejects(create(west), {
    name: 'BadRequestException',
    message: 'The domain name you provided already exists.',
  });
});

test('a ping counts as activity: a client that pings is not idle', async () => {
  const api = await makeApi(gateway.clients, { $default: { target: mock('here'), isTwoWay: true } });
  const client = await openSocket(gateway, pathForm(gateway, api));
  for (let turn = 0; turn < 3; turn += 1) {
    await gateway.advance('9m');
    const pong = next(client.socket, 'pong');
    client.socket.ping();
    await pong;
  }
  assert.equal(await ask(client, 'still'), 'here');
  await gateway.advance('11m');
  assert.deepEqual(await client.closed, { code: 1001, reason: 'Going away' });
});

test('a stage called $default is refused when it is made', async () => {
  const { apiId: ApiId } = await makeApi(gateway.clients, { $default: {} });
  await assert.rejects(gateway.clients.gateway.send(new CreateStageCommand({ ApiId, StageName: '$default' })), {
    name: 'BadRequestException',
    message: /\$default cannot be used by WEBSOCKET protocol Apis/,
  });
});

test('a certificate may have a hundred names', async () => {
  const names = Array.from({ length: 100 }, (_, position) => `n${position}.example.org`);
  const request = (SubjectAlternativeNames: string[]) =>
    gateway.clients.acm.send(
      new RequestCertificateCommand({ DomainName: names[0], ValidationMethod: 'DNS', SubjectAlternativeNames }),
    );
  assert.ok((await request(names)).CertificateArn);
  const more = [...names.slice(1), 'one-more.example.org'];
  await assert.rejects(request([...more]), {
    name: 'LimitExceededException',
    message: /would have 101 names; at most 100/,
  });
});
