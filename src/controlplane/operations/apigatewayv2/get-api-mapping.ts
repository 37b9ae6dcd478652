// GetApiMapping.

import type { Operation } from '../operation.ts';
import { apiMappingOutput } from './domain-name-output.ts';
import { findApiMapping } from './find.ts';

export const getApiMapping: Operation<'apigatewayv2', 'GetApiMapping'> = async (input, request, { store }) =>
  apiMappingOutput(await findApiMapping(store.view, request, input.DomainName, input.ApiMappingId));
