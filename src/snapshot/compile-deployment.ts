// A frozen deployment → what a message needs: routes by key, parsed expressions, integrations ready to call. Pure and total: an
// integration that cannot be compiled is carried as disabled with its reason, and only its own routes fail.

import type { DeployedIntegration, DeployedRoute, Deployment } from '../model/api.ts';
import { mockStatusCode } from '../protocol/literal-template.ts';
import { parseParameterMapping, type ParameterMapping } from '../protocol/parameter-mapping.ts';
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
  readonly pattern: RegExp | undefined;
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

export interface CompiledRoute {
  readonly routeKey: string;
  readonly authorizationType: DeployedRoute['authorizationType'];
  /** `integrations/{id}`. */
  readonly target: string | undefined;
  /** Undefined when the route has no target. */
  readonly integration: CompiledIntegration | undefined;
  /** True when replies go back to the client: the route has a `$default` response. */
  readonly isTwoWay: boolean;
  /** `$connect` only: names of headers and query parameters that must be there. */
  readonly requiredHeaders: readonly string[];
  readonly requiredQuery: readonly string[];
}

export interface CompiledDeployment {
  readonly apiId: string;
  readonly deploymentId: string;
  readonly disableExecuteApiEndpoint: boolean;
  readonly selection: SelectionExpression;
  readonly connect: CompiledRoute | undefined;
  readonly disconnect: CompiledRoute | undefined;
  readonly default: CompiledRoute | undefined;
  /** Routes that a message may select, `$default` among them; never `$connect` or `$disconnect`. */
  readonly messageRoutes: ReadonlyMap<string, CompiledRoute>;
}

export function compileDeployment({ apiId, deploymentId, frozen }: Deployment): CompiledDeployment {
  const integrations = new Map(
    frozen.integrations.map((one) => [`integrations/${one.integrationId}`, compileIntegration(one)]),
  );
  const routes = new Map(frozen.routes.map((route) => [route.routeKey, compileRoute(route, integrations)]));
  const selection = parseSelectionExpression(frozen.routeSelectionExpression);
  const messageRoutes = new Map(routes);
  messageRoutes.delete('$connect');
  messageRoutes.delete('$disconnect');
  return {
    apiId,
    deploymentId,
    disableExecuteApiEndpoint: frozen.disableExecuteApiEndpoint,
    // An expression that does not parse selects nothing: every message goes to $default. CreateApi refuses such expressions.
    selection: 'problem' in selection ? { parts: [], isLiteral: true } : selection,
    connect: routes.get('$connect'),
    disconnect: routes.get('$disconnect'),
    default: routes.get('$default'),
    messageRoutes,
  };
}

function compileRoute(route: DeployedRoute, integrations: ReadonlyMap<string, CompiledIntegration>): CompiledRoute {
  const required = Object.entries(route.requestParameters ?? {})
    .filter(([, parameter]) => parameter.required)
    .map(([name]) => name);
  const namesUnder = (prefix: string) =>
    required.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return {
    routeKey: route.routeKey,
    authorizationType: route.authorizationType,
    target: route.target,
    integration:
      route.target === undefined
        ? undefined
        : (integrations.get(route.target) ?? {
            type: 'DISABLED',
            reason: `${route.target} does not exist in this deployment`,
          }),
    isTwoWay: route.responseKeys.includes('$default'),
    requiredHeaders: namesUnder('route.request.header.'),
    requiredQuery: namesUnder('route.request.querystring.'),
  };
}

function compileIntegration(integration: DeployedIntegration): CompiledIntegration {
  return integration.integrationType === 'MOCK' ? compileMock(integration) : compileHttpProxy(integration);
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

/** `/2\d\d/` → a pattern for the whole value; undefined for `$default`. */
function patternOf(key: string): RegExp | undefined {
  return key === '$default' ? undefined : new RegExp(`^(?:${key.slice(1, -1)})$`);
}
