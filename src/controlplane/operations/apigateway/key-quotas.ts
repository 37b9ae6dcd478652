// How many keys and plans an account may have in a region. The text is API Gateway's of the parts of an API, with this server's own bound
// after it.

import { Fault } from '../../../model/faults.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';

const QUOTAS = {
  'api-key': { words: 'ApiKeys', name: 'apiKeysPerRegionMax' },
  'usage-plan': { words: 'UsagePlans', name: 'usagePlansPerRegionMax' },
} as const;

/** Throws LimitExceededException when the account may get no more; resolves to how many it may. */
export async function roomFor(
  kind: keyof typeof QUOTAS,
  view: View,
  { caller, region }: OperationRequest,
): Promise<number> {
  const { words, name } = QUOTAS[kind];
  const room = limit(name) - (await view.countOwned(kind, caller.account, region));
  if (room > 0) return room;
  throw noRoom(words, name);
}

/** The refusal of one more of what a list has filled. */
export function noRoomForKeys(): Fault {
  const { words, name } = QUOTAS['api-key'];
  return noRoom(words, name);
}

function noRoom(words: string, name: 'apiKeysPerRegionMax' | 'usagePlansPerRegionMax'): Fault {
  return new Fault(
    'LimitExceededException',
    `Maximum number of ${words} for this account has been reached.  Please contact AWS if you need additional ${words}. ` +
      `(This server allows ${limit(name)} in a region: ${name}.)`,
    { members: { limitType: name } },
  );
}
