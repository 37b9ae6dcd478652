// Fault codes and the headings of docs/errors.md.

import { testRule } from '../sample-tree.ts';
import { errors } from './errors.ts';

const FAULTS = [
  'export const CONTROL_FAULTS = {',
  '  ConflictException: { retryable: true },',
  '  // a comment, with: words',
  '  NotFound: { retryable: false },',
  '} as const;',
  'export const DATA_FAULTS = {',
  '  Gone: { retryable: false },',
  '  NotFound: { retryable: false },',
  '} as const;',
];

testRule(errors, [
  [
    'keeps one heading a code, and other headings',
    {
      'src/model/faults.ts': FAULTS,
      'docs/errors.md': [
        '# Errors',
        '## `Planes`',
        '### `ConflictException`',
        '### `NotFound`',
        '### `Gone`',
        '### Other',
      ],
    },
    [],
  ],
  [
    'finds codes without a heading, headings without a code, and headings there twice',
    {
      'src/model/faults.ts': FAULTS,
      'docs/errors.md': ['### `NotFound`', '### `Lost`', '### `NotFound`', '```', '### `Gone`', '```', '#### `Gone`'],
    },
    [
      ['src/model/faults.ts:2', 'fault code `ConflictException` has no heading in docs/errors.md'],
      ['src/model/faults.ts:7', 'fault code `Gone` has no heading'],
      ['docs/errors.md:2', 'heading `Lost` has no fault code in src/model/faults.ts'],
      ['docs/errors.md:3', 'heading `NotFound` is already at docs/errors.md:1'],
    ],
  ],
  [
    'finds that a list of codes is missing',
    { 'src/model/faults.ts': FAULTS.slice(0, 5), 'docs/errors.md': ['### `ConflictException`', '### `NotFound`'] },
    [['src/model/faults.ts:1', 'has no object literal `export const DATA_FAULTS = {`']],
  ],
  ['finds that the page is missing', { 'src/model/faults.ts': FAULTS }, [['docs/errors.md:1', 'does not exist']]],
  ['finds that the code is missing', { 'docs/errors.md': '### `A`\n' }, [['src/model/faults.ts:1', 'does not exist']]],
]);
