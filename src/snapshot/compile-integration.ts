// A frozen integration → what calling it needs: parsed expressions and mappings, templates by key. Pure and total: one that cannot be
// compiled is carried as disabled with its reason.

import type { DeployedIntegration } from '../model/api.ts';
import { mockStatusCode } from '../protocol/literal-template.ts';
import { parseParameterMapping, type ParameterMapping } from '../protocol/parameter-mapping.ts';
import { parseResponseKey, type ResponsePattern } from '../protocol/response-key.ts';
import { parseSelectionExpression, type SelectionExpression } from '../protocol/selection-expression.ts';

export interface HttpProxyIntegration {
  readonly type: 'HTTP_PROXY';
  readonly method: string;
  readonly uri: string;
  readonly mappings: readonly ParameterMapping[];
  readonly timeoutMs: number;
}

/** Templates are literal, so what each selects is known beforehand. */
export interface TemplateChoice<T> {
  readonly selection: SelectionExpression | undefined;
  readonly templates: ReadonlyMap<string, T>;
}

export interface MockResponse {
  /** Undefined for `$default`. */
  readonly pattern: ResponsePattern | undefined;
  readonly choice: TemplateChoice<Buffer>;
}

export interface MockIntegration {
  readonly type: 'MOCK';
  readonly passthrough: 'WHEN_NO_MATCH' | 'WHEN_NO_TEMPLATES' | 'NEVER';
  /** Template key → the status code that the template yields; undefined where it yields none. */
  readonly request: TemplateChoice<number | undefined>;
  readonly responses: readonly MockResponse[];
}

export interface DisabledIntegration {
  readonly type: 'DISABLED';
  readonly reason: string;
}

export type CompiledIntegration = HttpProxyIntegration | MockIntegration | DisabledIntegration;

export function compileIntegration(integration: DeployedIntegration): CompiledIntegration {
  switch (integration.integrationType) {
    case 'MOCK':
      return compileMock(integration);
    case 'HTTP_PROXY':
      return compileHttpProxy(integration);
    case 'HTTP':
    case 'AWS':
    case 'AWS_PROXY':
      return { type: 'DISABLED', reason: `integrations of type ${integration.integrationType} are not called` };
  }
}

function compileHttpProxy(integration: DeployedIntegration): CompiledIntegration {
  const mappings: ParameterMapping[] = [];
  for (const [target, source] of Object.entries(integration.requestParameters ?? {})) {
    const mapping = parseParameterMapping(target, source);
    if ('problem' in mapping) return { type: 'DISABLED', reason: mapping.problem };
    mappings.push(mapping);
  }
  return {
    type: 'HTTP_PROXY',
    method: integration.integrationMethod ?? 'POST',
    uri: integration.integrationUri ?? '',
    mappings,
    timeoutMs: integration.timeoutInMillis,
  };
}

function compileMock(integration: DeployedIntegration): CompiledIntegration {
  return {
    type: 'MOCK',
    passthrough: integration.passthroughBehavior,
    request: compileChoice(integration.templateSelectionExpression, integration.requestTemplates, mockStatusCode),
    responses: integration.responses
      .map((response) => ({
        pattern: patternOf(response.integrationResponseKey),
        choice: compileChoice(response.templateSelectionExpression, response.responseTemplates, (text) =>
          Buffer.from(text),
        ),
      }))
      // Patterns are tried first, in order; `$default` is what is left.
      .sort((a, b) => Number(a.pattern === undefined) - Number(b.pattern === undefined)),
  };
}

function compileChoice<T>(
  expression: string | undefined,
  templates: Readonly<Record<string, string>> | undefined,
  yieldOf: (template: string) => T,
): TemplateChoice<T> {
  const parsed = expression === undefined ? undefined : parseSelectionExpression(expression);
  return {
    selection: parsed === undefined || 'problem' in parsed ? undefined : parsed,
    templates: new Map(Object.entries(templates ?? {}).map(([key, template]) => [key, yieldOf(template)])),
  };
}

/** Undefined for `$default`. A key that is no pattern matches nothing: CreateIntegrationResponse refuses such keys. */
function patternOf(key: string): ResponsePattern | undefined {
  const parsed = parseResponseKey(key);
  if (parsed === 'default') return undefined;
  return 'problem' in parsed ? { test: () => false } : parsed;
}
