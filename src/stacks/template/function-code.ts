// Where the code of a function is: a directory of this machine, which the template names, SAM's CodeUri, or CDK's assets. Code in a bucket
// or in the template stays as it is. Writes nothing.

import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Draft } from './draft.ts';
import type { ProblemList } from './problem-list.ts';
import type { MapValue, Value } from './stack-template.ts';
import type { TemplateFile } from './template-file.ts';
import { scalar, type MapNode } from './template-node.ts';

/** What has to be unpacked first. */
const PACKED = /\.(?:zip|jar|war)$/i;
const FUNCTION = 'AWS::Lambda::Function';

/** The drafts, with `Code: {Directory}` where the code is on this machine. */
export function withLocalCode(drafts: readonly Draft[], file: TemplateFile, problems: ProblemList): readonly Draft[] {
  return drafts.map((draft) => {
    if (draft.type !== FUNCTION || draft.isMuted) return draft;
    const directory = foundDirectory(draft, file, problems);
    return directory === undefined ? draft : inDirectory(draft, directory);
  });
}

function inDirectory(draft: Draft, directory: string): Draft {
  const line = draft.properties.entries.get('Code')?.line ?? draft.line;
  const code: MapValue = { kind: 'map', entries: new Map([['Directory', scalar(directory, line)]]), line };
  return {
    ...draft,
    properties: { ...draft.properties, entries: new Map([...draft.properties.entries, ['Code', code]]) },
  };
}

function foundDirectory(draft: Draft, file: TemplateFile, problems: ProblemList): string | undefined {
  const code = draft.properties.entries.get('Code');
  const path = assetPath(draft.metadata) ?? writtenPath(code) ?? keyedPath(code, file.assets);
  if (path === undefined) return undefined;
  const directory = directoryOf(resolve(file.directory, path));
  const wrong = complaint(directory);
  if (wrong !== undefined)
    problems.add(code?.line ?? draft.line, `the code of function '${draft.logicalId}', ${path}, ${wrong}`);
  return directory;
}

/** SAM packs a single file, too; its directory is where it can be run. */
function directoryOf(path: string): string {
  const isFile = !PACKED.test(path) && existsSync(path) && statSync(path).isFile();
  return isFile ? dirname(path) : path;
}

function complaint(path: string): string | undefined {
  if (!existsSync(path)) return 'is not there';
  return statSync(path).isDirectory() ? undefined : 'is a file; name the directory that was packed into it';
}

/** What CDK notes beside a resource whose code is an asset. */
function assetPath(metadata: MapNode | undefined): string | undefined {
  const property = metadata?.entries.get('aws:asset:property');
  const path = metadata?.entries.get('aws:asset:path');
  return property?.kind === 'scalar' && property.text === 'Code' && path?.kind === 'scalar' ? path.text : undefined;
}

/** A text in place of the object: what `aws cloudformation package` would upload. */
function writtenPath(code: Value | undefined): string | undefined {
  return code?.kind === 'scalar' && code.text !== '' && !code.text.startsWith('s3://') ? code.text : undefined;
}

function keyedPath(code: Value | undefined, assets: TemplateFile['assets']): string | undefined {
  const key = code?.kind === 'map' ? code.entries.get('S3Key') : undefined;
  return key?.kind === 'scalar' ? assets.get(key.text) : undefined;
}
