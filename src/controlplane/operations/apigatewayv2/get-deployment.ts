// GetDeployment.

import type { Operation } from '../operation.ts';
import { deploymentOutput } from './api-output.ts';
import { findDeployment } from './find.ts';

export const getDeployment: Operation<'apigatewayv2', 'GetDeployment'> = async (input, request, { store }) =>
  deploymentOutput(await findDeployment(store.view, request, input.ApiId, input.DeploymentId));
