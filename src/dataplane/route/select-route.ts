// Which route a message takes (websocket-apis 3.2): the stage's current deployment, its selection expression, an exact match,
// else `$default`, else Forbidden.

import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { evaluateSelection } from '../../protocol/selection-expression.ts';
import { limit } from '../../settings/limits.ts';
import { currentDeployment } from '../../snapshot/resolve.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Arrived, Routed } from '../stages.ts';

const STEP = 'route';

export function selectRoute(arrived: Arrived, snapshot: Snapshot): Routed | Refusal {
  const { messagesInFlight, facts } = arrived.connection;
  const { apiId, stageName } = facts;
  if (messagesInFlight >= limit('messagesInFlightPerConnectionMax')) {
    return refuse('TooManyRequests', STEP, `${messagesInFlight} messages of this connection are in flight`);
  }
  const stage = snapshot.stage(apiId, stageName);
  const deployment = currentDeployment(snapshot, apiId, stageName);
  if (isRefusal(deployment) || !stage)
    return isRefusal(deployment) ? deployment : refuse('Forbidden', STEP, 'the stage is gone');
  const document = parseDocument(arrived.body);
  const key = document === undefined ? '$default' : evaluateSelection(deployment.selection, document);
  const route = deployment.messageRoutes.get(key) ?? deployment.default;
  if (!route)
    return refuse(
      'Forbidden',
      STEP,
      `no route '${key.slice(0, 128)}' and no $default in deployment ${deployment.deploymentId}`,
    );
  return { ...arrived, stage, route, document };
}

/** The JSON document, or undefined when the text is none. */
function parseDocument(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    // Not JSON is an ordinary message: it goes to $default.
    return undefined;
  }
}
