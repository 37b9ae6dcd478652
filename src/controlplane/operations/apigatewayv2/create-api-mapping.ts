// CreateApiMapping: a path of a custom domain name leads to a stage (custom-domains 2).

import { ids } from '../../../ambient/ids.ts';
import type { ApiMapping } from '../../../model/domain-name.ts';
import type { Operation } from '../operation.ts';
import { checkKeyIsFree, checkMappingKey, checkTarget } from './api-mapping-rules.ts';
import { apiMappingOutput } from './domain-name-output.ts';
import { badRequest, findDomainName } from './find.ts';

export const createApiMapping: Operation<'apigatewayv2', 'CreateApiMapping'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const domain = await findDomainName(transaction, request, input.DomainName);
    if (domain.routingMode === 'ROUTING_RULE_ONLY') {
      throw badRequest(`${domain.domainName} is in mode ROUTING_RULE_ONLY, in which no API mapping can be created.`);
    }
    const others = await transaction.children('api-mapping', domain.domainName);
    await checkTarget(transaction, request, { apiId: input.ApiId, stage: input.Stage }, others);
    const apiMappingKey = checkMappingKey(input.ApiMappingKey);
    checkKeyIsFree(apiMappingKey, others);
    const apiMappingId = ids.part();
    const mapping: ApiMapping = {
      id: `${domain.domainName}/${apiMappingId}`,
      account: domain.account,
      region: domain.region,
      domainName: domain.domainName,
      apiMappingId,
      apiId: input.ApiId,
      stage: input.Stage,
      apiMappingKey,
    };
    transaction.put('api-mapping', mapping);
    return apiMappingOutput(mapping);
  });
