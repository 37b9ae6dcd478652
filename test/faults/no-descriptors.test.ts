// No file descriptor is left: whoever comes is turned away, whoever is there goes on, the log is not filled, and when descriptors are free
// again everybody is served, without a restart.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { CreateApiCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { cpuSeconds, openFiles } from '../harness/process-facts.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const LEFT = 30;
const COMERS = 200;
const LOG_LINES_MAX = 50;
/** The share of a processor that the process may take while it is asked next to nothing. */
const CPU_SHARE_MAX = 0.5;
const HEALTH_ROUND_TRIPS = 300;

function limitFiles(pid: number, soft: number): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

test('file descriptors are exhausted, and come back', async (t) => {
  const gateway = await startTestGateway(t);
  const { pid } = gateway.ready;
  const api = await makeApi(gateway.clients, { $default: { target: mock('served'), isTwoWay: true } });
  const url = pathForm(gateway, api);
  const early = await openSocket(gateway, url);
  const usual = Number(
    spawnSync('prlimit', ['--pid', String(pid), '--nofile', '--output=SOFT', '--noheadings'], { encoding: 'utf8' })
      .stdout,
  );
  const linesBefore = gateway.lines.length;
  limitFiles(pid, openFiles(pid) + LEFT);

  const comers: Socket[] = [];
  for (let count = 0; count < COMERS; count += 1) {
    const socket = connect(gateway.tlsPort, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
    comers.push(socket);
  }
  await eventually(
    'descriptors are exhausted',
    () => comers.filter(({ destroyed }) => !destroyed).length <= LEFT + 5 || undefined,
  );

  const [cpuBefore, beganAtMs] = [cpuSeconds(pid), performance.now()];
  for (let count = 0; count < HEALTH_ROUND_TRIPS; count += 1) assert.equal(await ask(early, 'x'), 'served');
  await eventually('a second has passed', () => performance.now() - beganAtMs > 1_000 || undefined);
  const share = (cpuSeconds(pid) - cpuBefore) / ((performance.now() - beganAtMs) / 1_000);
  assert.ok(share <= CPU_SHARE_MAX, `${share} of a processor: accepting spins`);
  assert.ok(gateway.lines.length - linesBefore <= LOG_LINES_MAX, `${gateway.lines.length - linesBefore} lines`);

  limitFiles(pid, usual);
  for (const socket of comers) socket.destroy();
  const { ApiId } = await eventually('the control plane answers', () =>
    gateway.clients.gateway
      .send(
        new CreateApiCommand({
          Name: 'after',
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: '$request.body.action',
        }),
      )
      .catch(() => undefined),
  );
  const late = await eventually('a new client is let in', () => openSocket(gateway, url).catch(() => undefined));
  assert.equal(await ask(late, 'x'), 'served');
  assert.equal(await ask(early, 'x'), 'served');
  const { Items } = await gateway.clients.gateway.send(new GetApisCommand({}));
  assert.ok(Items!.some((item) => item.ApiId === ApiId) && Items!.some((item) => item.ApiId === api.apiId));
  tellSafety(`faults ${t.name}`, { cases: 1, lost: 0, foreign: 0, crashes: 0 });
});
