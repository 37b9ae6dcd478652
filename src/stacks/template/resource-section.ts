// The Resources section: which resources there are, which of them a condition leaves out, and what each says of itself.

import type { Conditions } from './conditions.ts';
import type { Draft, NamedResource } from './draft.ts';
import { fold, foldMembers } from './fold.ts';
import type { FoldScope } from './fold-scope.ts';
import { httpApis, typeAmong } from './http-apis.ts';
import { nearestName } from './nearest-name.ts';
import { ProblemAt, type ProblemList } from './problem-list.ts';
import { asMap, asText, type MapNode, type Node } from './template-node.ts';

const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;
const TYPE = /^(?:Custom::[A-Za-z0-9_@-]{1,60}|[A-Za-z0-9]+(?:::[A-Za-z0-9]+){1,3}(?:::MODULE)?)$/;
const DELETION_POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];
const MEMBERS = [
  'Condition',
  'Connectors',
  'CreationPolicy',
  'DeletionPolicy',
  'DependsOn',
  'Description',
  'IgnoreGlobals',
  'Metadata',
  'Properties',
  'Type',
  'UpdatePolicy',
  'UpdateReplacePolicy',
  'Version',
];

export interface ResourceSection {
  readonly drafts: readonly Draft[];
  /** Resources that are not made, and the condition that says so. */
  readonly leftOut: ReadonlyMap<string, string>;
}

export interface SectionReader {
  readonly scope: FoldScope;
  readonly conditions: Conditions;
  isCarried(type: string): boolean;
  /** What SAM's Globals add to the properties of a resource. */
  withGlobals(type: string, resource: MapNode): MapNode;
}

export function readResources(section: MapNode, reader: SectionReader): ResourceSection {
  const drafts: Draft[] = [];
  const leftOut = new Map<string, string>();
  const { problems } = reader.scope;
  const apis = httpApis(section);
  for (const [logicalId, node] of section.entries) {
    const read = () => {
      const resource = headOf(logicalId, node, problems);
      if (isMade(resource, reader, leftOut)) drafts.push(draftOf(resource, reader, apis));
    };
    problems.collect(read, undefined);
    problems.isMuted = false;
  }
  return { drafts, leftOut };
}

interface Head {
  readonly logicalId: string;
  readonly type: string;
  readonly node: MapNode;
}

/** Throws ProblemAt. */
function headOf(logicalId: string, node: Node, problems: ProblemList): Head {
  const { line } = node;
  if (logicalId.startsWith('Fn::Transform'))
    throw new ProblemAt(line, 'Fn::Transform is run by AWS alone; write out what the macro makes');
  if (!LOGICAL_ID.test(logicalId))
    throw new ProblemAt(line, `a logical id has letters and digits alone, not '${logicalId}'`);
  const resource = asMap(node, `resource '${logicalId}'`);
  for (const [member, { line: at }] of resource.entries) {
    if (MEMBERS.includes(member)) continue;
    const nearest = nearestName(member, MEMBERS);
    problems.add(at, `resource '${logicalId}' has a member ${member}, which no resource has${nearest}`);
  }
  const typeNode = resource.entries.get('Type');
  if (!typeNode) throw new ProblemAt(line, `resource '${logicalId}' has no Type`);
  const type = asText(typeNode, 'Type');
  if (!TYPE.test(type))
    throw new ProblemAt(typeNode.line, `'${type}' is no type of a resource, such as AWS::ApiGatewayV2::Api`);
  return { logicalId, type, node: resource };
}

/** Throws ProblemAt for a condition that is not there. */
function isMade(
  { logicalId, node }: Head,
  { conditions, scope }: SectionReader,
  leftOut: Map<string, string>,
): boolean {
  const condition = node.entries.get('Condition');
  if (!condition) return true;
  const name = asText(condition, 'Condition');
  const holds = conditions.value(name, condition.line, scope);
  if (!holds) leftOut.set(logicalId, name);
  return holds;
}

/** Throws ProblemAt. */
function draftOf({ logicalId, type: written, node }: Head, reader: SectionReader, apis: ReadonlySet<string>): Draft {
  const { scope } = reader;
  const { entries, line } = node;
  const type = typeAmong(apis, logicalId, written, entries.get('Properties'));
  const isMuted = type !== written || !reader.isCarried(type);
  scope.problems.isMuted = isMuted;
  const metadata = entries.get('Metadata');
  const given = entries.get('Properties');
  const isEmpty = !given || (given.kind === 'scalar' && given.value === null);
  const properties = isEmpty ? emptyMap(line) : asMap(given, `Properties of '${logicalId}'`);
  const merged = reader.withGlobals(type, { ...node, entries: new Map([...entries, ['Properties', properties]]) });
  return {
    logicalId,
    type,
    properties: foldMembers(merged, scope),
    dependsOn: dependenciesOf(entries.get('DependsOn')),
    deletionPolicy: deletionPolicyOf(entries.get('DeletionPolicy'), scope),
    metadata: metadata?.kind === 'map' ? metadata : undefined,
    line,
    isMuted,
  };
}

function emptyMap(line: number): MapNode {
  return { kind: 'map', entries: new Map(), line };
}

function dependenciesOf(node: Node | undefined): readonly NamedResource[] {
  if (!node) return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.map((item) => ({ logicalId: asText(item, 'DependsOn'), line: item.line }));
}

function deletionPolicyOf(node: Node | undefined, scope: FoldScope): Draft['deletionPolicy'] {
  const value = node && fold(node, scope);
  if (!value) return 'Delete';
  const policy = value.kind === 'scalar' ? value.text : '';
  if (!DELETION_POLICIES.includes(policy))
    throw new ProblemAt(value.line, `DeletionPolicy is one of ${DELETION_POLICIES.join(', ')}`);
  return policy.startsWith('Retain') ? 'Retain' : 'Delete';
}
