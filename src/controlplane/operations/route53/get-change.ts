// GetChange: every change is in force when it is acknowledged, so it is INSYNC.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { changeTime } from './change-id.ts';

export const getChange: Operation<'route53', 'GetChange'> = async (input, request, world) => {
  const submittedAt = changeTime(input.Id, request, world);
  if (!submittedAt)
    throw new Fault('NoSuchChange', `A change with the specified change ID does not exist: ${input.Id.slice(0, 64)}`);
  return {
    ChangeInfo: { Id: `/change/${input.Id.replace(/^\/?change\//, '')}`, Status: 'INSYNC', SubmittedAt: submittedAt },
  };
};
