// From the stacks of the store to the functions that are run: at start, and with every change. Environments are unsealed here, for the
// processes that get them.

import type { Stack } from '../model/stack.ts';
import type { Log } from '../observe/log.ts';
import type { FunctionEnvironments } from '../protocol/function-environments.ts';
import type { FunctionSetting } from '../settings/function-setting.ts';

/**
 * The stacks that there are, and each change of one; undefined for one that is gone. Resolves when all have been told of.
 * @port stack-source
 */
export interface StackSource {
  follow(changed: (id: string, stack: Stack | undefined) => void): Promise<void>;
}

interface KeptStacks {
  readonly stackRecords: StackSource;
  readonly functionEnvironments: FunctionEnvironments;
}

export async function followStacks(
  { stackRecords: source, functionEnvironments: environments }: KeptStacks,
  setStack: (stackId: string, functions: readonly FunctionSetting[]) => void,
  log: Log,
): Promise<void> {
  await source.follow((id, stack) => setStack(id, stack ? settingsOf(stack, environments, log) : []));
}

function settingsOf(stack: Stack, environments: FunctionEnvironments, log: Log): readonly FunctionSetting[] {
  return stack.functions.flatMap(({ sealedEnvironment, ...stored }) => {
    try {
      const environment = environments.unseal(sealedEnvironment, `${stack.id}/${stored.name}`);
      const { name, handler, taskRoot, timeoutMs, memoryMb, runtime, accessKey } = stored;
      const { account, region } = stack;
      return [{ name, handler, runtime, environment, timeoutMs, memoryMb, account, accessKey, taskRoot, region }];
    } catch (error) {
      // Sealed under another master key: the others run all the same.
      log.error('a function of a stack cannot be run: its variables cannot be opened', {
        function: stored.name,
        error: (error as Error).message,
      });
      return [];
    }
  });
}
