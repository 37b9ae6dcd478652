// What `cdk synth` leaves: a directory with a manifest, one template a stack, and the assets that the templates name by their digests.

import { existsSync } from 'node:fs';
import { join, resolve, dirname, basename } from 'node:path';
import { ProblemAt } from './problem-list.ts';
import type { Node } from './template-node.ts';

const MANIFEST = 'manifest.json';
const STACK = 'aws:cloudformation:stack';

type Parse = (path: string) => Node;

const member = (node: Node | undefined, key: string) => (node?.kind === 'map' ? node.entries.get(key) : undefined);
const textAt = (node: Node | undefined, key: string) => {
  const found = member(node, key);
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
};

interface StackArtifact {
  readonly names: readonly string[];
  readonly file: string;
}

/** The template of a directory: that of the only stack, or of the one with the name. Throws ProblemAt. */
export function stackTemplateOf(directory: string, stackName: string, parse: Parse): string {
  const manifest = join(directory, MANIFEST);
  if (!existsSync(manifest))
    throw new ProblemAt(1, `this directory has no ${MANIFEST}: name a template, or the cdk.out that cdk synth leaves`);
  const artifacts = member(parse(manifest), 'artifacts');
  const stacks = [...(artifacts?.kind === 'map' ? artifacts.entries : [])].flatMap(
    ([id, artifact]): StackArtifact[] => {
      const properties = member(artifact, 'properties');
      const file = textAt(properties, 'templateFile');
      if (textAt(artifact, 'type') !== STACK || file === undefined) return [];
      const names = [textAt(properties, 'stackName'), textAt(artifact, 'displayName'), id];
      return [{ names: names.filter((name) => name !== undefined), file }];
    },
  );
  const [only, ...others] = stacks;
  if (!only) throw new ProblemAt(1, `${MANIFEST} names no stack`);
  const chosen = others.length === 0 ? only : stacks.find(({ names }) => names.includes(stackName));
  if (chosen) return join(directory, chosen.file);
  const files = stacks.map(({ file }) => join(directory, file)).join(', ');
  throw new ProblemAt(
    1,
    `the directory has ${stacks.length} stacks, and none is called '${stackName}'; name one of ${files}`,
  );
}

/** By S3 key, from the file of assets that stands beside a template; empty where there is none. */
export function assetDirectories(template: string, parse: Parse): ReadonlyMap<string, string> {
  const directories = new Map<string, string>();
  if (!template.endsWith('.template.json')) return directories;
  const beside = join(dirname(template), basename(template).replace(/\.template\.json$/, '.assets.json'));
  if (!existsSync(beside)) return directories;
  const files = member(parse(beside), 'files');
  for (const [, asset] of files?.kind === 'map' ? files.entries : []) {
    const path = textAt(member(asset, 'source'), 'path');
    const destinations = member(asset, 'destinations');
    for (const [, destination] of destinations?.kind === 'map' ? destinations.entries : []) {
      const key = textAt(destination, 'objectKey');
      if (key !== undefined && path !== undefined) directories.set(key, resolve(dirname(template), path));
    }
  }
  return directories;
}
