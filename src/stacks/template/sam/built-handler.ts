// A handler that names a file which esbuild would make: the same handler in the source, which Node runs as it is, TypeScript included.

import { basename, dirname, extname, join, normalize, relative } from 'node:path';
import type { Draft } from '../draft.ts';
import type { Node } from '../template-node.ts';
import { textMember } from './values.ts';

const HANDLER = /^(.*?)([^/.]+)\.(.+)$/;

/** Undefined where the handler is where it says. */
export function builtHandler({ metadata, properties }: Draft): string | undefined {
  const method = metadata?.entries.get('BuildMethod');
  const handler = textMember(properties, 'Handler');
  if (method?.kind !== 'scalar' || method.text !== 'esbuild' || handler === undefined) return undefined;
  const [, directory, name, exported] = HANDLER.exec(handler) ?? [];
  if (directory === undefined || name === undefined) return undefined;
  const module = normalize(join(directory, name));
  const sources = entryPoints(metadata?.entries.get('BuildProperties')).map((path) =>
    withoutExtension(normalize(path)),
  );
  const root = commonDirectory(sources);
  const found =
    sources.find((source) => relative(root, source) === module) ??
    sources.find((source) => source === module) ??
    sources.find((source) => basename(source) === basename(module));
  return found === undefined ? undefined : `${found}.${exported}`;
}

function entryPoints(build: Node | undefined): readonly string[] {
  const list = build?.kind === 'map' ? build.entries.get('EntryPoints') : undefined;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) => (item.kind === 'scalar' && item.text !== '' ? [item.text] : []));
}

const withoutExtension = (path: string) => path.slice(0, path.length - extname(path).length);

/** What esbuild takes off the paths of its entry points. */
function commonDirectory(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => dirname(path).split('/'));
  if (!first) return '.';
  const isCommon = (index: number) => others.every((parts) => parts[index] === first[index]);
  const end = first.findIndex((_, index) => !isCommon(index));
  return (end < 0 ? first : first.slice(0, end)).join('/') || '.';
}
