// Prints a token: node make-token.ts SECRET USER ROOM…

import { makeToken } from './src/token.ts';

const HOUR_S = 3_600;
const [secret, sub, ...rooms] = process.argv.slice(2);
if (secret === undefined || sub === undefined) {
  console.error('usage: node make-token.ts SECRET USER [ROOM…]');
  process.exit(2);
}
console.log(makeToken({ sub, rooms, exp: Math.floor(Date.now() / 1_000) + HOUR_S }, secret));
