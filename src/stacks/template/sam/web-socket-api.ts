// AWS::Serverless::WebSocketApi becomes an API with a route, an integration and a permission for each of its Routes, a stage that deploys
// by itself, an authorizer of $connect, and a domain name. Logical ids are those that the transform of AWS makes.

import type { Draft, Expansion } from '../draft.ts';
import { ProblemAt, type ProblemList } from '../problem-list.ts';
import type { MapValue, Value } from '../stack-template.ts';
import { describe, scalar } from '../template-node.ts';
import { made, refuseOthers } from './made.ts';
import { concatenated, mapMember, mapOf, refTo, textMember, textValue } from './values.ts';
import { expandDomain } from './web-socket-domain.ts';
import { expandAuth, invocationUri } from './web-socket-auth.ts';

const KNOWN = [
  'AccessLogSettings',
  'ApiKeySelectionExpression',
  'Auth',
  'DefaultRouteSettings',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'Domain',
  'FailOnWarnings',
  'IpAddressType',
  'Name',
  'PropagateTags',
  'RouteSelectionExpression',
  'RouteSettings',
  'Routes',
  'StageName',
  'StageVariables',
  'Tags',
];
const ROUTE_PROPERTIES = [
  'ApiKeyRequired',
  'ModelSelectionExpression',
  'OperationName',
  'RequestModels',
  'RequestParameters',
  'RouteResponseSelectionExpression',
];
const ROUTE_KNOWN = [...ROUTE_PROPERTIES, 'FunctionArn', 'IntegrationTimeout'];
const API_PROPERTIES = [
  'ApiKeySelectionExpression',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'IpAddressType',
];
const STAGE_PROPERTIES = ['AccessLogSettings', 'DefaultRouteSettings', 'RouteSettings', 'StageVariables'];
const PREDEFINED = ['$connect', '$disconnect', '$default'];
const CREATED_BY = 'websocketapi:createdBy';
const DEFAULT_STAGE = 'default';

export function expandWebSocketApi(draft: Draft, into: Expansion, problems: ProblemList): void {
  refuseOthers(draft, KNOWN, problems);
  const { logicalId, properties, line } = draft;
  const routes = mapMember(properties, 'Routes');
  if (!routes || routes.entries.size === 0)
    throw new ProblemAt(
      routes?.line ?? line,
      `the WebSocket API '${logicalId}' must have one route at least, below Routes`,
    );
  if (!properties.entries.has('RouteSelectionExpression'))
    throw new ProblemAt(
      line,
      `the WebSocket API '${logicalId}' has no RouteSelectionExpression, such as $request.body.action`,
    );
  into.drafts.push(apiOf(draft));
  const stage = stageOf(draft, routes);
  into.otherNames.set(`${logicalId}.Stage`, { logicalId: stage.logicalId });
  const auth = expandAuth(draft, routes, into.region);
  for (const [routeKey, route] of routes.entries) {
    problems.collect(() => {
      if (route.kind !== 'map')
        throw new ProblemAt(route.line, `route ${routeKey} must be an object, and is ${describe(route)}`);
      refuseOthers(
        { ...draft, type: 'a route of AWS::Serverless::WebSocketApi', properties: route },
        ROUTE_KNOWN,
        problems,
      );
      into.drafts.push(...routeOf(draft, routeKey, route, routeKey === '$connect' ? auth.ofConnect : {}, into.region));
    }, undefined);
  }
  expandDomain(draft, stage.logicalId, propagatedTags(draft), into);
  into.drafts.push(stage, ...auth.drafts);
}

function apiOf(draft: Draft): Draft {
  const { logicalId, properties, line, dependsOn } = draft;
  const { entries } = properties;
  const tags = mapMember(properties, 'Tags');
  const api = mapOf(line, {
    Name: entries.get('Name') ?? textValue(logicalId, line),
    ProtocolType: textValue('WEBSOCKET', line),
    RouteSelectionExpression: entries.get('RouteSelectionExpression'),
    ...Object.fromEntries(API_PROPERTIES.map((name) => [name, entries.get(name)])),
    Tags: mapOf(line, { ...Object.fromEntries(tags?.entries ?? []), [CREATED_BY]: textValue('SAM', line) }),
  });
  return made(draft, logicalId, 'AWS::ApiGatewayV2::Api', api, dependsOn);
}

/** `Connect` of `$connect`, and `Sendmessage` of `sendMessage`. Throws ProblemAt. */
function routePart(routeKey: string, line: number): string {
  const letters = PREDEFINED.includes(routeKey) ? routeKey.slice(1) : routeKey;
  if (!/^[\p{L}\p{N}]+$/u.test(letters))
    throw new ProblemAt(
      line,
      `SAM takes route keys of letters and digits, and ${PREDEFINED.join(', ')}; '${routeKey}' needs an AWS::ApiGatewayV2::Route of its own`,
    );
  return letters[0]!.toUpperCase() + letters.slice(1).toLowerCase();
}

function routeOf(
  draft: Draft,
  routeKey: string,
  route: MapValue,
  authorization: Record<string, Value>,
  region: string,
): Draft[] {
  const { logicalId } = draft;
  const { line, entries } = route;
  const stem = logicalId + routePart(routeKey, line);
  const functionArn = entries.get('FunctionArn');
  if (!functionArn) throw new ProblemAt(line, `route ${routeKey} has no FunctionArn`);
  const parameters = entries.get('RequestParameters');
  if (parameters && routeKey !== '$connect')
    throw new ProblemAt(parameters.line, 'only $connect takes RequestParameters');
  const integrationId = `${stem}Integration`;
  const integration = mapOf(line, {
    ApiId: refTo(logicalId, line),
    IntegrationType: textValue('AWS_PROXY', line),
    IntegrationUri: invocationUri(region, functionArn),
    TimeoutInMillis: entries.get('IntegrationTimeout'),
  });
  const properties = mapOf(line, {
    ApiId: refTo(logicalId, line),
    RouteKey: textValue(routeKey, line),
    ...Object.fromEntries(ROUTE_PROPERTIES.map((name) => [name, entries.get(name)])),
    ...authorization,
    Target: concatenated([textValue('integrations/', line), refTo(integrationId, line)], line),
  });
  const permission = mapOf(line, {
    Action: textValue('lambda:InvokeFunction', line),
    FunctionName: functionArn,
    Principal: textValue('apigateway.amazonaws.com', line),
  });
  return [
    made(draft, `${stem}Route`, 'AWS::ApiGatewayV2::Route', properties),
    made(draft, integrationId, 'AWS::ApiGatewayV2::Integration', integration),
    made(draft, `${stem}Permission`, 'AWS::Lambda::Permission', permission),
  ];
}

/** Tags of what is made beside the API. */
function propagatedTags({ properties, line }: Draft): MapValue {
  const tags = textMember(properties, 'PropagateTags') === 'true' ? mapMember(properties, 'Tags') : undefined;
  return mapOf(line, { ...Object.fromEntries(tags?.entries ?? []), [CREATED_BY]: textValue('SAM', line) });
}

function stageOf(draft: Draft, routes: MapValue): Draft {
  const { logicalId, properties, line } = draft;
  const { entries } = properties;
  const name = entries.get('StageName') ?? textValue(DEFAULT_STAGE, line);
  if (name.kind === 'scalar' && name.text === '$default')
    throw new ProblemAt(name.line, 'a stage of a WebSocket API cannot be called $default');
  const written = name.kind === 'scalar' ? name.text : '';
  const middle = written === DEFAULT_STAGE ? 'Default' : written.replaceAll(/[^A-Za-z0-9]/g, '');
  const stage = mapOf(line, {
    ApiId: refTo(logicalId, line),
    StageName: name,
    AutoDeploy: scalar(true, line),
    ...Object.fromEntries(STAGE_PROPERTIES.map((member) => [member, entries.get(member)])),
    Tags: propagatedTags(draft),
  });
  // The settings of a route need the route.
  const dependsOn = [...routes.entries].map(([routeKey, route]) => ({
    logicalId: `${logicalId}${routePart(routeKey, route.line)}Route`,
    line: route.line,
  }));
  return made(
    draft,
    `${logicalId}${middle}Stage`,
    'AWS::ApiGatewayV2::Stage',
    stage,
    entries.has('RouteSettings') ? dependsOn : [],
  );
}
