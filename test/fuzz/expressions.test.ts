// What users write into routes, integrations and templates, over what strangers send: it parses or is one problem, evaluates within
// its budget, and never reaches into JavaScript itself.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluateJsonPath, parseJsonPath, textOf as shown } from '../../src/protocol/json-path.ts';
import { evaluateJsonQuery, parseJsonQuery } from '../../src/protocol/json-path-query.ts';
import { parseExactJson } from '../../src/protocol/exact-json.ts';
import { findText, findTextFromEnd } from '../../src/protocol/find-text.ts';
import { mockStatusCode } from '../../src/protocol/mock-status.ts';
import { fillStageVariables, parseParameterMapping } from '../../src/protocol/parameter-mapping.ts';
import { parseResponseKey } from '../../src/protocol/response-key.ts';
import { evaluateSelection, parseSelectionExpression } from '../../src/protocol/selection-expression.ts';
import { compileMessageSchema } from '../../src/protocol/json-schema/message-schema.ts';
import { schemaTemplate } from '../../src/protocol/json-schema/schema-template.ts';
import { TemplateProblem } from '../../src/protocol/vtl/budget.ts';
import { parseTemplate } from '../../src/protocol/vtl/template.ts';
import { renderTemplate } from '../../src/protocol/vtl/render.ts';
import { escapeJavaScript, urlDecode, urlEncode } from '../../src/protocol/vtl/text-codecs.ts';
import { variablesOf } from '../harness/templates.ts';
import { fuzz, HOSTILE_JSON, textOf, throwsOnly } from './fuzzing.ts';

const { property } = fuzz('expressions');

const PATHS = textOf('$', '.', '..', 'a', 'b', '[', ']', '0', '-1', "'a'", '"b"', '*', '__proto__', 'constructor', ' ');
const SELECTIONS = textOf(
  '$request.body',
  '${request.body.a}',
  '$request.body[0]',
  '.a',
  "['a']",
  '\\$',
  '\\',
  '$',
  '{',
  '}',
  '/',
  '$integration.response.statuscode',
  '${integration.response.header.X}',
  '$integration.response.multivalueheader.__proto__',
  'literal',
);
/** Texts that only a path into JavaScript itself would show. */
const INSIDE = /\[native code\]|\[object Object\]|function /;

property(
  'a definite path parses or is none, and leads to own members alone',
  fc.tuple(PATHS, HOSTILE_JSON),
  ([text, document]) => {
    const path = parseJsonPath(text);
    if (!path) return;
    const found = evaluateJsonPath(document, path);
    assert.notEqual(typeof found, 'function');
    if (path.length === 0) assert.equal(found, document);
    // A path that is spelled out leads to the same place.
    const spelled = path.map((step) => (typeof step === 'number' ? `[${step}]` : `['${step}']`)).join('');
    if (path.every((step) => typeof step === 'number' || !step.includes("'"))) {
      assert.deepEqual(parseJsonPath(spelled), path);
    }
  },
);

const RESPONSE = {
  status: 200,
  headers: { x: ['1', '2'], y: 'z', __proto__: 'own' } as Record<string, string | string[]>,
};

property(
  'a selection expression parses or is a problem, and selects a text',
  fc.tuple(SELECTIONS, HOSTILE_JSON),
  ([text, body]) => {
    for (const variables of ['request', 'response'] as const) {
      const parsed = parseSelectionExpression(text, variables);
      if ('problem' in parsed) assert.ok(parsed.problem.length > 0);
      else {
        const selected = evaluateSelection(parsed, body, RESPONSE);
        assert.equal(typeof selected, 'string');
        assert.doesNotMatch(selected, INSIDE);
        if (parsed.isLiteral) assert.equal(selected, text.replaceAll('\\$', '$'));
      }
    }
  },
);

class TooMuch extends Error {}
const STEPS_MAX = 200_000;

function boundedWork() {
  let left = STEPS_MAX;
  return {
    spend(steps: number) {
      left -= steps;
      if (left < 0) throw new TooMuch('too much');
    },
    matches: () => false,
  };
}

const QUERIES = textOf(
  '$',
  '..',
  '.',
  '*',
  '.a',
  "['a','b']",
  '[0]',
  '[-1]',
  '[0,1]',
  '[0:2]',
  '[::1]',
  '[*]',
  '.length()',
  '.keys()',
  '[?(',
  ')]',
  '@.a',
  '@',
  '== 1',
  '&& ',
  '|| ',
  '!',
  '(',
  ')',
  "'a'",
  '=~ /a.*b/i',
  ' in ',
  'contains',
  '< 2',
);

property(
  'a query parses or is none, and answers within its work',
  fc.tuple(QUERIES, HOSTILE_JSON),
  ([text, document]) => {
    const query = parseJsonQuery(text);
    if (query)
      throwsOnly([TooMuch], () =>
        assert.notEqual(typeof evaluateJsonQuery(document, query, boundedWork()), 'function'),
      );
  },
);

const MAPPED = textOf(
  'integration.request.',
  'header.',
  'querystring.',
  'path.',
  'X-A',
  'route.request.',
  'body',
  '.a',
  '[0]',
  "'",
  'a',
  'context.',
  'connectionId',
  'stageVariables.',
  'multivalueheader.',
  '${stageVariables.a}',
  '__proto__',
);

property('a parameter mapping parses or is a problem', fc.tuple(MAPPED, MAPPED), ([target, source]) => {
  for (const [one, other] of [
    [target, source],
    ['integration.request.header.x', source],
  ] as const) {
    const parsed = parseParameterMapping(one, other);
    if ('problem' in parsed) assert.match(parsed.problem, /^Invalid mapping expression/);
    else assert.ok(parsed.target.name.length > 0);
  }
  assert.doesNotMatch(fillStageVariables(source, { a: '1' }), INSIDE);
});

const PATTERNS = textOf(
  '/',
  '\\d',
  '(',
  ')',
  '[',
  ']',
  '+',
  '*',
  '{1,1000}',
  '(?i)',
  'a',
  '|',
  '^',
  '$',
  '\\',
  '$default',
);

property(
  'a response key is a pattern in linear time, or a problem',
  fc.tuple(PATTERNS, fc.string()),
  ([key, value]) => {
    const parsed = parseResponseKey(key);
    if (parsed === 'default') assert.equal(key, '$default');
    else if ('problem' in parsed) assert.ok(parsed.problem.length > 0);
    else for (const text of [value, 'a'.repeat(2_000)]) assert.equal(typeof parsed.test(text), 'boolean');
  },
);

property(
  'text is found where it is',
  fc.tuple(fc.string(), fc.string({ maxLength: 3 }), fc.nat(20)),
  ([text, what, from]) => {
    assert.equal(findText(text, what, from), text.indexOf(what, from));
    if (what !== '') assert.equal(findTextFromEnd(text, what, from), text.lastIndexOf(what, from));
  },
);

property('exact JSON is JSON, and writes numbers as they were', HOSTILE_JSON, (value) => {
  const text = JSON.stringify(value);
  assert.equal(JSON.stringify(parseExactJson(text)), JSON.stringify(JSON.parse(text)));
});

property(
  'what is no JSON is refused as JSON.parse refuses it',
  textOf('{', '}', '[', '"a"', ':', ',', '1e5', '-0', '1.0'),
  (text) => {
    throwsOnly([SyntaxError, RangeError], () => parseExactJson(text));
    assert.ok([undefined, 'number'].includes(typeof mockStatusCode(text) === 'number' ? 'number' : undefined));
  },
);

property(
  'a value is shown as text, however deep',
  fc.tuple(HOSTILE_JSON, fc.integer({ min: 1, max: 5_000 })),
  ([value, depth]) => {
    assert.doesNotMatch(shown(value), INSIDE);
    assert.equal(typeof shown(JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)), 'string');
  },
);

const SCHEMAS = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    HOSTILE_JSON,
    fc.record(
      {
        type: fc.constantFrom<unknown>('object', 'string', 'array', 'integer', ['null', 'number'], 'none', 1),
        properties: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('schema'), { maxKeys: 2 }),
        items: tie('schema'),
        anyOf: fc.array(tie('schema'), { maxLength: 2 }),
        not: tie('schema'),
        $ref: fc.constantFrom('#', '#/properties/a', '#/definitions/x', 'https://example.com/', ''),
        pattern: textOf('a', '+', '(', ')', '^', '\\d'),
        required: fc.constantFrom<unknown>(['a'], [], 'a'),
        enum: fc.array(HOSTILE_JSON, { maxLength: 2 }),
        uniqueItems: fc.boolean(),
        maxLength: fc.integer(),
      },
      { requiredKeys: [] },
    ),
  ),
})).schema;
const BOUNDS = { stepsMax: 20_000, bytesMax: 5_000, levelsMax: 16 };

property(
  'a schema compiles or is a problem, and a message fits it or does not',
  fc.tuple(SCHEMAS, HOSTILE_JSON),
  ([schema, message]) => {
    const text = JSON.stringify(schema);
    const compiled = compileMessageSchema(text, 'api0000000', () => undefined, BOUNDS);
    if ('problem' in compiled) assert.equal(typeof compiled.problem, 'string');
    else assert.ok(['string', 'undefined'].includes(typeof compiled.problemOf(message)));
    // Only asked of schemas that were taken.
    if (!('problem' in compiled)) assert.equal(typeof schemaTemplate(text), 'string');
  },
  120,
);

const TEMPLATES = textOf(
  "$input.path('",
  "$input.json('",
  "')",
  '$.a',
  '$..*',
  '[?(@.a =~ /x/)]',
  '$input.params()',
  '$input.params("a")',

  '$util.urlDecode(',
  '$util.base64Decode("',
  '$util.parseJson(',
  '$util.escapeJavaScript(',
  '$context',
  '$stageVariables',

  '#foreach($x in ',
  '#end',
  '#set($a = ',
  '#if(',
  ')',
  '.getClass()',
  '.forName("x")',
  '.replaceAll("(a+)+$","b")',
  '"',
  '{',
  '}',
);

property(
  'a template renders over any message, or is a problem',
  fc.tuple(TEMPLATES, HOSTILE_JSON),
  ([text, message]) => {
    const template = parseTemplate(text);
    if ('problem' in template) return assert.ok(template.problem.length > 0);
    throwsOnly([TemplateProblem], () => {
      const rendered = renderTemplate(template, variablesOf({ body: JSON.stringify(message) }));
      if (!('problem' in rendered)) assert.doesNotMatch(rendered.text, INSIDE);
    });
  },
);

property('codecs take back what they made, and anything else', fc.string({ unit: 'binary' }), (text) => {
  const whole = text.toWellFormed();
  assert.equal(urlDecode(urlEncode(whole)), whole);
  assert.equal(typeof urlDecode(text), 'string');
  assert.equal(typeof urlEncode(text), 'string');
  assert.equal(typeof escapeJavaScript(text), 'string');
});
