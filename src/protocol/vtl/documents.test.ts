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
  ['a decimal without a fraction is a whole number', "$input.path('$.a')", '{"a": 1.0}', '1'],
  ['members called by digits come first', "$input.path('$')", '{"b": 1, "1": 2}', '{1=2, b=1}'],
  ['whole numbers are exact to 2^53', "$input.path('$.a')", '{"a": 9007199254740993}', '9007199254740992'],
];

for (const [name, template, body, want] of ROWS) {
  void test(name, () => assert.equal(rendered(template, { body }), want));
}
