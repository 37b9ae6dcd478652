// A gateway with functions of its own: a directory with handlers and a settings file, as a developer has it.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startTestGateway, temporaryDirectory, type Owner, type TestGateway } from './gateway.ts';

export interface FunctionProject {
  /** Where the settings file lies. */
  readonly directory: string;
  /** Writes a file of the project; a command is executable. */
  write(path: string, text: string): void;
  start(args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<TestGateway>;
}

const EXECUTABLE = 0o755;

/** `functions`: as in the settings file. `files`: by path. */
export function makeProject(owner: Owner, functions: object, files: Readonly<Record<string, string>>): FunctionProject {
  const directory = temporaryDirectory(owner);
  const settingsFile = join(directory, 'sallyport.yaml');
  const write = (path: string, text: string) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, EXECUTABLE);
  };
  // JSON is YAML.
  write('sallyport.yaml', JSON.stringify({ functions }));
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    directory,
    write,
    start: (args = [], env = {}) => startTestGateway(owner, ['--config', settingsFile, ...args], env),
  };
}
