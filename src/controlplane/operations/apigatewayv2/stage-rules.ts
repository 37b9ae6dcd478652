// What a Stage's members may hold (websocket-apis 1.10): used by CreateStage and UpdateStage alike.

import type { RouteSettings } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { View } from '../../../store/contract.ts';
import { badRequest, notFound } from './find.ts';

const VARIABLE_NAME = /^[A-Za-z0-9_]+$/;
const VARIABLE_VALUE = /^[A-Za-z0-9\-._~:/?#&=,]*$/;

interface StageMembers {
  readonly AutoDeploy?: boolean | undefined;
  readonly AccessLogSettings?: unknown;
  readonly ClientCertificateId?: unknown;
  readonly StageVariables?: Readonly<Record<string, string>> | undefined;
  readonly DefaultRouteSettings?: RouteSettings | undefined;
  readonly RouteSettings?: Readonly<Record<string, RouteSettings>> | undefined;
}

/** Throws BadRequestException, or NotImplemented for what this version cannot do. */
export function checkStageMembers(input: StageMembers): void {
  refuseUnavailable('a Stage', {
    AutoDeploy: input.AutoDeploy,
    AccessLogSettings: input.AccessLogSettings,
    ClientCertificateId: input.ClientCertificateId,
  });
  for (const [name, value] of Object.entries(input.StageVariables ?? {})) {
    if (!VARIABLE_NAME.test(name))
      throw badRequest(`Stage variable name '${name}' may hold only letters, digits and _.`);
    if (!VARIABLE_VALUE.test(value)) {
      throw badRequest(`Stage variable value of '${name}' may hold only letters, digits and -._~:/?#&=,.`);
    }
  }
  for (const settings of [input.DefaultRouteSettings ?? {}, ...Object.values(input.RouteSettings ?? {})]) {
    refuseUnavailable('the settings of a Route', {
      [`LoggingLevel ${settings.LoggingLevel}`]: (settings.LoggingLevel ?? 'OFF') !== 'OFF',
      DataTraceEnabled: settings.DataTraceEnabled,
      ThrottlingBurstLimit: settings.ThrottlingBurstLimit,
      ThrottlingRateLimit: settings.ThrottlingRateLimit,
    });
  }
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
  if (unknown !== undefined) throw notFound(`Unable to find Route by key ${unknown} within the provided RouteSettings`);
}
