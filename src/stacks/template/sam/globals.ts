// SAM's Globals: properties that every resource of a type has unless it says otherwise. Objects are merged member by member, lists are
// put behind each other, and everything else is the resource's own.

import { isCallKey } from '../intrinsic-names.ts';
import { nearestName } from '../nearest-name.ts';
import type { ProblemList } from '../problem-list.ts';
import { asMap, type MapNode, type Node } from '../template-node.ts';

const PREFIX = 'AWS::Serverless::';
const WEB_SOCKET_API = [
  'AccessLogSettings',
  'ApiKeySelectionExpression',
  'DefaultRouteSettings',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'Domain',
  'FailOnWarnings',
  'IpAddressType',
  'PropagateTags',
  'RouteSelectionExpression',
  'RouteSettings',
  'StageVariables',
  'Tags',
];
/** What a function says for itself alone. */
const FUNCTION_ONLY = ['Events', 'FunctionName', 'ImageUri', 'InlineCode', 'Policies', 'Role'];
const TYPES = [
  'Api',
  'CapacityProvider',
  'Function',
  'HttpApi',
  'LayerVersion',
  'SimpleTable',
  'StateMachine',
  'WebSocketApi',
];

export interface Globals {
  /** The properties of a resource, with what the globals add. */
  merge(type: string, resource: MapNode, problems: ProblemList): MapNode;
}

export function readGlobals(section: MapNode | undefined, problems: ProblemList): Globals {
  const byType = new Map<string, MapNode>();
  for (const [name, node] of section?.entries ?? []) {
    if (!TYPES.includes(name)) problems.add(node.line, `Globals have no section ${name}${nearestName(name, TYPES)}`);
    const members = problems.collect(() => asMap(node, `Globals of ${name}`), undefined);
    if (!members) continue;
    checkMembers(name, members, problems);
    byType.set(PREFIX + name, members);
  }
  return { merge: (type, resource, list) => merge(byType.get(type), resource, list) };
}

function checkMembers(name: string, { entries }: MapNode, problems: ProblemList): void {
  for (const [member, { line }] of entries) {
    const isTaken =
      name === 'WebSocketApi'
        ? WEB_SOCKET_API.includes(member)
        : name !== 'Function' || !FUNCTION_ONLY.includes(member);
    if (!isTaken)
      problems.add(
        line,
        `${member} is nothing that Globals of ${name} may say${nearestName(member, name === 'Function' ? [] : WEB_SOCKET_API)}`,
      );
  }
}

function merge(globals: MapNode | undefined, resource: MapNode, problems: ProblemList): MapNode {
  const own = resource.entries.get('Properties') as MapNode;
  if (!globals) return own;
  const ignored = resource.entries.get('IgnoreGlobals');
  if (ignored?.kind === 'scalar' && ignored.text === '*') return own;
  const names = ignored?.kind === 'list' ? ignored.items.map((item) => (item.kind === 'scalar' ? item.text : '')) : [];
  for (const name of names)
    if (!globals.entries.has(name))
      problems.add(ignored!.line, `IgnoreGlobals names ${name}, which Globals do not say`);
  const entries = new Map([...globals.entries].filter(([name]) => !names.includes(name)));
  return merged({ ...globals, entries }, own) as MapNode;
}

function merged(global: Node, own: Node): Node {
  if (global.kind === 'map' && own.kind === 'map' && !isCall(global) && !isCall(own)) {
    const entries = new Map<string, Node>(global.entries);
    for (const [key, member] of own.entries) {
      const from = entries.get(key);
      entries.set(key, from ? merged(from, member) : member);
    }
    return { ...own, entries };
  }
  if (global.kind === 'list' && own.kind === 'list') return { ...own, items: [...global.items, ...own.items] };
  return own;
}

function isCall(node: MapNode): boolean {
  const [only] = node.entries.size === 1 ? node.entries.keys() : [];
  return only !== undefined && isCallKey(only);
}
