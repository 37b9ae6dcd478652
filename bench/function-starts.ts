// How long the first message to a function waits: with no process there yet, in Node and in Python, against an interpreter that does
// nothing; and after a save, from the end of the save to the first answer of the new code.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { compared, type Row } from './claim.ts';
import { clientFrame, openWebSocket } from './load/open.ts';
import type { Target } from './subject.ts';

const run = promisify(execFile);
const NODE = (word: string) => `exports.handler = async () => ({ statusCode: 200, body: '${word}' });\n`;
const PYTHON = `def handler(event, context):\n    return {"statusCode": 200, "body": "started"}\n`;

/** One function a round and language, none of which has a process; and one that is saved. */
export function startingFunctions(directory: string, rounds: number): Readonly<Record<string, { handler: string }>> {
  writeFileSync(join(directory, 'first.js'), NODE('started'));
  writeFileSync(join(directory, 'first_py.py'), PYTHON);
  writeFileSync(join(directory, 'saved.js'), NODE('word0'));
  const names = Array.from({ length: rounds }, (_, round) => [
    [`node${round}`, { handler: 'first.handler' }],
    [`python${round}`, { handler: 'first_py.handler' }],
  ]).flat();
  return Object.fromEntries([...names, ['saved', { handler: 'saved.handler' }]]) as Record<string, { handler: string }>;
}

export async function startRows(target: Target, directory: string, rounds: number): Promise<readonly Row[]> {
  const socket = await openWebSocket(target);
  const ask = asker(socket);
  const all = { node: [] as Pair[], python: [] as Pair[], saved: [] as Pair[] };
  await ask('saved');
  for (let round = 0; round < rounds; round += 1) {
    const bareNode = await timed(() => run(process.execPath, ['-e', '0']));
    all.node.push({ gateway: await timed(() => ask(`node${round}`)), base: bareNode });
    const barePython = await timed(() => run('python3', ['-c', '0']));
    all.python.push({ gateway: await timed(() => ask(`python${round}`)), base: barePython });
    const word = `word${round + 1}`;
    writeFileSync(join(directory, 'saved.js'), NODE(word));
    const saved = await timed(async () => {
      while ((await ask('saved')) !== word);
    });
    all.saved.push({ gateway: saved, base: bareNode });
  }
  socket.destroy();
  return [
    row('cold start of a Node function; node -e 0', all.node),
    row('cold start of a Python function; python3 -c 0', all.python),
    row('save to the first answer of the new code, Node; node -e 0', all.saved),
  ];
}

interface Pair {
  readonly gateway: number;
  readonly base: number;
}

function row(what: string, pairs: readonly Pair[]): Row {
  const { gateway, base, ratios } = compared(pairs);
  const text = (ms: number) => `${Math.round(ms)} ms`;
  return { what, gateway: text(gateway), base: text(base), ratios };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}

/** Sends `{"action": …}` and resolves to the text of the reply, which is short. */
function asker(socket: TLSSocket): (action: string) => Promise<string> {
  return (action) =>
    new Promise((resolve) => {
      socket.once('data', (frame: Buffer) => resolve(frame.toString('utf8', 2)));
      socket.write(clientFrame(JSON.stringify({ action })));
    });
}
