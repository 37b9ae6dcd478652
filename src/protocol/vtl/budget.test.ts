// Templates that would stop a server: each costs one problem, and nothing but itself.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { outcome, rendered, variablesOf, type GivenEvent } from '../../../test/harness/templates.ts';
import { TEMPLATE_BUDGET } from './budget.ts';
import { renderTemplate } from './render.ts';
import { parseTemplate } from './template.ts';

const LONG = 'x'.repeat(100_000);
/** Goes round a thousand times a thousand times. */
const MILLION = (body: string): string => `#foreach($i in [1..1000])#foreach($j in [1..1000])${body}#end#end`;
const DOUBLED = `#set($s = 'xxxxxxxxxxxxxxxx')#foreach($i in [1..16])#set($s = $s + $s)#end`;

const KILLERS: readonly (readonly [name: string, template: string, problem: RegExp, given?: GivenEvent])[] = [
  ['a long range', '#foreach($i in [1..100000000])$i#end', /#foreach goes round more than 1000 times/],
  ['a long range backwards', '#foreach($i in [1..-100000000])$i#end', /goes round more than 1000/],
  ['a long range as text', '#set($r = [1..100000000])$r', /more than 1000000 steps|longer than 500 ms/],
  ['a long range as a list', '#set($r = [1..100000000])$r.subList(0, 1)', /more than 1000000 steps|longer than 500 ms/],
  [
    'a long range looked through',
    '#set($r = [1..100000000])$r.contains(-1)',
    /more than 1000000 steps|longer than 500 ms/,
  ],
  [
    'a long range compared',
    '#set($r = [1..100000000])#if($r == $r.get(0) || $r == [1..99999999])x#end',
    /more than 1000000 steps|longer than 500 ms/,
  ],
  ['loops in loops', MILLION('#set($x = $j)'), /more than 1000000 steps|longer than 500 ms/],
  [
    'doubled text',
    `#set($s = 'x')#foreach($i in [1..1000])#set($s = $s + $s)#end$s.length()`,
    /a text of more than 1048576 characters/,
  ],
  [
    'doubled text in quotes',
    `#set($s = 'x')#foreach($i in [1..1000])#set($s = "$s$s")#end$s.length()`,
    /more than 1048576 characters/,
  ],
  [
    'doubled text by concat',
    `#set($s = 'x')#foreach($i in [1..1000])#set($s = $s.concat($s))#end`,
    /more than 1048576/,
  ],
  ['repeated text', `#set($s = 'xxxxxxxxxx')$s.repeat(2000000000)`, /a text of 20000000000 characters/],
  ['replaced text', `${DOUBLED}$s.replace('x', $s).length()`, /more than 1000000 steps|longer than 500 ms/],
  ['replaced text by a pattern', `${DOUBLED}$s.replaceAll('.', $s).length()`, /more than (?:1048576|1000000)/],
  [
    'replaced text by groups',
    `${DOUBLED}$s.replaceAll('(x+)', '$1$1$1$1$1$1$1$1').length()`,
    /more than (?:1048576|1000000)/,
  ],
  [
    'a search that takes the engine half a minute',
    `${DOUBLED}#set($h = $s.substring(0, 100000))#set($n = $h + 'b' + $h)#foreach($i in [1..1000])#if($s.contains($n) || $s.indexOf($n) > 0)#end#end`,
    /more than 1000000 steps|longer than 500 ms/,
  ],
  [
    'such a search from the end',
    `${DOUBLED}#set($n = $s.substring(0, 200000) + 'b')#foreach($i in [1..1000])#set($x = $s.lastIndexOf($n))#end`,
    /more than 1000000 steps|longer than 500 ms/,
  ],
  [
    'such a search by replace and split',
    `${DOUBLED}#set($h = $s.substring(0, 450))#set($n = $h + 'b' + $h)#foreach($i in [1..1000])#set($x = $s.replace($n, ''))#set($x = $s.split($n))#end`,
    /more than 1000000 steps|longer than 500 ms/,
  ],
  [
    'long replacements by groups',
    `${DOUBLED}#set($r = '$0' + $s.substring(2))$s.replaceAll('x', $r).length()`,
    /more than 1000000 steps|longer than 500 ms/,
  ],
  ['long output', `${DOUBLED}$s$s`, /renders to more than 1048576 characters/],
  ['long output, piece by piece', MILLION('abcdefghijklmnop'), /more than 1048576 characters/],
  [
    'many long texts',
    `${DOUBLED}#set($l = [])#foreach($i in [1..1000])#set($v = $l.add($s.replace('x', 'y')))#end`,
    /more than 1000000 steps|longer than 500 ms/,
  ],
  ['texts shown in a list', `${DOUBLED}#set($l = [$s, $s, $s])$l`, /more than 1048576 characters/],
  [
    'a list that doubles',
    '#set($l = [1])#foreach($i in [1..1000])#set($v = $l.addAll($l))#end',
    /more than 1000000 steps|longer than 500 ms/,
  ],
  ['a list of itself', '#set($l = [])#set($v = $l.add($l))$l', /nest deeper than 64 levels/],
  ['a map of itself', `#set($m = {})#set($m.m = $m)$m`, /nest deeper than 64 levels/],
  [
    'a list of twice itself, many times',
    '#set($l = [1])#foreach($i in [1..60])#set($l = [$l, $l])#end$l',
    /more than 10\d+ (?:steps|characters)/,
  ],
  [
    'such lists compared',
    '#set($l = [1])#set($m = [1])#foreach($i in [1..60])#set($l = [$l, $l])#set($m = [$m, $m])#end#if($l == $m)#end',
    /more than 1000000 steps|longer than 500 ms/,
  ],
  ['a macro that calls itself', '#macro(m)#m()#end#m()', /nest deeper than 400 levels/],
  [
    'a macro that calls itself with what it was given',
    '#macro(m $a)#m("$a$a")#end#m("x")',
    /more than 1048576|nest deeper/,
  ],
  ['macros that call each other', '#macro(a)#b()#end#macro(b)#a()#end#a()', /nest deeper than 400 levels/],
  ['a definition that shows itself', '#define($d)$d#end$d', /nest deeper than 400 levels/],
  [
    'a definition in its own expression',
    `#define($d)#set($x = ${'('.repeat(60)}$d.length()${')'.repeat(60)})#end$d`,
    /nests? (?:deeper|too deeply)/,
  ],
  ['a body that shows itself', '#macro(m)$bodyContent#end#@m()$bodyContent#end', /nest deeper than 400 levels/],
  [
    'a pattern that explodes elsewhere',
    `$s.matches('^(a+)+$')`.replace('$s', `#set($s = '${'a'.repeat(50_000)}!')#foreach($i in [1..1000])$s`) + '#end',
    /more than 1000000 steps|longer than 500 ms/,
  ],
  [
    'a long pattern on a long text',
    `#set($s = '${LONG}')$s.replaceAll('x{1000}y', '')`,
    /more than 1000000 steps|longer than 500 ms/,
  ],
  ['a pattern too long', `${DOUBLED}$s.split($s)`, /a pattern has \d+ characters, and may have 1000/],
  [
    'a new pattern each time',
    '#set($s = "x")#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s.matches("x{1000}$i.$j"))#end#end#end',
    /more than 1000000 steps|longer than 500 ms/,
  ],
  [
    'a search that fails late, again and again',
    `#set($s = '${LONG}')$s.replaceAll('x*y|x', '')`,
    /longer than 500 ms|more than 1000000 steps/,
  ],
  [
    'a payload too deep',
    `$input.path('$')`,
    /nest deeper than 64 levels/,
    { body: '['.repeat(60_000) + ']'.repeat(60_000) },
  ],
  [
    'a payload too deep for JSON',
    `$input.json('$')`,
    /nests too deeply/,
    { body: '['.repeat(60_000) + ']'.repeat(60_000) },
  ],
  [
    'a text too deep to parse',
    `$util.parseJson($input.body)`,
    /nest deeper than 64 levels/,
    { body: '['.repeat(60_000) + ']'.repeat(60_000) },
  ],
  [
    'a payload too deep, with numbers to keep',
    `$input.path('$')`,
    /nest deeper than 64 levels/,
    { body: `${'['.repeat(60_000)}1.0${']'.repeat(60_000)}` },
  ],
  [
    'a text too deep, with numbers to keep',
    `$util.parseJson($input.body)`,
    /nests too deeply|nest deeper/,
    { body: `${'['.repeat(60_000)}1.0${']'.repeat(60_000)}` },
  ],
  [
    'a number that squares itself',
    `#set($a = $input.path('$'))#foreach($i in [1..1000])#foreach($j in [1..1000])#set($a = $a * $a)#end#end`,
    /more than 1000000 steps|longer than 500 ms/,
    { body: '9007199254740993' },
  ],
  [
    'a path that multiplies',
    `$input.path('$..*..*..*..*')`,
    /more than 1000000 steps|longer than 500 ms/,
    { body: JSON.stringify(nest(200)) },
  ],
  ['a filter within a filter', `$input.path('$${'[?('.repeat(50)}@.a')`, /is not a JSON path/, { body: '[]' }],
];

function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value, value === 1 ? 1 : level];
  return value;
}

for (const [name, template, problem, given] of KILLERS) {
  void test(`costs one problem: ${name}`, () => assert.match(rendered(template, given), problem));
}

const POLLUTERS = [
  `#set($m = {})#set($m.__proto__ = {"polluted": 1})#set($m["__proto__"].polluted = 1)$m.put("__proto__", {"polluted": 1})`,
  `#set($m = {})#set($m.constructor = {})#set($m.constructor.prototype = {})#set($m.constructor.prototype.polluted = 1)`,
  `#set($m.__proto__.polluted = 1)#set($s = "")#set($s.__proto__.polluted = 1)#set($s.constructor.prototype.polluted = 1)`,
  `#set($l = [])#set($l.__proto__.polluted = 1)#set($l["__proto__"]["polluted"] = 1)`,
  `#set($j = $util.parseJson('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'))$j.__proto__.put("polluted", 1)`,
  `#set($j = $input.path('$'))#set($j.__proto__.polluted = 2)$j.putAll($j.get('__proto__'))$input.json('$')`,
  `#set($context.__proto__ = {"polluted": 1})#set($context.requestOverride.header.__proto__ = "polluted")#set($context["__proto__"].polluted = 1)`,
  `#set($stageVariables.__proto__ = {"polluted": 1})#set($input.__proto__.polluted = 1)#set($util.__proto__.polluted = 1)`,
  `#macro(__proto__ $__proto__)#set($__proto__.polluted = 1)#end#__proto__({})#set($__proto__ = {})#set($__proto__.polluted = 1)`,
  `#foreach($__proto__ in [{}])#set($__proto__.polluted = 1)#end#define($constructor)x#end$constructor`,
];

for (const template of POLLUTERS) {
  void test(`reaches no prototype: ${template.slice(0, 60)}`, () => {
    const result = outcome(template, { body: '{"__proto__": {"polluted": 1}}', stageVariables: { a: 'b' } });
    assert.ok('text' in result, 'problem' in result ? result.problem : '');
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    for (const prototype of [Object.prototype, Array.prototype, Map.prototype, String.prototype, Number.prototype]) {
      assert.equal(Object.hasOwn(prototype, 'polluted'), false);
    }
    for (const place of [result.overrides.request.header, result.overrides.response.header]) {
      assert.equal((place as { polluted?: unknown }).polluted, undefined);
    }
  });
}

void test('a template may use all of its budget, and no more', () => {
  const budget = { ...TEMPLATE_BUDGET, iterationsMax: 3, outputCharactersMax: 6 };
  const three = parseTemplate('#foreach($i in [1..3])ab#end');
  const four = parseTemplate('#foreach($i in [1..4])a#end');
  const long = parseTemplate('#foreach($i in [1..3])abc#end');
  assert.ok('block' in three && 'block' in four && 'block' in long);
  assert.ok('text' in renderTemplate(three, variablesOf(), budget));
  assert.ok('problem' in renderTemplate(four, variablesOf(), budget));
  assert.ok('problem' in renderTemplate(long, variablesOf(), budget));
});

void test('a template that takes too long ends, however few its steps', () => {
  const template = parseTemplate('#foreach($i in [1..1000])#foreach($j in [1..1000])$j#end#end');
  assert.ok('block' in template);
  const result = renderTemplate(template, variablesOf(), {
    ...TEMPLATE_BUDGET,
    stepsMax: 1e9,
    timeMs: 0,
    outputCharactersMax: 1e9,
  });
  assert.deepEqual(result, { problem: 'the template takes longer than 0 ms' });
});

void test('after a problem the same template and the next one render as ever', () => {
  assert.match(rendered('#macro(m)#m()#end#m()'), /nest deeper/);
  assert.equal(rendered('#macro(m)a#end#m()'), 'a');
});
