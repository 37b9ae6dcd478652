// CreateModel. Routes refer to it by its name; a deployment copies it.

import { ids } from '../../../ambient/ids.ts';
import type { Model } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { modelOutput } from './api-output.ts';
import { findWebSocketApi } from './find.ts';
import { checkModel } from './model-rules.ts';
import { checkQuota } from './quota-rules.ts';

export const createModel: Operation<'apigatewayv2', 'CreateModel'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    checkQuota('Models', (await transaction.children('model', api.apiId)).length);
    const modelId = ids.part();
    const model: Model = {
      id: `${api.apiId}/${modelId}`,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      modelId,
      name: input.Name,
      schema: input.Schema,
      ...present({ contentType: input.ContentType, description: input.Description }),
    };
    await checkModel(transaction, api, model);
    transaction.put('model', model);
    return modelOutput(model);
  });
