// Holds every import of src/ against the table of rooms. Tests beside the code obey it too, but may also reach test/.

import { ROOMS, roomOf } from '../rooms.ts';
import { resolveImport, scanImports, type Import } from '../imports.ts';
import { isTest, programFiles, type Finding, type Tree } from '../tree.ts';

/** What program code may import from outside src/. */
const OUTSIDE = new Set(['package.json']);

export function layers(tree: Tree): Finding[] {
  const homeless = tree.files
    .filter((path) => path.startsWith('src/') && roomOf(path) === undefined)
    .map((path) => ({ path, line: 1, message: 'belongs to no room; tidy/rooms.ts lists them' }));
  const crossings = programFiles(tree).flatMap((path) =>
    scanImports(tree.tokens(path)).flatMap((found) => {
      const message = complaint(tree, path, found);
      return message === undefined ? [] : [{ path, line: found.line, message }];
    }),
  );
  return [...homeless, ...crossings];
}

function complaint(tree: Tree, path: string, found: Import): string | undefined {
  if (/^(?:#|\/|file:|data:)/.test(found.specifier))
    return `'${found.specifier}' hides its target; import a relative path`;
  const target = resolveImport(tree, path, found.specifier);
  if (target === undefined) return undefined;
  if (!target.startsWith('src/')) return outsideComplaint(path, target, found);
  const from = roomOf(path);
  const to = roomOf(target);
  if (from === undefined || from === to) return undefined;
  if (to === undefined)
    return isFolder(tree, target, found) ? undefined : `imports ${target}, which belongs to no room`;
  return ROOMS.get(from)?.includes(to) ? undefined : `${from} may not import ${to} (${target})`;
}

function outsideComplaint(path: string, target: string, found: Import): string | undefined {
  const allowed = found.kind === 'url' || OUTSIDE.has(target) || (isTest(path) && target.startsWith('test/'));
  return allowed ? undefined : `imports ${target}, outside src/`;
}

/** A URL of a folder that holds several rooms names none of them. */
function isFolder(tree: Tree, target: string, found: Import): boolean {
  return found.kind === 'url' && tree.hasFolder(target.replace(/\/$/, ''));
}
