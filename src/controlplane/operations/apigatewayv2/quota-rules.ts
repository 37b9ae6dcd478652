// How many parts an Api may have. The texts are AWS's, with this server's own bound after them.

import { Fault } from '../../../model/faults.ts';
import { limit } from '../../../settings/limits.ts';

const QUOTAS = {
  Routes: 'routesPerApiMax',
  Integrations: 'integrationsPerApiMax',
  Stages: 'stagesPerApiMax',
  Models: 'modelsPerApiMax',
  Authorizers: 'authorizersPerApiMax',
} as const;

/** Throws TooManyRequestsException when an Api that has `count` of them may get no other. */
export function checkQuota(parts: keyof typeof QUOTAS, count: number): void {
  const max = limit(QUOTAS[parts]);
  if (count < max) return;
  throw new Fault(
    'TooManyRequestsException',
    `Maximum number of ${parts} for this API has been reached.  Please contact AWS if you need additional ${parts}. ` +
      `(This server allows ${max}: ${QUOTAS[parts]}.)`,
    { members: { limitType: QUOTAS[parts] } },
  );
}
