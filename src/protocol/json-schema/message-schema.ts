// A Model made ready: holds the messages of a route against a JSON Schema of draft 4 (websocket-apis 1.7, 3.7). Users write the
// schemas and strangers the messages, so a look at one has a budget, and patterns run in linear time. The libraries are loaded with
// the first model: most starts need none.

import type { KeywordDefinition } from 'ajv';
import { createRequire } from 'node:module';
import { canonicalText } from './canonical-text.ts';
import {
  isObject,
  OWN,
  parseSchemaText,
  readSchema,
  type Cost,
  type ReadSchema,
  type SchemaBounds,
} from './read-schema.ts';

export interface MessageSchema {
  /** Undefined when the document fits; else a phrase that says what does not, for the log. Never throws. */
  problemOf(document: unknown): string | undefined;
}

export interface ModelBounds extends SchemaBounds {
  /** What one look at a message may cost; a step is about one keyword looking at one value. */
  readonly stepsMax: number;
}

/** The schema's text of another model of the same Api, by name. */
export type OtherModels = (name: string) => string | undefined;

type Ajv = InstanceType<typeof import('ajv-draft-04').default>;

const MODEL_URL = /^https:\/\/apigateway\.amazonaws\.com\/restapis\/([^/]+)\/models\/([^/#]+)(#.*)?$/;
const ROOT = 'model';

/** A message that would take longer to look at than it may. */
class TooLong extends Error {}

let left = 0;

function spend(cost: number): void {
  left -= cost;
  if (left < 0) throw new TooLong();
}

/** The schema, or a phrase that says what is wrong with it. `$ref` leads within it, or to a model of the same Api by its URL. */
export function compileMessageSchema(
  text: string,
  apiId: string,
  others: OtherModels,
  bounds: ModelBounds,
): MessageSchema | { problem: string } {
  try {
    const ajv = createAjv();
    const schemas = readAll(ajv, [ROOT, text], { apiId, others, bounds });
    if ('problem' in schemas) return schemas;
    for (const [name, { schema }] of schemas) ajv.addSchema(schema, name, undefined, false);
    const validate = ajv.getSchema(ROOT)!;
    return {
      problemOf(document) {
        left = bounds.stepsMax;
        try {
          if (validate(document)) return undefined;
          const [error] = validate.errors ?? [];
          return `${error?.instancePath || 'the message'} ${error?.message ?? 'does not fit the model'}`.slice(0, 512);
        } catch (error) {
          if (error instanceof TooLong) return `the message takes more than ${bounds.stepsMax} steps to look at`;
          return `the message cannot be looked at: ${(error as Error).message}`;
        }
      },
    };
  } catch (error) {
    return { problem: (error as Error).message.slice(0, 512) };
  }
}

interface Reading {
  readonly apiId: string;
  readonly others: OtherModels;
  readonly bounds: SchemaBounds;
}

/** The schema and all models that it leads to, by what references call them. */
function readAll(
  ajv: Ajv,
  first: readonly [name: string, text: string],
  { apiId, others, bounds }: Reading,
): Map<string, ReadSchema> | { problem: string } {
  const read = new Map<string, ReadSchema>();
  const waiting = [first];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [name, source] = next;
    const schema = readOne(ajv, source, bounds);
    if ('problem' in schema) return name === ROOT ? schema : { problem: `${name}: ${schema.problem}` };
    read.set(name, schema);
    for (const reference of schema.references) {
      if (reference.startsWith('#')) continue;
      const [, ofApi, model] = MODEL_URL.exec(reference) ?? [];
      if (model === undefined || ofApi !== apiId) {
        return {
          problem: `$ref '${reference.slice(0, 128)}' leads neither within the schema nor to ${urlOf(apiId, '{name}')}`,
        };
      }
      const url = urlOf(apiId, model);
      if (read.has(url)) continue;
      const found = others(model);
      if (found === undefined) return { problem: `$ref '${reference.slice(0, 128)}': there is no model ${model}` };
      waiting.push([url, found]);
    }
  }
  return wrongPointer(read) ?? read;
}

function readOne(ajv: Ajv, text: string, bounds: SchemaBounds): ReadSchema | { problem: string } {
  const schema = parseSchemaText(text, bounds);
  if ('problem' in schema) return schema;
  const { $schema: _, ...rest } = schema.parsed;
  if (ajv.validateSchema(rest) !== true) return { problem: ajv.errorsText(ajv.errors, { dataVar: 'schema' }) };
  return readSchema(rest);
}

/** References lead to schemas alone: what is no schema says nothing of its cost. */
function wrongPointer(read: ReadonlyMap<string, ReadSchema>): { problem: string } | undefined {
  for (const [name, { references }] of read) {
    for (const reference of references) {
      const [url = '', fragment = ''] = reference.split('#', 2);
      const target = read.get(url === '' ? name : url);
      if (!target?.pointers.has(decodeURIComponent(fragment)))
        return { problem: `$ref '${reference.slice(0, 128)}' leads to no schema` };
    }
  }
  return undefined;
}

function urlOf(apiId: string, model: string): string {
  return `https://apigateway.amazonaws.com/restapis/${apiId}/models/${model}`;
}

const require = createRequire(import.meta.url);

function createAjv(): Ajv {
  const { default: AjvDraft04 } = require('ajv-draft-04') as typeof import('ajv-draft-04');
  const ajv = new AjvDraft04({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    ignoreKeywordsWithRef: true,
    ownProperties: true,
    logger: false,
    code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
  });
  for (const keyword of KEYWORDS) ajv.addKeyword(keyword);
  return ajv;
}

/** RE2: no look-around and no back-references, which are refused; any text in time that is proportional to its length. */
function linearPattern(source: string) {
  const { RE2JS } = require('re2js') as typeof import('re2js');
  const pattern = RE2JS.compile(source);
  return { test: (text: string) => pattern.matcher(text).find(), toString: () => source };
}

const KEYWORDS: readonly KeywordDefinition[] = [
  {
    keyword: OWN.cost,
    errors: false,
    // Before everything else is looked at.
    before: '$ref',
    validate: ({ fixed, perName, perCharacter }: Cost, value: unknown) => {
      const names = perName > 0 && isObject(value) ? Object.keys(value).length : 0;
      const characters = typeof value === 'string' ? value.length : 0;
      spend(fixed + names * perName + characters * perCharacter);
      return true;
    },
  },
  {
    keyword: OWN.values,
    schemaType: 'array',
    errors: false,
    error: { message: 'must be one of the values of enum' },
    compile: (values: unknown[]) => {
      const texts = new Set(values.map(canonicalText));
      return (value: unknown) => {
        const text = canonicalText(value);
        spend(text.length / 8);
        return texts.has(text);
      };
    },
  },
  {
    keyword: OWN.unique,
    type: 'array',
    errors: false,
    error: { message: 'must hold no item twice' },
    validate: (_: unknown, items: unknown[]) => {
      const texts = items.map(canonicalText);
      spend(texts.reduce((sum, text) => sum + 1 + text.length / 8, 0));
      return new Set(texts).size === texts.length;
    },
  },
];
