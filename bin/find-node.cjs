'use strict';
// Finds a Node that can run Sallyport: this one when it is new enough, else the one that npm put beside us.
// Must stay runnable by old Node versions: it is the only code that ever sees them.

const MINIMUM_MAJOR = 24;
const MINIMUM_MINOR = 15;
/** As for every command that could not be done. */
const UNDONE = 2;

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > MINIMUM_MAJOR || (major === MINIMUM_MAJOR && minor >= MINIMUM_MINOR);
}

/** The path of a fitting Node binary, or undefined when the running one fits already. */
function findNode() {
  if (isNewEnough(process.versions.node)) return undefined;
  const name = `node-${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/node`);
  } catch {
    process.stderr.write(
      `sallyport: needs Node ${MINIMUM_MAJOR}.${MINIMUM_MINOR} or newer, this is ${process.versions.node}, ` +
        `and the package ${name} is not installed. Install Node ${MINIMUM_MAJOR}, or run "npm ci" without --omit=optional.\n`,
    );
    process.exit(UNDONE);
  }
}

/** Runs `file` with `args` on `node`, passing signals down and the exit code up. */
function relay(node, file, args) {
  const { spawn } = require('node:child_process');
  // In a process group of its own: Ctrl-C reaches the launcher alone, which passes it on once.
  const child = spawn(node, [file, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: true });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`sallyport: cannot start ${node}: ${error.message}\n`);
    process.exit(UNDONE);
  });
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 1);
  });
}

module.exports = { findNode, relay };
