// package.json, the lockfile and docs/dependencies.md, and what may import a package.

import { testRule } from '../sample-tree.ts';
import { dependencies } from './dependencies.ts';

const TAKEN = 'Licences that are taken: `MIT`, `ISC`.';
const TABLE = ['| package | version | licence | for | upkeep | imported by |', '| --- | --- | --- | --- | --- | --- |'];
const page = (...rows: readonly string[]) => [TAKEN, '', ...TABLE, ...rows];
const WS = '| `ws` | 1.2.3 | MIT | frames | active | `src/dataplane/` |';
const FC = '| `fast-check` | 4.0.0 | MIT | tests | active | tests |';
const manifest = (dependencies: object, devDependencies: object = {}) =>
  JSON.stringify({ dependencies, devDependencies }, null, 1);
const lock = (packages: object) => JSON.stringify({ packages: { '': { version: '0.1.0' }, ...packages } });
const LOCKED = { 'node_modules/ws': { version: '1.2.3', license: 'MIT' } };
const LOCKED_FC = { 'node_modules/fast-check': { version: '4.0.0', license: 'MIT' } };
const ONE = manifest({ ws: '1.2.3' });

testRule(dependencies, [
  [
    'keeps a page that says what is installed, and imports from the folders it names',
    {
      'package.json': manifest({ ws: '1.2.3' }, { 'fast-check': '4.0.0' }),
      'package-lock.json': lock({ ...LOCKED, ...LOCKED_FC, 'node_modules/ws/node_modules/a': { license: 'ISC' } }),
      'docs/dependencies.md': page(WS, FC),
      'src/dataplane/a.ts': "import { WebSocket } from 'ws';\nimport 'wsx';\n",
      'src/cli/a.test.ts': "import 'ws';\n",
    },
    [],
  ],
  [
    'finds a dependency without a row, and a row without a dependency',
    {
      'package.json': manifest({ ws: '1.2.3' }),
      'package-lock.json': lock(LOCKED),
      'docs/dependencies.md': page(FC),
    },
    [
      ['package.json:3', 'dependency `ws` has no row in docs/dependencies.md'],
      ['docs/dependencies.md:5', 'row `fast-check` has no dependency in package.json'],
    ],
  ],
  [
    'finds versions that are ranges, or others than are installed',
    {
      'package.json': manifest({ ws: '^1.2.3' }),
      'package-lock.json': lock({ 'node_modules/ws': { version: '1.2.4', license: 'MIT' } }),
      'docs/dependencies.md': page(WS),
    },
    [
      ['package.json:3', 'the version of `ws` is not exact (^1.2.3)'],
      ['docs/dependencies.md:5', '`ws` is ^1.2.3, installed as 1.2.4, and not 1.2.3'],
    ],
  ],
  [
    'finds what is not in the lockfile',
    { 'package.json': ONE, 'package-lock.json': lock({}), 'docs/dependencies.md': page(WS) },
    [['docs/dependencies.md:5', '`ws` is not in package-lock.json']],
  ],
  [
    'finds a licence that is another, one that is not taken, and a script, deep down too',
    {
      'package.json': ONE,
      'package-lock.json': lock({
        'node_modules/ws': { version: '1.2.3', license: 'ISC' },
        'node_modules/a': { license: 'AGPL-3.0' },
        'node_modules/b': { license: 'MIT', hasInstallScript: true },
        'node_modules/c': {},
      }),
      'docs/dependencies.md': page(WS),
    },
    [
      ['docs/dependencies.md:5', '`ws` is under ISC, and not MIT'],
      ['package-lock.json:1', 'node_modules/a is under AGPL-3.0, which docs/dependencies.md does not take'],
      ['package-lock.json:1', 'node_modules/b runs a script when it is installed'],
      ['package-lock.json:1', 'node_modules/c is under undefined'],
    ],
  ],
  [
    'finds imports from elsewhere, at load and later',
    {
      'package.json': ONE,
      'package-lock.json': lock(LOCKED),
      'docs/dependencies.md': page(WS),
      'src/cli/a.ts': "import type { WebSocket } from 'ws';\nawait import('ws/lib/receiver.js');\n",
    },
    [
      ['src/cli/a.ts:1', '`ws` may not be imported here, only below src/dataplane/'],
      ['src/cli/a.ts:2', '`ws` may not be imported here'],
    ],
  ],
  [
    'finds a page that takes no licence, and files that are not there',
    { 'package.json': ONE, 'package-lock.json': lock(LOCKED), 'docs/dependencies.md': [...TABLE, WS] },
    [['docs/dependencies.md:1', "has no line 'Licences that are taken: …'"]],
  ],
  [
    'finds files that are not there',
    { 'src/main.ts': '// Main.\n' },
    [
      ['package.json:1', 'does not exist'],
      ['package-lock.json:1', 'does not exist'],
      ['docs/dependencies.md:1', 'does not exist'],
    ],
  ],
]);
