// GetAccountConfiguration: from how many days before the end of its certificates an account is told of it, in this region.

import { accountConfigurationId } from '../../../model/certificate.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';

const DAY_MS = 86_400_000;

export const getAccountConfiguration: Operation<'acm', 'GetAccountConfiguration'> = async (
  _input,
  { caller, region },
  { store },
) => {
  const kept = await store.view.get('account-configuration', accountConfigurationId(caller.account, region));
  return { ExpiryEvents: { DaysBeforeExpiry: kept?.daysBeforeExpiry ?? limit('expiryNoticeMs') / DAY_MS } };
};
