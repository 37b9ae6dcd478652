// A frozen deployment → what a message needs: routes by key, parsed expressions, integrations ready to call. Pure and total: what
// cannot be compiled is carried as disabled with its reason, and only its own routes fail.

import { roleNameOf } from '../model/arn.ts';
import type { DeployedAuthorizer, DeployedRoute, Deployment } from '../model/api.ts';
import { parseSelectionExpression, type SelectionExpression } from '../protocol/selection-expression.ts';
import { compileIntegration, type CompiledIntegration } from './compile-integration.ts';

/** Whom `$connect` asks whether a client may connect. */
export type CompiledAuthorizer =
  | { readonly type: 'AWS_IAM' }
  | {
      readonly type: 'REQUEST';
      readonly name: string;
      /** The ARN of its function's invocations; may hold stage variables. */
      readonly uri: string;
      /** Whose credentials sign the call; undefined where no role is named. */
      readonly role: string | undefined;
      readonly identitySources: readonly IdentitySource[];
    }
  /** It cannot be asked, so nobody may connect. */
  | { readonly type: 'MISSING'; readonly reason: string };

export interface IdentitySource {
  readonly from: 'header' | 'querystring' | 'stageVariables' | 'context';
  readonly name: string;
}

/** Which model the messages of a route are held against. */
export interface RouteValidation {
  readonly selection: SelectionExpression;
  /** What the selection yields → the name of a model; `$default` for everything else. */
  readonly modelNames: ReadonlyMap<string, string>;
  /** The schemas of all models of the deployment, by name: they may lead to each other. */
  readonly schemas: ReadonlyMap<string, string>;
}

export interface CompiledRoute {
  readonly routeKey: string;
  /** `$connect` only; undefined when everybody may connect. */
  readonly authorizer: CompiledAuthorizer | undefined;
  /** `$connect` only: where the API key comes from that a client must have; undefined when it needs none. */
  readonly apiKeySource: 'header' | 'authorizer' | undefined;
  /** `integrations/{id}`. */
  readonly target: string | undefined;
  /** Undefined when the route has no target. */
  readonly integration: CompiledIntegration | undefined;
  /** True when replies go back to the client: the route has a `$default` response. */
  readonly isTwoWay: boolean;
  /** Undefined when its messages are held against nothing. */
  readonly validation: RouteValidation | undefined;
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

const KEY_FROM_AUTHORIZER = '$context.authorizer.usageIdentifierKey';
const NOTHING: SelectionExpression = { parts: [], isLiteral: true };

export function compileDeployment({ apiId, deploymentId, frozen }: Deployment): CompiledDeployment {
  const integrations = new Map(
    frozen.integrations.map((one) => [`integrations/${one.integrationId}`, compileIntegration(one)]),
  );
  const apiKeySource = frozen.apiKeySelectionExpression === KEY_FROM_AUTHORIZER ? 'authorizer' : 'header';
  const schemas = new Map(frozen.models.map(({ name, schema }) => [name, schema]));
  const routes = new Map(
    frozen.routes.map((route) => [
      route.routeKey,
      compileRoute(route, { integrations, schemas, authorizers: frozen.authorizers, apiKeySource }),
    ]),
  );
  const selection = parseSelectionExpression(frozen.routeSelectionExpression);
  const messageRoutes = new Map(routes);
  messageRoutes.delete('$connect');
  messageRoutes.delete('$disconnect');
  return {
    apiId,
    deploymentId,
    disableExecuteApiEndpoint: frozen.disableExecuteApiEndpoint,
    // An expression that does not parse selects nothing: every message goes to $default. CreateApi refuses such expressions.
    selection: 'problem' in selection ? NOTHING : selection,
    connect: routes.get('$connect'),
    disconnect: routes.get('$disconnect'),
    default: routes.get('$default'),
    messageRoutes,
  };
}

interface Parts {
  readonly integrations: ReadonlyMap<string, CompiledIntegration>;
  readonly schemas: ReadonlyMap<string, string>;
  readonly authorizers: readonly DeployedAuthorizer[];
  readonly apiKeySource: 'header' | 'authorizer';
}

function compileRoute(
  route: DeployedRoute,
  { integrations, schemas, authorizers, apiKeySource }: Parts,
): CompiledRoute {
  const required = Object.entries(route.requestParameters ?? {})
    .filter(([, parameter]) => parameter.required)
    .map(([name]) => name);
  const namesUnder = (prefix: string) =>
    required.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return {
    routeKey: route.routeKey,
    authorizer: compileAuthorizer(route, authorizers),
    apiKeySource: route.apiKeyRequired ? apiKeySource : undefined,
    target: route.target,
    integration:
      route.target === undefined
        ? undefined
        : (integrations.get(route.target) ?? {
            type: 'DISABLED',
            reason: `${route.target} does not exist in this deployment`,
          }),
    isTwoWay: route.responseKeys.includes('$default'),
    validation: compileValidation(route, schemas),
    requiredHeaders: namesUnder('route.request.header.'),
    requiredQuery: namesUnder('route.request.querystring.'),
  };
}

function compileValidation(
  { modelSelectionExpression, requestModels = {} }: DeployedRoute,
  schemas: ReadonlyMap<string, string>,
): RouteValidation | undefined {
  if (modelSelectionExpression === undefined) return undefined;
  const selection = parseSelectionExpression(modelSelectionExpression);
  // One that does not parse selects nothing, so the route's messages are held against `$default` or refused. CreateRoute refuses it.
  const parsed = 'problem' in selection ? NOTHING : selection;
  return { selection: parsed, modelNames: new Map(Object.entries(requestModels)), schemas };
}

const IDENTITY_SOURCE = /^(?:route\.request\.(header|querystring)|(stageVariables|context))\.([a-zA-Z0-9._-]+)$/;

/** The source that an expression names; undefined when it names none. */
export function parseIdentitySource(expression: string): IdentitySource | undefined {
  const [, place, holder, name] = IDENTITY_SOURCE.exec(expression) ?? [];
  return name === undefined ? undefined : { from: (place ?? holder) as IdentitySource['from'], name };
}

function compileAuthorizer(
  { authorizationType, authorizerId }: DeployedRoute,
  authorizers: readonly DeployedAuthorizer[],
): CompiledAuthorizer | undefined {
  if (authorizationType === 'NONE') return undefined;
  if (authorizationType === 'AWS_IAM') return { type: 'AWS_IAM' };
  const authorizer = authorizers.find((one) => one.authorizerId === authorizerId);
  if (!authorizer) return { type: 'MISSING', reason: `the authorizer ${authorizerId} is not in this deployment` };
  const identitySources: IdentitySource[] = [];
  for (const expression of authorizer.identitySource) {
    const source = parseIdentitySource(expression);
    if (!source) return { type: 'MISSING', reason: `'${expression}' is no identity source` };
    identitySources.push(source);
  }
  const { name, authorizerUri: uri, authorizerCredentialsArn } = authorizer;
  return { type: 'REQUEST', name, uri, role: roleNameOf(authorizerCredentialsArn), identitySources };
}
