// Which texts are templates, which are literal, and the sentence that each broken one gets.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseTemplate } from './template.ts';

const LITERALS: readonly (readonly [name: string, text: string, literal: string | undefined])[] = [
  ['nothing', '', ''],
  ['JSON', '{"statusCode": 200, "a": ["$5", "#1"]}', '{"statusCode": 200, "a": ["$5", "#1"]}'],
  ['a comment, which shows nothing', 'a## b\nc', 'ac'],
  ['unparsed text', '#[[$a]]#', '$a'],
  ['an escape', '\\$a', '$a'],
  ['a macro that nobody calls', '#macro(m)x#end', ''],
  ['a reference', '$a', undefined],
  ['a directive', '#stop', undefined],
];

for (const [name, text, literal] of LITERALS) {
  void test(`${literal === undefined ? 'must render' : 'takes as literal'}: ${name}`, () => {
    const template = parseTemplate(text);
    assert.ok('block' in template);
    assert.equal(template.literal, literal);
    assert.equal(template.isLiteral, literal !== undefined);
  });
}

const PROBLEMS: readonly (readonly [text: string, problem: string])[] = [
  ['#if($a)', 'line 1: #if has no #end'],
  ['#if $a', "line 1: '(' is missing after #if"],
  ['#if()x#end', "line 1: a value is missing before ')x#end'"],
  ['a\n#end', 'line 2: #end has no directive to end'],
  ['#else', 'line 1: #else has no directive to end'],
  ['#foreach($x in [1])#else#end', 'line 1: #else has no #if'],
  ['#foreach($x)#end', "line 1: 'in' is missing in #foreach, between the name and the list"],
  ['#foreach($x.y in [1])#end', 'line 1: #foreach needs a plain name, such as $item'],
  ['#foreach(x in [1])#end', 'line 1: #foreach needs a reference, such as $name'],
  ['#set($a)', "line 1: '=' is missing after the reference of #set"],
  ['#set(a = 1)', 'line 1: #set needs a reference, such as $name'],
  ['#set($a.b() = 1)', 'line 1: #set cannot assign to the result of a call'],
  ['#set($a = )', "line 1: a value is missing before ')'"],
  ['#set($a = 1', "line 1: ')' is missing at the end of #set"],
  ['#set($a = 1 +)', "line 1: a value is missing before ')'"],
  ['#set($a = "x)', 'line 1: a text in double quotes never ends'],
  ["#set($a = 'x)", 'line 1: a text in single quotes never ends'],
  ['#set($a = [1, 2)', "line 1: ']' is missing at the end of a list"],
  ['#set($a = [1..2)', "line 1: ']' is missing at the end of a range"],
  ['#set($a = {1})', "line 1: ':' is missing after the key of a map"],
  ['#set($a = {"a": 1)', "line 1: '}' is missing at the end of a map"],
  ['#set($a = "x\ny\n$b.c(")', 'line 3: a value is missing'],
  ['${a', "line 1: '}' is missing after '${a'"],
  ['\n\n${a b}', "line 3: '}' is missing after '${a'"],
  ['$a.b(1', "line 1: ')' is missing after the values of 'b'"],
  ['$a[0', "line 1: ']' is missing after an index"],
  ['#* a', "line 1: a comment never ends (with '*#')"],
  ['#[[ a', "line 1: unparsed text never ends (with ']]#')"],
  ['#define($a)x', 'line 1: #define has no #end'],
  ['#macro()x#end', 'line 1: #macro needs a name'],
  ["\n$input.path('$.a[')", "line 2: '$.a[' is not a JSON path"],
  ["$input.json('$..')", "line 1: '$..' is not a JSON path"],
  ["$a.replaceAll('(', '')", "line 1: a pattern cannot be used: missing closing ) ('(')"],
  ['$a.split("(?=a)")', "line 1: a pattern cannot be used: invalid or unsupported Perl syntax ('(?=a)')"],
  ['#parse("a")', 'line 1: #parse is not available in mapping templates'],
  ['#include("a")', 'line 1: #include is not available in mapping templates'],
  ['#evaluate("a")', 'line 1: #evaluate is not available in mapping templates'],
];

for (const [text, problem] of PROBLEMS) {
  void test(`refuses ${JSON.stringify(text)}`, () => assert.deepEqual(parseTemplate(text), { problem }));
}

const DEEP = 100_000;
const TOO_MUCH: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
  ['parentheses', `#set($a = ${'('.repeat(DEEP)}1${')'.repeat(DEEP)})`, /nest deeper than 64 levels/],
  ['lists', `#set($a = ${'['.repeat(DEEP)}`, /nest deeper than 64 levels/],
  ['maps', `#set($a = ${'{"a":'.repeat(DEEP / 2)}`, /nest deeper than 64 levels/],
  ['negations', `#if(${'!'.repeat(DEEP)}true)a#end`, /nest deeper than 64 levels/],
  ['signs', `#set($a = ${'- '.repeat(DEEP)}1)`, /nest deeper than 64 levels/],
  ['conditions', '#if(true)'.repeat(DEEP / 4), /nest deeper than 64 levels/],
  ['indexes', '$a['.repeat(DEEP / 2), /nest deeper than 64 levels/],
  ['calls', '$a.b('.repeat(DEEP / 4), /nest deeper than 64 levels/],
  ['texts in texts', `#set($a = ${quoted(12)})`, /nest deeper than 64 levels/],
  ['operators', `#set($a = 1${' + 1'.repeat(DEEP / 2)})`, /more than 256 operators/],
  ['bytes', 'é'.repeat(153_601), /the template has 307202 bytes, and may have 307200/],
];

/** A text in quotes, `levels` times over: each level doubles the quotes of those within. */
function quoted(levels: number): string {
  let text = '$a';
  for (let level = 0; level < levels; level += 1) text = `$a.b(((((("${text.replaceAll('"', '""')}"))))))`;
  return text;
}

for (const [name, text, problem] of TOO_MUCH) {
  void test(`bounds ${name}`, () => {
    const parsed = parseTemplate(text);
    assert.match('problem' in parsed ? parsed.problem : '', problem);
  });
}

const LARGE = 300_000;
const LONG: readonly (readonly [name: string, part: string])[] = [
  ['texts in quotes', '#set($a="$a")'],
  ['backslashes', '\\'],
  ['hyphens', '$a-'],
  ['empty comments', '#**#'],
  ['blank lines before #set', '   #set($a=1)\n'],
  ['dollar signs', '$'],
  ['number signs', '#{a'],
];

for (const [name, part] of LONG) {
  void test(`reads ${name} as large as a template may be, in a time that grows with the length alone`, () => {
    assert.ok('block' in parseTemplate(part.repeat(LARGE / part.length)));
  });
}
