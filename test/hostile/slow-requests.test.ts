// Clients that hold a connection by sending next to nothing, or by reading nothing at all: each is cut off within its deadline, all of
// them at a time, while a neighbour goes on.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateApiCommand } from '@aws-sdk/client-apigatewayv2';
import { REGION } from '../harness/gateway.ts';
import { makeApi, mock } from '../harness/sockets.ts';
import { startAttack } from './attack-process.ts';
import { ATTACKER, startTarget, urlOf } from './target.ts';

const COUNT = 500;
/** A connection is worth a request with its head, and answers that are under way: four, of up to 128 KiB here. */
const GROWN_MIB_MAX = 384;
/** The deadlines, lowered so that the suite need not wait for the usual ten and thirty seconds. */
const limits = { handshakeTimeoutMs: 3_000, controlRequestTimeoutMs: 4_000 };

const target = await startTarget(
  { after },
  Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]),
);
const { gateway, controlPort } = target;
const api = await makeApi(target.clients, { $default: { target: mock('served'), isTwoWay: true } });
const { pathname } = new URL(urlOf(gateway, api));
const addresses = Array.from({ length: 20 }, (_, at) => `127.0.8.${at + 1}`);
const CRLF = '\r\n';
const post = (path: string) => `POST ${path} HTTP/1.1${CRLF}Host: localhost${CRLF}Content-Length: 100000${CRLF}${CRLF}`;

interface Row {
  readonly name: string;
  readonly isTls: boolean;
  readonly begin: string;
  readonly drip: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'heads to the TLS listener that never end',
    isTls: true,
    begin: `GET ${pathname} HTTP/1.1${CRLF}`,
    drip: 'x',
  },
  {
    name: 'bodies to @connections that never end',
    isTls: true,
    begin: post(`${pathname}/@connections/L0SM9cOFvHcCIhw=`),
    drip: 'x',
  },
  { name: 'heads to the control port that never end', isTls: false, begin: `GET /v2/apis HTTP/1.1${CRLF}`, drip: 'x' },
  { name: 'bodies to the control port that never end', isTls: false, begin: post('/v2/apis'), drip: '{' },
];

test(`${ROWS.length} times ${COUNT} requests that never end are cut off, all at a time`, async (t) => {
  const opened = ROWS.length * COUNT;
  // All are closed within their deadlines, or this waits for the time-out of the test.
  const counts = await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, () =>
    Promise.all(
      ROWS.map(({ isTls, begin, drip }) => {
        const port = isTls ? gateway.tlsPort : controlPort;
        return startAttack(t, 'control', 'slow', { isTls, begin, drip, port, addresses, count: COUNT }).ended;
      }),
    ),
  );
  assert.equal(
    counts.reduce((sum, { closed = 0 }) => sum + closed, 0),
    opened,
  );
});

test('answers of the control port that nobody reads are given up', async (t) => {
  for (let count = 0; count < 100; count += 1) {
    const Description = 'x'.repeat(1_000);
    const named = {
      Name: `unread ${count}`,
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.a',
    } as const;
    await target.clients.gateway.send(new CreateApiCommand({ ...named, Description }));
  }
  const lanes = 20;
  const { closed } = await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, () => {
    const credentials = { accessKeyId: ATTACKER.key, secret: ATTACKER.secret };
    const asked = { port: controlPort, path: '/v2/apis', credentials, region: REGION };
    return startAttack(t, 'control', 'unread', { ...asked, addresses, lanes, until: 80 }).ended;
  });
  assert.equal(closed, lanes);
});
