// HTTP APIs share their types with WebSocket APIs, and nothing is made of them here. They, and what belongs to them, are told from the
// others before they are read: a template often has both.

import type { MapNode, Node } from './template-node.ts';

const PREFIX = 'AWS::ApiGatewayV2::';

const member = (node: Node | undefined, key: string) => (node?.kind === 'map' ? node.entries.get(key) : undefined);
const textAt = (node: Node | undefined, key: string) => {
  const found = member(node, key);
  return found?.kind === 'scalar' ? found.text : undefined;
};

/** Logical ids of HTTP APIs: an OpenAPI body makes one as well. */
export function httpApis(resources: MapNode): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [logicalId, resource] of resources.entries) {
    if (textAt(resource, 'Type') !== `${PREFIX}Api`) continue;
    const properties = member(resource, 'Properties');
    const isHttp = textAt(properties, 'ProtocolType') === 'HTTP';
    if (isHttp || member(properties, 'Body') || member(properties, 'BodyS3Location')) found.add(logicalId);
  }
  return found;
}

/** The type by which a resource is known behind this: `AWS::ApiGatewayV2::Route (HTTP)` for one of an HTTP API. */
export function typeAmong(
  apis: ReadonlySet<string>,
  logicalId: string,
  type: string,
  properties: Node | undefined,
): string {
  if (!type.startsWith(PREFIX)) return type;
  const api = textAt(member(properties, 'ApiId'), 'Ref');
  return apis.has(logicalId) || (api !== undefined && apis.has(api)) ? `${type} (HTTP)` : type;
}
