// examples/orders-by-vtl: what clients get of templates alone, and what the services were told.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:https';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { ownerOfFile, upExample, type Example } from '../harness/examples.ts';
import { REGION } from '../harness/gateway.ts';
import { ask, openSocket, type TestSocket } from '../harness/sockets.ts';

interface Told {
  readonly queue?: string;
  readonly body?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly stateMachine?: string;
  readonly input?: unknown;
}

const owner = ownerOfFile();

/** The stand-ins of the example, at ports of their own. */
async function startStandIns() {
  const program = fileURLToPath(new URL('../../examples/orders-by-vtl/stand-ins.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, '0', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  owner.after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const [flags] = (await once(lines, 'line')) as [string];
  const told: Told[] = [];
  lines.on('line', (line) => told.push(JSON.parse(line) as Told));
  const [, dynamodb = '', sqs = ''] = /dynamodb=(\S+) .*sqs=(\S+)/.exec(flags) ?? [];
  return {
    places: { 'http://127.0.0.1:8000': dynamodb, 'http://127.0.0.1:8001': sqs },
    /** What was told next; they print it before they answer, and it comes by a way of its own. */
    next: () => eventually('the stand-ins were told something', () => told.shift()),
  };
}

let services: Awaited<ReturnType<typeof startStandIns>>;
let orders: Example;
before(async () => {
  services = await startStandIns();
  orders = await upExample(owner, 'orders-by-vtl', services.places);
});

async function tell(client: TestSocket, message: object): Promise<Record<string, unknown>> {
  return JSON.parse(await ask(client, JSON.stringify(message))) as Record<string, unknown>;
}

test('what is not made is listed by its logical id', () => {
  for (const id of ['Queue', 'Refund']) assert.match(orders.printed, new RegExp(`\\b${id}\\b`));
});

test('an order is kept for its connection, listed, and cancelled once', async () => {
  const ann = await openSocket(orders.gateway, orders.urls[0]!);
  const { ordered: tea } = await tell(ann, { action: 'order', drink: 'tea', cups: 2, name: `Ann "O'Neil" \\ é` });
  const { ordered: espresso } = await tell(ann, { action: 'order', drink: 'espresso', cups: 1 });
  const listed = await tell(ann, { action: 'orders' });
  assert.deepEqual(
    new Set(listed['orders'] as object[]),
    new Set([
      { id: tea, drink: 'tea', cups: 2, state: 'ordered' },
      { id: espresso, drink: 'espresso', cups: 1, state: 'ordered' },
    ]),
  );
  assert.equal(listed['cups'], 3);
  assert.deepEqual(await tell(ann, { action: 'cancel', id: tea }), { cancelled: true });
  const refused = { cancelled: false, because: 'there is no such order' };
  assert.deepEqual(await tell(ann, { action: 'cancel', id: tea }), refused);
  assert.equal((await tell(ann, { action: 'orders' }))['cups'], 1);

  const bob = await openSocket(orders.gateway, orders.urls[0]!);
  assert.deepEqual(await tell(bob, { action: 'orders' }), { orders: [], cups: 0 });
  assert.deepEqual(await tell(bob, { action: 'cancel', id: espresso }), refused, 'it is not his');
  for (const { socket } of [ann, bob]) socket.close();
});

const BAD: readonly object[] = [
  { action: 'order', drink: 'water', cups: 1 },
  { action: 'order', drink: 'tea', cups: 11 },
  { action: 'order', drink: 'tea', cups: '1"}, "state": {"S": "paid' },
  { action: 'order', drink: 'tea' },
  { action: 'order', drink: 'tea', cups: 1, price: 0 },
];

test('what is no order reaches no table, and other words are answered by what there is', async () => {
  const client = await openSocket(orders.gateway, orders.urls[0]!);
  for (const message of BAD) assert.equal((await tell(client, message))['message'], 'Bad request body');
  assert.deepEqual(await tell(client, { action: 'orders' }), { orders: [], cups: 0 });
  const actions = ['order', 'orders', 'cancel', 'barista', 'refund'];
  assert.deepEqual(await tell(client, { action: 'sing' }), { actions });
  client.socket.close();
});

test('the barista is told through a queue whom to answer, and answers', async () => {
  const client = await openSocket(orders.gateway, orders.urls[0]!);
  assert.match(
    String((await tell(client, { action: 'barista', text: 'no sugar & 50% milk + é' }))['heard']),
    /^[\da-f-]{36}$/,
  );
  const { queue, body, attributes } = await services.next();
  assert.deepEqual([queue, body], ['coffee-orders', 'no sugar & 50% milk + é']);
  const { connectionId, callback } = attributes!;
  const api = new ApiGatewayManagementApiClient({
    endpoint: callback!,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      httpsAgent: new Agent({ ca: orders.gateway.ca, lookup: orders.gateway.lookup, keepAlive: false }),
    },
  });
  owner.after(() => api.destroy());
  await api.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'it is ready' }));
  assert.equal(await client.receive(), 'it is ready');
  client.socket.close();
});

test('a refund starts a state machine with the message as it was', async () => {
  const client = await openSocket(orders.gateway, orders.urls[0]!);
  const message = { action: 'refund', why: `it was "cold", and that's that \\ é` };
  assert.match(String((await tell(client, message))['refund']), /:execution:coffee-refund:\w+$/);
  const { stateMachine, input } = await services.next();
  assert.match(stateMachine!, /:stateMachine:coffee-refund$/);
  assert.deepEqual((input as { order: object }).order, message);
  client.socket.close();
});

test('down leaves nothing', async () => {
  const { code, stdout, stderr } = await orders.down();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual((await orders.gateway.clients.gateway.send(new GetApisCommand({}))).Items, []);
});
