// Tokens in any order: a template is parsed and rendered, or is one problem. It never throws, and never runs past its budget.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { variablesOf } from '../../../test/harness/templates.ts';
import { TEMPLATE_BUDGET } from './budget.ts';
import { renderTemplate } from './render.ts';
import { parseTemplate } from './template.ts';

const BUDGET = { ...TEMPLATE_BUDGET, stepsMax: 20_000, outputCharactersMax: 5_000, stringCharactersMax: 5_000 };

const TOKENS = [
  '$a',
  '$!b',
  '${c}',
  '$a.b',
  '$input',
  '$input.path("$.a")',
  "$input.json('$..b')",
  '$input.body',
  '$context',
  '$util',
  '$stageVariables',
  '$context.requestOverride.header',
  '$foreach',
  '$foreach.index',
  '$velocityCount',
  '$l',
  '$m',
  '$s',
  '.',
  '.b',
  '.get(',
  '.put(',
  '.add(',
  '.size()',
  '.keySet()',
  '.entrySet()',
  '.split(',
  '.replaceAll(',
  '.substring(',
  '.toString()',
  '.parseJson(',
  '.equals(',
  '.addAll(',
  '.remove(',
  '.subList(',
  '.repeat(',
  '.__proto__',
  '.constructor',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '[1..3]',
  '[1..9999999]',
  '"',
  "'",
  '""',
  "''",
  '"$a"',
  "'x'",
  '"x"',
  ':',
  ',',
  '#set(',
  '#set($a = ',
  '#set($l = [1, "x"])',
  '#set($m = {"k": 1})',
  '#set($s = "text")',
  '#set($a = $l)',
  '#set($m.k = $m)',
  '#if(',
  '#if($a)',
  '#elseif(',
  '#else',
  '#end',
  '#foreach($a in ',
  '#foreach($x in $l)',
  '#foreach($x in [1..50])',
  '#macro(m $a)',
  '#m(',
  '#m(1)',
  '#@m(',
  '#define($d)',
  '$d',
  '#stop',
  '#break',
  '##',
  '#*',
  '*#',
  '#[[',
  ']]#',
  '#',
  '$',
  '\\',
  '\n',
  ' ',
  ' in ',
  ' = ',
  ' + ',
  ' - ',
  ' * ',
  ' / ',
  ' % ',
  ' == ',
  ' != ',
  ' < ',
  ' && ',
  ' || ',
  '!',
  ' not ',
  ' and ',
  ' or ',
  'true',
  'false',
  'null',
  '0',
  '1',
  '-1',
  '2.5',
  '1e9',
  '99999999999',
  'text',
  'é',
  '\u{1f600}',
  '\ud800',
];

const body = JSON.stringify({ a: [1, { b: 'x' }], b: null, c: { d: 1.5 } });
const variables = variablesOf({
  body,
  context: { connectionId: 'id', identity: { sourceIp: 'ip' } },
  stageVariables: { k: 'v' },
});

function survives(tokens: readonly string[]): void {
  const text = tokens.join('');
  const template = parseTemplate(text, BUDGET);
  if ('problem' in template) {
    assert.match(template.problem, /^line \d+: ./);
    return;
  }
  const result = renderTemplate(template, variables, BUDGET);
  if ('problem' in result) assert.notEqual(result.problem, '');
  else assert.ok(result.text.length <= BUDGET.outputCharactersMax);
}

void test('survives tokens in any order', () => {
  const tokens = fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 });
  fc.assert(fc.property(tokens, survives), { numRuns: 5_000, seed: 20_261_126 });
});

/** Blocks that close what they open, so that more than the parser is reached. */
const WHOLE = [
  ...TOKENS.filter((token) => /^\$[\w!{}.]+$/.test(token)),
  '#set($a = $l)',
  '#set($l = [1, "x", $a])',
  '#set($m = {"k": $a, "l": $l})',
  '#set($m.k = $m)',
  '#set($l[0] = $l)',
  '#set($s = "$s$a")',
  '#set($a = $a + $a)',
  '$l.add($m)',
  '$l.addAll($l)',
  '$m.put($a, $l)',
  '$m.entrySet()',
  '$a.split("")',
  '$s.replaceAll("(.)", "$1$1")',
  '$s.repeat(9)',
  '$l.get(0)',
  '$l.subList(0, 2)',
  '$s.substring(1)',
  '$util.parseJson($s)',
  '$util.urlDecode($s)',
  '$util.base64Decode($s)',
  '$util.escapeJavaScript($m)',
  '$input.params()',
  "$input.path('$..*')",
  '#m($a)',
  '#macro(m $b)$b#if($b)#m($c)#end#end',
  '#define($d)$a$d2#end$d',
  '#break',
  '#stop',
  '#if($a == $l)',
  '#if($m == $m)',
  '#else',
  '#end',
  '#foreach($x in $l)',
  '#foreach($a in $m.values())',
  '#foreach($x in [1..9])',
  '#set($context.responseOverride.status = $a)',
  '#set($context.requestOverride.header = $l)',
  '#set($context.requestOverride = $a)',
  '#set($input = 1)',
  '#set($foreach = 1)',
];

void test('survives what parses', () => {
  const tokens = fc.array(fc.constantFrom(...WHOLE), { maxLength: 60 }).map((list) => {
    const opened = list.filter((token) => /^#(?:if|foreach)/.test(token)).length;
    return [...list, ...Array<string>(opened).fill('#end')];
  });
  let renderings = 0;
  fc.assert(
    fc.property(tokens, (list) => {
      survives(list);
      if ('block' in parseTemplate(list.join(''), BUDGET)) renderings += 1;
    }),
    { numRuns: 5_000, seed: 20_261_126 },
  );
  assert.ok(renderings > 500, `${renderings} of them were rendered`);
});
