// How many parts an Api may have: up to the bound, and not one more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../model/faults.ts';
import { limit } from '../../../settings/limits.ts';
import { checkQuota } from './quota-rules.ts';

const ROWS = [
  ['Routes', 'routesPerApiMax'],
  ['Integrations', 'integrationsPerApiMax'],
  ['Stages', 'stagesPerApiMax'],
] as const;

for (const [parts, bound] of ROWS) {
  void test(`an Api has up to ${bound} ${parts}`, () => {
    checkQuota(parts, limit(bound) - 1);
    assert.throws(
      () => checkQuota(parts, limit(bound)),
      (error: Fault) => {
        assert.equal(error.code, 'TooManyRequestsException');
        const text = `Maximum number of ${parts} for this API has been reached.  Please contact AWS if you need additional ${parts}.`;
        assert.ok(error.message.startsWith(text), error.message);
        assert.equal(error.members['limitType'], bound);
        return true;
      },
    );
  });
}
