// UpdateApiMapping: the API is always given; stage and key keep their value when left out, and `""` is the root.

import type { ApiMapping } from '../../../model/domain-name.ts';
import type { Operation } from '../operation.ts';
import { checkKeyIsFree, checkMappingKey, checkTarget } from './api-mapping-rules.ts';
import { apiMappingOutput } from './domain-name-output.ts';
import { findApiMapping } from './find.ts';

export const updateApiMapping: Operation<'apigatewayv2', 'UpdateApiMapping'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const old = await findApiMapping(transaction, request, input.DomainName, input.ApiMappingId);
    const stage = input.Stage ?? old.stage;
    const all = await transaction.children('api-mapping', old.domainName);
    const others = all.filter((other) => other.id !== old.id);
    await checkTarget(transaction, request, { apiId: input.ApiId, stage }, others);
    const apiMappingKey = input.ApiMappingKey === undefined ? old.apiMappingKey : checkMappingKey(input.ApiMappingKey);
    checkKeyIsFree(apiMappingKey, others);
    const mapping: ApiMapping = { ...old, apiId: input.ApiId, stage, apiMappingKey };
    transaction.put('api-mapping', mapping);
    return apiMappingOutput(mapping);
  });
