// DeleteModel; refused while a route or another Model uses it.

import type { Operation } from '../operation.ts';
import { conflict, findModel } from './find.ts';
import { modelsUsing, routesUsing } from './model-users.ts';

export const deleteModel: Operation<'apigatewayv2', 'DeleteModel'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const model = await findModel(transaction, request, input.ApiId, input.ModelId);
    const [route] = await routesUsing(transaction, model);
    if (route) throw conflict(`Cannot delete model '${model.name}', is referenced in route: ${route.routeKey}`);
    const [other] = await modelsUsing(transaction, model);
    if (other) throw conflict(`Cannot delete model '${model.name}', is referenced in model: ${other.name}`);
    transaction.remove('model', model.id);
  });
