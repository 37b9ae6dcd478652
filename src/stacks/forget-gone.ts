// What a stack has in a service beside the gateway may be gone without it: a stand-in that keeps its tables in memory begins empty. That is
// looked at before a plan is made, so that it is made again. It makes nothing, and the record is not put here.

import { UnreachableProblem, type GatewayClient } from './gateway-client.ts';
import type { StackRecord } from './stack-record.ts';
import type { ResourceTypes } from './types/resource-types.ts';
import { OperationProblem } from './wire-call.ts';

/** Drops from the record, as read, what is known to be gone. A service that does not answer has forgotten nothing. */
export async function forgetGone(record: StackRecord, types: ResourceTypes, client: GatewayClient): Promise<void> {
  const gone = await Promise.all(
    record.resources.map(async (one) => {
      const isGone = types(one.type)?.isGone?.(one, client);
      return (await isGone?.catch(whereUnknown)) ? [one.logicalId] : [];
    }),
  );
  for (const logicalId of gone.flat()) record.drop(logicalId);
}

function whereUnknown(error: unknown): boolean {
  if (error instanceof OperationProblem || error instanceof UnreachableProblem) return false;
  throw error;
}
