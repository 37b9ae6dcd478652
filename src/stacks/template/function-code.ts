// Where the code of a function is: a directory of this machine, which the template names, SAM's CodeUri, or CDK's assets; or one that is
// yet to be written, for code that stands in the template. Code in a bucket stays as it is. Writes nothing.

import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Draft } from './draft.ts';
import type { ProblemList } from './problem-list.ts';
import type { InlineCode, MapValue, Value } from './stack-template.ts';
import type { TemplateFile } from './template-file.ts';
import { scalar, type MapNode } from './template-node.ts';

/** What has to be unpacked first. */
const PACKED = /\.(?:zip|jar|war)$/i;
const DIGEST_LENGTH = 12;
const FUNCTION = 'AWS::Lambda::Function';

export interface LocalCode {
  readonly drafts: readonly Draft[];
  readonly inlineCode: readonly InlineCode[];
}

/** The drafts, with `Code: {Directory}` where the code is on this machine, or will be. */
export function withLocalCode(
  drafts: readonly Draft[],
  file: TemplateFile,
  inlineCodeDirectory: string | undefined,
  problems: ProblemList,
): LocalCode {
  const inlineCode: InlineCode[] = [];
  const located = drafts.map((draft) => {
    if (draft.type !== FUNCTION || draft.isMuted) return draft;
    const inline = inlineCodeDirectory === undefined ? undefined : inlineCodeOf(draft, inlineCodeDirectory);
    if (inline) inlineCode.push(inline);
    const directory = inline?.directory ?? foundDirectory(draft, file, problems);
    return directory === undefined ? draft : inDirectory(draft, directory);
  });
  return { drafts: located, inlineCode };
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

/** Lambda puts such code into a file called index. What asks for resources is not known yet, and stays where it is. */
function inlineCodeOf({ logicalId, properties }: Draft, below: string): InlineCode | undefined {
  const code = properties.entries.get('Code');
  const text = code?.kind === 'map' ? code.entries.get('ZipFile') : undefined;
  if (text?.kind !== 'scalar') return undefined;
  const runtime = properties.entries.get('Runtime');
  const isPython = runtime?.kind === 'scalar' && runtime.text.startsWith('python');
  const digest = createHash('sha256').update(text.text).digest('hex').slice(0, DIGEST_LENGTH);
  return {
    directory: join(below, `${logicalId}-${digest}`),
    fileName: isPython ? 'index.py' : 'index.js',
    text: text.text,
  };
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
