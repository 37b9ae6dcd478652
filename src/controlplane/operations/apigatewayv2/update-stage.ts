// UpdateStage: variables and route settings merge by key, an empty variable is removed; a new deployment is followed by open
// sockets with their next message.

import type { Stage } from '../../../model/api.ts';
import { patch, patchMap } from '../members.ts';
import type { Operation } from '../operation.ts';
import { routeSettingsInput, stageOutput } from './api-output.ts';
import { accessLogInput } from './access-log-rules.ts';
import { findApi, findDeployment, findStage } from './find.ts';
import { checkDeploymentChoice, checkRouteSettings, checkStageMembers, checkStageVariables } from './stage-rules.ts';

export const updateStage: Operation<'apigatewayv2', 'UpdateStage'> = async (input, request, { store, clock }) =>
  store.transact(async (transaction) => {
    const api = await findApi(transaction, request, input.ApiId);
    checkStageMembers(api, input);
    const old = await findStage(transaction, request, input.ApiId, input.StageName);
    if (input.DeploymentId !== undefined) await findDeployment(transaction, request, old.apiId, input.DeploymentId);
    await checkRouteSettings(transaction, old.apiId, input.RouteSettings);
    const settings = Object.entries(input.RouteSettings ?? {}).map(
      ([key, value]) => [key, { ...old.routeSettings[key], ...routeSettingsInput(value) }] as const,
    );
    const stage: Stage = patch(old, {
      deploymentId: input.DeploymentId,
      autoDeploy: input.AutoDeploy,
      description: input.Description,
      stageVariables: patchMap(old.stageVariables, input.StageVariables ?? {}),
      defaultRouteSettings: { ...old.defaultRouteSettings, ...routeSettingsInput(input.DefaultRouteSettings ?? {}) },
      routeSettings: { ...old.routeSettings, ...Object.fromEntries(settings) },
      accessLogSettings: input.AccessLogSettings && accessLogInput(api, input.AccessLogSettings),
      lastUpdatedAtMs: clock.now(),
    });
    checkDeploymentChoice(stage, input.DeploymentId);
    checkStageVariables(stage.stageVariables);
    transaction.put('stage', stage);
    return stageOutput(stage);
  });
