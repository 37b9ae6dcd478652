// DeleteStage: refused while a custom domain name maps to it (custom-domains 2.5). Open sockets stay.

import { reference } from '../../../model/kinds.ts';
import type { Operation } from '../operation.ts';
import { badRequest, findStage } from './find.ts';

export const deleteStage: Operation<'apigatewayv2', 'DeleteStage'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const stage = await findStage(transaction, request, input.ApiId, input.StageName);
    const mappings = await transaction.referring('api-mapping', reference.stage(stage.apiId, stage.stageName));
    if (mappings.length > 0) {
      const domains = [...new Set(mappings.map((mapping) => mapping.domainName))].join(', ');
      throw badRequest(
        `Deleting stage ${stage.stageName} failed. Please remove all API mappings related to the stage in your domains: ${domains}`,
      );
    }
    transaction.remove('stage', stage.id);
  });
