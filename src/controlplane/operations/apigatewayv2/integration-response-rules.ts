// What an IntegrationResponse may hold (websocket-apis 1.6): used by CreateIntegrationResponse and UpdateIntegrationResponse alike.

import type { IntegrationResponse } from '../../../model/api.ts';
import { parseResponseKey } from '../../../protocol/response-key.ts';
import { checkExpression } from './expression-rules.ts';
import { badRequest, conflict } from './find.ts';
import { checkTemplates } from './template-rules.ts';

const PARAMETER = /^(?:integration|method|route)\.response\.header\.[A-Za-z0-9._$-]+$/;

/** Throws BadRequestException for a response that could not be matched or rendered. */
export function checkIntegrationResponse(response: IntegrationResponse): void {
  const { integrationResponseKey: key, templateSelectionExpression: expression } = response;
  const parsed = parseResponseKey(key);
  if (typeof parsed === 'object' && 'problem' in parsed) {
    throw badRequest(`Invalid IntegrationResponseKey '${key.slice(0, 128)}': ${parsed.problem}.`);
  }
  checkTemplates('ResponseTemplates', response.responseTemplates);
  checkExpression('TemplateSelectionExpression', expression, 'response');
  const wrong = Object.keys(response.responseParameters ?? {}).find((name) => !PARAMETER.test(name));
  if (wrong !== undefined) throw badRequest(`Invalid mapping expression specified: '${wrong}' is not a header`);
}

/** Throws ConflictException for a key that another response of the integration has. */
export function checkResponseKeyIsFree(others: readonly IntegrationResponse[], response: IntegrationResponse): void {
  const { integrationResponseKey: key, integrationResponseId: id } = response;
  if (others.some((other) => other.integrationResponseKey === key && other.integrationResponseId !== id)) {
    throw conflict(`IntegrationResponse with key ${key} already exists for this Integration`);
  }
}
