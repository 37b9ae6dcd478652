// Who runs a function: a process of this machine where the settings file has its name, else whoever answers at `--lambda-endpoint`. One
// supplier for integrations and authorizers alike.

import { realClock } from '../ambient/clock.ts';
import { parseArn } from '../model/arn.ts';
import type { FunctionCall, FunctionOutcome } from '../model/function-call.ts';
import { createInvokeClient, type Credentials, type FunctionCalls } from './invoke-client.ts';
import type { FunctionAccounts, LocalFunctions, LocalFunctionsOptions } from './local-functions.ts';

export interface Functions {
  /** Never rejects. */
  readonly invoke: (call: FunctionCall) => Promise<FunctionOutcome>;
  /** Undefined where the settings file has no functions. */
  readonly local: LocalFunctions | undefined;
  close(): Promise<void>;
}

export interface FunctionsOptions extends Omit<LocalFunctionsOptions, 'accounts'> {
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
  if (options.functions.length === 0) return { invoke: remote, local: undefined, close: () => Promise.resolve() };
  const { openLocalFunctions } = await import('./local-functions.ts');
  const local = openLocalFunctions(options);
  return {
    local,
    close: () => local.close(),
    async invoke(call) {
      const { functionArn, account, payload, timeoutMs } = call;
      const name = parseArn(functionArn)?.resource.split(':')[1] ?? '';
      const setting = local.find(name, account);
      if (!setting) return remote(call);
      const outcome = await within(timeoutMs, local.invoke(setting, account, { functionArn, payload }));
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
