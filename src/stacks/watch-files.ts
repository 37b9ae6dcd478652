// Sees when one of some files is saved, however an editor does it: by the directories that they lie in.

import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { limit } from '../settings/limits.ts';

export interface FileWatch {
  /** From now on these files, and no others. */
  set(paths: readonly string[]): void;
  close(): void;
}

/** `saved` is called once for saves that come together. */
export function watchFiles(saved: () => void): FileWatch {
  const watches = new Map<string, FSWatcher>();
  let names = new Map<string, ReadonlySet<string>>();
  let timer: NodeJS.Timeout | undefined;
  const see = (directory: string, name: string | null) => {
    if (name !== null && !names.get(directory)?.has(name)) return;
    clearTimeout(timer);
    timer = setTimeout(saved, limit('stackSaveMs'));
  };
  return {
    set(paths) {
      const byDirectory = Map.groupBy(new Set(paths.map((path) => resolve(path))), (path) => dirname(path));
      names = new Map(
        [...byDirectory].map(([directory, files]) => [directory, new Set(files.map((file) => basename(file)))]),
      );
      for (const [directory, watcher] of watches) {
        if (names.has(directory)) continue;
        watcher.close();
        watches.delete(directory);
      }
      for (const directory of names.keys()) {
        if (watches.has(directory)) continue;
        const watcher = watch(directory, (_, name) => see(directory, name));
        // The directory is gone: there is nothing to see until the next run names its files.
        watcher.on('error', () => {
          watcher.close();
          watches.delete(directory);
        });
        watches.set(directory, watcher);
      }
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watches.values()) watcher.close();
      watches.clear();
    },
  };
}
