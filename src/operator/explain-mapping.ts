// A domain name whose mappings do not lead a path anywhere: which mistake it is, and what mends it.

import { pathSegments, type Unresolved } from '../snapshot/resolve.ts';
import type { DomainEntry } from '../snapshot/snapshot.ts';
import { awsCommand } from './aws-command.ts';
import { bad, regionToName, type Asked, type ExplainedStep, type ExplainWorld } from './explain-world.ts';

export async function refusedMapping(
  asked: Asked,
  domain: DomainEntry,
  { missing, reason, mapping }: Unresolved,
  world: ExplainWorld,
): Promise<ExplainedStep> {
  const { authority, path } = asked;
  const keys = domain.mappings.map(({ key }) => key);
  const found = `keys of ${domain.domainName}: ${keysOf(keys)}`;
  const region = regionToName(domain.region, world);
  if (missing === 'routing-mode') {
    const options = { 'domain-name': domain.domainName, 'routing-mode': 'API_MAPPING_ONLY' };
    return bad('mapping', found, reason, awsCommand('apigatewayv2 update-domain-name', options, region));
  }
  const wanted = (pathSegments(path) ?? []).join('/').replace(/\/$/, '');
  const create = await createMappingFix(domain, wanted, world);
  const other = otherKey(keys, wanted);
  if (other) return bad('mapping', found, other.cause, `connect to wss://${authority}/${other.key}, or: ${create}`);
  if (missing === 'rest') {
    return bad('mapping', found, reason, `connect to wss://${authority}/${mapping?.key ?? ''}, or: ${create}`);
  }
  return bad('mapping', found, reason, create);
}

function keysOf(keys: readonly string[]): string {
  return keys.map((key) => (key === '' ? '(root)' : key)).join(', ') || 'none';
}

/** The key that was meant, when the path is one in another case or of another level. */
function otherKey(keys: readonly string[], wanted: string): { key: string; cause: string } | undefined {
  const otherCase = keys.find((key) => key.toLowerCase() === wanted.toLowerCase() && key !== wanted);
  if (otherCase !== undefined) return { key: otherCase, cause: `keys are case-sensitive: it is '${otherCase}'` };
  const [first = ''] = wanted.split('/');
  const otherLevel = keys.find((key) => key.startsWith(`${wanted}/`) || key.split('/').slice(1).includes(first));
  if (wanted === '' || otherLevel === undefined) return undefined;
  return {
    key: otherLevel,
    cause: `whole segments are compared, and '${otherLevel}' is another level than '${wanted}'`,
  };
}

/** To where the domain's other mappings lead, or to a stage of the account; without any, the API comes first. */
async function createMappingFix(domain: DomainEntry, key: string, world: ExplainWorld): Promise<string> {
  const { domainName, account, region, mappings } = domain;
  const [target] = mappings.length > 0 ? mappings : await world.records.stagesOf(account, region);
  const named = regionToName(region, world);
  if (!target) {
    const options = {
      name: key || domainName.replace(/^\*\./, ''),
      'protocol-type': 'WEBSOCKET',
      'route-selection-expression': '$request.body.action',
    };
    return awsCommand('apigatewayv2 create-api', options, named);
  }
  const options = {
    'domain-name': domainName,
    'api-mapping-key': key === '' ? undefined : key,
    'api-id': target.apiId,
    stage: target.stage,
  };
  return awsCommand('apigatewayv2 create-api-mapping', options, named);
}
