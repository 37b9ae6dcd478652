// Which operation a request means: by X-Amz-Target for json-1.1, by the form for query, by method and path for the REST protocols. Built once from
// the wire model.

import { SERVICES, type OperationModel, type ServiceName } from '../../protocol/wire/model.ts';

export interface RoutedOperation {
  readonly service: ServiceName;
  readonly name: string;
  readonly model: OperationModel;
  /** Path labels, decoded once. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  /** What the query must say, where two operations have one path: `mode=import`. */
  readonly query: readonly (readonly [string, string])[];
  readonly name: string;
  readonly model: OperationModel;
}

const ROUTES = new Map<ServiceName, readonly Route[]>();

function routesOf(service: ServiceName): readonly Route[] {
  let routes = ROUTES.get(service);
  if (!routes) {
    routes = Object.entries(SERVICES[service].operations)
      .filter(([, model]) => model.http)
      .map(([name, model]) => {
        const [path = '', query = ''] = model.http!.uri.split('?');
        const segments = path.split('/').slice(1);
        return { method: model.http!.method, segments, query: [...new URLSearchParams(query)], name, model };
      })
      // Of two that fit, the one with more of its path spelled out is meant.
      .sort((a, b) => labelCount(a) - labelCount(b) || b.query.length - a.query.length);
    ROUTES.set(service, routes);
  }
  return routes;
}

function labelCount(route: Route): number {
  return route.segments.filter((segment) => segment.startsWith('{')).length;
}

/** The operation of a REST request. A trailing slash is tolerated, as AWS does (boto3 sends `/rrset/`). */
export function routeRest(
  service: ServiceName,
  method: string,
  path: string,
  query = new URLSearchParams(),
): RoutedOperation | undefined {
  const segments = path.split('/').slice(1);
  if (segments.length > 1 && segments.at(-1) === '') segments.pop();
  for (const route of routesOf(service)) {
    if (route.method !== method || route.query.some(([name, value]) => query.get(name) !== value)) continue;
    const labels = matchSegments(route.segments, segments);
    if (labels) return { service, name: route.name, model: route.model, labels };
  }
  return undefined;
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== pattern.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [position, part] of pattern.entries()) {
    if (!part.startsWith('{')) {
      if (part !== segments[position]) return undefined;
      continue;
    }
    const value = decodeSegment(segments[position]!);
    if (value === undefined || value === '') return undefined;
    labels[part.slice(1, -1)] = value;
  }
  return labels;
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8 under the percent signs: no operation has such a path.
    return undefined;
  }
}

/** Whether a path begins as one of the service's does. */
export function isPathOf(service: ServiceName, path: string): boolean {
  const first = path.split(/[/?]/, 2)[1];
  return routesOf(service).some(({ segments }) => segments[0] === first);
}

/** The operation that `X-Amz-Target: CertificateManager.{name}` names. */
export function routeTarget(service: ServiceName, target: string): RoutedOperation | undefined {
  return routeName(service, target.slice(target.indexOf('.') + 1));
}

/** The operation of that name: `Action` in a form. */
export function routeName(service: ServiceName, name: string): RoutedOperation | undefined {
  const { operations } = SERVICES[service];
  const model = Object.hasOwn(operations, name) ? operations[name] : undefined;
  return model && { service, name, model, labels: {} };
}
