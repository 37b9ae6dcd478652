// A gateway under attack, and the tenant who must not notice: a well-behaved client of another account that goes on with its round trips,
// and sees its own words alone, for as long as the attack lasts.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createClients, type Clients } from '../../demo/chain.ts';
import { startEchoBackend } from '../harness/echo-backend.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory, type Owner, type TestGateway } from '../harness/gateway.ts';
import { cpuSeconds, forgetPeak, openFiles, peakBytes } from '../harness/process-facts.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { ask, makeApi, openSocket, type RouteOptions } from '../harness/sockets.ts';

const NEIGHBOUR = { account: '111122223333', key: 'AKIDNEIGHBOUR', addresses: 100 };
export const ATTACKER = { account: '444455556666', key: 'AKIDATTACKER', secret: 'the-secret-of-the-attacker' };
const NEIGHBOURS_SECRET = 'the-secret-of-the-neighbour';
export const neighboursCredentials = { accessKeyId: NEIGHBOUR.key, secretAccessKey: NEIGHBOURS_SECRET };

/** Round trips that must end while an attack lasts; the attack is kept up until they have. */
const ROUND_TRIPS_MIN = 20;
const MIB = 1_048_576;

export interface Target {
  readonly gateway: TestGateway;
  readonly pid: number;
  /** Of the account that attacks. */
  readonly clients: Clients;
  readonly controlPort: number;
  /** Log lines at the level `error`. */
  errors(): Record<string, unknown>[];
  /**
   * Runs one case: the attack, beside the neighbour's traffic; then checks the bounds. `attack` may look at `isEnough` to know when
   * the neighbour has done its round trips. Tells the safety line.
   */
  endure<T>(t: TestContext, bounds: Bounds, attack: (isEnough: () => boolean) => Promise<T>): Promise<T>;
}

export interface Bounds {
  /** How much more memory the process takes at any time of the attack than before it. */
  readonly grownMiBMax: number;
  /** Descriptors it has open at most when the attack is over, beyond those before. */
  readonly leftFilesMax?: number;
  /** Whether the neighbour opens a new connection for each round trip; else one is kept for all. */
  readonly isReconnecting?: boolean;
}

/** One for a test file. `routes` are those of the neighbour's API; without them they lead to an echo of its own. */
export async function startTarget(owner: Owner, args: readonly string[] = []): Promise<Target> {
  const accounts = join(temporaryDirectory(owner), 'accounts.yaml');
  writeFileSync(accounts, accountsText(), { mode: 0o600 });
  const allow = ['--accounts', accounts, '--egress-allow', '127.0.0.0/8'];
  const gateway = await startTestGateway(owner, [...allow, ...args]);
  const { pid } = gateway.ready;
  const neighbours = createClients(gateway.endpoint, REGION, NEIGHBOUR.key, NEIGHBOURS_SECRET);
  const backend = await startEchoBackend(owner);
  const url = urlOf(gateway, await makeApi(neighbours, backend.routes as Record<string, RouteOptions>));
  let roundTrips = 0;
  const open = () => openSocket(gateway, url, { localAddress: `127.0.9.${1 + (roundTrips % NEIGHBOUR.addresses)}` });
  const kept = await open();
  const errors = () => gateway.logged().filter(({ level }) => level === 'error');
  const roundTrip = async (isReconnecting: boolean) => {
    const client = isReconnecting ? await open() : kept;
    const words = `of the neighbour alone ${(roundTrips += 1)}`;
    assert.equal(await ask(client, words), words, 'the neighbour sees its own words');
    if (isReconnecting) client.socket.close();
  };
  return {
    gateway,
    pid,
    clients: createClients(gateway.endpoint, REGION, ATTACKER.key, ATTACKER.secret),
    controlPort: Number(new URL(gateway.endpoint).port),
    errors,
    async endure(t, { grownMiBMax, leftFilesMax = 20, isReconnecting = false }, attack) {
      await roundTrip(isReconnecting);
      const [filesBefore, errorsBefore, cpuBefore] = [openFiles(pid), errors().length, cpuSeconds(pid)];
      forgetPeak(pid);
      const bytesBefore = peakBytes(pid);
      const before = roundTrips;
      const isEnough = () => roundTrips - before >= ROUND_TRIPS_MIN;
      let isOver = false;
      const attacking = attack(isEnough).finally(() => (isOver = true));
      const neighbour = (async () => {
        while (!isOver) await roundTrip(isReconnecting);
      })();
      const [result] = await Promise.all([attacking, neighbour]);
      const done = roundTrips - before;
      assert.ok(done >= ROUND_TRIPS_MIN, `the neighbour got ${done} round trips done`);
      const grownMiB = Math.round((peakBytes(pid) - bytesBefore) / MIB);
      assert.ok(grownMiB <= grownMiBMax, `memory grew by ${grownMiB} MiB, and may by ${grownMiBMax}`);
      await eventually(
        'what the attack opened is closed',
        () => openFiles(pid) - filesBefore <= leftFilesMax || undefined,
      );
      assert.equal(gateway.child.exitCode ?? gateway.child.signalCode, null, 'the process is the same one');
      assert.deepEqual(errors().slice(errorsBefore), [], 'nothing failed that was not foreseen');
      const cpu = (cpuSeconds(pid) - cpuBefore).toFixed(1);
      tellSafety(`hostile ${t.name}`, {
        cases: 1,
        roundTrips: done,
        grownMiB,
        cpuSeconds: cpu,
        lost: 0,
        foreign: 0,
        crashes: 0,
      });
      return result;
    },
  };
}

export function urlOf(
  { tlsPort }: Pick<TestGateway, 'tlsPort'>,
  { apiId, stage }: { apiId: string; stage: string },
): string {
  return `wss://localhost:${tlsPort}/_aws/execute-api/${apiId}/${stage}`;
}

function accountsText(): string {
  const account = (id: string, name: string, key: string, secret: string) =>
    `  - id: "${id}"\n    name: ${name}\n    keys: [{ id: ${key}, secret: ${secret} }]\n`;
  return (
    'accounts:\n' +
    account(NEIGHBOUR.account, 'neighbour', NEIGHBOUR.key, NEIGHBOURS_SECRET) +
    account(ATTACKER.account, 'attacker', ATTACKER.key, ATTACKER.secret)
  );
}
