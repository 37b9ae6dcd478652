// The steps of `explain` from the Host to `$connect`: one question to the resolver that serves handshakes, and its answer taken
// apart. Where it leads nowhere, what is missing decides the cause and the command.

import { isRefusal } from '../model/faults.ts';
import { firstLabel } from '../protocol/host-name.ts';
import { resolveConnect, type ResolvedConnect, type Unresolved } from '../snapshot/resolve.ts';
import type { CompiledAuthorizer } from '../snapshot/compile-deployment.ts';
import type { DomainEntry } from '../snapshot/snapshot.ts';
import { awsCommand } from './aws-command.ts';
import { bad, good, regionToName, type Asked, type ExplainedStep, type ExplainWorld } from './explain-world.ts';
import type { CertificateRecord } from './certificate-record.ts';
import { obstacleOf, whatItWaitsFor } from './certificate-obstacle.ts';
import { refusedMapping } from './explain-mapping.ts';

export async function lookAtTarget(asked: Asked, world: ExplainWorld): Promise<ExplainedStep[]> {
  const { host, path, domain, account } = asked;
  const resolved = resolveConnect(world.snapshot, world.suffix, host, path);
  const isForeign = domain ? false : !isOwnEndpoint(host, resolved, account, world);
  if (isForeign && host === 'localhost') {
    const found = `the path form of a default endpoint, ${path}`;
    return [bad('host', found, 'no API of yours has that stage', 'aws apigatewayv2 get-apis')];
  }
  if (isForeign) return [missingDomain(asked, await world.certificates.certificatesFor(account, host), world)];
  const hostStep = good(
    'host',
    domain ? hostMatch(host, domain) : `the default endpoint of ${apiIdOf(asked, resolved)}`,
  );
  if (isRefusal(resolved)) return refusedTarget(asked, hostStep, resolved, world);
  const steps = [hostStep, ...mappingSteps(asked, resolved), stageStep(resolved)];
  const { deploymentId, messageRoutes } = resolved.deployment;
  const routes = [...messageRoutes.keys()].join(', ') || 'none';
  return [...steps, good('deployment', `${deploymentId}, routes ${routes}`), connectStep(asked, resolved, world)];
}

/** True when the host is the default endpoint of an API of the account. */
function isOwnEndpoint(
  host: string,
  resolved: ResolvedConnect | Unresolved,
  account: string,
  { snapshot, suffix }: ExplainWorld,
): boolean {
  if (resolved.domain) return false;
  if (resolved.stage) return resolved.stage.api.account === account;
  return host.endsWith(`.${suffix}`) && snapshot.api(firstLabel(host))?.account === account;
}

function apiIdOf({ host }: Asked, { stage }: ResolvedConnect | Unresolved): string {
  return stage?.api.apiId ?? firstLabel(host);
}

function hostMatch(host: string, { domainName, regionalDomainName }: DomainEntry): string {
  return `${domainName === host ? 'exactly' : 'by the wildcard'} ${domainName} (${regionalDomainName})`;
}

/** Nothing of the account's answers for the host: the next thing to do depends on the certificate for it. */
function missingDomain({ host }: Asked, records: readonly CertificateRecord[], world: ExplainWorld): ExplainedStep {
  const found = `no custom domain name of yours answers for ${host}`;
  const request = awsCommand('acm request-certificate', { 'domain-name': host, 'validation-method': 'DNS' });
  const withStatus = (wanted: string) => records.find(({ certificate }) => certificate.status === wanted);
  const issued = withStatus('ISSUED')?.certificate;
  if (issued) {
    const configuration = { 'domain-name-configurations': `CertificateArn=${issued.arn}` };
    const region = regionToName(issued.region, world);
    const create = awsCommand('apigatewayv2 create-domain-name', { 'domain-name': host, ...configuration }, region);
    return bad('host', found, `the custom domain name ${host} was not created`, create);
  }
  const waiting = withStatus('PENDING_VALIDATION');
  if (waiting) {
    const { cause, next } = whatItWaitsFor(waiting, world);
    const { arn } = waiting.certificate;
    const why = `the certificate ${arn} for ${host} is PENDING_VALIDATION, so the domain name cannot be created yet: ${cause}`;
    return bad('host', found, why, next);
  }
  const [other] = records;
  if (!other) return bad('host', found, `${host} has no certificate`, request);
  const { arn, status } = other.certificate;
  const obstacle = obstacleOf(other, world);
  const why = obstacle === undefined ? '' : `: ${obstacle.cause}`;
  return bad('host', found, `the certificate ${arn} for ${host} is ${status}${why}`, obstacle?.next ?? request);
}

async function refusedTarget(
  asked: Asked,
  hostStep: ExplainedStep,
  refusal: Unresolved,
  world: ExplainWorld,
): Promise<ExplainedStep[]> {
  const { missing, reason, stage, domain } = refusal;
  const { host, path } = asked;
  const apiId = apiIdOf(asked, refusal);
  const region = regionToName(domain?.region ?? stage?.api.region ?? world.region, world);
  if (missing === 'endpoint') {
    const mapped = await world.records.mappedAt(apiId);
    const enable = awsCommand(
      'apigatewayv2 update-api',
      { 'api-id': apiId, 'no-disable-execute-api-endpoint': '' },
      region,
    );
    const deploy = deployCommand(apiId, stage!.stageName, region);
    const fix =
      mapped === undefined ? `${enable} && ${deploy}` : `connect to wss://${mapped}, or: ${enable} && ${deploy}`;
    return [bad('host', `the default endpoint of ${apiId}`, reason, fix)];
  }
  if (domain && missing !== 'stage' && missing !== 'deployment') {
    return [hostStep, await refusedMapping(asked, domain, refusal, world)];
  }
  if (missing === 'deployment') {
    const about = `stage ${stage!.stageName} of ${apiId}`;
    return [
      hostStep,
      ...mappingSteps(asked, refusal),
      good('stage', about),
      bad('deployment', about, reason, deployCommand(apiId, stage!.stageName, region)),
    ];
  }
  const stages = (
    await world.records.stagesOf(asked.account, world.snapshot.api(apiId)?.region ?? world.region)
  ).filter((one) => one.apiId === apiId);
  const [known] = stages;
  const fix = known
    ? `connect to wss://${asked.authority}/${known.stage}`
    : awsCommand('apigatewayv2 create-stage', { 'api-id': apiId, 'stage-name': 'prod' }, region);
  const names = stages.map((one) => one.stage).join(', ') || 'none';
  return [hostStep, bad('stage', `${path} of ${host}; stages of ${apiId}: ${names}`, reason, fix)];
}

function deployCommand(apiId: string, stage: string, region: string | undefined): string {
  return awsCommand('apigatewayv2 create-deployment', { 'api-id': apiId, 'stage-name': stage }, region);
}

/** A default endpoint has no mapping. */
function mappingSteps({ path }: Asked, { domain, mapping }: ResolvedConnect | Unresolved): ExplainedStep[] {
  if (!domain || !mapping) return [];
  const why =
    mapping.key === ''
      ? 'the root mapping, as no key matches'
      : `the key '${mapping.key}', the longest that matches whole segments`;
  return [good('mapping', `${path} → ${mapping.apiId} by ${why} (of ${domain.mappings.length})`)];
}

function stageStep({ stage }: ResolvedConnect): ExplainedStep {
  return good('stage', `${stage.stageName} of ${stage.api.apiId}`);
}

function authorizationOf(authorizer: CompiledAuthorizer | undefined): string {
  switch (authorizer?.type) {
    case undefined:
      return 'no authorization';
    case 'AWS_IAM':
      return 'AWS_IAM';
    case 'REQUEST':
      return `the authorizer ${authorizer.name}`;
    case 'MISSING':
      return `nobody is let in: ${authorizer.reason}`;
  }
}

/** Nobody is asked: what the last handshake met is told. */
function connectStep(asked: Asked, resolved: ResolvedConnect, world: ExplainWorld): ExplainedStep {
  const { stage, domain, deployment } = resolved;
  const { connect } = deployment;
  const last = world.steps.lastHandshake(domain?.domainName ?? asked.host);
  const authorization = authorizationOf(connect?.authorizer);
  const found = connect
    ? `$connect → ${connect.integration?.type ?? 'no target'}, ${authorization}`
    : 'no $connect route: everybody is let in';
  const opened = last?.openedAtMs === undefined ? '' : `; last opened ${new Date(last.openedAtMs).toISOString()}`;
  const refusal = last?.refusal;
  const isOfConnect = ['admit', 'authorize', 'integrate', 'throttle'].includes(refusal?.step ?? '');
  const isOfStage = refusal?.stage === `${stage.api.apiId}/${stage.stageName}`;
  if (!connect || !isOfConnect || !isOfStage || refusal.atMs <= (last?.openedAtMs ?? 0)) {
    return good('connect', `${found}${opened}`);
  }
  const integration = connect.target?.split('/')[1];
  const look = awsCommand(
    'apigatewayv2 get-integration',
    { 'api-id': stage.api.apiId, 'integration-id': integration },
    regionToName(stage.api.region, world),
  );
  const cause = `the last handshake was refused at ${new Date(refusal.atMs).toISOString()}: ${refusal.reason} (request ${refusal.requestId})`;
  return bad('connect', `${found}${opened}`, cause, integration === undefined ? 'look at the log' : look);
}
