// A file has a ceiling of lines. A longer one stands in tidy/exceptions.ts with a reason and a number that only falls.

import { isGenerated, isTest, programFiles, type Finding, type Tree } from '../tree.ts';

const PROGRAM_LINES_MAX = 400;
const TEST_LINES_MAX = 800;
const EXCEPTIONS = 'tidy/exceptions.ts';

export function size(tree: Tree): Finding[] {
  const measured = new Set([...programFiles(tree), ...tree.files.filter(isTest)]);
  const long = [...measured].filter((path) => !isGenerated(path)).flatMap((path) => measure(tree, path));
  const stale = Object.keys(tree.sizeExceptions)
    .filter((path) => !measured.has(path))
    .map((path) => ({
      path: EXCEPTIONS,
      line: lineOf(tree, path),
      message: `${path} does not exist; remove its line`,
    }));
  return [...long, ...stale];
}

function measure(tree: Tree, path: string): Finding[] {
  const lines = tree.read(path).replace(/\n$/, '').split('\n').length;
  const ceiling = isTest(path) ? TEST_LINES_MAX : PROGRAM_LINES_MAX;
  const exception = tree.sizeExceptions[path];
  if (!exception) {
    return lines <= ceiling
      ? []
      : [{ path, line: ceiling + 1, message: `has ${lines} lines; the ceiling is ${ceiling}` }];
  }
  const at = { path: EXCEPTIONS, line: lineOf(tree, path) };
  const findings: Finding[] = [];
  if (exception.reason.trim() === '') findings.push({ ...at, message: `the exception of ${path} has no reason` });
  if (lines <= ceiling) findings.push({ ...at, message: `${path} is below the ceiling; remove its line` });
  else if (lines < exception.lines) {
    findings.push({ ...at, message: `${path} has ${lines} lines now; lower ${exception.lines} to ${lines}` });
  } else if (lines > exception.lines) {
    findings.push({
      path,
      line: exception.lines + 1,
      message: `has ${lines} lines; its exception ends at ${exception.lines}`,
    });
  }
  return findings;
}

function lineOf(tree: Tree, path: string): number {
  const at = tree
    .read(EXCEPTIONS)
    .split('\n')
    .findIndex((line) => line.includes(path));
  return Math.max(at, 0) + 1;
}
