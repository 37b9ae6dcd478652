// The template that GetModelTemplate answers: every kind of member, and names that a reference cannot spell.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaTemplate } from './schema-template.ts';

test('walks objects, lists and plain values, each by its type', () => {
  const schema = {
    type: 'object',
    properties: {
      action: { type: 'string' },
      count: { type: 'integer' },
      isUrgent: { type: 'boolean' },
      rooms: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      "it's-me": {},
    },
  };
  assert.equal(
    schemaTemplate(JSON.stringify(schema)),
    `#set($inputRoot = $input.path('$'))
{
  "action" : "$util.escapeJavaScript($inputRoot.action)",
  "count" : $inputRoot.count,
  "isUrgent" : $inputRoot.isUrgent,
  "rooms" : [
#foreach($elem1 in $inputRoot.rooms)
    {
      "name" : "$util.escapeJavaScript($elem1.name)"
    }#if($foreach.hasNext),#end
#end
  ],
  "it's-me" : "$util.escapeJavaScript($inputRoot.get('it''s-me'))"
}
`,
  );
});

test('a model that says nothing has a text', () => {
  assert.equal(schemaTemplate('{}'), `#set($inputRoot = $input.path('$'))\n"$util.escapeJavaScript($inputRoot)"\n`);
});
