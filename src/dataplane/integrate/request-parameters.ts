// Fills an integration's parameter mappings for one event (websocket-apis 3.8). A value that is not there is left out.

import { isHeaderValue } from '../../protocol/header-text.ts';
import { evaluateJsonPath, textOf } from '../../protocol/json-path.ts';
import type { MappingSource, ParameterMapping } from '../../protocol/parameter-mapping.ts';
import type { Overrides } from '../../protocol/vtl/variables.ts';
import { NOT_FORWARDED } from './connection-headers.ts';
import { contextValue, type IntegrationEvent } from './event-context.ts';

export interface MappedParameters {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly path: Readonly<Record<string, string>>;
}

/** What a header may be called. One that a mapping cannot name, or a value that is none, is left out rather than sent changed. */
const HEADER_NAME = /^[a-zA-Z0-9._$-]+$/;

export function mapParameters(mappings: readonly ParameterMapping[], event: IntegrationEvent): MappedParameters {
  const headers: Record<string, string> = {};
  const query: [string, string][] = [];
  const path: Record<string, string> = {};
  for (const { target, source } of mappings) {
    const value = valueOf(source, event);
    if (value === undefined) continue;
    if (target.place === 'header') {
      if (isHeaderValue(value)) headers[target.name] = value;
    } else if (target.place === 'querystring') query.push([target.name, value]);
    else path[target.name] = value;
  }
  return { headers, query, path };
}

/** What a request template asked for takes the place of what is mapped. */
export function withOverrides(mapped: MappedParameters, overrides: Overrides | undefined): MappedParameters {
  if (!overrides) return mapped;
  const { header, path, querystring } = overrides.request;
  const headers = Object.entries(header).filter(([name, value]) => isSendable(name, value));
  const query = Object.entries(querystring);
  return {
    headers: { ...mapped.headers, ...Object.fromEntries(headers) },
    query: [...mapped.query.filter(([name]) => !Object.hasOwn(querystring, name)), ...query],
    path: { ...mapped.path, ...path },
  };
}

/** What belongs to our connection to the backend is not a template's to say. */
function isSendable(name: string, value: string): boolean {
  return HEADER_NAME.test(name) && isHeaderValue(value) && !NOT_FORWARDED.has(name.toLowerCase());
}

function valueOf(source: MappingSource, event: IntegrationEvent): string | undefined {
  switch (source.from) {
    case 'static':
      return source.text;
    case 'context':
      return contextValue(event, source.path);
    case 'stageVariable':
      return Object.hasOwn(event.stageVariables, source.name) ? event.stageVariables[source.name] : undefined;
    case 'body': {
      const value = source.path.length === 0 ? event.body.toString() : evaluateJsonPath(event.document, source.path);
      return value === undefined || value === null ? undefined : textOf(value);
    }
    case 'querystring':
      return event.handshake?.query.getAll(source.name).at(-1);
    case 'multivaluequerystring': {
      const values = event.handshake?.query.getAll(source.name) ?? [];
      return values.length === 0 ? undefined : values.join(',');
    }
    case 'header':
      return headerValues(event, source.name).at(-1);
    case 'multivalueheader': {
      const values = headerValues(event, source.name);
      return values.length === 0 ? undefined : values.join(',');
    }
  }
}

/** All values of a header of the handshake, the name compared as it was sent. */
function headerValues(event: IntegrationEvent, name: string): string[] {
  const raw = event.handshake?.rawHeaders ?? [];
  const values: string[] = [];
  for (let position = 0; position < raw.length; position += 2)
    if (raw[position] === name) values.push(raw[position + 1]!);
  return values;
}
