// Marks of unfinished work in comments.

import { testRule } from '../sample-tree.ts';
import { todo } from './todo.ts';

testRule(todo, [
  [
    'keeps the one form, and words in code',
    {
      'src/dns/a.ts': [
        '// TODO(#12): sign the answer.',
        `const s = 'TODO'; const XXX = '// FIXME';`,
        '// TODOS, mkdtemp-XXXXXX',
      ],
      'docs/a.md': 'TODO',
    },
    [],
  ],
  [
    'finds every other form, anywhere in the source',
    {
      'src/dns/a.ts': ['// TODO: sign', 'x; /* a', ' * TODO(#12) sign', ' * FIXME(#12): sign', ' */', '// TODO(#1):'],
      'scripts/b.cjs': '// XXX',
      'test/c.ts': '// TODO(someone): later',
    },
    [
      ['src/dns/a.ts:1', "'TODO' is not of the form"],
      ['src/dns/a.ts:3', "'TODO'"],
      ['src/dns/a.ts:4', "'FIXME'"],
      ['src/dns/a.ts:6', "'TODO'"],
      ['scripts/b.cjs:1', "'XXX'"],
      ['test/c.ts:1', "'TODO'"],
    ],
  ],
]);
