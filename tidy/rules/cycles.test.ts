// Files that reach themselves, and files that only seem to.

import { testRule } from '../sample-tree.ts';
import { cycles } from './cycles.ts';

testRule(cycles, [
  [
    'lets two ways lead to one file',
    {
      'src/dns/a.ts': `import './b.ts'; import './c.ts';`,
      'src/dns/b.ts': `import './d.ts';`,
      'src/dns/c.ts': `import './d.ts';`,
      'src/dns/d.ts': `// import './a.ts'`,
    },
    [],
  ],
  [
    'finds a cycle that types close, and tells it once, the shortest way',
    {
      'src/dns/a.ts': ['', `import './b.ts';`, `import './c.ts';`],
      'src/dns/b.ts': `import './d.ts';`,
      'src/dns/c.ts': `import type { A } from './a.ts';`,
      'src/dns/d.ts': `import './a.ts';`,
      'src/dns/outside.ts': `import './a.ts';`,
    },
    [['src/dns/a.ts:3', 'src/dns/a.ts → src/dns/c.ts → src/dns/a.ts']],
  ],
  [
    'finds a file that imports itself',
    { 'src/dns/a.ts': `import * as self from './a.ts';` },
    [['src/dns/a.ts:1', 'itself']],
  ],
  [
    'tells two knots apart, though one reaches the other',
    {
      'src/dns/a.ts': `import './b.ts';`,
      'src/dns/b.ts': `import './a.ts'; import './c.ts';`,
      'src/dns/c.ts': `await import('./d.ts');`,
      'src/dns/d.ts': `export * from './c.js';`,
    },
    [
      ['src/dns/a.ts:1', 'a.ts → src/dns/b.ts → src/dns/a.ts'],
      ['src/dns/c.ts:1', 'c.ts → src/dns/d.ts → src/dns/c.ts'],
    ],
  ],
  [
    'counts workers',
    {
      'src/store/a.ts': `new Worker(new URL('./w.ts', import.meta.url));`,
      'src/store/w.ts': `import type { A } from './a.ts';`,
    },
    [['src/store/a.ts:1', 'src/store/w.ts']],
  ],
]);
