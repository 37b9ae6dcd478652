// The paths of `$input.path` and `$input.json`.

import { evaluateJsonPath, parseJsonPath, type JsonPath } from '../json-path.ts';
import { TemplateProblem } from './budget.ts';
import type { Work } from './values.ts';

/** What lies at a path of a document; undefined when nothing does. */
export function selectJson(document: unknown, path: string, work: Work): unknown {
  work.spend(1);
  const parsed: JsonPath | undefined = parseJsonPath(path);
  if (!parsed) throw new TemplateProblem(`'${path.slice(0, 60)}' is not a JSON path`);
  return evaluateJsonPath(document, parsed);
}
