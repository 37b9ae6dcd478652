// PutAccountConfiguration: keeps from how many days before the end of its certificates an account is told of it. The reconciler
// reads it when it gives notice.

import { accountConfigurationId } from '../../../model/certificate.ts';
import { Fault } from '../../../model/faults.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';

export const putAccountConfiguration: Operation<'acm', 'PutAccountConfiguration'> = async (
  { ExpiryEvents: events, IdempotencyToken: idempotencyToken },
  { caller, region },
  { store, clock },
) => {
  const daysBeforeExpiry = events?.DaysBeforeExpiry;
  if (daysBeforeExpiry === undefined) return;
  if (!Number.isInteger(daysBeforeExpiry)) {
    throw new Fault('ValidationException', `DaysBeforeExpiry is ${daysBeforeExpiry}, and must be whole days.`);
  }
  const { account } = caller;
  const id = accountConfigurationId(account, region);
  await store.transact(async (transaction) => {
    const earlier = await transaction.get('account-configuration', id);
    const isRepeated =
      earlier?.idempotencyToken === idempotencyToken && earlier.changedAtMs > clock.now() - limit('certificateTokenMs');
    if (isRepeated && earlier.daysBeforeExpiry !== daysBeforeExpiry) {
      throw new Fault(
        'ConflictException',
        `The token '${idempotencyToken}' stands for ${earlier.daysBeforeExpiry} days within the hour. Send another token.`,
      );
    }
    if (isRepeated) return;
    const changedAtMs = clock.now();
    transaction.put('account-configuration', { id, account, region, daysBeforeExpiry, idempotencyToken, changedAtMs });
  });
};
