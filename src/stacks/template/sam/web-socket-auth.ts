// Auth of an AWS::Serverless::WebSocketApi: who may connect. Only $connect can ask.

import type { Draft } from '../draft.ts';
import { ProblemAt } from '../problem-list.ts';
import type { MapValue, Value } from '../stack-template.ts';
import { made } from './made.ts';
import { concatenated, mapMember, mapOf, refTo, textMember, textValue } from './values.ts';

const AUTH_TYPES = ['NONE', 'AWS_IAM', 'CUSTOM'];

export interface ConnectAuth {
  /** Properties of the route. */
  readonly ofConnect: Record<string, Value>;
  readonly drafts: readonly Draft[];
}

/** Throws ProblemAt. */
export function expandAuth(draft: Draft, routes: MapValue, region: string): ConnectAuth {
  const auth = mapMember(draft.properties, 'Auth');
  if (!auth) return { ofConnect: {}, drafts: [] };
  const { line, entries } = auth;
  const type = textMember(auth, 'AuthType')?.toUpperCase();
  if (type === undefined) throw new ProblemAt(line, `Auth has no AuthType: ${AUTH_TYPES.join(', ')}`);
  if (!AUTH_TYPES.includes(type)) throw new ProblemAt(line, `AuthType must be one of ${AUTH_TYPES.join(', ')}`);
  if (!routes.entries.has('$connect'))
    throw new ProblemAt(line, 'Auth needs a route $connect, the only one that is authorized');
  if (type !== 'CUSTOM') {
    if (entries.size > 1) throw new ProblemAt(line, `Auth takes nothing else with the AuthType ${type}`);
    return { ofConnect: { AuthorizationType: textValue(type, line) }, drafts: [] };
  }
  const functionArn = entries.get('AuthArn');
  if (!functionArn) throw new ProblemAt(line, 'Auth of the AuthType CUSTOM has no AuthArn');
  const { logicalId } = draft;
  const authorizerId = `${logicalId}ConnectAuthorizer`;
  const authorizer = mapOf(line, {
    ApiId: refTo(logicalId, line),
    AuthorizerType: textValue('REQUEST', line),
    AuthorizerUri: invocationUri(region, functionArn),
    AuthorizerCredentialsArn: entries.get('InvokeRole'),
    IdentitySource: entries.get('IdentitySource'),
    Name: entries.get('Name') ?? textValue(authorizerId, line),
  });
  const permission = mapOf(line, {
    Action: textValue('lambda:InvokeFunction', line),
    FunctionName: functionArn,
    Principal: textValue('apigateway.amazonaws.com', line),
  });
  const drafts = [made(draft, authorizerId, 'AWS::ApiGatewayV2::Authorizer', authorizer)];
  if (!entries.has('InvokeRole'))
    drafts.push(made(draft, `${logicalId}AuthorizerPermission`, 'AWS::Lambda::Permission', permission));
  return { ofConnect: { AuthorizationType: textValue(type, line), AuthorizerId: refTo(authorizerId, line) }, drafts };
}

/** What API Gateway invokes a function by. */
export function invocationUri(region: string, functionArn: Value): Value {
  const { line } = functionArn;
  const before = `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/`;
  return concatenated([textValue(before, line), functionArn, textValue('/invocations', line)], line);
}
