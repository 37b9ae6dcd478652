// GetApiKey: with its value only where that is asked for.

import type { Operation } from '../operation.ts';
import { findApiKey } from './find-plan.ts';
import { apiKeyOutput } from './plan-output.ts';

export const getApiKey: Operation<'apigateway', 'GetApiKey'> = async (input, request, { store, apiKeyValues }) =>
  apiKeyOutput(await findApiKey(store.view, request, input.apiKey), input.includeValue ? apiKeyValues : undefined);
