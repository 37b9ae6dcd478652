// Templates that render to themselves, those that would not, and the status of a MOCK template.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mockStatusCode, templateLanguageIn } from './literal-template.ts';

const TEMPLATES: readonly (readonly [name: string, template: string, found: string | undefined])[] = [
  ['nothing', '', undefined],
  ['JSON', '{"statusCode": 200, "list": ["a", {"b": null}]}', undefined],
  ['a price', '{"price": "$5.00"}', undefined],
  ['a dollar at the end', 'US$', undefined],
  ['a number sign before a digit', '# 1 and #2', undefined],
  ['a reference', 'a $input.body b', '$input.body b'],
  ['a reference in braces', '${context.connectionId}', '${context.connectionId}'],
  ['a quiet reference', '$!x', '$!x'],
  ['a quiet reference in braces', '$!{x}', '$!{x}'],
  ['a condition', '#if(1) a #end', '#if(1) a #end'],
  ['a condition in braces', '#{if}(1)', '#{if}(1)'],
  ['an assignment', '#set($a = 1)', '$a = 1)'],
  ['a comment', 'a ## b', '## b'],
  ['a block comment', 'a #* b *#', '#* b *#'],
  ['text that is not to be parsed', '#[[a]]#', '#[[a]]#'],
  ['the first line of a long one', '#foreach(in in long list of many)\nx', '#foreach(in in long list'],
  ['not the second line', '#end\nx', '#end'],
];

for (const [name, template, found] of TEMPLATES) {
  void test(`${found === undefined ? 'takes as literal' : 'finds'} ${name}`, () => {
    assert.equal(templateLanguageIn(template), found);
  });
}

const STATUSES: readonly (readonly [name: string, rendered: string, status: number | undefined])[] = [
  ['a quoted key', '{"statusCode": 200}', 200],
  ['a bare key', '{statusCode: 200}', 200],
  ['a bare key after another', '{ "a": {b : 1} , statusCode : 404 }', 404],
  ['a key in lines', '{\n  "statusCode": 500\n}', 500],
  ['a text that looks like a key', '{"statusCode": 200, "note": "see, this: that"}', 200],
  ['a status in quotes', '{"statusCode": "200"}', undefined],
  ['a fraction', '{"statusCode": 200.5}', undefined],
  ['a status deeper down', '{"a": {"statusCode": 200}}', undefined],
  ['no status', '{}', undefined],
  ['a list', '[{"statusCode": 200}]', undefined],
  ['null', 'null', undefined],
  ['a number', '200', undefined],
  ['nothing', '', undefined],
  ['what is not JSON', '{"statusCode": 200', undefined],
];

for (const [name, rendered, status] of STATUSES) {
  void test(`reads the status of ${name}`, () => assert.equal(mockStatusCode(rendered), status));
}
