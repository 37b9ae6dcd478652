// UpdateDeployment: its description only. What it froze never changes.

import type { Deployment } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { deploymentOutput } from './api-output.ts';
import { findDeployment } from './find.ts';

export const updateDeployment: Operation<'apigatewayv2', 'UpdateDeployment'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const old = await findDeployment(transaction, request, input.ApiId, input.DeploymentId);
    const deployment: Deployment = { ...old, ...present({ description: input.Description }) };
    transaction.put('deployment', deployment);
    return deploymentOutput(deployment);
  });
