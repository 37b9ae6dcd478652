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
  enableCompileCache();
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

/**
 * Below the user's own directory, where Node's default is one that every user of the machine may write to: what lies there is run.
 * NODE_COMPILE_CACHE names another one; without a home there is none.
 */
function enableCompileCache() {
  const { isAbsolute } = require('node:path');
  const cacheHome = process.env.XDG_CACHE_HOME ?? '';
  const base = isAbsolute(cacheHome) ? cacheHome : homeCache();
  if (base !== undefined) require('node:module').enableCompileCache(join(base, 'sallyport', 'compile'));
}

function homeCache() {
  try {
    return join(require('node:os').homedir(), '.cache');
  } catch {
    // A user that the system does not know.
    return undefined;
  }
}
