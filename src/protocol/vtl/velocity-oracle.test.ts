// Templates against another implementation of Velocity, where the two should agree. Where velocityjs is known to differ from
// Java (division, methods it lacks, the truth of empty texts, doubled quotes) the other tests have rows of their own.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { render } from 'velocityjs';
import { rendered } from '../../../test/harness/templates.ts';

const SET = '#set($n = 5)#set($t = "text")#set($l = [3, 1, 2])#set($m = {"a": 1, "b": "x"})#set($yes = true)';

/** Space is compared loosely: how much of it a directive takes is a matter of taste, and JSON does not care. */
function compact(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

function agree(template: string): void {
  assert.equal(compact(rendered(SET + template)), compact(render(SET + template, {})), template);
}

const WRITTEN = [
  '{"a": "$t", "b": $n, "c": "${t}s", "d": "$!none"}',
  '#foreach($x in $l){"id": $x, "at": $foreach.index, "n": $foreach.count}#if($foreach.hasNext),#end#end',
  '#foreach($k in $m.keySet())"$k": "$m.get($k)"#if($foreach.hasNext), #end#end',
  '#foreach($e in $m.entrySet())$e.key=$e.value;#end',
  '#if($n == 5)five#elseif($n == 6)six#{else}other#end',
  '#if($n > 4 && $n < 6 || !$yes)in#{else}out#end',
  '#if($none)there#{else}not there#end',
  '#if(!$none)not there#end',
  '#set($n = $n + 1)#set($n = $n * 2 - 3)$n',
  '#set($m.c = 3)#set($x = $m.put("d", 4))$m.c$m.d$m.size()',
  '#set($x = $l.add(9))$l.size() $l.get(3) $l[0]',
  '#set($x = "a $t ${t}b")$x',
  "#set($x = 'a $t')$x",
  '#macro(greet $who)Hello $who!#end#greet("you") #greet($t)',
  '#define($block)[$n]#end$block#set($n = 6)$block',
  '#foreach($x in [1..3])#foreach($y in [1..2])$x$y #end#end',
  '#foreach($x in $l)$x#if($x == 1)#break#end#end',
  '## a comment\n#* another *#text #[[$not #parsed]]#',
  '#set($x = {"a": {"b": [1, {"c": 2}]}})$x.a.b[1].c $x.a.b.get(0)',
  '$t.substring(1) $t.substring(1, 3) $t.toUpperCase()',
  '$t.indexOf("x")',
  '#if($t == "text" && $n != 4)same#end',
  '#set($x = $yes && $none)#if($x)a#{else}b#end',
  '$5.00 and #1 and a@b.c',
  '#set($i = 0)#foreach($x in $l)#set($i = $i + $x)#end$i',
];

for (const template of WRITTEN) void test(`agrees on ${template.split('\n')[0]}`, () => agree(template));

const number = fc.oneof(fc.nat(20).map(String), fc.constantFrom('$n', '$l.size()', '$l.get(1)', '$m.a'));
const sum = fc.letrec<{ sum: string }>((tie) => ({
  sum: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*'), tie('sum')).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
  ),
})).sum;
const condition = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(number, fc.constantFrom('==', '!=', '<', '>', '<=', '>='), number)
      .map(([a, sign, b]) => `${a} ${sign} ${b}`),
    fc.constantFrom('$yes', '$none', '!$none', 'true', 'false', '$t == "text"', '$t != "x"'),
    fc
      .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
      .map(([a, sign, b]) => `(${a} ${sign} ${b})`),
  ),
})).condition;
const shown = fc.constantFrom('$n', '${t}', '$!none', '$l.get(0)', '$m.b', '$l.size()', "$m.get('a')", '$l[2]');
const body = fc.letrec<{ body: string }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    shown,
    fc.constantFrom('text', '"quoted": ', ', ', '{}', '$5', '# '),
    sum.map((value) => `#set($r = ${value})$r;`),
    fc.tuple(tie('body'), tie('body')).map(([a, b]) => `${a} ${b}`),
    fc.tuple(condition, tie('body'), tie('body')).map(([test, a, b]) => `#if(${test})${a} #{else} ${b} #end`),
    tie('body').map((inner) => `#foreach($x in $l)$x:${inner}#if($foreach.hasNext),#end#end`),
    tie('body').map((inner) => `#foreach($y in [1..2])$y:${inner}#end`),
    fc.tuple(shown, shown).map(([a, b]) => `#set($q = "${a}/${b}")$q`),
  ),
})).body;

void test('agrees on templates that nobody wrote', () => {
  fc.assert(fc.property(body, agree), { numRuns: 500, seed: 20_261_126 });
});
