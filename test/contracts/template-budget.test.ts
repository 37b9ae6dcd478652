// The budget of templates is written in two rooms that may not know each other: settings/limits.ts, which lists every bound, and
// protocol/vtl/budget.ts, which applies it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEMPLATE_BUDGET } from '../../src/protocol/vtl/budget.ts';
import { LIMITS } from '../../src/settings/limit-table.ts';

void test('the budget of a template is what the limits say, name by name', () => {
  const listed = Object.entries(LIMITS)
    .filter(([name]) => name.startsWith('template'))
    .map(([name, { value }]) => [name, value]);
  const applied = Object.entries(TEMPLATE_BUDGET).map(([name, value]) => {
    const inLimits = name.startsWith('template') ? name : `template${name[0]!.toUpperCase()}${name.slice(1)}`;
    return [inLimits, value];
  });
  assert.deepEqual(Object.fromEntries(listed), Object.fromEntries(applied));
});
