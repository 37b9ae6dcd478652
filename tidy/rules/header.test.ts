// Files that say what they are at their head, and files that do not.

import { testRule } from '../sample-tree.ts';
import { header } from './header.ts';

testRule(header, [
  [
    'keeps files that open with a comment, tests and generated files',
    {
      'src/dns/a.ts': '// The server.\n',
      'src/dns/b.ts': '\n/**\n * The zone.\n */\n',
      'src/cli/c.ts': '#!/usr/bin/env node\n// The command.\n',
      'src/dns/a.test.ts': `import './a.ts';`,
      'src/protocol/wire/shapes-acm.ts': 'export {};',
      'test/a.ts': 'export {};',
    },
    [],
  ],
  [
    'finds files that open with code, with nothing, or with words to a tool',
    {
      'src/dns/a.ts': `import './b.ts';\n// The server.\n`,
      'src/dns/b.ts': '',
      'src/dns/c.ts': '// oxlint-disable no-console -- prints\n',
      'src/dns/d.ts': '/// <reference types="node" />\n',
      'src/dns/e.ts': '/* */\n',
      'src/dns/f.ts': `'// not a comment'`,
    },
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`src/dns/${name}.ts:1`, 'does not open with a comment'] as const),
  ],
]);
