// GetUsagePlan.

import type { Operation } from '../operation.ts';
import { findUsagePlan } from './find-plan.ts';
import { usagePlanOutput } from './plan-output.ts';

export const getUsagePlan: Operation<'apigateway', 'GetUsagePlan'> = async (input, request, { store }) =>
  usagePlanOutput(await findUsagePlan(store.view, request, input.usagePlanId));
