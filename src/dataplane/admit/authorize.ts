// May this client connect, in the words of its route: by AWS_IAM or by a REQUEST authorizer (websocket-apis 2.5, 6). Whatever goes wrong on
// the way refuses.

import { refuse, type Refusal } from '../../model/faults.ts';
import { formatArn } from '../../model/arn.ts';
import type { CompiledRoute } from '../../snapshot/compile-deployment.ts';
import type { IntegrationEvent } from '../integrate/event-context.ts';
import type { Resolved } from '../stages.ts';
import type { DataWorld } from '../world.ts';
import type { Authorized } from './authorized.ts';
import { authorizeByIam } from './iam-authorizer.ts';
import { askAuthorizer } from './request-authorizer.ts';

/** `event` is that of `$connect`, without what is found out here. */
export function authorize(
  route: CompiledRoute,
  resolved: Resolved,
  event: IntegrationEvent,
  world: DataWorld,
): Authorized | Refusal | Promise<Authorized | Refusal> {
  const { authorizer } = route;
  if (!authorizer) return {};
  const { api, stageName } = resolved.stage;
  const methodArn = formatArn('execute-api', api.region, api.account, `${api.apiId}/${stageName}/$connect`);
  switch (authorizer.type) {
    case 'AWS_IAM':
      return authorizeByIam(resolved, methodArn, world);
    case 'REQUEST':
      return askAuthorizer(authorizer, event, methodArn, world);
    case 'MISSING':
      return refuse('AuthorizerConfigurationError', 'authorize', authorizer.reason);
  }
}
