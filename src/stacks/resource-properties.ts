// The properties of a template's resource as its type has them: evaluated with what is known, looked at by the type's spec, and each
// problem told with the line it stands on.

import { createHash } from 'node:crypto';
import { conformStructure, type Properties } from './property-spec.ts';
import { canonical, type ResourceType } from './resource-type.ts';
import { UnknownReference } from './known.ts';
import { evaluate } from './template/evaluate.ts';
import { ProblemAt } from './template/problem-list.ts';
import type {
  Json,
  KnownResources,
  MapValue,
  Place,
  TemplateProblem,
  TemplateResource,
  Value,
} from './template/stack-template.ts';

export interface ReadProperties {
  readonly properties: Properties;
  readonly problems: readonly TemplateProblem[];
}

export function readProperties(
  { properties: given, logicalId, place }: TemplateResource,
  { spec }: ResourceType,
  known: KnownResources,
  adapt: (text: string) => string,
): ReadProperties {
  const problems: TemplateProblem[] = [];
  const at = (line: number): Place => ({ ...place, line });
  const evaluated: Record<string, Json> = {};
  for (const [name, value] of given.entries) {
    // What nobody needs may ask for what is not there.
    if (spec.members[name]?.leftOut) continue;
    try {
      evaluated[name] = adapted(evaluate(value, known), adapt);
    } catch (error) {
      const isForeseen = error instanceof UnknownReference || error instanceof ProblemAt;
      if (!isForeseen) throw error;
      const line = error instanceof ProblemAt ? error.line : value.line;
      problems.push({ place: at(line), message: `${logicalId}.${name}: ${error.message}` });
    }
  }
  const failed = [...given.entries.keys()].filter((name) => evaluated[name] === undefined);
  const properties = conformStructure(spec, evaluated, [], (path, message) => {
    // It is there, and wrong for another reason that was told.
    if (path.length === 0 && failed.some((name) => message.startsWith(`${name} `))) return;
    const line = path.length === 0 ? place.line : lineOf(given, path);
    problems.push({ place: at(line), message: `${[logicalId, ...path].join('.')} ${message}` });
  });
  return { properties, problems };
}

/** The line of what the path leads to, as far as it is written out. */
function lineOf(value: MapValue, path: readonly string[]): number {
  let node: Value = value;
  for (const step of path) {
    const inner: Value | undefined =
      node.kind === 'map' ? node.entries.get(step) : node.kind === 'list' ? node.items[Number(step)] : undefined;
    if (!inner) break;
    node = inner;
  }
  return node.line;
}

function adapted(json: Json, adapt: (text: string) => string): Json {
  if (typeof json === 'string') return adapt(json);
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return (json as readonly Json[]).map((one) => adapted(one, adapt));
  return Object.fromEntries(Object.entries(json).map(([key, one]) => [key, adapted(one as Json, adapt)]));
}

/** What is kept of properties, and what is compared: of a secret a digest. */
export function keptProperties({ secrets = [] }: ResourceType, properties: Properties): Properties {
  const entries = Object.entries(properties).map(([name, value]) => [
    name,
    secrets.includes(name) ? { sha256: createHash('sha256').update(canonical(value)).digest('hex') } : value,
  ]);
  return Object.fromEntries(entries) as Properties;
}
