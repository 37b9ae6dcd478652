// CreateDeployment: freezes everything that routing needs into one immutable value, and points a stage at it when one is named
// (websocket-apis 1.9). Open sockets of that stage follow with their next message.

import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { deploymentOutput } from './api-output.ts';
import { findStage, findWebSocketApi } from './find.ts';
import { makeDeployment } from './make-deployment.ts';
import { checkDeploymentChoice } from './stage-rules.ts';

export const createDeployment: Operation<'apigatewayv2', 'CreateDeployment'> = async (
  input,
  request,
  { store, clock },
) =>
  store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const deployment = await makeDeployment(transaction, api, clock.now(), present({ description: input.Description }));
    transaction.put('deployment', deployment);
    if (input.StageName !== undefined) {
      const stage = await findStage(transaction, request, api.apiId, input.StageName);
      const { deploymentId } = deployment;
      checkDeploymentChoice(stage, deploymentId);
      transaction.put('stage', { ...stage, deploymentId, lastUpdatedAtMs: clock.now() });
    }
    return deploymentOutput(deployment);
  });
