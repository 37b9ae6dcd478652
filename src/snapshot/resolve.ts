// Host and path → the stage that is meant. The same pure functions for handshakes, callbacks and explain (custom-domains 2.6,
// 2.7, 3.3): the Host decides, never the TLS server name. What cannot be resolved says what is missing.

import { isRefusal, refuse, type Refusal } from '../model/faults.ts';
import { wildcardFor } from '../protocol/host-name.ts';
import type { CompiledDeployment } from './compile-deployment.ts';
import type { DomainEntry, MappingEntry, Snapshot, StageEntry } from './snapshot.ts';

const STEP = 'resolve';
/** The form of the default endpoint for machines on which names under `localhost` do not resolve. */
const PATH_FORM = ['_aws', 'execute-api'];

export interface ResolvedStage {
  readonly stage: StageEntry;
  readonly via: 'custom-domain' | 'execute-api';
  readonly domain: DomainEntry | undefined;
  /** Undefined for a default endpoint. */
  readonly mapping: MappingEntry | undefined;
  /** Path segments behind the mapping key or stage. */
  readonly rest: readonly string[];
}

/** The link of the chain at which a host and a path lead nowhere. */
export type Missing =
  'path' | 'host' | 'api' | 'endpoint' | 'routing-mode' | 'mapping' | 'stage' | 'rest' | 'deployment';

/** A refusal that knows how far it came. */
export interface Unresolved extends Refusal {
  readonly missing: Missing;
  readonly domain: DomainEntry | undefined;
  readonly mapping: MappingEntry | undefined;
  readonly stage: StageEntry | undefined;
}

function unresolved(
  missing: Missing,
  reason: string,
  { domain, mapping, stage }: Partial<Pick<ResolvedStage, 'domain' | 'mapping' | 'stage'>> = {},
): Unresolved {
  return { ...refuse('Forbidden', STEP, reason), missing, domain, mapping, stage };
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
export function resolve(snapshot: Snapshot, suffix: string, host: string, path: string): ResolvedStage | Unresolved {
  const segments = pathSegments(path);
  const domain = snapshot.domainFor(host);
  if (!segments) return unresolved('path', `the path is not percent-encoded UTF-8`, { domain });
  if (domain) return resolveDomain(snapshot, domain, host, segments);
  const endpoint = endpointOf(host, suffix, segments);
  if (!endpoint) {
    const reason =
      host === '' ? 'the Host is no host name' : `no custom domain name and no API answers for the host '${host}'`;
    return unresolved('host', reason);
  }
  return resolveEndpoint(snapshot, endpoint);
}

function resolveDomain(
  snapshot: Snapshot,
  domain: DomainEntry,
  host: string,
  segments: readonly string[],
): ResolvedStage | Unresolved {
  if (domain.routingMode === 'ROUTING_RULE_ONLY') {
    const reason = `${domain.domainName} is in mode ROUTING_RULE_ONLY, in which its API mappings are not used`;
    return unresolved('routing-mode', reason, { domain });
  }
  const mapping = longestMapping(domain, segments);
  if (!mapping) {
    const reason = `${host} has no API mapping for /${segments.join('/')} and no root mapping`;
    return unresolved('mapping', reason, { domain });
  }
  const stage = snapshot.stage(mapping.apiId, mapping.stage);
  if (!stage) {
    const reason = `${host} maps to stage ${mapping.stage} of ${mapping.apiId}, which is gone`;
    return unresolved('stage', reason, { domain, mapping });
  }
  return { stage, via: 'custom-domain', domain, mapping, rest: segments.slice(mapping.levels) };
}

/** The mapping whose key is the longest whole-segment prefix of the path; the root when no other fits. */
function longestMapping(domain: DomainEntry, segments: readonly string[]): MappingEntry | undefined {
  const levelsMax = domain.mappings[0]?.levels ?? 0;
  for (let levels = Math.min(levelsMax, segments.length); levels > 0; levels -= 1) {
    const mapping = mappingOf(domain, segments.slice(0, levels).join('/'));
    // A segment that holds an encoded slash is still one segment.
    if (mapping?.levels === levels) return mapping;
  }
  return mappingOf(domain, '');
}

function mappingOf({ mappings, mappingByKey }: DomainEntry, key: string): MappingEntry | undefined {
  return mappingByKey ? mappingByKey.get(key) : mappings.find((mapping) => mapping.key === key);
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

function resolveEndpoint(snapshot: Snapshot, { apiId, region, segments }: Endpoint): ResolvedStage | Unresolved {
  const api = snapshot.api(apiId);
  if (!api || (region !== undefined && region !== api.region)) return unresolved('api', `there is no API ${apiId}`);
  const stageName = segments[0] ?? '';
  const stage = snapshot.stage(apiId, stageName);
  if (!stage) return unresolved('stage', `the API ${apiId} has no stage '${stageName}'`);
  if (stage.deploymentId !== undefined && snapshot.deployment(apiId, stage.deploymentId)?.disableExecuteApiEndpoint) {
    return unresolved('endpoint', `the default endpoint of ${apiId} is disabled`, { stage });
  }
  return { stage, via: 'execute-api', domain: undefined, mapping: undefined, rest: segments.slice(1) };
}

/** All that a handshake needs. */
export interface ResolvedConnect extends ResolvedStage {
  readonly deployment: CompiledDeployment;
}

/** A stage, nothing behind it in the path, and a deployment to follow. */
export function resolveConnect(
  snapshot: Snapshot,
  suffix: string,
  host: string,
  path: string,
): ResolvedConnect | Unresolved {
  const resolved = resolve(snapshot, suffix, host, path);
  if ('refused' in resolved) return resolved;
  const { stage, domain, rest } = resolved;
  if (rest.length > 1 || (rest[0] ?? '') !== '') {
    const behind = domain ? 'mapping key' : 'stage';
    const reason = `WebSocket APIs take no path behind the ${behind}, and /${rest.join('/')} is left of ${path}`;
    return unresolved('rest', reason, resolved);
  }
  const deployment = currentDeployment(snapshot, stage.api.apiId, stage.stageName);
  if (isRefusal(deployment)) return unresolved('deployment', deployment.reason, resolved);
  return { ...resolved, deployment };
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
    const apiIds = new Set(domain.mappings.map((mapping) => mapping.apiId));
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

/** Whether a host has something behind it: a custom domain name, the default endpoint of an API, or localhost. Normalised, as above. */
export function isHostServed(snapshot: Snapshot, suffix: string, host: string): boolean {
  if (host === 'localhost' || snapshot.domainFor(host)) return true;
  const endpoint = endpointOf(host, suffix, []);
  return endpoint !== undefined && snapshot.api(endpoint.apiId)?.region === endpoint.region;
}

/**
 * Whether a TLS server name is one that this server answers for, though a certificate may still be missing: a custom domain name,
 * an own name of a region in use, or localhost. Every other one is a stranger's, and is shown the default certificate.
 */
export function isServerNameOurs(snapshot: Snapshot, serverName: string): boolean {
  if (serverName === 'localhost' || snapshot.domainFor(serverName)) return true;
  const wildcard = wildcardFor(serverName);
  return wildcard !== undefined && snapshot.keyPairOfListener(wildcard) !== undefined;
}

/** Which key pair answers a TLS server name: the custom domain's, else the region's default one, else the first. */
export function keyPairFor(snapshot: Snapshot, serverName: string): string | undefined {
  const domain = snapshot.domainFor(serverName);
  const own = domain && snapshot.certificate(domain.certificateArn)?.keyPairReference;
  if (own !== undefined) return own;
  const dot = serverName.indexOf('.');
  return snapshot.keyPairOfListener(dot < 0 ? '' : `*${serverName.slice(dot)}`) ?? snapshot.keyPairOfListener('');
}
