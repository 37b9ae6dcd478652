// What an API mapping's key may be, and what it may point at (custom-domains 2.2, 2.3). Used by CreateApiMapping and
// UpdateApiMapping, in AWS's order: API, stage, key.

import type { ApiMapping } from '../../../model/domain-name.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import { badRequest, conflict, ownApi } from './find.ts';

const KEY = /^[A-Za-z0-9$\-_.+!*'()]+(\/[A-Za-z0-9$\-_.+!*'()]+)*$/;

/** The stored key: absent, `''` and `(none)` are the root. Throws BadRequestException for what no key may be. */
export function checkMappingKey(key: string | undefined): string {
  if (key === undefined || key === '' || key === '(none)') return '';
  const max = limit('mappingKeyCharactersMax');
  if (key.length > max) throw badRequest(`An ApiMapping key may have at most ${max} characters, and has ${key.length}`);
  if (!KEY.test(key)) {
    throw badRequest(`An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()`);
  }
  return key;
}

/** The caller's API and its stage exist, and the API is of the kind that the domain's other mappings lead to. */
export async function checkTarget(
  view: View,
  request: OperationRequest,
  target: { readonly apiId: string; readonly stage: string },
  others: readonly ApiMapping[],
): Promise<void> {
  const { apiId, stage } = target;
  const api = await ownApi(view, request, apiId);
  if (!api) throw badRequest(`Invalid API identifier specified: ${apiId}`);
  if (!(await view.get('stage', `${apiId}/${stage}`))) throw badRequest('Invalid stage identifier specified');
  // All mappings of a domain are of one kind already, so one of them tells.
  const [neighbour] = others;
  const kind = neighbour && (await view.get('api', neighbour.apiId))?.protocolType;
  if (kind !== undefined && kind !== api.protocolType) {
    throw badRequest(
      "Currently, WebSocket APIs can only be attached to a domain name with other WebSocket APIs. This must also occur through API Gateway's V2 DomainName interface.",
    );
  }
}

/** The key is free among the domain's other mappings, and there is room for one of several levels. */
export function checkKeyIsFree(key: string, others: readonly ApiMapping[]): void {
  if (others.some((other) => other.apiMappingKey === key))
    throw conflict('ApiMapping key already exists for this domain name');
  const max = limit('multiLevelMappingsPerDomainMax');
  const count = others.filter((other) => other.apiMappingKey.includes('/')).length;
  if (key.includes('/') && count >= max) {
    throw badRequest(`The domain name has ${count} API mappings with several levels; at most ${max} are allowed`);
  }
}
