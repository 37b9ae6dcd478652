// No room on the disk, for the store and for the journal of $disconnect: a change is refused and says so, what was acknowledged stays,
// sockets go on, new ones are let in; and when there is room again, everything works without a restart.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  GetApisCommand,
  type ApiGatewayV2ServiceException,
} from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { mountProblem, mountSmallDisk } from '../harness/small-disk.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

interface Disk {
  readonly dataDir: string;
  fill(pid: number): void;
  free(pid: number): void;
}

/** No file of the process may grow: what the kernel answers is EFBIG, and to SQLite a disk is full either way. */
function limitedFiles(t: TestContext): Disk {
  const limit = (pid: number, bytes: string) => {
    const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  return { dataDir: temporaryDirectory(t), fill: (pid) => limit(pid, '1'), free: (pid) => limit(pid, 'unlimited') };
}

const TMPFS_MIB = 16;

/** A file system of its own that is filled up: ENOSPC. */
function smallDisk(t: TestContext): Disk {
  const dataDir = mountSmallDisk(t, TMPFS_MIB);
  const ballast = join(dataDir, 'ballast');
  return {
    dataDir,
    fill() {
      const file = openSync(ballast, 'w');
      const block = Buffer.alloc(4_096);
      assert.throws(() => {
        for (;;) writeSync(file, block);
      }, /ENOSPC/);
      closeSync(file);
    },
    free: () => unlinkSync(ballast),
  };
}

const apiNamed = (Name: string) =>
  new CreateApiCommand({
    Name,
    Description: 'x'.repeat(1_000),
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });

for (const [name, make, skip] of [
  ['no file may grow', limitedFiles, false],
  ['the file system is full', smallDisk, mountProblem('nothing can be mounted here, which takes root')],
] as const) {
  test(name, { skip }, async (t) => {
    const told: string[] = [];
    const backend = createServer((request, response) => {
      told.push(String(request.headers['x-id']));
      request.resume().on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    t.after(() => backend.close());
    const disk = make(t);
    const gateway = await startTestGateway(t, ['--data-dir', disk.dataDir]);
    const { pid } = gateway.ready;
    await eventually('the backend listens', () => backend.listening || undefined);
    const api = await makeApi(gateway.clients, {
      $default: { target: mock('$context.connectionId'), isTwoWay: true },
      $disconnect: {
        target: {
          IntegrationType: 'HTTP_PROXY',
          IntegrationMethod: 'POST',
          IntegrationUri: `http://127.0.0.1:${(backend.address() as AddressInfo).port}/gone`,
          RequestParameters: { 'integration.request.header.x-id': 'context.connectionId' },
        },
      },
    });
    const url = pathForm(gateway, api);
    const early = await openSocket(gateway, url);
    const earlyId = await ask(early, 'id');
    const once = new ApiGatewayV2Client({
      endpoint: gateway.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    const acknowledged = [api.apiId, (await once.send(apiNamed('before'))).ApiId!];

    disk.fill(pid);
    const refusals: string[] = [];
    while (refusals.length < 5) {
      try {
        // The log that is written ahead may have room in what it has already.
        acknowledged.push((await once.send(apiNamed('while it is full'))).ApiId!);
      } catch (error) {
        const { name: code, $metadata } = error as ApiGatewayV2ServiceException;
        refusals.push(`${code} ${$metadata.httpStatusCode}`);
      }
    }
    assert.deepEqual(new Set(refusals), new Set(['ServiceUnavailableException 503']));
    const idsNow = async () =>
      (await once.send(new GetApisCommand({ MaxResults: '500' }))).Items!.map(({ ApiId }) => ApiId!).sort();
    assert.deepEqual(await idsNow(), [...acknowledged].sort(), 'what was acknowledged is there, and nothing else');
    assert.equal(await ask(early, 'id'), earlyId, 'a socket goes on');
    const late = await openSocket(gateway, url);
    const lateId = await ask(late, 'id');
    const troubles = () =>
      gateway.logged().filter(({ message }) => /journal of \$disconnect cannot/.test(String(message)));
    assert.ok(troubles().length <= 1, 'the journal complains once');
    late.socket.close();
    await eventually('its $disconnect is called', () => told.includes(lateId) || undefined);

    disk.free(pid);
    acknowledged.push((await once.send(apiNamed('after'))).ApiId!);
    assert.deepEqual(await idsNow(), [...acknowledged].sort());
    const last = await openSocket(gateway, url);
    const lastId = await ask(last, 'id');
    assert.equal(await ask(early, 'id'), earlyId);

    // Not even a kill loses anything now, and the next start has it all.
    await gateway.stop('SIGKILL');
    const next = await startTestGateway(t, ['--data-dir', disk.dataDir]);
    const { Items } = await next.clients.gateway.send(new GetApisCommand({ MaxResults: '500' }));
    assert.deepEqual(Items!.map(({ ApiId }) => ApiId!).sort(), [...acknowledged].sort());
    await eventually(
      '$disconnect of both is called',
      () => (told.includes(lastId) && told.includes(earlyId)) || undefined,
    );
    tellSafety(`faults ${t.name}`, { cases: 1, acknowledged: acknowledged.length, lost: 0, foreign: 0, crashes: 0 });
  });
}
