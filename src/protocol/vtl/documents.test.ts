// How values of a document show, and where JavaScript's JSON shows through.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rendered } from '../../../test/harness/templates.ts';

const ROWS: readonly (readonly [name: string, template: string, body: string, want: string])[] = [
  ['a list alone prints as JSON', "$input.path('$')", '[{"a": "x"}, [null, true]]', '[{"a":"x"},[null,true]]'],
  [
    'a map prints as Java does, its lists as JSON',
    "$input.path('$')",
    '{"a": 1, "b": [{"c": 5}], "d": {"e": "f"}}',
    '{a=1, b=[{"c":5}], d={e=f}}',
  ],
  ['null within a map has a name', "$input.path('$')", '{"a": null}', '{a=null}'],
  ['a text alone has no quotes', "$input.path('$')", '"x"', 'x'],
  ['whole numbers stay whole', "$input.path('$.a')", '{"a": 12345678901}', '12345678901'],
  [
    'decimals print as doubles',
    "$input.path('$.a') $input.path('$.b')",
    '{"a": 0.5, "b": 12345678.5}',
    '0.5 1.23456785E7',
  ],
  ['decimals within JSON print the same', "$input.path('$')", '[0.5]', '[0.5]'],
  [
    'a list of a template within a list of a document is JSON',
    "#set($l = $input.path('$'))#set($v = $l.add(['a']))$l",
    '[1]',
    '[1,["a"]]',
  ],
  ['texts within JSON are escaped', "$input.path('$')", '["a \\"b\\"\\n"]', '["a \\"b\\"\\n"]'],
  [
    'decimals without a fraction stay decimals',
    "$input.path('$.a') $input.path('$.b') $input.path('$.c')",
    '{"a": 1.0, "b": 1e3, "c": 1.50}',
    '1.0 1000.0 1.5',
  ],
  [
    'JSON keeps numbers as they were written',
    "$input.json('$') $input.json('$.a')",
    '{"a":1.0,"b":[1e3,12345678901234567890,0.10]}',
    '{"a":1.0,"b":[1e3,12345678901234567890,0.10]} 1.0',
  ],
  [
    'such a number holds nothing',
    "[$input.path('$.a.b')|$input.path('$.a.length()')|$input.path('$.a').get('rawJSON')]",
    '{"a": 1.0}',
    '[||]',
  ],
  [
    'such numbers are found, and compared',
    "$input.path('$..id') $input.path('$.l[?(@.id > 1.5)].id') $input.path('$.l[*]')",
    '{"l": [{"id": 2.0}, {"id": 12345678901234567890}, {"id": 1.0}]}',
    '[2.0,12345678901234567890,1.0] [2.0,12345678901234567890] [{"id":2.0},{"id":12345678901234567890},{"id":1.0}]',
  ],
  ['whole numbers are exact', "$input.path('$.a')", '{"a": 9007199254740993}', '9007199254740993'],
  [
    'and stay so in a sum',
    "#set($a = $input.path('$.a') + 1)#set($b = $a * $a)#set($c = $b / $a)$a $b $c",
    '{"a": 9007199254740993}',
    '9007199254740994 81129638414606717724586024108036 9007199254740994',
  ],
  [
    'sums that grow past exact numbers',
    '#set($a = 9007199254740991 + 2)#set($b = 3000000000 * 3000000000 * 3)$a $b',
    '',
    '9007199254740993 27000000000000000000',
  ],
  [
    'whole numbers of one value are equal',
    "#if($input.path('$.a') == $input.path('$.b'))y#end#if($input.path('$.a') == $input.path('$.c'))n#end#if($input.path('$.a').equals($input.path('$.b')))y#end",
    '{"a": 9007199254740993, "b": 9007199254740993, "c": 9007199254740992}',
    'yy',
  ],
  [
    'whole numbers as keys',
    "#set($m = {})#set($v = $m.put($input.path('$'), 1))$m $m.get($input.path('$'))",
    '9007199254740993',
    '{9007199254740993=1} 1',
  ],
  [
    'conversions',
    "#set($a = $input.path('$'))$a.longValue() $a.intValue() $a.doubleValue()",
    '9007199254740993',
    '9007199254740993 1 9.007199254740992E15',
  ],
  ['parseJson keeps them too', '$util.parseJson($input.body)', '[1.0, 9007199254740993]', '[1.0,9007199254740993]'],
  [
    'texts that look like such numbers',
    "$input.json('$')",
    '{"a":"1234567890123456 1.0 1e5"}',
    '{"a":"1234567890123456 1.0 1e5"}',
  ],
  ['members called by digits come first', "$input.path('$')", '{"b": 1, "1": 2}', '{1=2, b=1}'],
];

for (const [name, template, body, want] of ROWS) {
  void test(name, () => assert.equal(rendered(template, { body }), want));
}
