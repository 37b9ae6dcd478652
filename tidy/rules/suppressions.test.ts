// Comments that silence a tool, with and without a reason.

import { testRule } from '../sample-tree.ts';
import { suppressions } from './suppressions.ts';

testRule(suppressions, [
  [
    'keeps suppressions with a reason, and words about them',
    {
      'src/dns/a.ts': [
        '// oxlint-disable-next-line no-console -- prints the answer',
        '/* oxlint-disable no-console -- prints the answer */',
        '// @ts-expect-error -- the types are behind',
        '// -- one record a line',
        '// prettier-ignore',
        'const a = 1;',
        '// prettier-ignore',
        '// -- one record a line',
        '// There is no oxlint-disable here.',
        `const s = '// @ts-expect-error';`,
      ],
      'scripts/b.ts': '// oxlint-disable no-console',
    },
    [],
  ],
  [
    'finds suppressions without a reason',
    {
      'src/dns/a.ts': [
        '// oxlint-disable-next-line no-console',
        '// @ts-expect-error: the types are behind',
        '// prettier-ignore',
        'x;',
      ],
      'test/b.ts': [
        '/* oxlint-disable */ x; // -- of something else',
        '',
        '/**',
        ' * @ts-ignore --',
        ' */',
        '// @ts-expect-error -- ',
      ],
      'src/dns/c.ts': [
        '// eslint-disable-line no-console',
        '',
        '// @ts-expect-error',
        '// -- on another line',
        '',
        '// prettier-ignore -- beside',
      ],
    },
    [
      ['src/dns/a.ts:1', "oxlint-disable has no reason after ' -- '"],
      ['src/dns/a.ts:2', '@ts-expect-error has no reason'],
      ['src/dns/a.ts:3', 'prettier-ignore has no reason'],
      ['test/b.ts:1', 'oxlint-disable has no reason'],
      ['test/b.ts:4', '@ts-ignore has no reason'],
      ['test/b.ts:6', '@ts-expect-error has no reason'],
      ['src/dns/c.ts:1', 'eslint-disable has no reason'],
      ['src/dns/c.ts:6', 'in a comment on the line above or below'],
      ['src/dns/c.ts:3', '@ts-expect-error has no reason'],
    ],
  ],
]);
