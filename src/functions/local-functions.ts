// Runs functions as processes of this machine: a pool for each, and what is in its environment. Loaded only where there are some.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { LifecycleClock } from '../ambient/clock.ts';
import { realClock } from '../ambient/clock.ts';
import { ids, traceId } from '../ambient/ids.ts';
import type { Log } from '../observe/log.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import type { FunctionSetting } from '../settings/function-setting.ts';
import { createEventQueue } from './event-queue.ts';
import { FunctionPool } from './function-pool.ts';
import { platformError, type LocalOutcome } from './invocation.ts';
import { InvocationCounts } from './invocation-counts.ts';
import { createLogTail } from './log-tail.ts';
import type { OwnAddress } from './runtime-requests.ts';

/** What a function signs with. */
export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken?: string | undefined;
}

/**
 * Names by which this gateway is reached, and where it listens for them; undefined for any other name or port.
 * @port own-names
 */
export interface OwnNames {
  (host: string, port: number): OwnAddress | undefined;
}

/**
 * What accounts are to the functions of the settings file.
 * @port function-accounts
 */
export interface FunctionAccounts {
  /** Whether functions that name no account are the account's. */
  ownsUnclaimed(account: string): boolean;
  /** What a function of the account signs with; undefined when it gets none. `accessKey` is the key that its settings name. */
  credentialsFor(account: string, accessKey: string | undefined): FunctionCredentials | undefined;
}

export interface LocalFunctionsOptions {
  readonly accounts: FunctionAccounts;
  readonly ownNames: OwnNames;
  /** The local authority's certificate, which functions trust. */
  readonly caPem: string;
  /** Below it the certificates are written that functions trust. */
  readonly dataDir: string;
  readonly region: string;
  /** Where services of AWS are, by service: functions of stacks find them there. */
  readonly serviceEndpoints: Readonly<Record<string, string>>;
  readonly clock: LifecycleClock;
  readonly log: Log;
}

export interface LocalInvocation {
  readonly functionArn: string;
  readonly payload: Buffer;
  readonly clientContext?: string | undefined;
  /** X-Amzn-Trace-Id of the call; undefined where nothing is traced. */
  readonly traceHeader?: string | undefined;
  /** A new one where nobody has given one yet. */
  readonly requestId?: string;
  /** Whether the end of its log is asked for. */
  readonly hasLogTail?: boolean;
}

export interface LocalFunctions {
  /** Invokes a function that was found. Never rejects. */
  invoke(setting: FunctionSetting, account: string, invocation: LocalInvocation): Promise<LocalOutcome>;
  /**
   * Invokes a function for which nobody waits, again where it fails; each time what `find` finds then. False when too many of that name
   * wait already.
   */
  accept(
    functionName: string,
    account: string,
    invocation: LocalInvocation,
    find: () => FunctionSetting | undefined,
  ): boolean;
  /** What is under way ends its work; no more is begun, and what waits is not changed in what it is. */
  retire(setting: FunctionSetting): void;
  readonly metricSource: MetricSource;
  /** Ends every process. */
  close(): Promise<void>;
}

export function openLocalFunctions(options: LocalFunctionsOptions): LocalFunctions {
  const { log, clock, ownNames } = options;
  const trust = writeTrust(resolve(options.dataDir, 'functions'), options.caPem);
  const events = createEventQueue(clock, log);
  const counts = new InvocationCounts();
  const pools = new Map<string, FunctionPool>();
  const retired = new Set<FunctionPool>();

  const poolOf = (setting: FunctionSetting, account: string): FunctionPool => {
    const key = `${account}/${setting.name}`;
    let pool = pools.get(key);
    if (pool?.setting !== setting) {
      if (pool) retire(key, pool);
      const environmentOf = () => environmentFor(setting, account, options, trust);
      const counted = counts.of(account, setting.name);
      const started = () => void (counted.starts += 1);
      pool = new FunctionPool(setting, { log, clock, environmentOf, ownName: ownNames, started });
      pools.set(key, pool);
    }
    return pool;
  };

  const retire = (key: string, pool: FunctionPool): void => {
    pools.delete(key);
    retired.add(pool);
    pool.retire(() => retired.delete(pool));
  };

  /** `mayWait`: it may begin when another has ended. */
  const invoke = (setting: FunctionSetting, account: string, asked: LocalInvocation, mayWait: boolean) =>
    new Promise<LocalOutcome>((end) => {
      const { functionArn, payload, clientContext, traceHeader, requestId = ids.uuid(), hasLogTail = false } = asked;
      const settle = (outcome: LocalOutcome) => {
        if (outcome.kind === 'failed') {
          const { errorType, errorMessage } = outcome;
          log.warn('a function failed', { function: setting.name, requestId, errorType, errorMessage });
        }
        end(outcome);
      };
      const nowMs = realClock.now();
      const invocation = {
        requestId,
        functionArn,
        payload,
        traceId: traceHeader ?? traceId(nowMs),
        clientContext,
        tail: hasLogTail ? createLogTail(requestId) : undefined,
        deadlineMs: nowMs,
        settle,
      };
      if (poolOf(setting, account).take(invocation, mayWait)) return;
      log.warn('a function is throttled: functionConcurrencyMax invocations are under way', { function: setting.name });
      end({ kind: 'throttled' });
    }).then((outcome) => {
      counts.of(account, setting.name).outcomes[outcome.kind] += 1;
      return outcome;
    });

  return {
    invoke: (setting, account, invocation) => invoke(setting, account, invocation, false),
    accept(functionName, account, { requestId = ids.uuid(), ...invocation }, find) {
      const run = async (): Promise<LocalOutcome> => {
        const setting = find();
        if (setting) return invoke(setting, account, { ...invocation, requestId }, true);
        return platformError(requestId, 'ResourceNotFoundException', `Function not found: ${functionName}`);
      };
      return events.accept({ functionName, requestId, run });
    },
    retire(setting) {
      for (const [key, pool] of pools) if (pool.setting === setting) retire(key, pool);
    },
    metricSource: counts.source((account, name) => pools.get(`${account}/${name}`)?.processes),
    async close() {
      events.close();
      await Promise.all([...pools.values(), ...retired].map((pool) => pool.close()));
    },
  };
}

interface Trust {
  /** The local authority alone, for runtimes that add it to what they trust. */
  readonly caFile: string;
  /** The public authorities and the local one, for those that trust one file. */
  readonly bundleFile: string;
}

const PUBLIC_FILE = 0o644;

function writeTrust(directory: string, caPem: string): Trust {
  const trust = { caFile: join(directory, 'ca.pem'), bundleFile: join(directory, 'ca-bundle.pem') };
  mkdirSync(directory, { recursive: true });
  writeFileSync(trust.caFile, caPem);
  writeFileSync(trust.bundleFile, `${rootCertificates.join('\n')}\n${caPem}`);
  for (const file of Object.values(trust)) chmodSync(file, PUBLIC_FILE);
  return trust;
}

/** What a process needs of the machine to run at all. Nothing else of the gateway's environment reaches it. */
const OF_THE_MACHINE = ['PATH', 'HOME', 'TMPDIR'];

/** The variables that Lambda sets, those of the machine, and the function's own, which win. */
function environmentFor(
  setting: FunctionSetting,
  account: string,
  { accounts, region: ofServer, serviceEndpoints }: LocalFunctionsOptions,
  { caFile, bundleFile }: Trust,
): Readonly<Record<string, string>> {
  const { name, memoryMb, handler, taskRoot, accessKey, region = ofServer } = setting;
  const credentials = accounts.credentialsFor(account, accessKey);
  const machine = OF_THE_MACHINE.flatMap((variable) => {
    const value = process.env[variable];
    return value === undefined ? [] : [[variable, value] as const];
  });
  return {
    ...Object.fromEntries(machine),
    LANG: 'C.UTF-8',
    TZ: ':UTC',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...(credentials && {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secret,
      ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    }),
    // Else an SDK without credentials would ask the metadata service of the machine for those of the machine.
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: caFile,
    SSL_CERT_FILE: bundleFile,
    AWS_CA_BUNDLE: bundleFile,
    REQUESTS_CA_BUNDLE: bundleFile,
    CURL_CA_BUNDLE: bundleFile,
    ...(setting.region !== undefined && endpointVariables(serviceEndpoints)),
    ...setting.environment,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${ids.hex(16)}`,
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: handler,
  };
}

/** What SDKs call a service by in `AWS_ENDPOINT_URL_…`, where that is not its name in capitals. */
const SERVICE_IDS: Readonly<Record<string, string>> = { events: 'EVENTBRIDGE', states: 'SFN' };

function endpointVariables(endpoints: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const variableOf = (service: string) => `AWS_ENDPOINT_URL_${SERVICE_IDS[service] ?? service.toUpperCase()}`;
  return Object.fromEntries(Object.entries(endpoints).map(([service, url]) => [variableOf(service), url]));
}
