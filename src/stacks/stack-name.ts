// What a stack is called where nobody says: after its template's file, or the directory of one that is called like any other.

import { basename, dirname, resolve } from 'node:path';
import { STACK_NAME } from '../model/stack.ts';

const LIKE_ANY_OTHER: readonly string[] = ['template', 'packaged', 'cloudformation', 'sam', 'stack'];

/** Undefined where nothing of it makes a name. */
export function stackNameOf(templatePath: string): string | undefined {
  const path = resolve(templatePath);
  const stem = basename(path).replace(/(?:\.template)?\.(?:ya?ml|json|template)$/i, '');
  const named = LIKE_ANY_OTHER.includes(stem.toLowerCase()) || stem === 'cdk.out' ? basename(dirname(path)) : stem;
  const name = named
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/-+$/, '');
  return STACK_NAME.test(name) ? name : undefined;
}

/** Whether the text means a file, where a stack may be meant. */
export function isTemplatePath(text: string): boolean {
  return /[/.]/.test(text);
}
