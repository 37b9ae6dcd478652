// `npm run dev`: the gateway from source with a data directory of its own, restarted on every save. Logs stay readable; what you
// created stays too.

import { spawn } from 'node:child_process';

const gateway = spawn(
  process.execPath,
  [
    '--watch',
    '--watch-path=src',
    'bin/sallyport.cjs',
    'serve',
    '--data-dir',
    '.dev-data',
    '--clock',
    'movable',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => gateway.kill(signal));
gateway.on('exit', (code) => process.exit(code ?? 0));
