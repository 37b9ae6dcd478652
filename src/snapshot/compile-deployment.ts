// A frozen deployment → what a message needs: routes by key, parsed expressions, integrations ready to call. Pure and total: what
// cannot be compiled is carried as disabled with its reason, and only its own routes fail.

import type { DeployedRoute, Deployment } from '../model/api.ts';
import { parseSelectionExpression, type SelectionExpression } from '../protocol/selection-expression.ts';
import { compileIntegration, type CompiledIntegration } from './compile-integration.ts';

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
