// The table of rooms held against imports of every kind.

import { testRule } from '../sample-tree.ts';
import { layers } from './layers.ts';

const NOT_DNS = 'model may not import dns (src/dns/server.ts)';

testRule(layers, [
  [
    'lets rooms import what the table gives them, themselves and packages',
    {
      'src/main.ts': [`import './dns/server.ts';`, `import './controlplane/operations/acm/a.ts';`],
      'src/cli/run.ts': `import '../main.ts'; import pkg from '../../package.json' with { type: 'json' };`,
      'src/dns/server.ts': `import './zone.ts'; import '../model/zone.ts'; import 'node:dgram'; import 'dns-packet';`,
      'src/dns/zone.ts': '',
      'src/model/zone.ts': '',
      'src/publish/compile.ts': `import '../protocol/wire/model.json' with { type: 'json' };`,
      'src/controlplane/operation.ts': `import type { A } from '../store/contract.ts';`,
      'src/controlplane/operations/acm/a.ts': `import type { B } from '../../operation.ts';`,
      'src/store/embedded/open.ts': [
        `new Worker(new URL('./writer.ts', import.meta.url));`,
        `new URL('../../', import.meta.url);`,
        `new URL('../../../bin/', import.meta.url);`,
      ],
      'src/dns/server.test.ts': `import '../../test/stand-ins/resolver.ts';`,
    },
    [],
  ],
  [
    'finds imports of every kind that the table does not give',
    {
      'src/model/a.ts': [
        `import { a } from '../dns/server.ts';`,
        `import type { A } from '../dns/server.ts';`,
        `import { type B } from '../dns/server.ts';`,
        `let c: import('../dns/server.ts').C;`,
        `await import('../dns/server.ts');`,
        `export { d } from '../dns/server.ts';`,
        `export type * from '../dns/server.ts';`,
        `new Worker(new URL('../dns/server.ts', import.meta.url));`,
        `import zones from '../dns/zones.json' with { type: 'json' };`,
        `// import '../dns/server.ts'`,
      ],
      'src/dns/server.ts': '',
      'src/dns/zones.json': '{}',
    },
    [
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((line) => [`src/model/a.ts:${line}`, NOT_DNS] as const),
      ['src/model/a.ts:9', 'model may not import dns (src/dns/zones.json)'],
    ],
  ],
  [
    'keeps wire from operations and from the contract of the operations, and main from the command line',
    {
      'src/main.ts': `import './cli/run.ts';`,
      'src/controlplane/wire/a.ts': [`import '../operations/acm/a.ts';`, `import '../operation.ts';`],
      'src/controlplane/operations/acm/a.ts': `import '../../wire/a.ts';`,
    },
    [
      ['src/main.ts:1', 'main.ts may not import cli'],
      ['src/controlplane/wire/a.ts:1', 'controlplane/wire may not import controlplane/operations'],
      ['src/controlplane/wire/a.ts:2', 'controlplane/wire may not import controlplane/operations'],
      ['src/controlplane/operations/acm/a.ts:1', 'controlplane/operations may not import controlplane/wire'],
    ],
  ],
  [
    'holds tests beside the code to the same table',
    { 'src/model/a.test.ts': `import '../store/contract.ts';` },
    [['src/model/a.test.ts:1', 'model may not import store']],
  ],
  [
    'finds files and targets that belong to no room',
    { 'src/cellar/a.ts': '', 'src/loose.json': '{}', 'src/dns/a.ts': `import '../cellar/a.ts';` },
    [
      ['src/cellar/a.ts:1', 'belongs to no room'],
      ['src/loose.json:1', 'belongs to no room'],
      ['src/dns/a.ts:1', 'imports src/cellar/a.ts, which belongs to no room'],
    ],
  ],
  [
    'finds imports that leave src/ or hide where they lead',
    {
      'src/dns/a.ts': [
        `import '../../scripts/a.ts';`,
        `import '../../test/a.ts';`,
        `import '#dns';`,
        `import '/a.ts';`,
      ],
    },
    [
      ['src/dns/a.ts:1', 'imports scripts/a.ts, outside src/'],
      ['src/dns/a.ts:2', 'imports test/a.ts, outside src/'],
      ['src/dns/a.ts:3', 'hides its target'],
      ['src/dns/a.ts:4', 'hides its target'],
    ],
  ],
]);
