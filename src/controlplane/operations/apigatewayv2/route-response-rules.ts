// What a RouteResponse may hold (websocket-apis 1.5): used by CreateRouteResponse and UpdateRouteResponse alike.

import type { RouteResponse } from '../../../model/api.ts';
import { refuseUnavailable } from '../not-available.ts';
import { checkExpression } from './expression-rules.ts';
import { badRequest } from './find.ts';

/**
 * Throws BadRequestException for a key other than `$default` or an expression that does not parse. Models of responses are kept and
 * never applied, as AWS keeps them, so they need not exist; parameters could have no effect and are refused by name.
 */
export function checkRouteResponse(
  response: Pick<RouteResponse, 'routeResponseKey' | 'modelSelectionExpression'>,
  parameters: unknown,
): void {
  if (response.routeResponseKey !== '$default') {
    throw badRequest(`Invalid RouteResponseKey '${response.routeResponseKey}'. Only $default is supported.`);
  }
  checkExpression('ModelSelectionExpression', response.modelSelectionExpression);
  refuseUnavailable('a RouteResponse', { ResponseParameters: parameters });
}
