// The gateway that a command of stacks is for: that of --endpoint, the one that runs on the data directory, or one that is started here.

import { resolve } from 'node:path';
import { readRunningGateway } from '../settings/running-gateway.ts';
import { readSettings, SettingsProblem } from '../settings/read-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { createGatewayClient, UnreachableProblem, type GatewayClient } from '../stacks/gateway-client.ts';
import { gatewayIdOf } from '../stacks/stack-record.ts';
import { OperationProblem } from '../stacks/wire-call.ts';
import { printReady } from '../observe/log.ts';
import { CommandProblem } from './command-problem.ts';
import { askedRegion, readCredentials } from './control-client.ts';
import { flagsOf, serveHere, type Served } from './serve.ts';

export interface GatewayFlags {
  readonly endpoint?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly [setting: string]: unknown;
}

export interface StackGateway {
  readonly endpoint: string;
  readonly client: GatewayClient;
  readonly codeToken: string | undefined;
  /** Where its data lies, when that is on this machine. */
  readonly dataDir: string | undefined;
  /** The one that was started here. */
  readonly own: Served | undefined;
}

/** `check` may throw, and then none is started. */
export async function openGateway(flags: GatewayFlags, check?: () => void): Promise<StackGateway> {
  const { endpoint, json: _, ...others } = flags;
  const settings = await readSettings(flagsOf(onlySettings(others)), process.env);
  const dataDir = resolve(settings.dataDir);
  const region = regionOf(flags, settings);
  const running = readRunningGateway(dataDir);
  if (endpoint !== undefined) {
    const client = clientOf(endpoint, region);
    const id = await gatewayId(client);
    if (id === undefined) throw new CommandProblem(`no gateway that keeps stacks answers at ${endpoint}.`);
    const isOf = running !== undefined && id === gatewayIdOf(running.codeToken);
    const codeToken = isOf ? running.codeToken : undefined;
    return { endpoint, client, codeToken, dataDir: isOf ? dataDir : undefined, own: undefined };
  }
  if (running) {
    const client = clientOf(running.control, region);
    // One that was killed leaves its file, and another one may have its port by now.
    if ((await gatewayId(client)) === gatewayIdOf(running.codeToken))
      return { endpoint: running.control, client, codeToken: running.codeToken, dataDir, own: undefined };
  }
  const own = await serveHere(onlySettings(others), check).catch((error: unknown) => {
    throw withWayOut(error, settings.dataDir);
  });
  if (process.stderr.isTTY) console.error(`no gateway ran on ${settings.dataDir}: one is started here`);
  else printReady(own.addresses);
  const started = readRunningGateway(dataDir)!;
  const client = clientOf(started.control, region);
  return { endpoint: started.control, client, codeToken: started.codeToken, dataDir, own };
}

/** Somebody has its addresses: most often another gateway, which can be meant. */
function withWayOut(error: unknown, dataDir: string): unknown {
  if (!(error instanceof SettingsProblem) || !/taken by|in use/.test(error.message)) return error;
  return new SettingsProblem(
    `no gateway runs on ${dataDir}, and none can be started: ${error.message} One that runs already is used with its --data-dir, or --endpoint.`,
  );
}

const OF_STACKS: readonly string[] = [
  'stackName',
  'parameter',
  'import',
  'standIn',
  'dryRun',
  'watch',
  'endpoint',
  'json',
];

function onlySettings(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !OF_STACKS.includes(name)));
}

function regionOf(flags: GatewayFlags, settings: Settings): string {
  return flags.region ?? askedRegion() ?? settings.region;
}

function clientOf(endpoint: string, region: string): GatewayClient {
  if (!URL.canParse(endpoint))
    throw new CommandProblem(`--endpoint: '${endpoint}' is not a URL, like http://127.0.0.1:4566.`);
  return createGatewayClient({ endpoint, credentials: readCredentials(), region });
}

/** Undefined where nobody answers, or somebody who is no gateway that keeps stacks. */
async function gatewayId(client: GatewayClient): Promise<string | undefined> {
  try {
    const page = (await client.page('GET', '/_sallyport/stacks')) as { gateway?: { id?: string } } | undefined;
    return page?.gateway?.id;
  } catch (error) {
    const isNone = error instanceof OperationProblem && NO_PAGE.includes(error.status);
    if (isNone || error instanceof UnreachableProblem) return undefined;
    throw error;
  }
}

const NO_PAGE: readonly number[] = [404, 405, 501];
