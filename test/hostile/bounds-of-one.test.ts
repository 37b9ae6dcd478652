// What one address and one account may have: each bound, the refusal that names it, that it ends with what was taken, and that it is
// nobody else's. The bounds are small here; docs/limits.md has what they are.

import assert from 'node:assert/strict';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import {
  ApiGatewayV2Client,
  GetApisCommand,
  type ApiGatewayV2ServiceException as ServiceException,
} from '@aws-sdk/client-apigatewayv2';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { eventually, next } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, type RefusedHandshake } from '../harness/sockets.ts';
import { ATTACKER, startTarget, urlOf } from './target.ts';

const CONNECTIONS_MAX = 8;
const SOCKETS_MAX = 5;
const CONTROL_CONNECTIONS_MAX = 12;
const CONTROL_BURST = 40;
const ACCOUNT_BURST = 30;
const GROWN_MIB_MAX = 64;

const limits = {
  connectionsPerAddressMax: CONNECTIONS_MAX,
  openConnectionsPerAccountMax: SOCKETS_MAX,
  controlConnectionsPerAddressMax: CONTROL_CONNECTIONS_MAX,
  controlRequestsPerAddressPerSecondMax: 1,
  controlRequestsPerAddressBurstMax: CONTROL_BURST,
  controlRequestsPerAccountPerSecondMax: 1,
  controlRequestsPerAccountBurstMax: ACCOUNT_BURST,
};
const target = await startTarget({ after }, [
  '--http',
  '127.0.0.1:0',
  ...Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]),
]);
const { gateway, controlPort } = target;
const api = await makeApi(target.clients, { $default: { target: mock('served'), isTwoWay: true } });
const url = urlOf(gateway, api);

/** Lines of the log about a source. */
const told = (message: string, source: string) =>
  gateway
    .logged()
    .filter((line) => line['message'] === message && [line['sourceIp'], line['account']].includes(source));

/** Opens one after the other until one is refused; resolves to those that were not. */
async function untilRefused<T>(open: () => Promise<T>): Promise<{ kept: T[]; refusal: Error }> {
  const kept: T[] = [];
  for (;;) {
    try {
      kept.push(await open());
    } catch (error) {
      return { kept, refusal: error as Error };
    }
    assert.ok(kept.length < 100, 'there is a bound');
  }
}

async function openTls(localAddress: string): Promise<TLSSocket> {
  const options: ConnectionOptions & { localAddress: string } = {
    host: '127.0.0.1',
    port: gateway.tlsPort,
    localAddress,
    ca: gateway.ca,
    servername: 'localhost',
  };
  const socket = connectTls(options);
  await next(socket, 'secureConnect');
  socket.on('error', () => {});
  return socket;
}

/** A request on a connection that is kept. */
async function openControl(localAddress: string, port = controlPort): Promise<Agent> {
  const agent = new Agent({ keepAlive: true, localAddress });
  const asked = request({ host: '127.0.0.1', port, path: '/_sallyport/health', agent }).end();
  const [response] = await next<[IncomingMessage]>(asked, 'response');
  response.resume();
  await next(response, 'end');
  return agent;
}

/** Clients of an account that call from an address, and do not try again. */
function clientsAt(localAddress: string) {
  const credentials = { accessKeyId: ATTACKER.key, secretAccessKey: ATTACKER.secret };
  const requestHandler = { httpAgent: new Agent({ localAddress }) };
  const common = { endpoint: gateway.endpoint, region: REGION, credentials, requestHandler, maxAttempts: 1 };
  return { gateway: new ApiGatewayV2Client(common), acm: new ACMClient(common), route53: new Route53Client(common) };
}

const isServed = async () => {
  const client = await openSocket(gateway, url, { localAddress: '127.0.7.99' });
  assert.equal(await ask(client, 'hello'), 'served');
  client.socket.terminate();
  await client.closed;
};

test(`an address has ${CONNECTIONS_MAX} connections open to the TLS listener`, async (t) => {
  await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, isReconnecting: true }, async (isEnough) => {
    const { kept } = await untilRefused(() => openTls('127.0.7.1'));
    assert.equal(kept.length, CONNECTIONS_MAX);
    const { kept: others } = await untilRefused(() => openTls('127.0.7.2'));
    assert.equal(others.length, CONNECTIONS_MAX, 'another address has as many');
    kept.pop()!.destroy();
    await eventually('there is room for one again', () =>
      openTls('127.0.7.1').then(
        (socket) => kept.push(socket),
        () => undefined,
      ),
    );
    await eventually('the neighbour got on', () => isEnough() || undefined);
    for (const socket of [...kept, ...others]) socket.destroy();
  });
  const [line, ...more] = told('connections refused', '127.0.7.1');
  assert.equal(line?.['reason'], `more than connectionsPerAddressMax (${CONNECTIONS_MAX})`);
  assert.equal(more.length, 0, 'it is told once, and not for each');
});

test(`an account has ${SOCKETS_MAX} sockets open, wherever they come from`, async (t) => {
  let from = 0;
  const open = () => openSocket(gateway, url, { localAddress: `127.0.7.${10 + (from += 1)}` });
  await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
    const { kept, refusal } = await untilRefused(open);
    assert.equal(kept.length, SOCKETS_MAX);
    assert.equal((refusal as RefusedHandshake).status, 429);
    for (const client of kept) assert.equal(await ask(client, 'hello'), 'served', 'those that are open stay');
    kept.pop()!.socket.close();
    await eventually('there is room for one again', () =>
      open().then(
        (client) => kept.push(client),
        () => undefined,
      ),
    );
    await eventually('the neighbour got on', () => isEnough() || undefined);
    for (const client of kept) client.socket.terminate();
  });
  const reason = `the account has ${SOCKETS_MAX} connections open`;
  assert.ok(gateway.logged().some((line) => line['reason'] === reason));
  // Handshakes that were refused, or broke off, count for nothing.
  for (let times = 0; times <= SOCKETS_MAX; times += 1) {
    await eventually('there is room again', () =>
      isServed().then(
        () => true,
        () => undefined,
      ),
    );
  }
  const again = await untilRefused(open);
  assert.equal(again.kept.length, SOCKETS_MAX, 'and none is let in for nothing');
  for (const client of again.kept) client.socket.terminate();
});

test(`an address has ${CONNECTIONS_MAX} connections open to the plain listener`, async (t) => {
  const port = Number(gateway.ready.http[0]!.split(':').at(-1));
  await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
    const { kept } = await untilRefused(() => openControl('127.0.7.7', port));
    assert.equal(kept.length, CONNECTIONS_MAX);
    for (const agent of kept) agent.destroy();
    await eventually('the neighbour got on', () => isEnough() || undefined);
  });
  assert.equal(told('connections refused', '127.0.7.7').length, 1);
});

test(`an address has ${CONTROL_CONNECTIONS_MAX} connections open to the control port`, async (t) => {
  await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
    const { kept } = await untilRefused(() => openControl('127.0.7.3'));
    assert.equal(kept.length, CONTROL_CONNECTIONS_MAX);
    await openControl('127.0.7.4').then((agent) => agent.destroy());
    for (const agent of kept) agent.destroy();
    await eventually('there is room again', () =>
      openControl('127.0.7.3').then(
        (agent) => (agent.destroy(), true),
        () => undefined,
      ),
    );
    await eventually('the neighbour got on', () => isEnough() || undefined);
  });
  assert.equal(told('control requests refused', '127.0.7.3').length, 1);
});

test(`an address may send ${CONTROL_BURST} control requests at once, whoever signs them`, async (t) => {
  const from = { host: '127.0.0.1', port: controlPort, localAddress: '127.0.7.5' };
  const agent = new Agent({ keepAlive: true });
  const ask = async (path: string) => {
    const asked = request({ ...from, path, agent }).end();
    const [response] = await next<[IncomingMessage]>(asked, 'response');
    return { status: response.statusCode!, type: response.headers['x-amzn-errortype'], body: await text(response) };
  };
  await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
    let throttled = 0;
    for (let times = 0; times < 2 * CONTROL_BURST; times += 1) {
      const { status, type, body } = await ask('/v2/apis');
      if (status === 403) continue;
      throttled += 1;
      assert.deepEqual([status, type], [429, 'TooManyRequestsException']);
      assert.match(body, /Rate exceeded: one address may send 1 requests a second, 40 at once/);
    }
    assert.ok(throttled > 0 && throttled <= CONTROL_BURST, `${throttled} were too many`);
    await eventually('the neighbour got on', () => isEnough() || undefined);
  });
  agent.destroy();
  assert.equal(told('control requests refused', '127.0.7.5').length, 1);
  const { status } = await openControl('127.0.7.6').then((other) => (other.destroy(), { status: 200 }));
  assert.equal(status, 200, 'another address is answered');
});

test(`an account may send ${ACCOUNT_BURST} control requests at once, wherever they come from`, async (t) => {
  let from = 0;
  const at = () => clientsAt(`127.0.7.${100 + (from += 1)}`);
  await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
    const { kept, refusal } = await untilRefused(() => at().gateway.send(new GetApisCommand({})));
    assert.ok(kept.length <= ACCOUNT_BURST);
    assert.equal(refusal.name, 'TooManyRequestsException');
    const bound = `account ${ATTACKER.account} may send 1 requests a second, ${ACCOUNT_BURST} at once`;
    assert.match(refusal.message, new RegExp(bound));
    // Each service says it in its own words, which its SDK knows as a throttle.
    const others = [
      await untilRefused(() => at().acm.send(new ListCertificatesCommand({}))),
      await untilRefused(() => at().route53.send(new ListHostedZonesCommand({}))),
    ].map((tried) => [tried.refusal.name, (tried.refusal as ServiceException).$metadata.httpStatusCode]);
    assert.deepEqual(others, [
      ['ThrottlingException', 400],
      ['Throttling', 400],
    ]);
    await eventually('the neighbour got on', () => isEnough() || undefined);
  });
  assert.equal(told('control requests refused', ATTACKER.account).length, 1);
});
