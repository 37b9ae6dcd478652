// Which program runs a function: our Node or Python runtime with the handler, or the command itself. Looked up anew for each process: what
// is not there now may be there after a build.

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { threadFile } from '../ambient/thread-file.ts';
import type { FunctionRuntime, FunctionSetting } from '../settings/function-setting.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** A runtime of ours talks over sockets that it is born with; any other asks the Runtime API. */
  readonly isOurs: boolean;
}

/** Why nothing can be started, as Lambda has it. */
export interface NoProgram {
  readonly errorType: string;
  readonly problem: string;
}

export const NODE_EXTENSIONS = ['.mjs', '.js', '.cjs', '.mts', '.ts', '.cts'] as const;
const PYTHON_EXTENSION = '.py';
/** What a V8 heap may be of all: the rest is for what lies outside of it. */
const HEAP_SHARE = 0.9;

export function programOf(setting: FunctionSetting): Program | NoProgram {
  const runtime = runtimeOf(setting);
  if (runtime === 'command') return commandOf(setting);
  if (runtime === 'python') {
    const bootstrap = fileURLToPath(new URL('./runtimes/python_bootstrap.py', import.meta.url));
    return { command: 'python3', args: ['-u', bootstrap], isOurs: true };
  }
  const bootstrap = fileURLToPath(threadFile(import.meta.url, 'runtimes/node-bootstrap'));
  const heapMb = Math.floor(setting.memoryMb * HEAP_SHARE);
  return { command: process.execPath, args: [`--max-old-space-size=${heapMb}`, bootstrap], isOurs: true };
}

/** The file of a handler without its extension: `src/app` of `src/app.handler`. */
export function moduleOf({ handler, taskRoot }: FunctionSetting): string {
  const name = basename(handler);
  const dot = name.indexOf('.');
  return join(taskRoot, dirname(handler), dot < 0 ? name : name.slice(0, dot));
}

/** As the settings say, or by the file that is there; Node's own words then say what is missing where none is. */
export function runtimeOf(setting: FunctionSetting): FunctionRuntime {
  if (setting.runtime) return setting.runtime;
  const module = moduleOf(setting);
  if (NODE_EXTENSIONS.some((extension) => existsSync(module + extension))) return 'nodejs';
  if (existsSync(module + PYTHON_EXTENSION)) return 'python';
  const command = join(setting.taskRoot, setting.handler);
  const isCommand = extname(command) === '' || (existsSync(command) && statSync(command).isFile());
  return isCommand ? 'command' : 'nodejs';
}

function commandOf({ handler, taskRoot }: FunctionSetting): Program | NoProgram {
  const command = join(taskRoot, handler);
  try {
    accessSync(command, constants.X_OK);
    if (statSync(command).isFile()) return { command, args: [], isOurs: false };
    return invalidEntrypoint(handler, 'permission denied');
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    return invalidEntrypoint(handler, isThere ? 'permission denied' : 'no such file or directory');
  }
}

function invalidEntrypoint(handler: string, why: string): NoProgram {
  return { errorType: 'Runtime.InvalidEntrypoint', problem: `fork/exec ${handler}: ${why}` };
}
