// Links between pages, to files and to headings.

import { testRule } from '../sample-tree.ts';
import { docLinks } from './doc-links.ts';

testRule(docLinks, [
  [
    'keeps links that lead somewhere, and those that leave the project',
    {
      'README.md': [
        '# Read me',
        '[a](docs/a.md) [b](./docs/a.md#part-two) [c](docs) [d](docs/) [e](#read-me) [f](/LICENSE)',
        '[g](https://example.com/x.md) [h](mailto:a@example.com) [i](//example.com) [j](wss://example.com)',
        '[k](src/a%20b.ts#L3) [l](docs/a.md?plain=1) ![m](docs/m.png) [n](.)',
        '`[no](gone.md)`',
      ],
      'docs/a.md': ['## Part two', '[up](../README.md#read-me) [self](a.md#part-two)'],
      'docs/m.png': '',
      'src/a b.ts': '',
      LICENSE: '',
      'bench/README.md': '[elsewhere](gone.md)',
    },
    [],
  ],
  [
    'finds links that lead to nothing, out of the repository or past a heading',
    {
      'README.md': [
        '# Read me',
        '[a](docs/gone.md)',
        '[b](docs/a.md#part-three)',
        '[c](#gone)',
        '[d](../other/a.md)',
        '[e]()',
        '[f](node_modules/x/README.md)',
        '[g](docs/A.md)',
        '',
        '[h]: gone.md',
        '<img src="gone.png">',
      ],
      'node_modules/x/README.md': '',
      'docs/a.md': '## Part two\n',
      'docs/adr/0001.md': '[up](../README.md) 100% [x](%zz.md)',
    },
    [
      ['README.md:2', "'docs/gone.md' leads to nothing"],
      ['README.md:3', "no heading with the anchor 'part-three'"],
      ['README.md:4', "no heading with the anchor 'gone'"],
      ['README.md:5', 'out of the repository'],
      ['README.md:6', 'without a target'],
      ['README.md:7', 'leads to nothing'],
      ['README.md:8', 'leads to nothing'],
      ['README.md:10', 'leads to nothing'],
      ['README.md:11', 'leads to nothing'],
      ['docs/adr/0001.md:1', 'docs/README.md'],
      ['docs/adr/0001.md:1', '%zz.md'],
    ],
  ],
  ['finds that there is no page at all', { 'src/main.ts': '' }, [['README.md:1', 'does not exist']]],
]);
