// What an Integration and its responses may hold (websocket-apis 1.6). What the gateway cannot do yet is refused by name here,
// so that nothing is accepted that would fail on the first message.

import type { Integration } from '../../../model/api.ts';
import { templateLanguageIn } from '../../../protocol/literal-template.ts';
import { parseParameterMapping } from '../../../protocol/parameter-mapping.ts';
import { parseSelectionExpression } from '../../../protocol/selection-expression.ts';
import type { CreateIntegrationRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { limit } from '../../../settings/limits.ts';
import { present } from '../members.ts';
import { refuseUnavailable } from '../not-available.ts';
import { badRequest } from './find.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** Names that the gateway writes itself on every call to a backend. */
const RESERVED_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade'];

export type IntegrationMembers = Omit<Integration, 'id' | 'account' | 'region' | 'apiId' | 'integrationId'>;

/** The members of an integration from its input. Throws BadRequestException, or NotImplemented by name. */
export function integrationMembers(input: CreateIntegrationRequest): IntegrationMembers {
  const type = input.IntegrationType;
  refuseUnavailable('an Integration', {
    [`IntegrationType ${type}`]: type !== 'HTTP_PROXY' && type !== 'MOCK',
    'ConnectionType VPC_LINK': input.ConnectionType === 'VPC_LINK',
    ContentHandlingStrategy: input.ContentHandlingStrategy,
    CredentialsArn: input.CredentialsArn,
  });
  for (const name of ['IntegrationSubtype', 'TlsConfig', 'ResponseParameters'] as const) {
    if (input[name] !== undefined) throw badRequest(`${name} cannot be set for WEBSOCKET protocol Apis.`);
  }
  if (input.PayloadFormatVersion !== undefined && input.PayloadFormatVersion !== '1.0') {
    throw badRequest(
      `PayloadFormatVersion must be 1.0 for WEBSOCKET protocol Apis, and is '${input.PayloadFormatVersion}'.`,
    );
  }
  if (type === 'HTTP_PROXY') checkBackend(input);
  else checkTemplates('RequestTemplates', input.RequestTemplates);
  checkRequestParameters(input.RequestParameters ?? {});
  checkExpression('TemplateSelectionExpression', input.TemplateSelectionExpression);
  return {
    integrationType: type as Integration['integrationType'],
    connectionType: 'INTERNET',
    passthroughBehavior: input.PassthroughBehavior ?? 'WHEN_NO_MATCH',
    payloadFormatVersion: '1.0',
    timeoutInMillis: checkTimeout(input.TimeoutInMillis),
    ...present({
      integrationUri: input.IntegrationUri,
      integrationMethod: input.IntegrationMethod,
      description: input.Description,
      templateSelectionExpression: input.TemplateSelectionExpression,
      requestTemplates: input.RequestTemplates,
      requestParameters: input.RequestParameters,
    }),
  };
}

function checkBackend(input: CreateIntegrationRequest): void {
  const { IntegrationUri: uri, IntegrationMethod: method } = input;
  if (uri === undefined) throw badRequest('IntegrationUri is required for integrations of type HTTP_PROXY.');
  if (method === undefined || !METHODS.includes(method)) {
    throw badRequest(`IntegrationMethod must be one of [${METHODS.join(', ')}], and is '${method ?? ''}'.`);
  }
  const filled = uri.replace(/\$\{stageVariables\.[A-Za-z0-9_]+\}/g, 'x').replace(/\{[A-Za-z0-9._$-]+\}/g, 'x');
  // A stage variable may hold everything up to the path: such a URI can only be checked when it is called.
  if (uri.startsWith('${stageVariables.')) return;
  const isUrl = URL.canParse(filled) && /^https?:$/.test(new URL(filled).protocol);
  if (!isUrl)
    throw badRequest(`Invalid HTTP endpoint specified for URI: '${uri.slice(0, 256)}'. Expected http:// or https://.`);
}

function checkTimeout(timeout: number | undefined): number {
  const max = limit('integrationTimeoutMsMax');
  const min = limit('integrationTimeoutMsMin');
  if (timeout === undefined) return max;
  if (!Number.isInteger(timeout) || timeout < min || timeout > max) {
    throw badRequest(`Timeout should be between ${min} ms and ${max} ms, and is ${timeout} ms.`);
  }
  return timeout;
}

function checkRequestParameters(parameters: Readonly<Record<string, string>>): void {
  for (const [target, source] of Object.entries(parameters)) {
    const mapping = parseParameterMapping(target, source);
    if ('problem' in mapping) throw badRequest(mapping.problem);
    if (mapping.target.place === 'header' && RESERVED_HEADERS.includes(mapping.target.name.toLowerCase())) {
      throw badRequest(`Invalid mapping expression specified: the header ${mapping.target.name} is set by the gateway`);
    }
  }
}

/** Throws NotImplemented when a template is more than literal text. */
export function checkTemplates(member: string, templates: Readonly<Record<string, string>> | undefined): void {
  for (const [key, template] of Object.entries(templates ?? {})) {
    const used = templateLanguageIn(template);
    refuseUnavailable(`${member} '${key}'`, { [`The template language ('${used}')`]: used !== undefined });
  }
}

export function checkExpression(member: string, expression: string | undefined): void {
  if (expression === undefined) return;
  const parsed = parseSelectionExpression(expression);
  if ('problem' in parsed) throw badRequest(`Invalid ${member}: ${parsed.problem}.`);
}
