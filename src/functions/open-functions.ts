// Who runs a function: a process of this machine where the settings file or a stack has its name, else whoever answers at
// `--lambda-endpoint`. One supplier for integrations and authorizers alike.

import { realClock } from '../ambient/clock.ts';
import { parseArn } from '../model/arn.ts';
import type { FunctionCall, FunctionOutcome } from '../model/function-call.ts';
import type { MetricSource } from '../observe/metrics/readings.ts';
import type { FunctionRuntime, FunctionSetting } from '../settings/function-setting.ts';
import { createFunctionSet, type FunctionSet } from './function-set.ts';
import { createInvokeClient, type Credentials, type FunctionCalls } from './invoke-client.ts';
import type { FunctionAccounts, LocalFunctions, LocalFunctionsOptions, LocalInvocation } from './local-functions.ts';
import { runtimeOf } from './runtime-program.ts';

export interface Functions extends FunctionSet {
  /** By the ARN of a call. Never rejects. */
  readonly call: (call: FunctionCall) => Promise<FunctionOutcome>;
  /** One that was found. Never rejects. */
  readonly invoke: LocalFunctions['invoke'];
  readonly metricSource: MetricSource;
  /** One that was found, and for which nobody waits: it is tried again where it fails. False when too many wait already. */
  accept(setting: FunctionSetting, account: string, invocation: LocalInvocation): Promise<boolean>;
  /** What runs it, now. */
  runtimeOf(setting: FunctionSetting): FunctionRuntime;
  close(): Promise<void>;
}

export interface FunctionsOptions extends Omit<LocalFunctionsOptions, 'accounts'> {
  /** Of the settings file. */
  readonly functions: readonly FunctionSetting[];
  readonly lambdaEndpoint: string | undefined;
  readonly calls: FunctionCalls;
  readonly accounts: FunctionAccounts & {
    /** What calls of an account to the endpoint are signed with; undefined when the operator bound none to it. */
    backendCredentials(account: string, role?: string): Credentials | undefined;
  };
}

export async function openFunctions(options: FunctionsOptions): Promise<Functions> {
  const { lambdaEndpoint: endpoint, calls, accounts, log } = options;
  const credentialsOf = (account: string, role?: string) => accounts.backendCredentials(account, role);
  const remote = createInvokeClient({ endpoint, calls, credentialsOf, nowMs: () => realClock.now(), log });
  let opening: Promise<LocalFunctions> | undefined;
  const local = () =>
    (opening ??= import('./local-functions.ts').then(({ openLocalFunctions }) => openLocalFunctions(options)));
  // A problem of the machine is one of the start, where the settings name functions.
  if (options.functions.length > 0) await local();
  const set = createFunctionSet(options.functions, accounts, (setting) => {
    void opening?.then((running) => running.retire(setting));
  });
  const invoke: LocalFunctions['invoke'] = async (setting, account, invocation) =>
    (await local()).invoke(setting, account, invocation);
  return {
    ...set,
    invoke,
    metricSource: async (readings, reader) => (await opening)?.metricSource(readings, reader),
    runtimeOf,
    accept: async (setting, account, invocation) =>
      (await local()).accept(setting.name, account, invocation, () => set.find(setting.name, account)),
    close: async () => (await opening)?.close(),
    async call(call) {
      const { functionArn, account, payload, timeoutMs, traceHeader } = call;
      const name = parseArn(functionArn)?.resource.split(':')[1] ?? '';
      const setting = set.find(name, account);
      if (!setting) return remote(call);
      const outcome = await within(timeoutMs, invoke(setting, account, { functionArn, payload, traceHeader }));
      if (outcome === undefined)
        return { kind: 'timedOut', reason: `${functionArn} did not end within ${timeoutMs} ms` };
      if (outcome.kind !== 'throttled') return outcome;
      const reason = `${functionArn} was not invoked: 429 TooManyRequestsException Rate Exceeded.`;
      return { kind: 'unreachable', reason };
    },
  };
}

/** Undefined when it takes longer: the function goes on, and nobody waits for it. */
async function within<T>(timeoutMs: number, result: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  const first = await Promise.race([result, over]);
  clearTimeout(timer);
  return first;
}
