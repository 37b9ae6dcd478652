// A stack on its way out: everything that it made is taken away, the last first, and then its record.

import { removeAll, type Progress } from './apply.ts';
import type { GatewayClient } from './gateway-client.ts';
import { resourceTypes } from './types/resource-types.ts';
import { readStack, StackRecord } from './stack-record.ts';

/** There is no such stack. */
export class NoStackProblem extends Error {}

/** Resolves to what could not be taken away, each a line; then the stack stays, with that. */
export async function takeDown(
  client: GatewayClient,
  stackName: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const page = await readStack(client, stackName);
  const record = new StackRecord(client, page, undefined);
  if (!record.isThere)
    throw new NoStackProblem(`there is no stack ${stackName} of account ${page.account} in ${page.region}`);
  const owned = { stackName, account: page.account, region: page.region };
  const types = resourceTypes(page.gateway.serviceEndpoints);
  const removals = record.resources.toReversed();
  return record.run(async () => {
    // Nobody else changes it from here on.
    await record.put();
    const left = await removeAll({ removals }, { client, record, progress, signal, owned, types, dataDir: undefined });
    if (left.length === 0) await record.remove();
    return left;
  });
}

export interface ListedStack {
  readonly name: string;
  readonly template: string;
  readonly resources: number;
  readonly functions: readonly string[];
  readonly isUnderWay: boolean;
  readonly updatedAt: string;
}

export async function listStacks(
  client: GatewayClient,
): Promise<{ account: string; region: string; stacks: ListedStack[] }> {
  return (await client.page('GET', '/_sallyport/stacks')) as { account: string; region: string; stacks: ListedStack[] };
}
