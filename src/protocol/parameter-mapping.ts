// Request parameter mappings of an integration (websocket-apis 3.8): `integration.request.header.NAME` ← source expression.
// Parsed once when an integration is made or compiled, evaluated for every call.

import { parseJsonPath, type JsonPath } from './json-path.ts';

export type MappingTarget = { readonly place: 'header' | 'querystring' | 'path'; readonly name: string };

export type MappingSource =
  | { readonly from: 'static'; readonly text: string }
  | { readonly from: 'context'; readonly path: readonly string[] }
  | { readonly from: 'stageVariable'; readonly name: string }
  | { readonly from: 'body'; readonly path: JsonPath }
  | { readonly from: 'header' | 'querystring' | 'multivalueheader' | 'multivaluequerystring'; readonly name: string };

export interface ParameterMapping {
  readonly target: MappingTarget;
  readonly source: MappingSource;
}

const TARGET = /^integration\.request\.(header|querystring|path)\.([a-zA-Z0-9._$-]+)$/;
const REQUEST = /^route\.request\.(header|querystring|multivalueheader|multivaluequerystring)\.([a-zA-Z0-9._$-]+)$/;

/** The parsed mapping, or a sentence that says what is wrong with it. */
export function parseParameterMapping(target: string, source: string): ParameterMapping | { problem: string } {
  const [, place, name] = TARGET.exec(target) ?? [];
  if (place === undefined || name === undefined) {
    return {
      problem: `Invalid mapping expression specified: '${target}' is not integration.request.header|querystring|path.NAME`,
    };
  }
  const parsed = parseSource(source);
  if (!parsed) return { problem: `Invalid mapping expression specified: '${source}' for ${target}` };
  return { target: { place: place as MappingTarget['place'], name }, source: parsed };
}

function parseSource(text: string): MappingSource | undefined {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'"))
    return { from: 'static', text: text.slice(1, -1) };
  const context = /^context\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$/.exec(text)?.[1];
  if (context !== undefined) return { from: 'context', path: context.split('.') };
  const variable = /^stageVariables\.([A-Za-z0-9_]+)$/.exec(text)?.[1];
  if (variable !== undefined) return { from: 'stageVariable', name: variable };
  const [, place, name] = REQUEST.exec(text) ?? [];
  if (place !== undefined && name !== undefined) return { from: place as 'header', name };
  const body = /^route\.request\.body(?=$|[.[])(.*)$/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const path = parseJsonPath(body);
  return path && { from: 'body', path };
}

const STAGE_VARIABLE = /\$\{stageVariables\.([A-Za-z0-9_]+)\}/g;

/** A URI with its `${stageVariables.name}` filled in; a variable that the stage lacks is empty. */
export function fillStageVariables(uri: string, variables: Readonly<Record<string, string>>): string {
  return uri.replace(STAGE_VARIABLE, (_, name: string) => (Object.hasOwn(variables, name) ? variables[name]! : ''));
}
