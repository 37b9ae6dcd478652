// A frozen integration → what calling it needs: parsed expressions, mappings and templates. Pure and total: one that cannot be compiled
// is carried as disabled with its reason.

import { roleNameOf } from '../model/arn.ts';
import { AWS_SERVICES, isServiceUri, parseServiceUri, type ServiceUri } from '../model/aws-services.ts';
import type { ContentHandlingStrategy, DeployedIntegration, PassthroughBehavior } from '../model/api.ts';
import { mockStatusCode } from '../protocol/mock-status.ts';
import { parseParameterMapping, type ParameterMapping } from '../protocol/parameter-mapping.ts';
import { parseResponseKey, type ResponsePattern } from '../protocol/response-key.ts';
import {
  parseSelectionExpression,
  type SelectionExpression,
  type VariableSet,
} from '../protocol/selection-expression.ts';
import { parseTemplate, type Template } from '../protocol/vtl/template.ts';

export interface HttpProxyIntegration {
  readonly type: 'HTTP_PROXY';
  readonly method: string;
  readonly uri: string;
  readonly mappings: readonly ParameterMapping[];
  /** The VPC link that leads there; may hold stage variables. Undefined for the open network. */
  readonly connectionId: string | undefined;
  readonly timeoutMs: number;
}

/** A template that is ready; of a literal one all that follows from it is known. */
export interface ReadyTemplate {
  readonly template: Template;
  /** The text of a literal template. */
  readonly bytes: Buffer | undefined;
  /** The `statusCode` that a literal request template of a MOCK yields. */
  readonly status: number | undefined;
}

export interface TemplateChoice {
  readonly selection: SelectionExpression | undefined;
  readonly templates: ReadonlyMap<string, ReadyTemplate>;
}

/** What is sent to a backend that is no proxy. */
export interface RequestMapping {
  readonly choice: TemplateChoice;
  readonly passthrough: PassthroughBehavior;
  readonly contentHandling: ContentHandlingStrategy | undefined;
}

/** What becomes of the answer of a backend that is no proxy. */
export interface ResponseMapping {
  /** Undefined for `$default`. */
  readonly pattern: ResponsePattern | undefined;
  readonly choice: TemplateChoice;
  readonly contentHandling: ContentHandlingStrategy | undefined;
}

export interface MockIntegration {
  readonly type: 'MOCK';
  readonly request: RequestMapping;
  readonly responses: readonly ResponseMapping[];
}

export interface HttpIntegration extends Omit<HttpProxyIntegration, 'type'> {
  readonly type: 'HTTP';
  readonly request: RequestMapping;
  readonly responses: readonly ResponseMapping[];
}

/** `uri` is the ARN of the function's invocations; it may hold stage variables. */
export interface FunctionProxyIntegration {
  readonly type: 'AWS_PROXY';
  readonly uri: string;
  /** Whose credentials sign the call; undefined where no role is named. */
  readonly role: string | undefined;
  readonly timeoutMs: number;
}

export interface FunctionIntegration {
  readonly type: 'AWS';
  readonly uri: string;
  readonly role: string | undefined;
  readonly request: RequestMapping;
  readonly responses: readonly ResponseMapping[];
  readonly timeoutMs: number;
}

/** `AWS`, to a service other than Lambda. */
export interface ServiceIntegration extends Omit<HttpIntegration, 'type'> {
  readonly type: 'AWS_SERVICE';
  /** Undefined when the URI holds stage variables: then it is read for each call. */
  readonly service: ServiceUri | undefined;
  readonly role: string | undefined;
}

export interface DisabledIntegration {
  readonly type: 'DISABLED';
  readonly reason: string;
}

export type CompiledIntegration =
  | HttpProxyIntegration
  | HttpIntegration
  | FunctionProxyIntegration
  | FunctionIntegration
  | ServiceIntegration
  | MockIntegration
  | DisabledIntegration;

/** What ends compiling, and disables the integration. */
class Uncompilable extends Error {}

export function compileIntegration(integration: DeployedIntegration): CompiledIntegration {
  try {
    return compile(integration);
  } catch (error) {
    if (error instanceof Uncompilable) return { type: 'DISABLED', reason: error.message };
    throw error;
  }
}

function compile(integration: DeployedIntegration): CompiledIntegration {
  const { integrationType: type, integrationUri: uri = '', timeoutInMillis: timeoutMs } = integration;
  switch (type) {
    case 'MOCK':
      return { type, ...bothMappings(integration) };
    case 'AWS_PROXY':
      return { type, uri, timeoutMs, role: roleNameOf(integration.credentialsArn) };
    case 'AWS':
      if (isServiceUri(uri)) return compileService(integration, uri);
      return { type, uri, timeoutMs, role: roleNameOf(integration.credentialsArn), ...bothMappings(integration) };
    case 'HTTP_PROXY':
      return { type, uri, timeoutMs, ...httpParts(integration) };
    case 'HTTP':
      return { type, uri, timeoutMs, ...httpParts(integration), ...bothMappings(integration) };
  }
}

function compileService(integration: DeployedIntegration, uri: string): ServiceIntegration {
  const service = parseServiceUri(uri)!;
  if (!AWS_SERVICES.has(service.service)) throw new Uncompilable(`the service '${service.service}' cannot be called`);
  return {
    type: 'AWS_SERVICE',
    uri,
    service: uri.includes('${') ? undefined : service,
    role: roleNameOf(integration.credentialsArn),
    timeoutMs: integration.timeoutInMillis,
    ...httpParts(integration),
    ...bothMappings(integration),
  };
}

function httpParts({ integrationMethod: method = 'POST', requestParameters = {}, connectionId }: DeployedIntegration) {
  const mappings = Object.entries(requestParameters).map(([target, source]) => {
    const mapping = parseParameterMapping(target, source);
    if ('problem' in mapping) throw new Uncompilable(mapping.problem);
    return mapping;
  });
  return { method, mappings, connectionId };
}

function bothMappings(integration: DeployedIntegration) {
  const { templateSelectionExpression, requestTemplates, passthroughBehavior, contentHandlingStrategy } = integration;
  const request: RequestMapping = {
    choice: compileChoice(templateSelectionExpression, requestTemplates, 'request'),
    passthrough: passthroughBehavior,
    contentHandling: contentHandlingStrategy,
  };
  const responses: ResponseMapping[] = integration.responses
    .map((response) => ({
      pattern: patternOf(response.integrationResponseKey),
      choice: compileChoice(response.templateSelectionExpression, response.responseTemplates, 'response'),
      contentHandling: response.contentHandlingStrategy,
    }))
    // Patterns are tried first, in order; `$default` is what is left.
    .sort((a, b) => Number(a.pattern === undefined) - Number(b.pattern === undefined));
  return { request, responses };
}

function compileChoice(
  expression: string | undefined,
  templates: Readonly<Record<string, string>> = {},
  variables: VariableSet,
): TemplateChoice {
  const parsed = expression === undefined ? undefined : parseSelectionExpression(expression, variables);
  return {
    selection: parsed === undefined || 'problem' in parsed ? undefined : parsed,
    templates: new Map(Object.entries(templates).map(([key, text]) => [key, readyTemplate(key, text)])),
  };
}

function readyTemplate(key: string, text: string): ReadyTemplate {
  const template = parseTemplate(text);
  if ('problem' in template) throw new Uncompilable(`the template '${key.slice(0, 128)}': ${template.problem}`);
  const { literal } = template;
  if (literal === undefined) return { template, bytes: undefined, status: undefined };
  return { template, bytes: Buffer.from(literal), status: mockStatusCode(literal) };
}

/** Undefined for `$default`. A key that is no pattern matches nothing: CreateIntegrationResponse refuses such keys. */
function patternOf(key: string): ResponsePattern | undefined {
  const parsed = parseResponseKey(key);
  if (parsed === 'default') return undefined;
  return 'problem' in parsed ? { test: () => false } : parsed;
}
