'use strict';
// `node bin/node.cjs FILE ARGS…` runs a TypeScript file of this clone on a fitting Node. For the npm scripts.

const { resolve } = require('node:path');
const { findNode, relay } = require('./find-node.cjs');

const [file, ...args] = process.argv.slice(2);
const node = findNode();
if (node) relay(node, resolve(file), args);
else {
  process.argv.splice(1, 1);
  process.argv[1] = resolve(file);
  import(require('node:url').pathToFileURL(process.argv[1]).href);
}
