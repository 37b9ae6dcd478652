// CreateStage (websocket-apis 1.10). A stage without a deployment refuses connections until it gets one; with `autoDeploy` it gets
// one at once, and another with every edit.

import type { Stage } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { routeSettingsInput, stageOutput } from './api-output.ts';
import { badRequest, conflict, findApi, findDeployment } from './find.ts';
import { accessLogInput } from './access-log-rules.ts';
import { checkQuota } from './quota-rules.ts';
import { checkRouteSettings, checkStageMembers, checkStageVariables } from './stage-rules.ts';
import { checkTags } from './tag-rules.ts';

export const createStage: Operation<'apigatewayv2', 'CreateStage'> = async (input, request, { store, clock }) => {
  if (input.StageName === '$default') {
    throw badRequest('A stage named $default cannot be used by WEBSOCKET protocol Apis: its URL could not be called.');
  }
  checkStageVariables(input.StageVariables ?? {});
  checkTags('stage', input.Tags);
  return store.transact(async (transaction) => {
    const api = await findApi(transaction, request, input.ApiId);
    checkStageMembers(api, input);
    const id = `${api.apiId}/${input.StageName}`;
    if (await transaction.get('stage', id)) throw conflict('Stage already exists');
    checkQuota('Stages', (await transaction.children('stage', api.apiId)).length);
    if (input.DeploymentId !== undefined) await findDeployment(transaction, request, api.apiId, input.DeploymentId);
    await checkRouteSettings(transaction, api.apiId, input.RouteSettings);
    const settings = Object.entries(input.RouteSettings ?? {});
    const stage: Stage = {
      id,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      stageName: input.StageName,
      stageVariables: input.StageVariables ?? {},
      defaultRouteSettings: {
        dataTraceEnabled: false,
        detailedMetricsEnabled: false,
        loggingLevel: 'OFF',
        ...routeSettingsInput(input.DefaultRouteSettings ?? {}),
      },
      routeSettings: Object.fromEntries(settings.map(([key, value]) => [key, routeSettingsInput(value)])),
      tags: input.Tags ?? {},
      createdAtMs: clock.now(),
      lastUpdatedAtMs: clock.now(),
      ...present({
        deploymentId: input.DeploymentId,
        autoDeploy: input.AutoDeploy,
        description: input.Description,
        accessLogSettings: input.AccessLogSettings && accessLogInput(api, input.AccessLogSettings),
      }),
    };
    transaction.put('stage', stage);
    return stageOutput(stage);
  });
};
