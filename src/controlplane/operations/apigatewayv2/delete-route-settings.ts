// DeleteRouteSettings: the route goes by the stage's default settings again.

import { without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { findStage } from './find.ts';
import { noSettings } from './stage-rules.ts';

export const deleteRouteSettings: Operation<'apigatewayv2', 'DeleteRouteSettings'> = async (
  input,
  request,
  { store, clock },
) =>
  store.transact(async (transaction) => {
    const stage = await findStage(transaction, request, input.ApiId, input.StageName);
    if (!Object.hasOwn(stage.routeSettings, input.RouteKey)) throw noSettings(input.RouteKey);
    const routeSettings = without(stage.routeSettings, input.RouteKey);
    transaction.put('stage', { ...stage, routeSettings, lastUpdatedAtMs: clock.now() });
  });
