// Which functions there are: those of the settings file, and those of stacks, which come and go while the gateway runs. Knows names alone,
// and runs nothing.

import { isDeepStrictEqual } from 'node:util';
import type { FunctionSetting } from '../settings/function-setting.ts';
import type { FunctionAccounts } from './local-functions.ts';

export interface FunctionSet {
  /** The function of that name that the account may invoke. */
  find(name: string, account: string): FunctionSetting | undefined;
  /** All that the account may invoke. */
  list(account: string): readonly FunctionSetting[];
  /** Whether the settings file has the name, for the account. */
  isOfSettings(name: string, account: string): boolean;
  /** The functions of a stack, whole. One that is as it was stays the same object. */
  setStack(stackId: string, functions: readonly FunctionSetting[]): void;
}

/** `gone`: told of each function of a stack that is not there any more, or not like that. */
export function createFunctionSet(
  settings: readonly FunctionSetting[],
  accounts: FunctionAccounts,
  gone: (setting: FunctionSetting) => void,
): FunctionSet {
  const ofFile = new Map(settings.map((setting) => [setting.name, setting]));
  const ofStacks = new Map<string, FunctionSetting>();
  const keysByStack = new Map<string, readonly string[]>();
  const keyOf = (account: string, name: string) => `${account}/${name}`;
  const isOf = (setting: FunctionSetting, account: string) =>
    setting.account === undefined ? accounts.ownsUnclaimed(account) : setting.account === account;
  return {
    isOfSettings(name, account) {
      const setting = ofFile.get(name);
      return setting !== undefined && isOf(setting, account);
    },
    find(name, account) {
      const setting = ofFile.get(name);
      // Whoever has the settings file has the server: its names win.
      return setting && isOf(setting, account) ? setting : ofStacks.get(keyOf(account, name));
    },
    list(account) {
      const own = [...ofFile.values()].filter((setting) => isOf(setting, account));
      const names = new Set(own.map(({ name }) => name));
      const others = [...ofStacks.values()].filter(
        (setting) => setting.account === account && !names.has(setting.name),
      );
      return [...own, ...others];
    },
    setStack(stackId, functions) {
      const wanted = new Map(functions.map((setting) => [keyOf(setting.account!, setting.name), setting]));
      for (const key of keysByStack.get(stackId) ?? []) {
        const old = ofStacks.get(key)!;
        if (isDeepStrictEqual(old, wanted.get(key))) continue;
        ofStacks.delete(key);
        gone(old);
      }
      for (const [key, setting] of wanted) if (!ofStacks.has(key)) ofStacks.set(key, setting);
      if (wanted.size === 0) keysByStack.delete(stackId);
      else keysByStack.set(stackId, [...wanted.keys()]);
    },
  };
}
