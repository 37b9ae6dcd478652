// UpdateModel: members left out keep their value, an empty text clears its member. Routes refer to a Model by name, so one that is
// used keeps its name.

import { patch } from '../members.ts';
import type { Operation } from '../operation.ts';
import { modelOutput } from './api-output.ts';
import { badRequest, findModel, findWebSocketApi } from './find.ts';
import { checkModel } from './model-rules.ts';
import { routesUsing } from './model-users.ts';

export const updateModel: Operation<'apigatewayv2', 'UpdateModel'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const old = await findModel(transaction, request, input.ApiId, input.ModelId);
    for (const name of ['Name', 'Schema'] as const)
      if (input[name] === '') throw badRequest(`${name} must not be empty.`);
    const model = patch(old, {
      name: input.Name,
      schema: input.Schema,
      contentType: input.ContentType,
      description: input.Description,
    });
    const users = model.name === old.name ? [] : await routesUsing(transaction, old);
    if (users.length > 0) {
      throw badRequest(`Cannot rename model '${old.name}', is referenced in route: ${users[0]!.routeKey}`);
    }
    await checkModel(transaction, api, model);
    transaction.put('model', model);
    return modelOutput(model);
  });
