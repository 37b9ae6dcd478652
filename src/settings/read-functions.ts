// `functions` of the settings file: functions that run as processes of this machine. What is wrong is one line that names the function
// and the member; the values of `env` may be secrets, and are never in it.

import { resolve } from 'node:path';
import type { FunctionRuntime, FunctionSetting } from './function-setting.ts';
import { FUNCTION_LIMITS } from './function-limit-table.ts';

export const FUNCTIONS_KEY = 'functions';

const RUNTIMES: readonly FunctionRuntime[] = ['nodejs', 'python', 'command'];
const MEMBERS = ['handler', 'runtime', 'env', 'timeout', 'memory', 'account', 'accessKey'];
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What the runtime is told by: a function that set it would not run. */
const RESERVED = /^(?:AWS_LAMBDA_|LAMBDA_TASK_ROOT$|_HANDLER$|SALLYPORT_)/;
const ACCESS_KEY = /^\w{1,128}$/;
const MB_MIN = 128;
const TIMEOUT_SECONDS = 3;
const SECONDS_MAX = FUNCTION_LIMITS.functionTimeoutMsMax.value / 1_000;

/** Why the functions cannot be taken, as a phrase with a full stop. */
export class FunctionsProblem extends Error {}

/** `taskRoot`: what handlers are relative to. Throws FunctionsProblem. */
export function readFunctions(value: unknown, taskRoot: string): readonly FunctionSetting[] {
  if (value === undefined || value === null) return [];
  if (!isMap(value)) throw new FunctionsProblem('functions must be a map: a name, and its handler.');
  const entries = Object.entries(value);
  const max = FUNCTION_LIMITS.functionsMax.value;
  if (entries.length > max) throw new FunctionsProblem(`functions has ${entries.length} entries, and may have ${max}.`);
  return entries.map(([name, members]) => readFunction(name, members, resolve(taskRoot)));
}

function readFunction(name: string, members: unknown, taskRoot: string): FunctionSetting {
  if (!NAME.test(name)) {
    throw new FunctionsProblem('a name in functions must be 1 to 64 letters, digits, - and _, as in Lambda.');
  }
  const fail = (text: string) => new FunctionsProblem(`functions.${name}${text}`);
  if (!isMap(members)) throw fail(' must be a map with a handler, for example {handler: src/app.handler}.');
  const unknown = Object.keys(members).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) throw fail(` has a key that is none of ${MEMBERS.join(', ')}.`);
  const { handler, runtime, env, timeout = TIMEOUT_SECONDS, memory = MB_MIN, account, accessKey } = members;
  if (typeof handler !== 'string' || handler === '') {
    throw fail('.handler is missing: give a file and its export, for example src/app.handler.');
  }
  if (runtime !== undefined && !RUNTIMES.some((one) => one === runtime)) {
    throw fail(`.runtime must be one of ${RUNTIMES.join(', ')}.`);
  }
  const memoryMax = FUNCTION_LIMITS.functionMemoryMbMax.value;
  if (!isWhole(memory, MB_MIN, memoryMax)) throw fail(`.memory must be MB, from ${MB_MIN} to ${memoryMax}.`);
  if (!isWhole(timeout, 1, SECONDS_MAX)) throw fail(`.timeout must be seconds, from 1 to ${SECONDS_MAX}.`);
  // YAML reads twelve digits as a number, and zeros before it are lost.
  const accountText = account === undefined ? undefined : String(account).padStart(12, '0');
  if (accountText !== undefined && !/^\d{12}$/.test(accountText))
    throw fail('.account must be the 12 digits of an account.');
  if (accessKey !== undefined && (typeof accessKey !== 'string' || !ACCESS_KEY.test(accessKey)))
    throw fail('.accessKey must be the id of an access key.');
  return {
    name,
    handler,
    runtime: runtime as FunctionRuntime | undefined,
    environment: readEnvironment(env, fail),
    timeoutMs: timeout * 1_000,
    memoryMb: memory,
    account: accountText,
    accessKey,
    taskRoot,
  };
}

function readEnvironment(env: unknown, fail: (text: string) => FunctionsProblem): Readonly<Record<string, string>> {
  if (env === undefined || env === null) return {};
  if (!isMap(env)) throw fail('.env must be a map of names and values.');
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      if (!VARIABLE.test(name)) throw fail('.env has a key that is no name of a variable.');
      if (RESERVED.test(name)) throw fail(`.env.${name} is reserved for the runtime.`);
      if (!['string', 'number', 'boolean'].includes(typeof value) || String(value).includes('\0')) {
        throw fail(`.env.${name} must be a text.`);
      }
      return [name, String(value)];
    }),
  );
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
