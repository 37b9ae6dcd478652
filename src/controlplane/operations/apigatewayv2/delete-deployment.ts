// DeleteDeployment: refused while a stage points at it.

import type { Operation } from '../operation.ts';
import { badRequest, findDeployment } from './find.ts';

export const deleteDeployment: Operation<'apigatewayv2', 'DeleteDeployment'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const deployment = await findDeployment(transaction, request, input.ApiId, input.DeploymentId);
    const stages = await transaction.children('stage', deployment.apiId);
    if (stages.some((stage) => stage.deploymentId === deployment.deploymentId)) {
      throw badRequest('Active stages pointing to this deployment must be moved or deleted');
    }
    transaction.remove('deployment', deployment.id);
  });
