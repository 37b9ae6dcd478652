// What an Integration may hold (websocket-apis 1.6): used by CreateIntegration and UpdateIntegration alike, on the whole
// Integration as it would be. What the gateway cannot do is refused by name here, so that nothing is accepted that would fail on
// the first message.

import type { Integration } from '../../../model/api.ts';
import { isServiceUri } from '../../../model/aws-services.ts';
import { parseParameterMapping } from '../../../protocol/parameter-mapping.ts';
import type { UpdateIntegrationRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { limit } from '../../../settings/limits.ts';
import { patch, patchMap } from '../members.ts';
import { checkExpression } from './expression-rules.ts';
import { badRequest } from './find.ts';
import { checkCredentials, checkInvocations, checkServiceCredentials, checkUrl } from './integration-uri.ts';
import { checkTemplates } from './template-rules.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** Names that the gateway writes itself on every call to a backend. */
const RESERVED_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade'];
const PROXIES: readonly string[] = ['AWS_PROXY', 'HTTP_PROXY'];

type IntegrationInput = Omit<UpdateIntegrationRequest, 'ApiId' | 'IntegrationId'>;

/** Throws BadRequestException for members that no Integration of a WebSocket API can have. */
export function checkIntegrationInput(input: IntegrationInput): void {
  for (const name of ['IntegrationSubtype', 'TlsConfig', 'ResponseParameters'] as const) {
    if (input[name] !== undefined) throw badRequest(`${name} cannot be set for WEBSOCKET protocol Apis.`);
  }
  const { PayloadFormatVersion: version = '1.0' } = input;
  if (version !== '1.0') {
    throw badRequest(`PayloadFormatVersion must be 1.0 for WEBSOCKET protocol Apis, and is '${version}'.`);
  }
}

/** An Integration with the input's members over the old ones. A function is called by POST unless another method is given. */
export function patchedIntegration(old: Integration, input: IntegrationInput): Integration {
  const integration = patch(old, {
    integrationType: input.IntegrationType,
    integrationUri: input.IntegrationUri,
    integrationMethod: input.IntegrationMethod,
    connectionType: input.ConnectionType,
    // Without a link there is none to name.
    connectionId: input.ConnectionId ?? (input.ConnectionType === 'INTERNET' ? '' : undefined),
    contentHandlingStrategy: input.ContentHandlingStrategy,
    credentialsArn: input.CredentialsArn,
    passthroughBehavior: input.PassthroughBehavior,
    timeoutInMillis: input.TimeoutInMillis,
    description: input.Description,
    templateSelectionExpression: input.TemplateSelectionExpression,
    requestTemplates: input.RequestTemplates && patchMap(old.requestTemplates ?? {}, input.RequestTemplates),
    requestParameters: input.RequestParameters && patchMap(old.requestParameters ?? {}, input.RequestParameters),
  });
  return isOfAws(integration.integrationType) ? { integrationMethod: 'POST', ...integration } : integration;
}

function isOfAws(type: Integration['integrationType']): type is 'AWS' | 'AWS_PROXY' {
  return type === 'AWS' || type === 'AWS_PROXY';
}

/** Throws BadRequestException for an Integration that means nothing, or NotImplemented by name. */
export function checkIntegration(integration: Integration): void {
  checkBackend(integration);
  checkTimeout(integration.timeoutInMillis);
  const { credentialsArn, integrationType: type, integrationUri: uri } = integration;
  if (type === 'AWS' && isServiceUri(uri)) checkServiceCredentials(credentialsArn);
  if (credentialsArn !== undefined) checkCredentials(credentialsArn, integration.account);
  if (!PROXIES.includes(integration.integrationType)) checkTemplates('RequestTemplates', integration.requestTemplates);
  checkRequestParameters(integration.requestParameters ?? {});
  checkExpression('TemplateSelectionExpression', integration.templateSelectionExpression);
}

function checkBackend({ integrationType: type, integrationUri: uri, integrationMethod: method, account }: Integration) {
  if (type === 'MOCK') return;
  if (uri === undefined) throw badRequest(`IntegrationUri is required for integrations of type ${type}.`);
  if (method === undefined || !METHODS.includes(method)) {
    throw badRequest(`IntegrationMethod must be one of [${METHODS.join(', ')}], and is '${method ?? ''}'.`);
  }
  if (isOfAws(type)) checkInvocations(uri, type, account);
  else checkUrl(uri);
}

function checkTimeout(timeout: number): void {
  const max = limit('integrationTimeoutMsMax');
  const min = limit('integrationTimeoutMsMin');
  if (Number.isInteger(timeout) && timeout >= min && timeout <= max) return;
  throw badRequest(`Timeout should be between ${min} ms and ${max} ms, and is ${timeout} ms.`);
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
