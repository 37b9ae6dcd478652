// The import scanner on sources that look like imports and are none, and the other way round.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { resolveImport, scanImports } from './imports.ts';
import { writeTree } from './sample-tree.ts';
import { tokenize } from './tokens.ts';
import { openTree } from './tree.ts';

const ROWS: readonly (readonly [name: string, source: string, specifiers: readonly string[]])[] = [
  ['side effect', `import './a.ts';`, ['./a.ts']],
  ['default and named', `import a, { b as c, type D } from "./a.ts"`, ['./a.ts']],
  ['namespace', `import * as a from './a.ts'`, ['./a.ts']],
  ['type import', `import type { A } from './a.ts'`, ['./a.ts']],
  ['inline type import', `import { type A, } from './a.ts'`, ['./a.ts']],
  ['default import called type', `import type from './a.ts'`, ['./a.ts']],
  ['default import called from', `import from from './a.ts'`, ['./a.ts']],
  ['type import called from', `import type from from './a.ts'`, ['./a.ts']],
  ['named import called from', `import { from } from './a.ts'`, ['./a.ts']],
  ['string name', `import { 'from' as a, "x, y" as b } from './a.ts'`, ['./a.ts']],
  ['over several lines', `import {\n  a, // from './no.ts'\n  b,\n} from\n  './a.ts'`, ['./a.ts']],
  ['comments in between', `import /* './no.ts' */ a /* from */ from /* x */ './a.ts'`, ['./a.ts']],
  ['json with attributes', `import m from './m.json' with { type: 'json' };`, ['./m.json']],
  ['deferred and source phase', `import defer * as a from './a.ts'; import.source('./b.wasm')`, ['./a.ts', './b.wasm']],
  ['import equals require', `import a = require('./a.cjs')`, ['./a.cjs']],
  [
    'no semicolons',
    `import a from './a.ts'\nimport b from './b.ts'\nexport * from './c.ts'`,
    ['./a.ts', './b.ts', './c.ts'],
  ],
  ['export list', `export { a, type B as C } from './a.ts'`, ['./a.ts']],
  ['export type list', `export type { A } from './a.ts'`, ['./a.ts']],
  [
    'export all',
    `export * from './a.ts'; export * as b from './b.ts'; export type * from './c.ts'`,
    ['./a.ts', './b.ts', './c.ts'],
  ],
  [
    'export default as name',
    `export { default } from './a.ts'; export { default as b } from './b.ts'`,
    ['./a.ts', './b.ts'],
  ],
  ['export list without a source', `export { a };\nconst from = './no.ts'`, []],
  ['exported type with a member from', `export type A = { from: './no.ts' }`, []],
  ['exported constant', `export const from = './no.ts'; export default './no.ts'`, []],
  [
    'import type expression',
    `let a: typeof import('./a.ts'); type B = import("./b.ts").B<string>`,
    ['./a.ts', './b.ts'],
  ],
  ['dynamic import', `const a = await import('./a.ts')`, ['./a.ts']],
  ['dynamic import with options', `import('./a.json', { with: { type: 'json' } })`, ['./a.json']],
  ['dynamic import of a plain template', 'await import(`./a.ts`)', ['./a.ts']],
  ['dynamic import of an expression', 'await import(path); await import(`./${a}.ts`)', []],
  ['spread of a dynamic import', `[...import('./a.ts')]`, ['./a.ts']],
  ['method called import', `a.import('./no.ts'); a?.import('./no.ts'); this.#import('./no.ts')`, []],
  ['property called import or export', `x = { import: './no.ts', export: { from: './no.ts' } }`, []],
  ['import meta', `import.meta.dirname + './no.ts'; import.meta.resolve('./a.ts')`, ['./a.ts']],
  ['worker', `new Worker(new URL('./w.ts', import.meta.url), { name: 'w' })`, ['./w.ts']],
  ['URL on another base', `new URL('./no.ts', base); new URL('./no.ts')`, []],
  ['require', `const a = require('./a.cjs'); x.require('./no.cjs')`, ['./a.cjs']],
  ['reference comment', `/// <reference path="a.d.ts" />\n// <reference path="no.d.ts" />`, ['./a.d.ts']],
  ['line comment', `// import './no.ts'\nimport './a.ts' // import './no.ts'`, ['./a.ts']],
  ['block comment', `/* import './no.ts'\n*/ import './a.ts'`, ['./a.ts']],
  ['string', `const s = "import './no.ts'"; const t = 'it\\'s import("./no.ts")'`, []],
  [
    'string with a comment mark',
    `const s = '//'; import './a.ts'; const t = "/*"; import('./b.ts')`,
    ['./a.ts', './b.ts'],
  ],
  ['template', "const s = `import './no.ts' \\` \\${import('./no.ts')}`; import './a.ts'", ['./a.ts']],
  ['template substitution', "`x ${`y ${await import('./a.ts')} }`} z`; import './b.ts'", ['./a.ts', './b.ts']],
  [
    'braces in a substitution',
    "`${{ a: '}' }.a + f(() => { return `}` })} import('./no.ts')`; import './b.ts'",
    ['./b.ts'],
  ],
  ['regular expression with quotes', `const r = /['"\`]/g; import './a.ts'`, ['./a.ts']],
  ['regular expression with a slash in a class', `const r = /[/'"]\\/\\//; import './a.ts'`, ['./a.ts']],
  ['regular expression after a keyword', `return /'/.test(a); import('./a.ts')`, ['./a.ts']],
  ['regular expression after a condition', `if (a) /'/.exec(b); import('./a.ts')`, ['./a.ts']],
  ['regular expression after a block', `if (a) { b } /'/.exec(c); import('./a.ts')`, ['./a.ts']],
  ['regular expression after an arrow', `const f = () => /'/; import('./a.ts')`, ['./a.ts']],
  ['division', `a = b / c; import('./a.ts'); d = e / f`, ['./a.ts']],
  ['division after a bracket', `a = (b) / 2; import('./a.ts'); c = d[0] / 2; e = f++ / 2; '/'`, ['./a.ts']],
  ['division after a call of a method called if', `a = b.if(c) / 2; import('./a.ts'); d / 2`, ['./a.ts']],
  ['division after a keyword as a property', `a = b.return / 2; import('./a.ts'); d / 2`, ['./a.ts']],
  ['division after a non-null mark', `a = b! / 2; import('./a.ts'); d / 2`, ['./a.ts']],
  [
    'division after a template and an object',
    'a = `x${1}` / 2; b = ({ c: 1 }) / 2; import("./a.ts"); d / 2',
    ['./a.ts'],
  ],
  ['negated regular expression', `a = !/'/.test(b); import('./a.ts')`, ['./a.ts']],
  ['generics', `f<A<B>>(c); const d = <T,>(e: T) => e; import('./a.ts')`, ['./a.ts']],
  ['numbers', `a = 1_000 / .5e-3 / 0xfen; import('./a.ts'); b = c ?.5 / 2 : 1`, ['./a.ts']],
  ['escaped specifier', `import '\\x2e/a\\u002ets'`, ['./a.ts']],
  ['hash bang and byte order mark', `\uFEFF#!/usr/bin/env node '\nimport './a.ts'`, ['./a.ts']],
  [
    'names that begin like a keyword',
    `importer('./no.ts'); import_('./no.ts'); $import('./no.ts'); exports * from`,
    [],
  ],
  ['end in the middle', `import { a } from './a.ts'; import {`, ['./a.ts']],
  ['unfinished string, template and comment', "const a = 'x\nimport './a.ts'; `${ /* import './no.ts'", ['./a.ts']],
  ['nothing', '', []],
];

for (const [name, source, specifiers] of ROWS) {
  void test(`scans ${name}`, () => {
    assert.deepEqual(
      scanImports(tokenize(source)).map((found) => found.specifier),
      specifiers,
    );
  });
}

void test('gives the line of the keyword', () => {
  const source = "/* 1\n2 */ const a = `3\n4`;\n\nimport {\n  b,\n} from './b.ts';\nawait import('./c.ts');";
  assert.deepEqual(
    scanImports(tokenize(source)).map(({ line }) => line),
    [5, 8],
  );
});

void test('resolves relative specifiers to files of the tree', async (context) => {
  const tree = await openTree(await writeTree(context, { 'src/a/b.ts': '', 'src/a/c.mts': '', 'src/d.json': '{}' }));
  const resolved = (specifier: string): string | undefined => resolveImport(tree, 'src/a/b.ts', specifier);
  assert.equal(resolved('./c.mts'), 'src/a/c.mts');
  assert.equal(resolved('./c.mjs'), 'src/a/c.mts');
  assert.equal(resolved('./b.js?x#y'), 'src/a/b.ts');
  assert.equal(resolved('./b'), 'src/a/b.ts');
  assert.equal(resolved('../d.json'), 'src/d.json');
  assert.equal(resolved('../gone.ts'), 'src/gone.ts');
  assert.equal(resolved('../../../out.ts'), '../out.ts');
  assert.equal(resolved('node:fs'), undefined);
  assert.equal(resolved('.hidden'), undefined);
});
