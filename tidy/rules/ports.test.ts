// Tags in the code and rows in docs/ports.md.

import { testRule } from '../sample-tree.ts';
import { ports } from './ports.ts';

const TABLE = ['| port | who asks |', '| --- | --- |'];

testRule(ports, [
  [
    'keeps a page that lists exactly the tagged interfaces',
    {
      'docs/ports.md': [...TABLE, '| `nudge` | operations |', '| `certificate-source` | terminate |'],
      'src/delivery/a.ts': ['/**', ' * Look now.', ' *', ' * @port nudge', ' */', 'export interface Nudge {}'],
      'src/dataplane/b.ts': [
        '// Chain and key. @port certificate-source',
        '// Never the network.',
        'export interface Source {}',
      ],
      'src/dataplane/c.ts': ['// The --port of `@port`, mail@port example', `const a = '/** @port text */';`],
      'src/dataplane/d.test.ts': '// @port test\n',
    },
    [],
  ],
  [
    'finds tags without a row, and rows without a tag',
    {
      'docs/ports.md': [...TABLE, '| `invoke` | integrate |', '| steps | explain |'],
      'src/delivery/a.ts': ['/**', ' * @port nudge', ' */', 'export interface Nudge {}'],
    },
    [
      ['src/delivery/a.ts:2', 'port `nudge` has no row in docs/ports.md'],
      ['docs/ports.md:3', 'row `invoke` has no port in src/'],
      ['docs/ports.md:4', 'without a name in backticks'],
    ],
  ],
  [
    'finds tags without a name, on other things, apart from their interface, and names used twice',
    {
      'docs/ports.md': [...TABLE, '| `a` | x |', '| `b` | x |', '| `c` | x |', '| `c` | y |'],
      'src/dns/a.ts': [
        '// @port a',
        'export type A = 1;',
        '// @port b',
        '',
        'export interface B {}',
        '/** @port c */',
        'export interface C {}',
        '/** @port c */',
        'export interface D {}',
        '/** @port */',
        'export interface E {}',
        '/** @port a */',
        'interface F {}',
      ],
    },
    [
      ['src/dns/a.ts:1', '@port a is not directly above an exported interface'],
      ['src/dns/a.ts:3', '@port b is not directly above'],
      ['src/dns/a.ts:8', 'port `c` is already at src/dns/a.ts:6'],
      ['src/dns/a.ts:10', 'has no name'],
      ['src/dns/a.ts:12', '@port a is not directly above'],
      ['src/dns/a.ts:12', 'port `a` is already at src/dns/a.ts:1'],
      ['docs/ports.md:6', 'row `c` is already at docs/ports.md:5'],
    ],
  ],
  ['finds a page without a table', { 'docs/ports.md': '# Ports\n' }, [['docs/ports.md:1', 'has no table']]],
  ['finds that the page is missing', { 'src/main.ts': '' }, [['docs/ports.md:1', 'does not exist']]],
]);
