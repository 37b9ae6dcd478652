// Sees when the code of a function is saved: the directory of its handler and those below it, without installed packages and hidden ones.
// Data that a function writes beside its code is no save.

import { readdirSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Log } from '../observe/log.ts';
import type { FunctionSetting } from '../settings/function-setting.ts';
import { limit } from '../settings/limits.ts';

export interface HandlerWatch {
  close(): void;
}

const CODE = new Set(['.mjs', '.js', '.cjs', '.mts', '.ts', '.cts', '.py', '.sh']);
const NO_CODE = new Set(['node_modules', '__pycache__', 'sallyport-data', 'venv']);

export function watchHandler(setting: FunctionSetting, saved: (path: string) => void, log: Log): HandlerWatch {
  const watches = new Map<string, FSWatcher>();
  const handlerFile = basename(setting.handler);
  const max = limit('functionWatchedDirectoriesMax');
  let isFull = false;

  const see = (directory: string, name: string | null) => {
    if (name === null) return;
    if (CODE.has(extname(name)) || name === handlerFile || name === 'package.json') saved(join(directory, name));
    else if (extname(name) === '') add(join(directory, name));
  };
  const add = (directory: string): void => {
    if (watches.has(directory)) return;
    if (watches.size >= max) {
      if (!isFull)
        log.warn(`saves are seen in functionWatchedDirectoriesMax (${max}) directories only`, {
          function: setting.name,
        });
      isFull = true;
      return;
    }
    let entries;
    try {
      entries = readdirSync(directory, { withFileTypes: true });
      const watcher = watch(directory, { persistent: false }, (_, name) => see(directory, name));
      const forget = () => {
        watcher.close();
        watches.delete(directory);
      };
      watcher.on('error', forget);
      watches.set(directory, watcher);
    } catch {
      // No directory, or gone by now: the start of the function says what is missing.
      return;
    }
    for (const entry of entries) {
      if (entry.isDirectory() && !entry.name.startsWith('.') && !NO_CODE.has(entry.name))
        add(join(directory, entry.name));
    }
  };

  add(dirname(join(setting.taskRoot, setting.handler)));
  return {
    close() {
      for (const watcher of watches.values()) watcher.close();
      watches.clear();
    },
  };
}
