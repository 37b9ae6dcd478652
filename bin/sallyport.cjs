#!/usr/bin/env node
'use strict';
// The `sallyport` command: finds a fitting Node, turns the compile cache on, and starts the command line.

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { findNode, relay } = require('./find-node.cjs');

const node = findNode();
if (node) relay(node, __filename, process.argv.slice(2));
else {
  require('node:module').enableCompileCache();
  // Started by the launcher of an older Node: end when it is gone, so that nothing is left listening.
  // The channel itself must not keep a finished command alive.
  if (process.channel) {
    process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel.unref();
  }
  // A clone runs its source; the published package holds only the compiled tree.
  const source = join(__dirname, '..', 'src', 'cli', 'sallyport.ts');
  const built = join(__dirname, '..', 'dist', 'cli', 'sallyport.js');
  import(pathToFileURL(existsSync(source) ? source : built).href);
}
