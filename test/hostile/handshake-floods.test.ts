// Strangers at the TLS port: what they can take up is bounded, by address and in all, and what is over a bound costs no signature.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import type { Owner } from '../harness/gateway.ts';
import { openFiles, openFilesMax } from '../harness/process-facts.ts';
import { startAttack } from './attack-process.ts';
import { startTarget } from './target.ts';

const PER_ADDRESS_MAX = 150;
const IN_ALL_MAX = 1_000;
const RATE = { perSecond: 10, burst: 300 };
/** As many as asked for, or as many as this machine lets one process have. */
const HALF_OPEN = Math.min(5_000, openFilesMax() - 200);
/** Descriptors of the process that are no handshake's: its listeners and files, the neighbour, the backend. */
const FILES_BESIDE = 150;
/** Each unfinished handshake that is kept costs about 30 KiB. */
const GROWN_MIB_MAX = 256;

const addresses = (count: number, network: number) =>
  Array.from({ length: count }, (_, at) => `127.0.${network}.${at + 1}`);

const limits = {
  unfinishedHandshakesPerAddressMax: PER_ADDRESS_MAX,
  unfinishedHandshakesMax: IN_ALL_MAX,
  connectionsPerAddressPerSecondMax: RATE.perSecond,
  connectionsPerAddressBurstMax: RATE.burst,
  // So that a case need not wait for the usual two seconds before the oldest yields.
  unfinishedHandshakeYieldMs: 200,
};
const target = await startTarget(
  { after },
  Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]),
);
const { gateway, pid } = target;
const port = gateway.tlsPort;

/** Lines of the log that tell of refused connections. */
const told = (sourceIp: string) =>
  gateway.logged().filter(({ message, sourceIp: whose }) => message === 'connections refused' && whose === sourceIp);

const start = (t: Owner, name: string, settings: object) => startAttack(t, 'network', name, { port, ...settings });

describe('strangers at the TLS port', () => {
  for (const [count, hello, network] of [
    [HALF_OPEN, 'half', 1],
    [Math.min(2_000, HALF_OPEN), 'whole', 2],
  ] as const) {
    test(`${count} connections from twenty addresses that send ${hello} a hello and no more`, async (t) => {
      const from = { addresses: addresses(20, network), count, closedMin: count - IN_ALL_MAX };
      await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, isReconnecting: true }, async (isEnough) => {
        const attack = start(t, 'halfOpen', { ...from, hello });
        const { opened } = await attack.standing;
        assert.equal(opened, count);
        assert.ok(openFiles(pid) <= IN_ALL_MAX + FILES_BESIDE, 'so many handshakes are under way at most');
        await eventually('the neighbour got on', () => isEnough() || undefined);
        await attack.stop();
      });
    });
  }

  test('one address has its share of the handshakes under way, and the log says so once', async (t) => {
    const from = {
      addresses: ['127.0.3.1'],
      count: RATE.burst,
      closedMin: RATE.burst - PER_ADDRESS_MAX,
      hello: 'half',
    };
    const before = openFiles(pid);
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, isReconnecting: true }, async (isEnough) => {
      const attack = start(t, 'halfOpen', from);
      await attack.standing;
      assert.ok(openFiles(pid) - before <= PER_ADDRESS_MAX + FILES_BESIDE, 'its share is all that it has');
      await eventually('the neighbour got on', () => isEnough() || undefined);
      await attack.stop();
    });
    const reasons = told('127.0.3.1').map(({ reason }) => reason);
    assert.deepEqual(reasons, [`more than unfinishedHandshakesPerAddressMax (${PER_ADDRESS_MAX})`]);
  });

  test('connections that are reset before a hello, as fast as they go', async (t) => {
    const counts = await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, isReconnecting: true }, async (isEnough) => {
      const attack = start(t, 'dropped', { addresses: addresses(20, 4), until: 5_000 });
      await attack.standing;
      await eventually('the neighbour got on', () => isEnough() || undefined);
      return attack.stop();
    });
    assert.ok(counts['opened']! >= 5_000);
  });

  test('whole handshakes as fast as they go, from one address in two processes', async (t) => {
    const address = '127.0.5.1';
    const beganAtMs = Date.now();
    const counts = await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, isReconnecting: true }, async (isEnough) => {
      const from = { addresses: [address], serverName: 'localhost', until: 200 };
      const attacks = [start(t, 'handshakes', from), start(t, 'handshakes', from)];
      for (const { standing } of attacks) await standing;
      await eventually('the neighbour got on', () => isEnough() || undefined);
      return Promise.all(attacks.map((attack) => attack.stop()));
    });
    const done = counts.reduce((sum, count) => sum + count['done']!, 0);
    const mayBe = RATE.burst + RATE.perSecond * Math.ceil((Date.now() - beganAtMs) / 1_000);
    assert.ok(done >= RATE.burst - 1 && done <= mayBe, `${done} were let through, and ${mayBe} may be`);
    const reasons = told(address).map(({ reason }) => reason);
    assert.deepEqual(reasons, [`more than connectionsPerAddressPerSecondMax (${RATE.perSecond})`]);
  });

  test('names that nobody serves, another one each time, from fifty addresses', async (t) => {
    await target.endure(t, { grownMiBMax: GROWN_MIB_MAX, isReconnecting: true }, async (isEnough) => {
      const from = { addresses: addresses(50, 6), serverName: 'n#.nobody.example', until: 500 };
      const attack = start(t, 'handshakes', from);
      await attack.standing;
      await eventually('the neighbour got on', () => isEnough() || undefined);
      await attack.stop();
    });
  });
});
