// Stages with `autoDeploy` follow every edit: whatever an operation changes of what a deployment freezes, the same transaction makes
// a Deployment of it and points those stages at it (websocket-apis 1.10). This stands around the store, so that no operation can
// forget it; an edit that cannot be deployed is kept, and the stage says why it was not.

import type { Api, Deployment, Stage } from '../../../model/api.ts';
import { Fault } from '../../../model/faults.ts';
import type { Kind } from '../../../model/kinds.ts';
import { limit } from '../../../settings/limits.ts';
import type { Store, Transaction } from '../../../store/contract.ts';
import { draft, type Drafted } from './drafts.ts';
import { makeDeployment } from './make-deployment.ts';

/** Kinds of which every change is one of their Api. Their ids begin with its id. */
const FROZEN: readonly Kind[] = [
  'route',
  'route-response',
  'integration',
  'integration-response',
  'model',
  'authorizer',
];

/** The store, as the operations of API Gateway see it. */
export function autoDeploying(store: Store, clock: { now(): number }): Store {
  return {
    ...store,
    transact: (work) =>
      store.transact(async (transaction) => {
        const drafted = draft(transaction);
        const result = await work(drafted.transaction);
        for (const [apiId, isEdited] of await touchedApis(drafted, transaction)) {
          await deploy(drafted, apiId, isEdited, clock.now());
        }
        return result;
      }),
  };
}

/** Api ids, and whether something of the Api that is frozen was changed; false where only a stage began to follow. */
async function touchedApis(drafted: Drafted, before: Transaction): Promise<Map<string, boolean>> {
  const touched = new Map<string, boolean>();
  for (const { kind, id, after } of drafted.writes()) {
    const apiId = id.split('/', 1)[0]!;
    if (FROZEN.includes(kind)) touched.set(apiId, true);
    if (kind === 'api' && after && isFrozenOtherwise(await before.get('api', id), after as Api)) touched.set(id, true);
    if (kind === 'stage' && (after as Stage | undefined)?.autoDeploy === true && !touched.has(apiId)) {
      touched.set(apiId, false);
    }
  }
  return touched;
}

function isFrozenOtherwise(before: Api | undefined, after: Api): boolean {
  return (
    before?.routeSelectionExpression !== after.routeSelectionExpression ||
    before.disableExecuteApiEndpoint !== after.disableExecuteApiEndpoint
  );
}

async function deploy(drafted: Drafted, apiId: string, isEdited: boolean, nowMs: number): Promise<void> {
  const { parts, transaction } = drafted;
  const stages = await parts.children('stage', apiId);
  const following: Stage[] = [];
  for (const stage of stages) {
    if (stage.autoDeploy !== true) continue;
    if (isEdited || (await transaction.get('stage', stage.id))?.autoDeploy !== true) following.push(stage);
  }
  const api = await parts.get('api', apiId);
  if (!api || following.length === 0) return;
  const made = await tryDeployment(drafted, api, nowMs);
  for (const stage of following) transaction.put('stage', pointed(stage, made, nowMs));
  if (typeof made === 'string') return;
  transaction.put('deployment', made);
  const dropped = following.flatMap((stage) => droppedBy(stage, made));
  await removeUnused(drafted, apiId, dropped);
}

/** The deployment, or why there is none. */
async function tryDeployment(drafted: Drafted, api: Api, nowMs: number): Promise<Deployment | string> {
  try {
    return await makeDeployment(drafted.parts, api, nowMs, {
      autoDeployed: true,
      description: 'Automatic deployment triggered by changes to the Api configuration',
    });
  } catch (error) {
    // What is wrong with the Api is told by the stage; everything else ends the transaction.
    if (error instanceof Fault && error.code === 'BadRequestException') return error.message;
    throw error;
  }
}

function pointed(stage: Stage, made: Deployment | string, nowMs: number): Stage {
  if (typeof made === 'string') {
    return { ...stage, lastDeploymentStatusMessage: `Deployment attempt failed: ${made}`, lastUpdatedAtMs: nowMs };
  }
  return {
    ...stage,
    deploymentId: made.deploymentId,
    lastDeploymentStatusMessage: `Successfully deployed stage with deployment ID '${made.deploymentId}'`,
    lastUpdatedAtMs: nowMs,
    autoDeploymentIds: [made.deploymentId, ...(stage.autoDeploymentIds ?? [])].slice(
      0,
      limit('autoDeploymentsPerStageMax'),
    ),
  };
}

function droppedBy(stage: Stage, made: Deployment): string[] {
  const kept = pointed(stage, made, 0).autoDeploymentIds ?? [];
  return (stage.autoDeploymentIds ?? []).filter((id) => !kept.includes(id));
}

/** Removes deployments that nobody chose and no stage keeps. */
async function removeUnused({ parts, transaction }: Drafted, apiId: string, dropped: string[]): Promise<void> {
  if (dropped.length === 0) return;
  const stages = await parts.children('stage', apiId);
  const used = new Set(stages.flatMap((stage) => [stage.deploymentId, ...(stage.autoDeploymentIds ?? [])]));
  for (const deploymentId of dropped) {
    if (!used.has(deploymentId)) transaction.remove('deployment', `${apiId}/${deploymentId}`);
  }
}
