// Who waits for whom: looks up every name that resources and outputs ask for, and puts the resources into an order in which each comes
// after what it depends on.

import type { Draft, Expansion } from './draft.ts';
import { nearestName } from './nearest-name.ts';
import type { ProblemList } from './problem-list.ts';
import { forEachReference, replaceReferences, type Reference } from './references.ts';
import type { MapValue, TemplateResource, Value } from './stack-template.ts';

const SERVERLESS = 'AWS::Serverless::';

interface Waiting {
  readonly draft: Draft;
  readonly properties: MapValue;
  /** Each with the line that asks for it. */
  readonly dependsOn: ReadonlyMap<string, number>;
}

export class ResourceNames {
  readonly #types: ReadonlyMap<string, string>;
  /** Resources of SAM of which nothing is made here. SAM makes more of each, under names that begin with its own. */
  readonly #unmade: readonly string[];
  readonly #leftOut: ReadonlyMap<string, string>;
  readonly #otherNames: Expansion['otherNames'];
  readonly #alsoNear: readonly string[];
  readonly #problems: ProblemList;

  constructor(
    drafts: readonly Draft[],
    leftOut: ReadonlyMap<string, string>,
    otherNames: Expansion['otherNames'],
    parameters: Iterable<string>,
    problems: ProblemList,
  ) {
    this.#types = new Map(drafts.map(({ logicalId, type }) => [logicalId, type]));
    this.#unmade = drafts.filter(({ type }) => type.startsWith(SERVERLESS)).map(({ logicalId }) => logicalId);
    this.#leftOut = leftOut;
    this.#otherNames = otherNames;
    this.#alsoNear = [...parameters];
    this.#problems = problems;
  }

  /** The value with the names of SAM replaced by those of resources. Names that are not there go to the problems. */
  resolve(value: Value, visit: (logicalId: string, line: number) => void): Value {
    const isPlain = this.#otherNames.size === 0 && this.#unmade.length === 0;
    const resolved = isPlain ? value : replaceReferences(value, (one) => this.#renamed(one));
    forEachReference(resolved, ({ logicalId, kind, line }) => {
      const asker = kind === 'ref' ? 'Ref' : 'Fn::GetAtt';
      if (this.isThere(logicalId, line, asker)) visit(logicalId, line);
    });
    return resolved;
  }

  isThere(logicalId: string, line: number, asker: string): boolean {
    if (this.#types.has(logicalId)) return true;
    const condition = this.#leftOut.get(logicalId);
    const found =
      condition === undefined
        ? `there is no ${asker === 'Ref' ? 'parameter or ' : ''}resource '${logicalId}'${this.#nearest(logicalId)}`
        : `resource '${logicalId}' is left out, because its condition ${condition} is false`;
    this.#problems.add(line, `${asker} asks for what is not there: ${found}`);
    return false;
  }

  /** The logical id behind a name of SAM; others as they are. */
  resourceBehind(name: string): string {
    return this.#otherNames.get(name)?.logicalId ?? this.#unmadeBehind(name) ?? name;
  }

  isLeftOut(logicalId: string): boolean {
    return this.#leftOut.has(logicalId);
  }

  #nearest(logicalId: string): string {
    return nearestName(logicalId, [...this.#types.keys(), ...this.#alsoNear]);
  }

  /** Whoever asks for what SAM would make of a resource asks for the resource: it is that one which is not made. */
  #unmadeBehind(name: string): string | undefined {
    if (this.#types.has(name)) return undefined;
    return this.#unmade.find((logicalId) => name.startsWith(logicalId));
  }

  #renamed(reference: Reference): Value {
    const { kind, line, logicalId } = reference;
    const name = kind === 'ref' ? logicalId : `${logicalId}.${reference.name}`;
    const other = this.#otherNames.get(name);
    if (!other) return { ...reference, logicalId: this.#unmadeBehind(logicalId) ?? logicalId };
    const { attribute } = other;
    if (attribute === undefined) return { kind: 'ref', logicalId: other.logicalId, line };
    return { kind: 'attribute', logicalId: other.logicalId, name: attribute, line };
  }
}

/** Rounds and names that are not there go to the problems. */
export function orderResources(
  drafts: readonly Draft[],
  names: ResourceNames,
  problems: ProblemList,
): readonly TemplateResource[] {
  const waiting = new Map(drafts.map((draft) => [draft.logicalId, lookUp(draft, names, problems)]));
  const ordered: TemplateResource[] = [];
  const done = new Set<string>();
  for (const logicalId of waiting.keys()) {
    for (const { draft, properties, dependsOn } of inOrderFrom(logicalId, waiting, done, problems)) {
      ordered.push({
        logicalId: draft.logicalId,
        type: draft.type,
        properties,
        dependsOn: [...dependsOn.keys()],
        deletionPolicy: draft.deletionPolicy,
        place: { file: problems.file, line: draft.line },
      });
    }
  }
  return ordered;
}

function lookUp(draft: Draft, names: ResourceNames, problems: ProblemList): Waiting {
  // Nothing is made of it: it waits for nobody, and nobody for its round.
  problems.isMuted = draft.isMuted;
  const dependsOn = new Map<string, number>();
  const waitFor = (logicalId: string, line: number) => {
    if (!draft.isMuted && !dependsOn.has(logicalId)) dependsOn.set(logicalId, line);
  };
  const properties = names.resolve(draft.properties, waitFor) as MapValue;
  for (const { logicalId: name, line } of draft.dependsOn) {
    const logicalId = names.resourceBehind(name);
    // As CloudFormation has it: what is left out needs no waiting for.
    if (!names.isLeftOut(logicalId) && names.isThere(logicalId, line, 'DependsOn')) waitFor(logicalId, line);
  }
  problems.isMuted = false;
  return { draft, properties, dependsOn };
}

/** Depth first, with a list in place of the stack: a row of resources may be as long as the template. */
function inOrderFrom(
  start: string,
  waiting: ReadonlyMap<string, Waiting>,
  done: Set<string>,
  problems: ProblemList,
): readonly Waiting[] {
  const ordered: Waiting[] = [];
  if (done.has(start)) return ordered;
  const path = [{ logicalId: start, left: [...waiting.get(start)!.dependsOn] }];
  const onPath = new Set([start]);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.left.shift();
    if (!next) {
      ordered.push(waiting.get(top.logicalId)!);
      done.add(top.logicalId);
      onPath.delete(top.logicalId);
      path.pop();
      continue;
    }
    const [logicalId, line] = next;
    if (onPath.has(logicalId)) problems.add(line, roundOf(path, logicalId, line, waiting));
    else if (!done.has(logicalId)) {
      path.push({ logicalId, left: [...waiting.get(logicalId)!.dependsOn] });
      onPath.add(logicalId);
    }
  }
  return ordered;
}

const ROUND_SHOWN_MAX = 12;

function roundOf(
  path: readonly { readonly logicalId: string }[],
  first: string,
  lastLine: number,
  waiting: ReadonlyMap<string, Waiting>,
): string {
  const round = path.slice(path.findIndex(({ logicalId }) => logicalId === first)).map(({ logicalId }) => logicalId);
  const steps = round.map((logicalId, index) => {
    const next = round[index + 1];
    const line = next === undefined ? lastLine : waiting.get(logicalId)!.dependsOn.get(next);
    return `${logicalId} (line ${line})`;
  });
  const shown = steps.length > ROUND_SHOWN_MAX ? [...steps.slice(0, ROUND_SHOWN_MAX), '…'] : steps;
  return `resources wait for each other, and none can be made first: ${[...shown, first].join(' → ')}`;
}
