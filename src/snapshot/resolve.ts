// Host and path → the stage that is meant. One pure function for handshakes, callbacks and explain (custom-domains 2.6, 2.7,
// 3.3): the Host decides, never the TLS server name.

import { refuse, type Refusal } from '../model/faults.ts';
import type { ApiMapping } from '../model/domain-name.ts';
import type { CompiledDeployment } from './compile-deployment.ts';
import type { DomainEntry, Snapshot, StageEntry } from './snapshot.ts';

const STEP = 'resolve';
/** The form of the default endpoint for machines on which names under `localhost` do not resolve. */
const PATH_FORM = ['_aws', 'execute-api'];

export interface ResolvedStage {
  readonly stage: StageEntry;
  readonly via: 'custom-domain' | 'execute-api';
  readonly domain: DomainEntry | undefined;
  /** Path segments behind the mapping key or stage. */
  readonly rest: readonly string[];
}

/** The segments of a path, each decoded once; undefined when one is not UTF-8. */
export function pathSegments(path: string): string[] | undefined {
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    // A percent sign that encodes nothing: no stage and no key has such a name.
    return undefined;
  }
}

/** `host` is normalised (protocol/host-name.ts), `path` is as sent, without the query. */
export function resolve(snapshot: Snapshot, suffix: string, host: string, path: string): ResolvedStage | Refusal {
  const segments = pathSegments(path);
  if (!segments) return refuse('Forbidden', STEP, `the path is not percent-encoded UTF-8`);
  const domain = snapshot.domainFor(host);
  if (domain) return resolveDomain(snapshot, domain, host, segments);
  const endpoint = endpointOf(host, suffix, segments);
  if (!endpoint) return refuse('Forbidden', STEP, `no custom domain name and no API answers for the host '${host}'`);
  return resolveEndpoint(snapshot, endpoint);
}

function resolveDomain(
  snapshot: Snapshot,
  domain: DomainEntry,
  host: string,
  segments: readonly string[],
): ResolvedStage | Refusal {
  const found = longestMapping(domain, segments);
  if (!found) {
    return refuse('Forbidden', STEP, `${host} has no API mapping for /${segments.join('/')} and no root mapping`);
  }
  const { mapping, levels } = found;
  const stage = snapshot.stage(mapping.apiId, mapping.stage);
  if (!stage)
    return refuse('Forbidden', STEP, `${host} maps to stage ${mapping.stage} of ${mapping.apiId}, which is gone`);
  return { stage, via: 'custom-domain', domain, rest: segments.slice(levels) };
}

/** The mapping whose key is the longest whole-segment prefix of the path; the root when no other fits. */
function longestMapping(
  domain: DomainEntry,
  segments: readonly string[],
): { mapping: ApiMapping; levels: number } | undefined {
  for (let levels = Math.min(domain.levelsMax, segments.length); levels > 0; levels -= 1) {
    const mapping = domain.mappings.get(segments.slice(0, levels).join('/'));
    if (mapping && mapping.apiMappingKey !== '') return { mapping, levels };
  }
  const root = domain.mappings.get('');
  return root && { mapping: root, levels: 0 };
}

interface Endpoint {
  readonly apiId: string;
  readonly region: string | undefined;
  readonly segments: readonly string[];
}

function endpointOf(host: string, suffix: string, segments: readonly string[]): Endpoint | undefined {
  if (host.endsWith(`.${suffix}`)) {
    const [apiId, service, region, ...others] = host.slice(0, -suffix.length - 1).split('.');
    if (apiId && service === 'execute-api' && region && others.length === 0) return { apiId, region, segments };
  }
  const isLocal = host === 'localhost' || host === '127.0.0.1' || host === '[::1]';
  if (isLocal && segments[0] === PATH_FORM[0] && segments[1] === PATH_FORM[1]) {
    return { apiId: segments[2] ?? '', region: undefined, segments: segments.slice(3) };
  }
  return undefined;
}

function resolveEndpoint(snapshot: Snapshot, { apiId, region, segments }: Endpoint): ResolvedStage | Refusal {
  const api = snapshot.api(apiId);
  if (!api || (region !== undefined && region !== api.region))
    return refuse('Forbidden', STEP, `there is no API ${apiId}`);
  const stageName = segments[0] ?? '';
  const stage = snapshot.stage(apiId, stageName);
  if (!stage) return refuse('Forbidden', STEP, `the API ${apiId} has no stage '${stageName}'`);
  if (stage.deploymentId !== undefined && snapshot.deployment(apiId, stage.deploymentId)?.disableExecuteApiEndpoint) {
    return refuse('Forbidden', STEP, `the default endpoint of ${apiId} is disabled`);
  }
  return { stage, via: 'execute-api', domain: undefined, rest: segments.slice(1) };
}

/** The stage's current deployment: looked up for every connection and every message, so that open sockets follow it. */
export function currentDeployment(snapshot: Snapshot, apiId: string, stageName: string): CompiledDeployment | Refusal {
  const stage = snapshot.stage(apiId, stageName);
  if (!stage) return refuse('Forbidden', STEP, `the stage ${stageName} of ${apiId} is gone`);
  if (stage.deploymentId === undefined)
    return refuse('Forbidden', STEP, `the stage ${stageName} of ${apiId} has no deployment`);
  const deployment = snapshot.deployment(apiId, stage.deploymentId);
  return deployment ?? refuse('Forbidden', STEP, `the deployment ${stage.deploymentId} of ${apiId} is gone`);
}

/** A callback's target: the stages that the path may mean, and the connection id. */
export interface ResolvedCallback {
  readonly stages: readonly StageEntry[];
  readonly connectionId: string;
}

const CONNECTIONS = '@connections';

/**
 * `…/@connections/{id}` behind a mapping key or a stage. Under a custom domain also `/{stage}/@connections/{id}`, when no key
 * matches that first segment: then every API mapped on that host is meant, and the id tells which.
 */
export function resolveCallback(
  snapshot: Snapshot,
  suffix: string,
  host: string,
  path: string,
): ResolvedCallback | Refusal {
  const resolved = resolve(snapshot, suffix, host, path);
  const isBehindStage = 'refused' in resolved || resolved.rest.length === 3;
  if (!('refused' in resolved) && resolved.rest.length === 2 && resolved.rest[0] === CONNECTIONS) {
    return { stages: [resolved.stage], connectionId: resolved.rest[1]! };
  }
  const domain = snapshot.domainFor(host);
  const segments = pathSegments(path);
  if (isBehindStage && domain && segments?.length === 3 && segments[1] === CONNECTIONS) {
    const apiIds = new Set([...domain.mappings.values()].map((mapping) => mapping.apiId));
    const stages = [...apiIds]
      .map((apiId) => snapshot.stage(apiId, segments[0]!))
      .filter((stage) => stage !== undefined);
    if (stages.length > 0) return { stages, connectionId: segments[2]! };
  }
  if ('refused' in resolved) return resolved;
  return refuse(
    'Forbidden',
    STEP,
    `/${segments?.join('/')} is not @connections/{connectionId} behind a stage or mapping key`,
  );
}

/** Which key pair answers a TLS server name: the custom domain's, else the region's default one, else the first. */
export function keyPairFor(snapshot: Snapshot, serverName: string): string | undefined {
  const domain = snapshot.domainFor(serverName);
  const own = domain && snapshot.keyPairOfCertificate(domain.domain.certificateArn);
  if (own !== undefined) return own;
  const dot = serverName.indexOf('.');
  return snapshot.keyPairOfListener(dot < 0 ? '' : `*${serverName.slice(dot)}`) ?? snapshot.keyPairOfListener('');
}
