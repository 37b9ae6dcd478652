// A process with next to no memory for its objects. What happens is this: it serves as long as it can, and when the engine finds no more
// room it ends at once, by itself, as if it had been killed; the next start has everything that was acknowledged.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateApiCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { processesWith } from '../harness/process-facts.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

/** The first that a start and one API have room in is a little more than they take, whatever the engine takes. */
const HEAPS_MIB = [18, 19, 20, 21, 22, 23, 24, 26, 28, 32];
/** More configuration than that holds. */
const APIS = 3_000;
const LANES = 8;

test('the engine runs out of memory', async (t) => {
  const dataDir = temporaryDirectory(t);
  const unthrottled = [
    '--limit',
    'controlRequestsPerAccountBurstMax=100000',
    '--limit',
    'controlRequestsPerAddressBurstMax=100000',
  ];
  const start = (heapMiB: number) => {
    const NODE_OPTIONS = `--max-old-space-size=${heapMiB}`;
    return startTestGateway(t, ['--data-dir', dataDir, ...unthrottled], { NODE_OPTIONS });
  };
  const serve = async (heapMiB: number) => {
    const gateway = await start(heapMiB);
    try {
      const api = await makeApi(gateway.clients, { $default: { target: mock('served'), isTwoWay: true } });
      return { gateway, api, client: await openSocket(gateway, pathForm(gateway, api)) };
    } catch (error) {
      await gateway.stop('SIGKILL');
      throw error;
    }
  };
  let serving: Awaited<ReturnType<typeof serve>> | undefined;
  for (const heapMiB of HEAPS_MIB) serving ??= await serve(heapMiB).catch(() => undefined);
  assert.ok(serving, `a start and one API take more than ${HEAPS_MIB.at(-1)} MiB`);
  const { gateway, api, client } = serving;
  const acknowledged = new Set([api.apiId]);
  let made = 0;
  const lane = async () => {
    while (made < APIS) {
      made += 1;
      const named = { Name: `${made}`, Description: 'x'.repeat(1_000), ProtocolType: 'WEBSOCKET' } as const;
      const { ApiId } = await gateway.clients.gateway.send(
        new CreateApiCommand({
          ...named,
          RouteSelectionExpression: '$request.body.a',
          Tags: { filler: 'x'.repeat(200) },
        }),
      );
      acknowledged.add(ApiId!);
    }
  };
  const ended = await Promise.race([
    Promise.all(Array.from({ length: LANES }, lane)).then(
      () => 'it was enough',
      () => 'it ended',
    ),
    client.closed.then(() => 'it ended'),
  ]);
  if (ended === 'it was enough') await gateway.stop('SIGKILL');
  else await gateway.stop('SIGKILL').then(() => assert.equal(gateway.child.signalCode, 'SIGABRT', 'by itself'));
  assert.deepEqual(processesWith(dataDir), []);
  const later = await startTestGateway(t, ['--data-dir', dataDir]);
  const found = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await later.clients.gateway.send(new GetApisCommand({ MaxResults: '500', NextToken }));
    for (const { ApiId } of page.Items!) found.add(ApiId!);
    ({ NextToken } = page);
  } while (NextToken);
  const lost = [...acknowledged].filter((id) => !found.has(id));
  assert.deepEqual(lost, []);
  t.diagnostic(`${ended} after ${acknowledged.size} APIs`);
  tellSafety(`faults ${t.name}`, {
    cases: 1,
    acknowledged: acknowledged.size,
    lost: lost.length,
    foreign: 0,
    crashes: 0,
  });
});
