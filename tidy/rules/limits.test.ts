// Bounds in the settings and rows in docs/limits.md.

import { testRule } from '../sample-tree.ts';
import { limits } from './limits.ts';

const LIMITS = [
  'export const LIMITS = {',
  '  frameBytesMax: { value: 1, aws: 2 },',
  '  idleTimeoutMs: { value: 3 },',
  '};',
];
const TABLE = ['| limit | value |', '|---|---|'];

testRule(limits, [
  [
    'keeps a page that lists exactly the bounds, in several tables',
    {
      'src/settings/limit-table.ts': LIMITS,
      'docs/limits.md': [
        ...TABLE,
        '| `frameBytesMax` | `1` |',
        '',
        ...TABLE,
        '| `idleTimeoutMs` | 3 |',
        '',
        ...TABLE,
        '| unit | ms |',
      ],
    },
    [],
  ],
  [
    'finds bounds without a row, rows without a bound, and a bound that is only mentioned',
    {
      'src/settings/limit-table.ts': LIMITS,
      'docs/limits.md': ['`idleTimeoutMs`', '', ...TABLE, '| `frameBytesMax` | 1 |', '| `value` | 1 |'],
    },
    [
      ['src/settings/limit-table.ts:3', 'limit `idleTimeoutMs` has no row in docs/limits.md'],
      ['docs/limits.md:6', 'row `value` has no limit in src/settings/limit-table.ts'],
    ],
  ],
  [
    'reads the table that is taken up',
    {
      'src/settings/data-limit-table.ts': 'export const DATA_LIMITS = { urlBytesMax: { value: 1 } };',
      'src/settings/limit-table.ts': 'export const LIMITS = { ...DATA_LIMITS, idleTimeoutMs: { value: 3 } };',
      'docs/limits.md': [...TABLE, '| `idleTimeoutMs` | 3 |'],
    },
    [['src/settings/data-limit-table.ts:1', 'limit `urlBytesMax` has no row in docs/limits.md']],
  ],
  [
    'finds that the page is missing',
    { 'src/settings/limit-table.ts': LIMITS },
    [['docs/limits.md:1', 'does not exist']],
  ],
  [
    'finds that the code is missing or empty',
    { 'docs/limits.md': [...TABLE, '| `a` | 1 |'], 'src/settings/limit-table.ts': 'export const LIMITS = {};' },
    [['src/settings/limit-table.ts:1', 'lists no key']],
  ],
]);
