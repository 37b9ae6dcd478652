// A client that is connected, and does what no client should: crumbs without end, pings without end, and answers that it never reads.

import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import {
  ApiGatewayManagementApiClient,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { limit } from '../../src/settings/limits.ts';
import { eventually, next } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { makeApi, mock } from '../harness/sockets.ts';
import { startAttack } from './attack-process.ts';
import { closeCode, frame, openRaw } from './raw-client.ts';
import { ATTACKER, startTarget, urlOf } from './target.ts';

const FRAMES = 100_000;
const CLIENTS = 3;
/** The queue of each client holds 1 MiB, which short answers take up many times over by what a write costs; and TLS reads ahead. */
const GROWN_MIB_MAX = 384;
const MIB = 1_048_576;
const POSTS_MAX = 200;
const BIG_ANSWER = 'x'.repeat(30_000);

/** Half of what an account usually may, so that a slow machine meets it, too. */
const target = await startTarget({ after }, [
  '--limit',
  'accountRequestsPerSecondMax=5000',
  '--limit',
  'accountRequestsBurstMax=1000',
]);
const { gateway } = target;
const api = await makeApi(target.clients, {
  $default: { target: mock('served'), isTwoWay: true },
  much: { target: mock(BIG_ANSWER), isTwoWay: true },
  'my-id': { target: mock('$context.connectionId'), isTwoWay: true },
});
const path = new URL(urlOf(gateway, api)).pathname;
const place = { port: gateway.tlsPort, path };

const throttled = () => gateway.logged().filter(({ step }) => step === 'throttle');

describe('a client that is connected', () => {
  /** How it may end: by a close frame with a code that is read, or, 0, by the end of the connection; and whether it must. */
  const rows = [
    ['messages of one octet', 'crumbs', true, [1008], 'may'],
    ['fragments of one octet', 'fragments', true, [1008], 'must'],
    ['fragments of nothing', 'hollow', true, [1008], 'must'],
    // One that pings faster than it reads is cut off, and one that does not is closed.
    ['pings, and reads the pongs', 'pings', true, [0, 1008], 'must'],
    ['pings, and reads no pong', 'pings', false, [0], 'may'],
    ['questions, and reads no answer', 'questions', false, [0], 'must'],
  ] as const;
  for (const [name, kind, isReading, ends, whether] of rows) {
    test(`${FRAMES} ${name}`, async (t) => {
      const counts = await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
        const closedMin = whether === 'must' ? CLIENTS : 0;
        const settings = { ...place, kind, isReading, closedMin, until: FRAMES, clients: CLIENTS };
        const attack = startAttack(t, 'sockets', 'frames', settings);
        await attack.standing;
        // What was sent is not what has come: the attack goes on until the gateway has met its bound.
        if (kind === 'crumbs') await eventually('it is throttled', () => throttled()[0]);
        await eventually('the neighbour got on', () => isEnough() || undefined);
        return attack.stop();
      });
      const { sent, ...codes } = counts;
      assert.ok(sent! >= FRAMES);
      const known: string[] = ends.map((end) => `code${end}`);
      for (const code of Object.keys(codes)) assert.ok(known.includes(code), code);
    });
  }

  test('100000 messages that no route takes, and the log tells of some of them', async (t) => {
    const unrouted = await makeApi(target.clients, { other: { target: mock('served'), isTwoWay: true } });
    const untold = () =>
      gateway
        .logged()
        .find(({ message, source }) => message === 'refused, and not told one by one' && source === unrouted.apiId);
    const beganAtMs = Date.now();
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
      const settings = { ...place, path: new URL(urlOf(gateway, unrouted)).pathname, kind: 'crumbs', isReading: true };
      const attack = startAttack(t, 'sockets', 'frames', {
        ...settings,
        closedMin: 0,
        until: FRAMES,
        clients: CLIENTS,
      });
      await attack.standing;
      await eventually('it is told that not all is told', untold);
      await eventually('the neighbour got on', () => isEnough() || undefined);
      return attack.stop();
    });
    const seconds = Math.ceil((Date.now() - beganAtMs) / 1_000);
    const { length } = gateway.logged().filter(({ step, apiId }) => step === 'route' && apiId === unrouted.apiId);
    const mayBe = limit('refusalLinesBurstMax') + limit('refusalLinesPerSecondMax') * seconds;
    assert.ok(length > 0 && length <= mayBe, `${length} lines, and ${mayBe} may be`);
  });

  test('the log tells of throttled messages once for each client', (t) => {
    const lines = throttled();
    assert.ok(lines.length > 0);
    assert.equal(new Set(lines.map(({ connectionId }) => connectionId)).size, lines.length);
    tellSafety(`hostile ${t.name}`, { cases: 1, lost: 0, foreign: 0, crashes: 0 });
  });

  test('a client that is posted to, and reads nothing', async (t) => {
    const client = new ApiGatewayManagementApiClient({
      endpoint: `https://localhost:${gateway.tlsPort}/_aws/execute-api/${api.apiId}/${api.stage}`,
      region: REGION,
      credentials: { accessKeyId: ATTACKER.key, secretAccessKey: ATTACKER.secret },
      maxAttempts: 1,
      requestHandler: { httpsAgent: new Agent({ ca: gateway.ca, keepAlive: true }) },
    });
    const Data = Buffer.from(BIG_ANSWER.repeat(4));
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
      const deaf = await openRaw(place, true);
      deaf.write(frame(0x81, '{"action":"my-id"}'));
      const [id] = await next<[Buffer]>(deaf, 'data');
      deaf.pause();
      const ConnectionId = id.toString('latin1').slice(2);
      let refusal: unknown;
      // What the system buffers for both sides, and TLS, is a few MiB.
      for (let posted = 0; refusal === undefined && posted < POSTS_MAX; posted += 1) {
        await client
          .send(new PostToConnectionCommand({ ConnectionId, Data }))
          .catch((error: unknown) => (refusal = error));
      }
      assert.ok(refusal instanceof LimitExceededException, String(refusal));
      assert.equal(refusal.$metadata.httpStatusCode, 429);
      await eventually('the neighbour got on', () => isEnough() || undefined);
      deaf.destroy();
    });
    client.destroy();
  });

  test('a client that offers to compress, and is not compressed with', async (t) => {
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX }, async (isEnough) => {
      const bomb = deflateRawSync(Buffer.alloc(64 * MIB, 'x'));
      const headers = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n';
      const client = await openRaw({ ...place, headers }, true);
      const code = closeCode(client);
      // The first reserved bit says that it is compressed (RFC 7692 7.2.3.1); nobody agreed to that.
      client.write(frame(0xc1, bomb.subarray(0, 32_000)));
      assert.equal(await code, 1002);
      client.destroy();
      await eventually('the neighbour got on', () => isEnough() || undefined);
    });
  });
});
