// The language of templates: references, directives, texts, operators and space. One row is one template and what it shows.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rendered } from '../../../test/harness/templates.ts';

type Row = readonly [name: string, template: string, want: string];

const REFERENCES: readonly Row[] = [
  ['text as it is', '{"a": "b", "c": [1, 2]}', '{"a": "b", "c": [1, 2]}'],
  ['nothing', '', ''],
  ['a reference', '#set($a = 1)$a', '1'],
  ['a reference in braces, next to text', '#set($a = 1)${a}px', '1px'],
  ['a quiet reference', '#set($a = 1)$!a $!{a}', '1 1'],
  ['nothing for what is not there', '[$a|$!a|${a}|$!{a}|$a.b.c|$a.b(1)|$a[0]]', '[||||||]'],
  ['a hyphen as part of a name', '#set($a-b = 1)$a-b', '1'],
  ['a hyphen after a name as text', '#set($a = 1)$a-$a- ${a}-b', '1-1- 1-b'],
  ['a full stop after a reference', '#set($a = 1)$a.', '1.'],
  ['brackets that are no index', '#set($a = 1)$a[x] $a(1) $a[', '1[x] 1(1) 1['],
  ['a price', '$5.00, US$', '$5.00, US$'],
  ['a dollar sign before one', '#set($a = 1)$$a $!$a', '$1 $!1'],
  ['an escaped reference', '#set($a = 1)\\$a \\\\$a \\${a} \\$b', '$a \\1 ${a} $b'],
  ['a backslash elsewhere', 'a\\b \\n \\"', 'a\\b \\n \\"'],
  ['a member and a member of it', '#set($a = {"b": {"c": 2}})$a.b.c ${a.b.c}', '2 2'],
  [
    'an index by a number, a text and a reference',
    '#set($i = 1)#set($a = [4, 5])#set($m = {"k": 6})$a[0]$a[$i]$m["k"]',
    '456',
  ],
  ['nothing past the end of a list', '#set($a = [4])$a[1]$a[-1]|', '|'],
];

const DIRECTIVES: readonly Row[] = [
  ['#if', '#if(true)a#end#if(false)b#end', 'a'],
  ['#elseif and #else', '#if(false)a#elseif(true)b#else c#end#if(false)a#elseif(false)b#else c#end', 'b c'],
  ['directives in braces', '#{if}(false)a#{else}b#{end}c', 'bc'],
  [
    'what is not true: false and null alone',
    '#foreach($x in ["", 0, [], {}, "false"])#if($x)y#{else}n#end#end#if($no)y#{else}n#end',
    'yyyyyn',
  ],
  ['#foreach over a list', '#foreach($x in [1, "a", true])$x;#end', '1;a;true;'],
  ['#foreach over a range, either way', '#foreach($x in [2..4])$x#end #foreach($x in [1..-1])$x#end', '234 10-1'],
  ['#foreach over the values of a map', '#foreach($x in {"a": 1, "b": 2})$x#end', '12'],
  ['#foreach over nothing', '#foreach($x in $no)$x#end#foreach($x in "text")$x#end#foreach($x in [])$x#end|', '|'],
  [
    'where a loop stands',
    '#foreach($x in ["a", "b"])$foreach.index$foreach.count$foreach.hasNext$foreach.first$foreach.last$velocityCount;#end',
    '01truetruefalse1;12falsefalsetrue2;',
  ],
  ['commas between elements', '#foreach($x in [1, 2, 3])$x#if($foreach.hasNext),#end#end', '1,2,3'],
  [
    'loops in loops',
    '#foreach($x in [1, 2])#foreach($y in [1, 2])$foreach.parent.count$foreach.count #end#end',
    '11 12 21 22 ',
  ],
  [
    'variables of a loop, which end with it',
    '#set($x = "before")#foreach($x in [1])$x#end$x$foreach.index|',
    '1before|',
  ],
  ['what a loop set, which stays', '#set($s = 0)#foreach($x in [1, 2, 3])#set($s = $s + $x)#end$s', '6'],
  ['#foreach over a range without an end', '#foreach($x in [1..$no])$x#end#foreach($x in [1.5..3])$x#end|', '|'],
  ['#break', '#foreach($x in [1, 2, 3])#if($x == 2)#break#end$x#end.', '1.'],
  ['#break out of one loop alone', '#foreach($x in [1, 2])#foreach($y in [1, 2])#break#end$x#end', '12'],
  ['#stop', 'a#foreach($x in [1, 2])$x#stop#end b', 'a1'],
  ['#stop within a text', '#set($a = "x#stop y")b', ''],
  ['#define, drawn where it is shown', '#define($d)<$x>#end#set($x = 1)$d#set($x = 2)$d', '<1><2>'],
  ['#macro', '#macro(m $a $b)[$a|$b]#end#m(1 2)#m(1, "x y")#m(1)', '[1|2][1|x y][1|]'],
  ['a macro before it is defined', '#m(1)#macro(m $a)<$a>#end', '<1>'],
  ['a parameter, which ends with its macro', '#macro(m $a)$a#end#set($a = "x")#m(1)$a', '1x'],
  ['a macro with a body', '#macro(m)<$bodyContent>#end#@m()a#set($x = 1)$x#end', '<a1>'],
  [
    '#set of a member and of an element',
    '#set($m = {})#set($m.a = 1)#set($m["b"] = 2)#set($l = [1])#set($l[0] = 3)$m$l',
    '{a=1, b=2}[3]',
  ],
  ['#set of nothing', '#set($a = 1)#set($a = $no)[$a]', '[]'],
  ['#set below what is not there', '#set($no.a.b = 1)|$no', '|'],
  ['comments', 'a## b\nc#* d\ne *#f#**#', 'acf'],
  ['text that is not to be parsed', '#[[ $a #if( ]]#', ' $a #if( '],
  ['number signs that are text', '#1 #fff #a(1) #{b}(2) # #@c() ##', '#1 #fff #a(1) #{b}(2) # #@c() '],
  ['an escaped directive', '\\#if(\\#end', '#if(#end'],
  ['no line of its own for a directive', '{\n  #set($a = 1)\n  #if($a)\n  "a": $a\n#end\n}\n', '{\n    "a": 1\n}\n'],
];

const EXPRESSIONS: readonly Row[] = [
  ['whole numbers', '#set($a = 7 / 2)$a #set($a = -7 / 2)$a #set($a = 7 % 3)$a #set($a = 2 + 3 * 4)$a', '3 -3 1 14'],
  [
    'decimals',
    '#set($a = 7.0 / 2)$a #set($a = 1.5 + 1.5)$a #set($a = 1.0e7)$a #set($a = 0.0001 * 1)$a',
    '3.5 3.0 1.0E7 1.0E-4',
  ],
  ['nothing for a division by zero', '#set($a = 1 / 0)[$a]#set($a = 1 % 0)[$a]', '[][]'],
  ['parentheses', '#set($a = (2 + 3) * (4 - 1))$a', '15'],
  ['texts in a sum', '#set($a = "a" + 1 + 2)$a #set($a = 1 + 2 + "a")$a', 'a12 3a'],
  ['no sum with nothing', '#set($a = 1 + $no)[$a]', '[]'],
  ['comparisons', '#if(1 < 2 && 2 <= 2 && 3 > 2 && 2 >= 2 && 1 != 2 && 1 == 1.0)y#end', 'y'],
  ['comparisons in words', '#if(1 lt 2 and 2 le 2 and 3 gt 2 and 2 ge 2 and 1 ne 2 and 1 eq 1)y#end', 'y'],
  ['not and or', '#if(!false && not false && (false || true) and (false or true))y#end', 'y'],
  ['values of different kinds by their text', '#if("1" == 1 && true == "true" && 1 != "x")y#end', 'y'],
  [
    'lists and maps by what they hold',
    '#if([1, {"a": 2}] == [1, {"a": 2}] && [1] != [2] && {"a": 1} != {"a": 1, "b": 1})y#end',
    'y',
  ],
  ['nothing equals nothing alone', '#if($a == $b)y#end#if($a == "")n#end#if($a == null)y#end', 'yy'],
  ['no order but of numbers', '#if("a" < "b")n#end#if($no < 1)n#end|', '|'],
  [
    'the right side only when it counts',
    '#set($l = [])#if(false && $l.get(9))n#end#set($l = [])#if(true || $l.get(9))y#end',
    'y',
  ],
  ['double quotes', '#set($n = "x")#set($a = "a $n ${n}y #if(true)b#end")$a', 'a x xy b'],
  ['single quotes', "#set($a = 'a $n #if')$a", 'a $n #if'],
  ['doubled quotes', '#set($a = "say ""hi""")$a #set($a = \'it\'\'s\')$a', 'say "hi" it\'s'],
  ['a backslash in quotes', '#set($a = "a\\b\\")$a', 'a\\b\\'],
  ['lines in quotes', '#set($a = "a\nb")$a', 'a\nb'],
  ['maps and their keys', '#set($a = {"a": 1, b: [2], 3: {"c": null}})$a $a.size()', '{a=1, b=[2], 3={c=null}} 3'],
  ['keys that tell numbers from texts', '#set($m = {1: "n", "1": "t"})$m.get(1)$m.get("1")', 'nt'],
  ['the empty list and map', '#set($a = [])#set($b = {})$a$b', '[]{}'],
  ['a range as a value', '#set($a = [1..3])$a $a.size() $a.get(2) $a[0] $a.contains(2)', '[1, 2, 3] 3 3 1 true'],
];

for (const [group, rows] of Object.entries({ REFERENCES, DIRECTIVES, EXPRESSIONS })) {
  for (const [name, template, want] of rows) {
    void test(`${group.toLowerCase()}: ${name}`, () => assert.equal(rendered(template), want));
  }
}
