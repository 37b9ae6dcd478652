'use strict';
// `pack` takes the vendored Node out of package.json for the published package, which runs on the Node that its user has;
// `restore` puts it back. Run by npm around `npm pack`.

const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');

const KEPT = 'package.json.kept';
if (process.argv[2] === 'pack') {
  const text = readFileSync('package.json', 'utf8');
  writeFileSync(KEPT, text);
  const { optionalDependencies, devDependencies, ...published } = JSON.parse(text);
  void optionalDependencies;
  void devDependencies;
  writeFileSync('package.json', `${JSON.stringify(published, null, 2)}\n`);
} else if (existsSync(KEPT)) renameSync(KEPT, 'package.json');
