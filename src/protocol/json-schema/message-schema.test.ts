// What a model says of messages, what it may not be, and that neither a schema nor a message makes a look at it long.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileMessageSchema, type ModelBounds } from './message-schema.ts';

const BOUNDS: ModelBounds = { bytesMax: 32_768, levelsMax: 64, stepsMax: 1_000_000 };
const modelUrl = (name: string, api = 'abc') => `https://apigateway.amazonaws.com/restapis/${api}/models/${name}`;

function compile(schema: unknown, others: Readonly<Record<string, unknown>> = {}) {
  const texts = new Map(Object.entries(others).map(([name, other]) => [name, JSON.stringify(other)]));
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
  return compileMessageSchema(text, 'abc', (name) => texts.get(name), BOUNDS);
}

function problemOf(schema: unknown, document: unknown, others?: Readonly<Record<string, unknown>>): string | undefined {
  const compiled = compile(schema, others);
  assert.ok(!('problem' in compiled), JSON.stringify(compiled));
  return compiled.problemOf(document);
}

describe('holds a message against the keywords of draft 4', () => {
  const shape = { type: 'object', required: ['a'], properties: { a: { type: 'string', minLength: 2 } } };
  const rows: readonly (readonly [name: string, schema: unknown, fits: unknown, misfits: unknown, why: RegExp])[] = [
    ['type', { type: 'integer' }, 1, 1.5, /integer/],
    ['type, several', { type: ['string', 'null'] }, null, 1, /string,null/],
    ['required', shape, { a: 'xx' }, {}, /required property 'a'/],
    ['properties', shape, { a: 'xx', b: 1 }, { a: 'x' }, /^\/a .*2 characters/],
    ['additionalProperties', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }, /additional/],
    [
      'patternProperties',
      { patternProperties: { '^n': { type: 'number' } } },
      { n1: 1 },
      { n1: '1' },
      /^\/n1 .*number/,
    ],
    ['enum', { enum: [1, { x: 1, y: [2] }] }, { y: [2], x: 1 }, { x: 1 }, /values of enum/],
    ['items', { items: { type: 'number' } }, [1], ['1'], /^\/0 .*number/],
    ['items, one by one', { items: [{ type: 'number' }], additionalItems: false }, [1], [1, 2], /1 items/],
    [
      'uniqueItems',
      { uniqueItems: true },
      [{ a: 1, b: 2 }, { a: 1 }],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      /twice/,
    ],
    ['pattern', { pattern: '^a+$' }, 'aa', 'ab', /pattern/],
    ['minimum, exclusive as in draft 4', { minimum: 5, exclusiveMinimum: true }, 6, 5, /> 5/],
    ['multipleOf', { multipleOf: 0.5 }, 1.5, 1.2, /multiple of/],
    ['allOf', { allOf: [{ minimum: 1 }, { maximum: 3 }] }, 2, 4, /<= 3/],
    ['anyOf', { anyOf: [{ type: 'string' }, { minimum: 3 }] }, 3, 2, /./],
    ['oneOf', { oneOf: [{ minimum: 1 }, { minimum: 3 }] }, 2, 3, /exactly one/],
    ['not', { not: { type: 'string' } }, 1, '1', /must NOT be valid/],
    ['dependencies on names', { dependencies: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }, /property b/],
    ['dependencies on a schema', { dependencies: { a: { required: ['b'] } } }, { c: 1 }, { a: 1 }, /'b'/],
    ['$ref within', { $ref: '#/definitions/t', definitions: { t: { type: 'null' } } }, null, 1, /null/],
    [
      '$ref to a member',
      { properties: { 'a/b': { type: 'null' }, c: { $ref: '#/properties/a~1b' } } },
      { c: null },
      { c: 1 },
      /null/,
    ],
    ['members that every object of JavaScript has', { required: ['toString'] }, { toString: 1 }, {}, /toString/],
    ['__proto__', { required: ['__proto__'] }, JSON.parse('{"__proto__":1}'), {}, /required property '__proto__'/],
  ];
  for (const [name, schema, fits, misfits, why] of rows) {
    test(name, () => {
      assert.equal(problemOf(schema, fits), undefined);
      assert.match(problemOf(schema, misfits) ?? 'it fits', why);
    });
  }

  test('words that draft 4 does not have say nothing', () => {
    const schema = {
      const: 1,
      if: {},
      format: 'email',
      id: 'http://elsewhere/',
      propertyNames: { maxLength: 1 },
    };
    assert.equal(problemOf({ ...schema, $schema: 'http://json-schema.org/draft-04/schema#' }, { long: 1 }), undefined);
  });

  test('beside a reference nothing counts', () => {
    const schema = { $ref: '#/definitions/t', definitions: { t: {} }, type: 'null' };
    assert.equal(problemOf(schema, 1), undefined);
  });
});

describe('models of one Api lead to each other', () => {
  test('by their URL', () => {
    const others = { Other: { type: 'object', required: ['k'] } };
    assert.equal(problemOf({ items: { $ref: modelUrl('Other') } }, [{ k: 1 }], others), undefined);
    assert.match(problemOf({ items: { $ref: modelUrl('Other') } }, [{}], others)!, /'k'/);
  });

  test('and back, and into parts of each other', () => {
    const others = {
      Ping: { properties: { pong: { $ref: modelUrl('Pong') } } },
      Pong: {
        required: ['ping'],
        properties: { ping: { $ref: modelUrl('Ping') } },
        definitions: { text: { type: 'string' } },
      },
    };
    assert.match(problemOf(others.Ping, { pong: { ping: { pong: {} } } }, others)!, /^\/pong\/ping\/pong .*'ping'/);
    assert.match(problemOf({ $ref: `${modelUrl('Pong')}#/definitions/text` }, 1, others)!, /string/);
  });
});

describe('refuses a schema', () => {
  const deep = (levels: number) => `${'{"not":'.repeat(levels)}{}${'}'.repeat(levels)}`;
  const rows: readonly (readonly [name: string, schema: unknown, why: RegExp])[] = [
    ['that is not JSON', '{', /not JSON/],
    ['that is no object', '[]', /JSON object/],
    ['that is longer than one may be', JSON.stringify({ title: 'x'.repeat(32_768) }), /at most 32768/],
    ['that is nested too deeply', deep(64), /deeper than 64/],
    ['that is nested as deeply as it can be written', deep(4_000), /deeper than 64/],
    ['with a type that there is not', { properties: { a: { type: 'text' } } }, /schema\/properties\/a\/type/],
    ['with a member that must be a schema', { not: 5 }, /schema\/not must be object/],
    ['with a pattern that needs backtracking', { pattern: '(?=a)b' }, /\(\?=/],
    ['with a pattern that is none', { patternProperties: { '(': {} } }, /missing closing/],
    ['that leads elsewhere', { $ref: 'https://example.com/schema' }, /leads neither within/],
    ['that leads to a model of another Api', { $ref: modelUrl('Other', 'other') }, /leads neither within/],
    ['that leads to a model that is not there', { $ref: modelUrl('Other') }, /no model Other/],
    ['that leads to a place that is not there', { $ref: '#/definitions/a' }, /leads to no schema/],
    ['that leads to something that is no schema', { $ref: '#/enum/0', enum: [{}] }, /leads to no schema/],
    ['that leads to a model that cannot be used', { $ref: modelUrl('Bad') }, /Bad: schema\/type/],
  ];
  for (const [name, schema, why] of rows) {
    test(name, () => {
      const compiled = compile(schema, { Bad: { type: 'text' } });
      assert.match('problem' in compiled ? compiled.problem : 'it can be used', why);
    });
  }
});

describe('ends a look that would take long', () => {
  const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as unknown;
  const branch = { properties: { a: { $ref: '#' } }, type: 'object' };

  test('at a pattern that makes others try for ever, of a long text', () => {
    assert.match(problemOf({ pattern: '^(a+)+$' }, `${'a'.repeat(100_000)}b`)!, /pattern/);
  });

  test('at branches that double with each level', () => {
    assert.match(problemOf({ anyOf: [branch, branch] }, nested(40))!, /more than 1000000 steps/);
  });

  test('at a message that is nested more deeply than the stack', () => {
    assert.match(problemOf({ properties: { a: { $ref: '#' } } }, nested(30_000))!, /cannot be looked at/);
  });

  test('at many patterns over many names', () => {
    const patternProperties = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`x${at}`, {}]));
    const names = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`n${at}`, 1]));
    assert.match(problemOf({ patternProperties }, names)!, /steps/);
  });

  test('at items that are compared with each other again on each level', () => {
    const lists = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
    assert.match(problemOf({ uniqueItems: true, items: { $ref: '#' } }, lists)!, /steps|cannot be looked at/);
  });

  test('and the next message is looked at as if nothing had been', () => {
    const compiled = compile({ anyOf: [branch, branch] });
    assert.ok(!('problem' in compiled));
    assert.ok(compiled.problemOf(nested(40)));
    assert.equal(compiled.problemOf({}), undefined);
  });
});

test('sixty thousand items are compared in one go', () => {
  const items = Array.from({ length: 60_000 }, (_, i) => ({ i }));
  assert.equal(problemOf({ uniqueItems: true }, items), undefined);
});
