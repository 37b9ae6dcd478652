// The paths of `$input.path` and `$input.json`: parsed once for each text, evaluated within the count of the rendering.

import { evaluateJsonQuery, parseJsonQuery, type JsonQuery } from '../json-path-query.ts';
import { TemplateProblem } from './budget.ts';
import { matchesWhole } from './regex.ts';
import type { Work } from './values.ts';

const CACHED_MAX = 500;
const queries = new Map<string, JsonQuery>();

/** What lies at a path of a document: one value, a list when the path may lead to several places, undefined for nothing. */
export function selectJson(document: unknown, path: string, work: Work): unknown {
  work.spend(1);
  return evaluateJsonQuery(document, queryOf(path), {
    spend: (steps) => work.spend(steps),
    matches: (text, pattern) => matchesWhole(text, pattern, work),
  });
}

function queryOf(path: string): JsonQuery {
  const known = queries.get(path);
  if (known) return known;
  const query = parseJsonQuery(path);
  // A path that was written down is known to be one; this was made, perhaps of a payload, and is not repeated.
  if (!query) throw new TemplateProblem('a path that the template makes is not a JSON path');
  // Paths may be made by a template, so the oldest goes when there are many.
  if (queries.size >= CACHED_MAX) queries.delete(queries.keys().next().value ?? '');
  queries.set(path, query);
  return query;
}
