// GetUsage: what the keys of a plan used of its quota, day by day. Of a plan without a quota nothing is counted.

import { limit } from '../../../settings/limits.ts';
import { dateText, nextDay } from '../../../model/usage-plan.ts';
import { badRequest } from '../apigatewayv2/find.ts';
import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { findUsagePlan, findUsagePlanKey, pageOf, readDate } from './find-plan.ts';

export const getUsage: Operation<'apigateway', 'GetUsage'> = async (
  { usagePlanId, startDate, endDate, keyId, ...page },
  request,
  { store: { view }, usage },
) => {
  const fromMs = readDate('startDate', startDate);
  const toMs = readDate('endDate', endDate);
  const daysMax = limit('usageDaysMax');
  const days = Math.round((toMs - fromMs) / nextDay(0)) + 1;
  if (days < 1 || days > daysMax)
    throw badRequest(`From startDate to endDate there must be 1 to ${daysMax} days, and there are ${days}.`);
  await findUsagePlan(view, request, usagePlanId);
  const { items, nextToken } =
    keyId === undefined
      ? await readPage(pageOf(`usageplans/${usagePlanId}/usage`, page), (part) =>
          view.children('usage-plan-key', usagePlanId, part),
        )
      : { items: [await findUsagePlanKey(view, request, usagePlanId, keyId)], nextToken: undefined };
  const counted = items.flatMap(({ id, apiKeyId }) => {
    const rows = usage.days(id, fromMs, toMs);
    return rows ? [[apiKeyId, rows] as const] : [];
  });
  return {
    usagePlanId,
    startDate: dateText(fromMs),
    endDate: dateText(toMs),
    items: Object.fromEntries(counted),
    position: nextToken,
  };
};
