// Who uses a Model: routes, and other models whose schemas lead to it.

import type { Model, Route } from '../../../model/api.ts';
import type { View } from '../../../store/contract.ts';

export async function routesUsing(view: View, { apiId, name }: Model): Promise<Route[]> {
  const routes = await view.children('route', apiId);
  return routes.filter(({ requestModels = {} }) => Object.values(requestModels).includes(name));
}

/** A `$ref` is spelled in one way alone, so looking for its text finds it. */
export async function modelsUsing(view: View, { apiId, name, modelId }: Model): Promise<Model[]> {
  const models = await view.children('model', apiId);
  const end = new RegExp(`/restapis/${apiId}/models/${name}["#]`);
  return models.filter((other) => other.modelId !== modelId && end.test(other.schema.replaceAll('\\/', '/')));
}
