// The file by which commands find the gateway that runs on a data directory, and by which they prove that they may read that directory:
// its control port, and a token made at its start. Whoever has the token may name code that the gateway runs.

import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningGateway {
  /** `http://127.0.0.1:4566` */
  readonly control: string;
  /** A secret. */
  readonly codeToken: string;
}

interface Bound {
  readonly address: string;
  readonly family: string;
  readonly port: number;
}

const FILE_NAME = 'running.json';
const OWNER_ALONE = 0o600;
const TOKEN_BYTES = 32;

export function makeCodeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Where a gateway listens that serves from now on. Whole or not at all: nobody reads half of it. Returns what takes it away again. */
export function announceGateway(dataDir: string, control: Bound, codeToken: string): () => void {
  const path = join(dataDir, FILE_NAME);
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  const content = `${JSON.stringify({ control: `http://${hostOf(control)}:${control.port}`, codeToken })}\n`;
  writeFileSync(unfinished, content, { mode: OWNER_ALONE, flag: 'wx' });
  renameSync(unfinished, path);
  return () => rmSync(path, { force: true });
}

/** As a client of this machine has it: every address is this machine's, too. */
function hostOf({ address, family }: Bound): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return family === 'IPv6' ? `[${address}]` : address;
}

/** Undefined where none has been started, or has ended well. One that was killed leaves its file: whether it answers is to be asked. */
export function readRunningGateway(dataDir: string): RunningGateway | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(dataDir, FILE_NAME), 'utf8'));
  } catch {
    // Not there, somebody else's, or not ours: there is no gateway by it.
    return undefined;
  }
  const { control, codeToken } = (content ?? {}) as Partial<RunningGateway>;
  return typeof control === 'string' && typeof codeToken === 'string' ? { control, codeToken } : undefined;
}
