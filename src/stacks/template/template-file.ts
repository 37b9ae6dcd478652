// The files of a template: the one that is named, or the one that a `cdk.out` directory leads to. Reads no more than the bound.

import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { limit } from '../../settings/limits.ts';
import { assetDirectories, stackTemplateOf } from './cdk-assembly.ts';
import { parseJson } from './parse-json.ts';
import { parseYaml } from './parse-yaml.ts';
import { ProblemAt, ProblemList } from './problem-list.ts';
import type { Node } from './template-node.ts';

export interface TemplateFile {
  readonly root: Node;
  /** Absolute: relative paths in the template start here. */
  readonly directory: string;
  /** Names the file in which the problems are. */
  readonly problems: ProblemList;
  readonly files: readonly string[];
  /** Where CDK has put the code of functions, by the S3 key that the template names. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Throws ProblemAt about `path`, or ends with problems in a list. */
export function openTemplate(path: string, stackName: string, problems: ProblemList): TemplateFile {
  const isDirectory = statOf(path).isDirectory();
  const name = isDirectory ? stackTemplateOf(path, stackName, (file) => parseFile(file, problems)) : path;
  const about = isDirectory ? new ProblemList(name) : problems;
  let root: Node;
  try {
    root = parseFile(name, about);
  } catch (error) {
    if (!(error instanceof ProblemAt)) throw error;
    about.add(error.line, error.message);
    about.throwIfAny();
    throw error;
  }
  const directory = resolve(dirname(name));
  const assets = assetDirectories(name, (file) => parseFile(file, about));
  const files = isDirectory ? [name, join(path, 'manifest.json')] : [name];
  return { root, directory, problems: about, files, assets };
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProblemAt(1, code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`);
  }
}

/** Throws ProblemAt. */
function parseFile(path: string, problems: ProblemList): Node {
  const { size } = statOf(path);
  const bound = limit('stackTemplateBytesMax');
  if (size > bound)
    throw new ProblemAt(
      1,
      `the file of ${size.toLocaleString('en-US')} bytes exceeds ${bound.toLocaleString('en-US')}`,
    );
  return parseText(readText(path), extname(path) === '.json', problems);
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProblemAt(
      1,
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'the file is not UTF-8' : `the file cannot be read (${code})`,
    );
  }
}

/** What opens with a brace is JSON; but YAML may do so as well. */
export function parseText(text: string, isJson: boolean, problems: ProblemList): Node {
  const looksLikeJson = /^\s*\{/.test(text);
  if (!isJson && !looksLikeJson) return parseYaml(text, problems);
  try {
    return parseJson(text);
  } catch (error) {
    if (isJson || /^\s*\{\s*"/.test(text)) throw error;
    return parseYaml(text, problems);
  }
}
