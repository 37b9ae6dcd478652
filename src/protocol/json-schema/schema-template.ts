// A schema → a mapping template in the language of API Gateway that walks the payload and writes it again, member by member. A start
// for whoever writes one, not a translation: references to other models are left as a note.

import { isObject, type SchemaObject } from './read-schema.ts';

const INDENT = '  ';
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** `schema` is one that a Model holds: it parses. */
export function schemaTemplate(schema: string): string {
  return `#set($inputRoot = $input.path('$'))\n${write(JSON.parse(schema) as SchemaObject, '$inputRoot', '')}\n`;
}

/** `reference` is the payload's part, as the template calls it. */
function write(schema: unknown, reference: string, indent: string): string {
  if (!isObject(schema)) return `"${reference}"`;
  if (typeof schema['$ref'] === 'string') return `{} ## as in ${schema['$ref'].replaceAll(/[\r\n]/g, ' ')}`;
  switch (typeOf(schema)) {
    case 'object':
      return writeObject(schema, reference, indent);
    case 'array':
      return writeArray(schema, reference, indent);
    case 'number':
    case 'integer':
    case 'boolean':
      return reference;
    default:
      return `"$util.escapeJavaScript(${reference})"`;
  }
}

function typeOf({ type, properties, items }: SchemaObject): string {
  const [first] = Array.isArray(type) ? (type as unknown[]) : [type];
  if (typeof first === 'string') return first;
  return isObject(properties) ? 'object' : isObject(items) ? 'array' : 'string';
}

function writeObject({ properties }: SchemaObject, reference: string, indent: string): string {
  const members = Object.entries(isObject(properties) ? properties : {}).map(([name, member]) => {
    const inner = indent + INDENT;
    return `${inner}${JSON.stringify(name)} : ${write(member, memberOf(reference, name), inner)}`;
  });
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

function writeArray({ items }: SchemaObject, reference: string, indent: string): string {
  const inner = indent + INDENT;
  // Each level has a variable of its own.
  const element = `$elem${indent.length / INDENT.length}`;
  return [
    '[',
    `#foreach(${element} in ${reference})`,
    `${inner}${write(items, element, inner)}#if($foreach.hasNext),#end`,
    '#end',
    `${indent}]`,
  ].join('\n');
}

function memberOf(reference: string, name: string): string {
  return PLAIN_NAME.test(name) ? `${reference}.${name}` : `${reference}.get(${quoted(name)})`;
}

/** A quote in a text of the language is written twice. */
function quoted(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}
