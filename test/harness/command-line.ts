// The real command line of this clone, and what it tells people to type.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PEERS, type PeerResult } from './peers.ts';

export const LAUNCHER = fileURLToPath(new URL('../../bin/sallyport.cjs', import.meta.url));

async function run(command: string, args: readonly string[], options: RunOptions): Promise<PeerResult> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function sallyport(args: readonly string[], options: RunOptions = {}): Promise<PeerResult> {
  return run(process.execPath, [LAUNCHER, ...args], options);
}

/** Runs a line as a user would paste it, with Debian's AWS CLI first on the path and the development credentials. */
export function paste(line: string, options: RunOptions = {}): Promise<PeerResult> {
  const PATH = `${PEERS.aws.path.replace(/\/[^/]+$/, '')}:${process.env['PATH']}`;
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' };
  return run('/bin/bash', ['-c', line], { ...options, env: { PATH, AWS_PAGER: '', ...credentials, ...options.env } });
}
