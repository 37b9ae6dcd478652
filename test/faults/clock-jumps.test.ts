// The machine's clock jumps, as it does when it is set right: an hour back, five minutes forward, three hours forward. libfaketime shows
// the process another time; what it waits for goes on by the monotonic clock.

import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiGatewayV2Client, CreateApiCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { missing, PEERS } from '../harness/peers.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

test('the clock jumps back and forth', { skip: missing('faketime') }, async (t) => {
  const file = join(temporaryDirectory(t), 'time');
  /** Whole, or not at all: it is read at every look at the clock. */
  const setClock = (offset: string) => {
    writeFileSync(`${file}.next`, `${offset}\n`);
    renameSync(`${file}.next`, file);
  };
  setClock('+0');
  const dataDir = temporaryDirectory(t);
  const gateway = await startTestGateway(t, ['--data-dir', dataDir], {
    LD_PRELOAD: PEERS.faketime.path,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  const api = await makeApi(gateway.clients, {
    $default: { target: mock('$context.requestTimeEpoch'), isTwoWay: true },
  });
  const url = pathForm(gateway, api);
  const early = await openSocket(gateway, url);
  /** How far the gateway's clock is ahead, as its own messages say. */
  const aheadMs = async () => Number(await ask(early, 'x')) - Date.now();
  const acknowledged = [api.apiId];
  const make = async (Name: string, systemClockOffset: number) => {
    const named = { Name, ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' } as const;
    // A client whose clock was set right, too: signatures are of the same five minutes.
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const v2 = new ApiGatewayV2Client({ endpoint: gateway.endpoint, region: REGION, credentials, systemClockOffset });
    acknowledged.push((await v2.send(new CreateApiCommand(named))).ApiId!);
  };
  const near = (offsetMs: number, actual: number) =>
    assert.ok(Math.abs(actual - offsetMs) < 60_000, `${actual} ms ahead`);
  near(0, await aheadMs());

  for (const [offset, offsetMs] of [
    ['-1h', -3_600_000],
    ['+5m', 300_000],
    ['-2m', -120_000],
  ] as const) {
    setClock(offset);
    near(offsetMs, await aheadMs());
    await make(offset, offsetMs);
    const late = await openSocket(gateway, url);
    near(offsetMs, Number(await ask(late, 'x')) - Date.now());
    assert.equal(early.socket.readyState, early.socket.OPEN, 'a socket goes on');
    late.socket.terminate();
  }

  // Longer than a connection lives: it is as old as the clock says.
  setClock('+3h');
  assert.equal((await early.closed).code, 1001);
  const last = await openSocket(gateway, url);
  near(10_800_000, Number(await ask(last, 'x')) - Date.now());
  await make('+3h', 10_800_000);

  assert.equal(await gateway.stop(), 0);
  const later = await startTestGateway(t, ['--data-dir', dataDir]);
  const { Items } = await later.clients.gateway.send(new GetApisCommand({ MaxResults: '500' }));
  const found = new Set(Items!.map(({ ApiId }) => ApiId));
  const lost = acknowledged.filter((id) => !found.has(id));
  assert.deepEqual(lost, []);
  await eventually('certificates settle', () => later.settled().then(() => true));
  tellSafety(`faults ${t.name}`, {
    cases: 1,
    acknowledged: acknowledged.length,
    lost: lost.length,
    foreign: 0,
    crashes: 0,
  });
});
