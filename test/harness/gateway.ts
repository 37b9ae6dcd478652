// A gateway of a test's own: the real process on port 0 with a data directory of its own, ended and removed with the test.

import { mkdtempSync, rmSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LookupFunction } from 'node:net';
import { createClients, type Clients } from '../../demo/chain.ts';
import { createLookup, fetchCa } from '../../demo/client-side.ts';
import { eventually } from './eventually.ts';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { assertNoSecrets, secretsOf, stageLogLines, type Given } from './log-secrets.ts';
import { EPHEMERAL, startGatewayProcess, type GatewayProcess } from '../../demo/gateway-process.ts';

export const REGION = 'us-east-1';

/** What clients need of a gateway, wherever it runs. */
export interface ReachableGateway extends Pick<GatewayProcess, 'endpoint' | 'dnsServer' | 'tlsPort'> {
  readonly clients: Clients;
  readonly ca: string;
  readonly lookup: LookupFunction;
}

export interface TestGateway extends GatewayProcess, ReachableGateway {
  readonly dataDir: string;
  /** Log lines that were parsed so far. */
  logged(): Record<string, unknown>[];
  /** Moves lifecycle time forward (`10m`, `72h`); the gateway must have been started with `--clock movable`. */
  advance(duration: string): Promise<void>;
  /** Resolves when no certificate is worked on and none is due. */
  settled(): Promise<void>;
}

/** What can run something at its end: a test context, or a suite's `after` hook. */
export interface Owner {
  after(end: () => unknown): void;
}

/** Starts a gateway that lives as long as `owner`. Later `args` win over the ephemeral ports. */
export async function startTestGateway(
  owner: Owner,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<TestGateway> {
  const ownDir = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  const allArgs = ['--data-dir', ownDir, ...EPHEMERAL, ...args];
  const dataDir = allArgs[allArgs.lastIndexOf('--data-dir') + 1]!;
  try {
    const gateway = await startGatewayProcess(allArgs, { env });
    endWith(owner, gateway, { dataDir, args, env });
    return await describeGateway(gateway, dataDir);
  } finally {
    owner.after(() => removeDirectory(ownDir));
  }
}

/** Every gateway of this test file that was not ended yet. */
const open = new Set<GatewayProcess>();

async function end(gateway: GatewayProcess): Promise<void> {
  const { child } = gateway;
  open.delete(gateway);
  if (child.exitCode === null && child.signalCode === null) await gateway.stop('SIGKILL');
  await finished(child.stderr!);
}

/** Ends the gateway with its owner, and fails when a secret stands in what it wrote until then. */
export function endWith(owner: Owner, gateway: GatewayProcess, given: Given): void {
  const secrets = secretsOf(given);
  open.add(gateway);
  owner.after(async () => {
    await end(gateway);
    try {
      // Its master key may be another one by now.
      const all = new Set([...secrets, ...secretsOf(given)]);
      assertNoSecrets(gateway.lines, all);
      assertNoSecrets(stageLogLines(given.dataDir), all);
    } catch (error) {
      // A hook that fails is the last one that runs, and a gateway that nobody ends would keep the file from ending.
      await Promise.all([...open].map(end));
      throw error;
    }
  });
}

async function describeGateway(gateway: GatewayProcess, dataDir: string): Promise<TestGateway> {
  return {
    ...gateway,
    dataDir,
    clients: createClients(gateway.endpoint, REGION),
    ca: await fetchCa(gateway.endpoint),
    lookup: createLookup(gateway.dnsServer),
    advance: (duration) => advance(gateway.endpoint, duration),
    settled: () => settled(gateway.endpoint),
    logged: () => gateway.lines.map(parseLine).filter((line) => line !== undefined),
  };
}

async function advance(endpoint: string, duration: string): Promise<void> {
  const target = '/_sallyport/clock';
  const body = Buffer.from(JSON.stringify({ advance: duration }));
  const { host } = new URL(endpoint);
  const credentials = { accessKeyId: 'test', secret: 'test' };
  const scope = { region: REGION, service: 'sallyport' };
  const headers = signRequest({ method: 'POST', target, host, body }, credentials, scope, Date.now());
  const response = await fetch(`${endpoint}${target}`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`the clock was not moved: ${await response.text()}`);
}

async function settled(endpoint: string): Promise<void> {
  await eventually('the work on certificates is settled', async () => {
    const ready = (await (await fetch(`${endpoint}/_sallyport/ready`)).json()) as {
      certificateWork: { isSettled: boolean };
    };
    return ready.certificateWork.isSettled ? true : undefined;
  });
}

/** A directory that is removed with its owner. */
export function temporaryDirectory(owner: Owner): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  owner.after(() => removeDirectory(path));
  return path;
}

/** Whoever still writes there, a function that ends with its gateway, is waited for a little. */
function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 10 });
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // A line that is not JSON is a finding of its own, made where it matters.
    return undefined;
  }
}
