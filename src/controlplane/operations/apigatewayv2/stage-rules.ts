// What a Stage's members may hold (websocket-apis 1.10): used by CreateStage and UpdateStage alike.

import type { Api, Stage } from '../../../model/api.ts';
import type { AccessLogSettings as WireAccessLog, RouteSettings } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import { refuseUnavailable } from '../not-available.ts';
import { badRequest, notFound } from './find.ts';

const VARIABLE_NAME = /^[A-Za-z0-9_]+$/;
const VARIABLE_VALUE = /^[A-Za-z0-9\-._~:/?#&=,]*$/;

interface StageMembers {
  readonly AutoDeploy?: boolean | undefined;
  readonly AccessLogSettings?: WireAccessLog | undefined;
  readonly ClientCertificateId?: unknown;
  readonly DefaultRouteSettings?: RouteSettings | undefined;
  readonly RouteSettings?: Readonly<Record<string, RouteSettings>> | undefined;
}

/** Throws BadRequestException, or NotImplemented for what this version cannot do. */
export function checkStageMembers({ protocolType }: Api, input: StageMembers): void {
  const settings = [input.DefaultRouteSettings ?? {}, ...Object.values(input.RouteSettings ?? {})];
  if (protocolType === 'HTTP') {
    const isLogged = settings.some((one) => (one.LoggingLevel ?? 'OFF') !== 'OFF' || one.DataTraceEnabled === true);
    if (isLogged) throw badRequest('Execution logs are not supported on protocolType HTTP');
    refuseUnavailable('a Stage of an HTTP API', {
      AutoDeploy: input.AutoDeploy,
      AccessLogSettings: input.AccessLogSettings,
    });
  }
  refuseUnavailable('a Stage', { ClientCertificateId: input.ClientCertificateId });
}

/** Throws BadRequestException for variables that a stage may not have; `variables` are all that it would have. */
export function checkStageVariables(variables: Stage['stageVariables']): void {
  const names = Object.keys(variables);
  const max = limit('stageVariablesMax');
  if (names.length > max)
    throw badRequest(`A stage may have at most ${max} variables, and would have ${names.length}.`);
  for (const [name, value] of Object.entries(variables)) {
    checkLength(`The name of the stage variable '${name.slice(0, 32)}…'`, name, 'stageVariableNameCharactersMax');
    if (!VARIABLE_NAME.test(name))
      throw badRequest(`Stage variable name '${name}' may hold only letters, digits and _.`);
    checkLength(`The value of the stage variable '${name}'`, value, 'stageVariableValueCharactersMax');
    if (!VARIABLE_VALUE.test(value)) {
      throw badRequest(`Stage variable value of '${name}' may hold only letters, digits and -._~:/?#&=,.`);
    }
  }
}

function checkLength(
  what: string,
  text: string,
  bound: 'stageVariableNameCharactersMax' | 'stageVariableValueCharactersMax',
): void {
  if (text.length <= limit(bound)) return;
  throw badRequest(`${what} has ${text.length} characters, at most ${limit(bound)} are allowed.`);
}

/** Throws BadRequestException when a deployment is chosen for a stage that follows every edit. */
export function checkDeploymentChoice(stage: Stage, deploymentId: string | undefined): void {
  if (stage.autoDeploy !== true || deploymentId === undefined) return;
  throw badRequest(
    `The deployment of stage ${stage.stageName} cannot be chosen while AutoDeploy is enabled. Set AutoDeploy to false first.`,
  );
}

/** Route settings are for routes that the API has. */
export async function checkRouteSettings(
  view: View,
  apiId: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const keys = Object.keys(settings);
  if (keys.length === 0) return;
  const routes = new Set((await view.children('route', apiId)).map((route) => route.routeKey));
  const unknown = keys.find((key) => !routes.has(key));
  if (unknown !== undefined) throw noSettings(unknown);
}

/** What is answered when there is no Route, or no settings, of a key. */
export function noSettings(routeKey: string) {
  return notFound(`Unable to find Route by key ${routeKey} within the provided RouteSettings`);
}
