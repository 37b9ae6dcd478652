// Looking up keys and plans for a caller: what is in another account or region does not exist. The 404 texts are AWS's.

import type { ApiKey, UsagePlan, UsagePlanKey } from '../../../model/usage-plan.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import { badRequest, notFound } from '../apigatewayv2/find.ts';
import type { OperationRequest } from '../operation.ts';
import { readPage, type PageRequest } from '../paging.ts';
import type { Page } from '../../../store/contract.ts';

/** As AWS's REST API has it. */
const PAGE_SIZE_DEFAULT = 25;

interface Owned {
  readonly account: string;
  readonly region: string;
}

function isOwned(entity: Owned | undefined, { caller, region }: OperationRequest): boolean {
  return entity?.account === caller.account && entity.region === region;
}

export async function findApiKey(view: View, request: OperationRequest, apiKeyId: string): Promise<ApiKey> {
  const key = await view.get('api-key', apiKeyId);
  if (!key || !isOwned(key, request)) throw notFound('Invalid API Key identifier specified');
  return key;
}

export async function findUsagePlan(view: View, request: OperationRequest, usagePlanId: string): Promise<UsagePlan> {
  const plan = await view.get('usage-plan', usagePlanId);
  if (!plan || !isOwned(plan, request)) throw notFound('Invalid Usage Plan ID specified');
  return plan;
}

export async function findUsagePlanKey(
  view: View,
  request: OperationRequest,
  usagePlanId: string,
  apiKeyId: string,
): Promise<UsagePlanKey> {
  await findUsagePlan(view, request, usagePlanId);
  const planKey = await view.get('usage-plan-key', `${usagePlanId}/${apiKeyId}`);
  if (!planKey) throw notFound('Invalid API Key identifier specified');
  return planKey;
}

interface PageInput {
  readonly position?: string | undefined;
  readonly limit?: number | undefined;
}

/** The page that `limit` and `position` ask for. */
export function pageOf(list: string, { position, limit: size = PAGE_SIZE_DEFAULT }: PageInput): PageRequest {
  return { list, size, token: position, fault: 'BadRequestException' };
}

/** One page of those that match: reads on until it is full. */
export function readMatching<T extends { readonly id: string }>(
  request: PageRequest,
  read: (page: Page) => Promise<T[]>,
  matches: (one: T) => boolean,
): Promise<{ items: T[]; nextToken: string | undefined }> {
  const pageSize = limit('pageSizeMax');
  return readPage(request, async ({ after = '', limit: wanted = pageSize }) => {
    const found: T[] = [];
    for (let last = after; ;) {
      const page = await read({ after: last, limit: pageSize });
      found.push(...page.filter(matches));
      if (found.length >= wanted || page.length < pageSize) return found.slice(0, wanted);
      last = page.at(-1)!.id;
    }
  });
}

/** A date as GetUsage has it → its midnight (UTC). Throws BadRequestException for what is none. */
export function readDate(name: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw badRequest(`${name} must be a date such as 2026-11-26, and is '${text.slice(0, 32)}'.`);
  return ms;
}
