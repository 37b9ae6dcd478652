// No change of configuration closes a socket: a thousand sockets stay open, and answer, across two hundred random changes of
// what they came through.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CreateApiMappingCommand,
  CreateDeploymentCommand,
  CreateDomainNameCommand,
  CreateStageCommand,
  DeleteApiMappingCommand,
  DeleteDomainNameCommand,
  UpdateApiMappingCommand,
  UpdateDomainNameCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { issueCertificate, makeHostedZone } from '../harness/domains.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, type TestSocket } from '../harness/sockets.ts';

const SOCKETS = 1_000;
const AT_ONCE = 50;
const CHANGES = 200;
const STAGES = ['test', 'other'];

const ends: (() => unknown)[] = [];
let gateway: TestGateway;
let zoneId: string;

before(async () => {
  gateway = await startTestGateway({ after: (end) => ends.unshift(end) });
  zoneId = await makeHostedZone(gateway.clients, 'example.com');
});
after(async () => {
  for (const end of ends) await end();
});

test(`${SOCKETS} sockets stay open and answer across ${CHANGES} random changes`, { timeout: 280_000 }, async () => {
  const { gateway: api } = gateway.clients;
  const name = 'ws.example.com';
  const target = await makeApi(gateway.clients, { $default: { target: mock('here'), isTwoWay: true } });
  const ApiId = target.apiId;
  await api.send(new CreateStageCommand({ ApiId, StageName: 'other' }));
  await api.send(new CreateDeploymentCommand({ ApiId, StageName: 'other' }));
  const certificates = [
    await issueCertificate(gateway.clients, zoneId, name),
    await issueCertificate(gateway.clients, zoneId, name),
  ];
  const configuration = () => [{ CertificateArn: certificates[randomInt(2)] }];
  const map = async () => {
    const mapping = new CreateApiMappingCommand({
      DomainName: name,
      ApiMappingKey: 'chat',
      ApiId,
      Stage: STAGES[randomInt(2)],
    });
    return (await api.send(mapping)).ApiMappingId!;
  };
  await api.send(new CreateDomainNameCommand({ DomainName: name, DomainNameConfigurations: configuration() }));
  let ApiMappingId = await map();

  // Found by address, not by DNS: the name itself comes and goes below.
  const lookup = ((
    _: string,
    options: { all?: boolean },
    done: (error: null, address: unknown, family?: number) => void,
  ) => {
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  }) as never;
  const url = `wss://${name}:${gateway.tlsPort}/chat`;
  const sockets: TestSocket[] = [];
  const closed: unknown[] = [];
  while (sockets.length < SOCKETS) {
    const opened = await Promise.all(
      Array.from({ length: AT_ONCE }, () => openSocket(gateway, url, { lookup } as object)),
    );
    for (const socket of opened) void socket.closed.then((how) => closed.push(how));
    sockets.push(...opened);
  }

  const changes: (() => Promise<unknown>)[] = [
    () => api.send(new UpdateApiMappingCommand({ DomainName: name, ApiMappingId, ApiId, Stage: STAGES[randomInt(2)] })),
    () => api.send(new UpdateDomainNameCommand({ DomainName: name, DomainNameConfigurations: configuration() })),
    () => api.send(new CreateDeploymentCommand({ ApiId, StageName: STAGES[randomInt(2)] })),
    () =>
      api.send(
        new UpdateStageCommand({
          ApiId,
          StageName: STAGES[randomInt(2)],
          StageVariables: { turn: String(randomInt(9)) },
        }),
      ),
    async () => {
      await api.send(new DeleteApiMappingCommand({ DomainName: name, ApiMappingId }));
      ApiMappingId = await map();
    },
    async () => {
      await api.send(new DeleteDomainNameCommand({ DomainName: name }));
      await api.send(new CreateDomainNameCommand({ DomainName: name, DomainNameConfigurations: configuration() }));
      ApiMappingId = await map();
    },
  ];
  for (let change = 0; change < CHANGES; change += 1) {
    await changes[randomInt(changes.length)]!();
    // Whoever connects now comes in by what is true now, and one of the old ones still talks.
    if (change % 10 === 0) {
      const late = await openSocket(gateway, url, { lookup } as object);
      assert.equal(await ask(late, 'late'), 'here');
      late.socket.close();
    }
    assert.equal(await ask(sockets[randomInt(SOCKETS)]!, 'still'), 'here');
  }
  assert.deepEqual(closed, []);
  const answers = await Promise.all(sockets.map((socket) => ask(socket, 'all')));
  assert.deepEqual([...new Set(answers)], ['here']);
  for (const { socket } of sockets) socket.terminate();
});
