// A bound of this process that is another for a while.

import assert from 'node:assert/strict';
import { adjustLimits, limit, type LimitName } from '../../src/settings/limits.ts';

/** Sets the bound; what is returned sets it back. */
export function lowerLimit(name: LimitName, value: number): () => void {
  const usual = limit(name);
  assert.equal(adjustLimits({ [name]: value }), undefined);
  return () => assert.equal(adjustLimits({ [name]: usual }), undefined);
}
