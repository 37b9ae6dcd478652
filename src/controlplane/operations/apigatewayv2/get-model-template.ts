// GetModelTemplate: a mapping template that rebuilds what the Model describes from the payload, to be edited by hand.

import { schemaTemplate } from '../../../protocol/json-schema/schema-template.ts';
import type { Operation } from '../operation.ts';
import { findModel } from './find.ts';

export const getModelTemplate: Operation<'apigatewayv2', 'GetModelTemplate'> = async (input, request, { store }) => {
  const { schema } = await findModel(store.view, request, input.ApiId, input.ModelId);
  return { Value: schemaTemplate(schema) };
};
