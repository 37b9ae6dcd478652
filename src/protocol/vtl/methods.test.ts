// The methods of values, with Java's answers, and the doors that are not there.

import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rendered } from '../../../test/harness/templates.ts';
import { METHOD_NAMES } from './methods.ts';

/** Each row is an expression over `$s` (a text), `$l` (a list), `$m` (a map) and `$i` (zero). */
const CALLS: readonly (readonly [expression: string, want: string])[] = [
  ['$s.length()', '7'],
  ['$s.isEmpty()', 'false'],
  ['$s.toUpperCase()', 'A,B,,C,'],
  ['$s.substring(2)', 'b,,c,'],
  ['$s.substring(2, 3)', 'b'],
  ['$s.charAt(2)', 'b'],
  ["$s.indexOf('b')", '2'],
  ["$s.indexOf(',', 2)", '3'],
  ["$s.lastIndexOf(',')", '6'],
  ["$s.contains('b,')", 'true'],
  ["$s.startsWith('a')", 'true'],
  ["$s.endsWith(',')", 'true'],
  ["$s.equals('a,b,,c,')", 'true'],
  ['$s.equals($l)', 'false'],
  ["$s.equalsIgnoreCase('A,B,,C,')", 'true'],
  ["$s.compareTo('a,c')", '-1'],
  ["$s.concat('!')", 'a,b,,c,!'],
  ["$s.replace(',', '.')", 'a.b..c.'],
  ["$s.replace('', '-')", '-a-,-b-,-,-c-,-'],
  ["$s.replaceAll('[a-b]', '<$0>')", '<a>,<b>,,c,'],
  ["$s.replaceAll('([a-z]),(?P<next>[a-z])', '${next}$1')", 'ba,,c,'],
  ["$s.replaceAll(',', '\\$')", 'a$b$$c$'],
  ["$s.replaceFirst(',+', ';')", 'a;b,,c,'],
  ["$s.matches('[a-c,]*')", 'true'],
  ["$s.matches('a')", 'false'],
  ["$s.split(',')", '[a, b, , c]'],
  ["$s.split(',', -1)", '[a, b, , c, ]'],
  ["$s.split(',', 2)", '[a, b,,c,]'],
  ["$s.split('')", '[a, ,, b, ,, ,, c, ,]'],
  ["$s.split('x')", '[a,b,,c,]'],
  ["$s.split(',').size()", '4'],
  ['$s.repeat(2)', 'a,b,,c,a,b,,c,'],
  ["#set($h = 'hello')$h.hashCode()", '99162322'],
  ['$s.valueOf(12)', '12'],
  ['$l', '[1, x, null]'],
  ['$l.size()', '3'],
  ['$l.isEmpty()', 'false'],
  ['$l.get(1)', 'x'],
  ["$l.contains('x')", 'true'],
  ["$l.contains('1')", 'false'],
  ["$l.indexOf('x')", '1'],
  ["$l.add('y')$l", 'true[1, x, null, y]'],
  ["$l.add(0, 'y')$l", 'true[y, 1, x, null]'],
  ['$l.addAll($l)$l', 'true[1, x, null, 1, x, null]'],
  ["$l.set(0, 'y')$l", '1[y, x, null]'],
  ['$l.remove(0)$l', '1[x, null]'],
  ["$l.remove('x')$l", 'true[1, null]'],
  ['$l.subList(1, 2)', '[x]'],
  ['$l.clear()$l', '[]'],
  ['$m', '{a=1, b=[2, c]}'],
  ['$m.size()', '2'],
  ["$m.get('a')", '1'],
  ['$m.keySet()', '[a, b]'],
  ['$m.values()', '[1, [2, c]]'],
  ['$m.entrySet()', '[a=1, b=[2, c]]'],
  ["$m.containsKey('a')", 'true'],
  ['$m.containsValue(1)', 'true'],
  ["$m.put('a', 5)$m", '1{a=5, b=[2, c]}'],
  ["$m.put('z', 5)$m", '{a=1, b=[2, c], z=5}'],
  ["$m.putAll({'z': 5})$m", '{a=1, b=[2, c], z=5}'],
  ["$m.putIfAbsent('a', 5)$m.a", '11'],
  ["$m.getOrDefault('z', 5)", '5'],
  ["$m.remove('a')$m", '1{b=[2, c]}'],
  ['$m.isEmpty()', 'false'],
  ['#foreach($e in $m.entrySet())$e.key:$e.getValue() #end', 'a:1 b:[2, c] '],
  ["$i.parseInt('12')", '12'],
  ["$i.valueOf('-12')", '-12'],
  ["$i.parseDouble(' 1.5e3 ')", '1500.0'],
  ["$i.parseDouble('.5')", '0.5'],
  ['$i.toString().length()', '1'],
  ['$i.equals(0)', 'true'],
  ['$i.equals("0")', 'false'],
  ['$i.doubleValue()', '0.0'],
  ['#set($t = true)$t.equals(true)$t.toString()', 'truetrue'],
];
const SET = "#set($s = 'a,b,,c,')#set($l = [1, 'x', null])#set($m = {'a': 1, 'b': [2, 'c']})#set($i = 0)";

for (const [expression, want] of CALLS) {
  void test(`${expression} is ${want}`, () => assert.equal(rendered(SET + expression), want));
}

const REFUSED: readonly (readonly [expression: string, problem: RegExp])[] = [
  ['$s.substring(9)', /substring\(9, 7\) is outside a text of 7 characters/],
  ['$s.charAt(7)', /charAt\(7\) is outside a text of 7 characters/],
  ["$s.substring('a')", /substring needs a whole number/],
  ['$l.get(3)', /get\(3\) is outside a list of 3/],
  ['$l.add(9, 1)', /add\(9\) is outside a list of 3/],
  ['$l.subList(2, 1)', /subList\(2, 1\) is outside a list of 3/],
  ["$i.parseDouble('1.x')", /a text that should be a number is none/],
  ["$i.parseInt('x')", /a text that should be a whole number is none/],
  ["$s.replaceAll('(', '')", /a pattern cannot be used: missing closing \)/],
  ["#set($p = '(')$s.replaceAll($p, '')", /a pattern cannot be used: missing closing \)/],
  ["$s.matches('(?=a)')", /a pattern cannot be used: invalid or unsupported Perl syntax \('\(\?=a\)'\)/],
  ["$s.replaceAll('(a)\\1', '')", /cannot be used: invalid escape sequence/],
  ["$s.replaceAll('a', '$1')", /names a group that its pattern lacks/],
  ["$s.replaceAll('[a]', '$9')", /names a group that its pattern lacks/],
  ["$s.replaceAll('[a]', '${no}')", /names a group that its pattern lacks/],
];

for (const [expression, problem] of REFUSED) {
  void test(`${expression} is refused`, () => assert.match(rendered(SET + expression), problem));
}

const NOT_THERE = [
  '$s.constructor',
  '$s.constructor.constructor("return process.version")',
  '$s.getClass()',
  '$s.class.forName("java.lang.Runtime")',
  '$s.__proto__',
  '$s["constructor"]',
  '$l.constructor',
  '$l["constructor"]',
  '$l.__proto__.push(1)',
  '$l.items',
  '$l.items.constructor',
  '$l.map("x")',
  '$l.push(1)',
  '$m.constructor',
  '$m["__proto__"]',
  '$m.get("constructor")',
  '$m.entries()',
  '$m.toString.call(1)',
  '$m.hasOwnProperty("a")',
  '$m.valueOf()',
  '$i.constructor',
  '$i.toFixed(2)',
  '$i.__lookupGetter__("x")',
  '$input.constructor',
  '$input.given',
  '$input.call("body")',
  '$context.constructor',
  '$context.map',
  '$stageVariables.constructor',
  '$stageVariables["__proto__"]',
  '$util.constructor',
  '$util.hasOwnProperty("x")',
  '$util.toString()',
  '$foreach.constructor',
  '$process.env',
  '$global',
  '$this',
];

for (const expression of NOT_THERE) {
  void test(`${expression} is nothing`, () => assert.equal(rendered(`${SET}[${expression}]`), '[]'));
}

void test('docs/templates.md lists every method, and no other', () => {
  const page = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');
  for (const [kind, names] of Object.entries(METHOD_NAMES)) {
    const row = new RegExp(`^\\| ${kind} +\\|(.*)\\|$`, 'm').exec(page)?.[1]?.replace(/\(.*\)/, '') ?? '';
    const listed = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const all = names.filter((name) => name !== 'toString' && name !== 'equals');
    assert.deepEqual(listed.toSorted(), all.toSorted(), kind);
  }
});
