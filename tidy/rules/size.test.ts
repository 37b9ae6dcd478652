// Ceilings of files, and the exceptions that may only fall.

import { lines, testRule, type Texts } from '../sample-tree.ts';
import { size } from './size.ts';

/** The exceptions file of the sample tree; each exception stands on a line of its own, from line 2 on. */
function exceptions(list: Readonly<Record<string, readonly [number: number, reason: string]>>): Texts {
  const rows = Object.entries(list).map(
    ([path, [number, reason]]) => `'${path}': { lines: ${number}, reason: '${reason}' },`,
  );
  return {
    'package.json': '{"type":"module"}',
    'tidy/exceptions.ts': ['export const SIZE_EXCEPTIONS = {', ...rows, '};'],
  };
}

testRule(size, [
  [
    'keeps files at the ceiling, and generated ones',
    {
      'src/dns/a.ts': lines(400),
      'src/dns/a.test.ts': lines(800),
      'test/journeys/a.ts': lines(800),
      'src/protocol/wire/shapes-acm.ts': lines(5000),
      'src/protocol/wire/model.json': lines(5000),
    },
    [],
  ],
  [
    'finds longer files',
    { 'src/dns/a.ts': lines(401), 'src/dns/a.test.ts': lines(801), 'test/b.ts': `${lines(800)}last` },
    [
      ['src/dns/a.ts:401', 'has 401 lines; the ceiling is 400'],
      ['src/dns/a.test.ts:801', 'the ceiling is 800'],
      ['test/b.ts:801', 'has 801 lines'],
    ],
  ],
  [
    'keeps a longer file at its exception',
    { 'src/dns/a.ts': lines(450), ...exceptions({ 'src/dns/a.ts': [450, 'a table'] }) },
    [],
  ],
  [
    'finds a file beyond its exception',
    { 'src/dns/a.ts': lines(451), ...exceptions({ 'src/dns/a.ts': [450, 'a table'] }) },
    [['src/dns/a.ts:451', 'has 451 lines; its exception ends at 450']],
  ],
  [
    'asks for lower numbers, for reasons, and for lines that are not needed to go',
    {
      'src/dns/a.ts': lines(449),
      'src/dns/b.ts': lines(450),
      'src/dns/c.ts': lines(399),
      ...exceptions({
        'src/dns/a.ts': [450, 'a table'],
        'src/dns/b.ts': [450, ' '],
        'src/dns/c.ts': [450, 'a table'],
        'src/dns/gone.ts': [450, 'a table'],
      }),
    },
    [
      ['tidy/exceptions.ts:2', 'src/dns/a.ts has 449 lines now; lower 450 to 449'],
      ['tidy/exceptions.ts:3', 'src/dns/b.ts has no reason'],
      ['tidy/exceptions.ts:4', 'src/dns/c.ts is below the ceiling'],
      ['tidy/exceptions.ts:5', 'src/dns/gone.ts does not exist'],
    ],
  ],
]);
