// Ids of changes. A change is in force when ChangeResourceRecordSets returns, so nothing is kept of it: the id itself says when
// it was made and proves that it was made here, for this account.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OperationRequest, OperationWorld } from '../operation.ts';

const BODY_BYTES = 9;
const MAC_BYTES = 6;

function mac(body: Buffer, key: Uint8Array, account: string): Buffer {
  return createHmac('sha256', key)
    .update('route53 change ')
    .update(account)
    .update(body)
    .digest()
    .subarray(0, MAC_BYTES);
}

/** The wire form of a change made now. */
export function changeInfo(request: OperationRequest, world: OperationWorld, comment?: string) {
  const body = Buffer.alloc(BODY_BYTES);
  const now = world.clock.now();
  body.writeUIntBE(now, 0, 6);
  randomBytes(3).copy(body, 6);
  const id = Buffer.concat([body, mac(body, world.tokenKey, request.caller.account)]);
  return {
    Id: `/change/C${id.toString('hex').toUpperCase()}`,
    Status: 'PENDING' as const,
    SubmittedAt: new Date(now),
    ...(comment === undefined ? {} : { Comment: comment }),
  };
}

/** When the change was submitted; undefined for an id that was never issued to this account. */
export function changeTime(id: string, request: OperationRequest, world: OperationWorld): Date | undefined {
  const hex = /^(?:\/?change\/)?C([0-9A-F]{30})$/.exec(id)?.[1];
  if (hex === undefined) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  const body = bytes.subarray(0, BODY_BYTES);
  if (!timingSafeEqual(bytes.subarray(BODY_BYTES), mac(body, world.tokenKey, request.caller.account))) return undefined;
  return new Date(body.readUIntBE(0, 6));
}
