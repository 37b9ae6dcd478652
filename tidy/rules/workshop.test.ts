// Paths of the machine the project was written on; built from parts here too.

import { testRule } from '../sample-tree.ts';
import { workshop } from './workshop.ts';

const WORK = ['', 'work', 'main'].join('/');
const JOBS = ['', 'tmp', `bash${'_'}jobs.0`].join('/');
const NOTES = ['..', 'shared', 'PLAN.md'].join('/');

testRule(workshop, [
  [
    'keeps other paths and binary files',
    {
      'src/dns/a.ts': `'docs${WORK}'; 'https://example.com${WORK}'; '/workshop/'; '/tmp/x'; 'shared/'`,
      'docs/a.png': `\0${WORK}`,
      'node_modules/a.md': WORK,
    },
    [],
  ],
  [
    'finds them in source, pages and settings',
    {
      'src/dns/a.ts': ['', `const a = '${WORK}/a.ts';`],
      'docs/a.md': `See [the plan](../${NOTES}) and file://${WORK}.`,
      '.ci/run': `cat ${JOBS}/1/stdout`,
      'bench/result.json': `{"cwd":"${WORK}","other":"docs${WORK}"}`,
    },
    [
      ['src/dns/a.ts:2', 'is a path of the workshop'],
      ['docs/a.md:1', ['..', 'shared', ''].join('/')],
      ['docs/a.md:1', ['', 'work', ''].join('/')],
      ['.ci/run:1', 'is a path of the workshop'],
      ['bench/result.json:1', 'is a path of the workshop'],
    ],
  ],
]);
