// Why a client can or cannot connect: the steps of a connection, one by one, by the very functions that serve traffic, up to the
// first that fails, with its cause and the command that mends it. Calls no backend.

import { isRefusal } from '../model/faults.ts';
import type { DomainName } from '../model/domain-name.ts';
import { firstLabel, normalizeHost } from '../protocol/host-name.ts';
import { currentDeployment, pathSegments, resolve, type ResolvedStage } from '../snapshot/resolve.ts';
import type { DomainEntry, Snapshot } from '../snapshot/snapshot.ts';
import { lookUpHost, type HostLookup } from './look-up-host.ts';

export interface ExplainedStep {
  readonly step: 'url' | 'dns' | 'tls' | 'host' | 'mapping' | 'deployment' | 'connect';
  readonly isGood: boolean;
  /** What was found, in words. */
  readonly found: string;
  /** Why it fails, and what mends it; only with a step that is not good. */
  readonly cause?: string;
  readonly fix?: string;
}

export interface Explanation {
  readonly url: string;
  readonly isGood: boolean;
  readonly steps: readonly ExplainedStep[];
  /** Of the step to mend first. */
  readonly cause?: string;
  readonly fix?: string;
}

/** A certificate as it would be shown to a client. */
export interface ShownCertificate {
  readonly names: readonly string[];
  readonly notAfterMs: number;
  readonly issuer: string;
}

/**
 * The steps that other rooms take: asked here, never done again.
 * @port steps
 */
export interface Steps {
  /** Which DNS servers a client of this gateway would be sent to for a name; empty for the system's. */
  serversFor(name: string): readonly string[];
  certificateFor(serverName: string): ShownCertificate | undefined;
  lastHandshake(host: string):
    | {
        readonly openedAtMs?: number;
        readonly refusal?: { readonly atMs: number; readonly step: string; readonly reason: string };
      }
    | undefined;
}

/**
 * What an account has, read from the store.
 * @port account-records
 */
export interface AccountRecords {
  /** Certificates of the account whose names cover the host. */
  certificatesFor(
    account: string,
    host: string,
  ): Promise<readonly { arn: string; status: string; notAfterMs: number | undefined }[]>;
  domainsOf(account: string): Promise<readonly DomainName[]>;
}

export interface ExplainWorld {
  readonly snapshot: Snapshot;
  readonly steps: Steps;
  readonly records: AccountRecords;
  readonly suffix: string;
  readonly publicAddresses: readonly string[];
  readonly nowMs: () => number;
}

interface Asked {
  /** Normalised. */
  readonly host: string;
  /** As in the URL, with the port where there is one. */
  readonly authority: string;
  readonly path: string;
  readonly account: string;
  /** The domain name that answers for the host, when it is the account's own. */
  readonly domain: DomainEntry | undefined;
}

type Outcome = ExplainedStep & { readonly resolved?: ResolvedStage };

/** Explains for one account: another account's domain names and APIs do not exist for it. */
export async function explain(url: string, account: string, world: ExplainWorld): Promise<Explanation> {
  const steps: ExplainedStep[] = [];
  const done = () => conclude(url, steps);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'wss:') {
    steps.push(bad('url', `'${url.slice(0, 256)}'`, 'it is not a wss:// URL', 'use wss://HOST/KEY'));
    return done();
  }
  const host = normalizeHost(parsed.host);
  const found = world.snapshot.domainFor(host);
  const domain = found?.domain.account === account ? found : undefined;
  const asked: Asked = { host, authority: parsed.host, path: parsed.pathname, account, domain };
  let resolved: ResolvedStage | undefined;
  for (const look of [lookAtDns, lookAtTls, lookAtHost, lookAtMapping]) {
    const outcome: Outcome = await look(asked, world);
    const { resolved: stage, ...step } = outcome;
    resolved = stage ?? resolved;
    steps.push(step);
    // Without the domain name there is nothing that the later steps could be asked about.
    if (!step.isGood && (step.step === 'host' || step.step === 'mapping')) return done();
  }
  if (resolved) steps.push(...lookAtStage(asked, resolved, world));
  return done();
}

/** Without the domain name neither record nor certificate can lead anywhere, so it comes first; else the first that fails. */
function conclude(url: string, steps: readonly ExplainedStep[]): Explanation {
  const failing = steps.filter((one) => !one.isGood);
  const first = failing.find((one) => one.step === 'host') ?? failing[0];
  const verdict = { url, isGood: first === undefined, steps };
  return first?.cause === undefined || first.fix === undefined
    ? verdict
    : { ...verdict, cause: first.cause, fix: first.fix };
}

function good(step: ExplainedStep['step'], found: string): ExplainedStep {
  return { step, isGood: true, found };
}

function bad(step: ExplainedStep['step'], found: string, cause: string, fix: string): ExplainedStep {
  return { step, isGood: false, found, cause, fix };
}

async function lookAtDns(asked: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  const { host, domain } = asked;
  if (host === 'localhost' || /^[\d.]+$/.test(host) || host.startsWith('[')) return good('dns', `${host} needs no DNS`);
  const lookup = await lookUpHost(host, world.steps.serversFor(`${host}.`));
  const where = `asked ${lookup.server}`;
  const shown = [...lookup.cnames.map((name) => `CNAME ${name}`), ...lookup.addresses].join(', ');
  const fix = recordFix(asked, world);
  const defaultHost = lookup.cnames.find((name) => name.includes('.execute-api.') && !name.startsWith('d-'));
  if (domain && defaultHost !== undefined) {
    return bad(
      'dns',
      `${shown} (${where})`,
      `the record leads to ${defaultHost}, the API's default host, whose certificate is not for ${host}`,
      fix,
    );
  }
  const isApex = world.snapshot.zones.zoneFor(`${host}.`)?.name === `${host}.`;
  if (lookup.addresses.length === 0)
    return bad('dns', `no address (${where})`, noAddressCause(host, lookup, isApex), fix);
  if (lookup.cnames.length > 0 && (isApex || host.split('.').length === 2)) {
    return bad(
      'dns',
      `${shown} (${where})`,
      `${host} is the apex of its zone, where a CNAME is not allowed; use an alias`,
      fix,
    );
  }
  const elsewhere = lookup.addresses.filter((address) => !world.publicAddresses.includes(address));
  if (elsewhere.length > 0) {
    const cause = `${host} leads to ${elsewhere.join(', ')}, and this gateway is at ${world.publicAddresses.join(', ')}`;
    return bad('dns', `${shown} (${where})`, cause, fix);
  }
  return good('dns', `${shown} (${where})`);
}

function noAddressCause(host: string, { code, cnames }: HostLookup, isApex: boolean): string {
  if (cnames.length > 0) return `the CNAME leads to ${cnames.at(-1)}, which has no address`;
  if (code === 'EREFUSED') return `no zone that is served holds ${host}`;
  if (code === 'ETIMEOUT' || code === 'ECONNREFUSED') return 'the DNS server does not answer';
  return isApex ? `the zone has no address record at its apex ${host}` : `there is no DNS record for ${host}`;
}

/** The record that a domain name needs, as the command that creates it. */
function recordFix({ domain, host }: Asked, { snapshot }: ExplainWorld): string {
  if (!domain) return `create the custom domain name first, then a record from ${host} to its Regional name`;
  const { domainName, regionalDomainName, hostedZoneId } = domain.domain;
  const zone = snapshot.zones.zoneFor(`${host}.`);
  if (zone?.account !== domain.domain.account) return `at your DNS provider: ${domainName} CNAME ${regionalDomainName}`;
  const alias = { HostedZoneId: hostedZoneId, DNSName: regionalDomainName, EvaluateTargetHealth: false };
  const batch = {
    Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name: domainName, Type: 'A', AliasTarget: alias } }],
  };
  return `aws route53 change-resource-record-sets --hosted-zone-id ${zone.id} --change-batch '${JSON.stringify(batch)}'`;
}

async function lookAtTls({ host, domain }: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  const shown = world.steps.certificateFor(host);
  if (!shown)
    return bad(
      'tls',
      'no certificate',
      'not even the default certificate can be shown',
      'look at the log, step terminate',
    );
  const until = new Date(shown.notAfterMs).toISOString().slice(0, 10);
  const found = `${shown.names.join(', ')}, valid until ${until}, issued by ${shown.issuer}`;
  const arn = domain?.domain.certificateArn;
  if (shown.notAfterMs <= world.nowMs()) {
    return bad('tls', found, `the certificate expired on ${until}`, `request a new one, then: ${updateFix(host)}`);
  }
  const isCovered = shown.names.some(
    (name) => name === host || (name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1)),
  );
  if (isCovered) return good('tls', found);
  if (arn === undefined)
    return bad(
      'tls',
      found,
      `there is no certificate for ${host}; the default one is shown`,
      `aws acm request-certificate --domain-name ${host} --validation-method DNS`,
    );
  return bad('tls', found, `the certificate ${arn} does not cover ${host}`, updateFix(host));
}

function updateFix(host: string): string {
  return `aws apigatewayv2 update-domain-name --domain-name ${host} --domain-name-configurations CertificateArn=ARN`;
}

async function lookAtHost({ host, domain, account }: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  if (domain) {
    const { domainName, regionalDomainName } = domain.domain;
    return good('host', `${domainName === host ? 'exactly' : 'by the wildcard'} ${domainName} (${regionalDomainName})`);
  }
  const apiId = firstLabel(host);
  if (host === 'localhost') return good('host', 'the path form of a default endpoint');
  if (host.endsWith(`.${world.suffix}`) && world.snapshot.api(apiId)?.account === account) {
    return good('host', `the default endpoint of ${apiId}`);
  }
  return missingDomain(host, await world.records.certificatesFor(account, host));
}

function missingDomain(
  host: string,
  certificates: readonly { arn: string; status: string; notAfterMs: number | undefined }[],
): ExplainedStep {
  const found = `no custom domain name of yours answers for ${host}`;
  const issued = certificates.find((one) => one.status === 'ISSUED');
  if (issued) {
    const create = `aws apigatewayv2 create-domain-name --domain-name ${host} --domain-name-configurations CertificateArn=${issued.arn}`;
    return bad('host', found, 'it was not created', create);
  }
  const [other] = certificates;
  if (other) {
    const cause = `its certificate ${other.arn} is ${other.status}, so the domain name cannot be created yet`;
    return bad(
      'host',
      found,
      cause,
      `create its validation CNAME: aws acm describe-certificate --certificate-arn ${other.arn}`,
    );
  }
  return bad(
    'host',
    found,
    'it has no certificate',
    `aws acm request-certificate --domain-name ${host} --validation-method DNS`,
  );
}

async function lookAtMapping(asked: Asked, world: ExplainWorld): Promise<Outcome> {
  const { host, path, domain, account } = asked;
  const resolved = resolve(world.snapshot, world.suffix, host, path);
  if (isRefusal(resolved)) return refusedMapping(asked, resolved.reason);
  if (resolved.stage.api.account !== account) return refusedMapping(asked, 'there is no such API');
  const { stage, rest } = resolved;
  const lead = `${path} → ${stage.api.apiId}, stage ${stage.stageName}`;
  if (rest.length > 0 && !(rest.length === 1 && rest[0] === '')) {
    const cause = `WebSocket APIs take no path behind the ${domain ? 'mapping key' : 'stage'}, and /${rest.join('/')} is left`;
    const known = domain ? ` (keys: ${keysOf(domain)})` : '';
    return bad('mapping', `${lead}${known}`, cause, 'leave it out of the URL, or map it as a key');
  }
  return { ...good('mapping', lead), resolved };
}

function keysOf(domain: DomainEntry): string {
  return [...domain.mappings.keys()].map((key) => (key === '' ? '(root)' : key)).join(', ') || 'none';
}

function refusedMapping({ domain, path, authority }: Asked, reason: string): ExplainedStep {
  if (!domain) {
    const isDisabled = reason.includes('is disabled');
    const fix = isDisabled ? 'connect through a custom domain name' : 'aws apigatewayv2 get-stages --api-id API';
    return bad('mapping', path, reason, fix);
  }
  const segments = pathSegments(path) ?? [];
  const wanted = segments.join('/');
  const keys = [...domain.mappings.keys()];
  const found = `keys of ${domain.domain.domainName}: ${keysOf(domain)}`;
  const otherCase = keys.find((key) => key.toLowerCase() === wanted.toLowerCase() && key !== wanted);
  if (otherCase !== undefined)
    return bad('mapping', found, `keys are case-sensitive: it is '${otherCase}'`, `wss://${authority}/${otherCase}`);
  const otherLevel = keys.find(
    (key) => key !== '' && (key.split('/').includes(segments[0] ?? '') || key.startsWith(`${wanted}/`)),
  );
  if (otherLevel !== undefined) {
    return bad(
      'mapping',
      found,
      `whole segments are compared, and '${otherLevel}' is another level than '${wanted}'`,
      `wss://${authority}/${otherLevel}`,
    );
  }
  const fix =
    `aws apigatewayv2 create-api-mapping --domain-name ${domain.domain.domainName} ` +
    `${wanted === '' ? '' : `--api-mapping-key ${wanted} `}--api-id API --stage STAGE`;
  return bad('mapping', found, reason, fix);
}

function lookAtStage({ host }: Asked, { stage }: ResolvedStage, world: ExplainWorld): ExplainedStep[] {
  const { apiId } = stage.api;
  const deployment = currentDeployment(world.snapshot, apiId, stage.stageName);
  if (isRefusal(deployment)) {
    const fix = `aws apigatewayv2 create-deployment --api-id ${apiId} --stage-name ${stage.stageName}`;
    return [bad('deployment', `stage ${stage.stageName}`, deployment.reason, fix)];
  }
  const steps = [
    good(
      'deployment',
      `${deployment.deploymentId}, routes ${[...deployment.messageRoutes.keys()].join(', ') || 'none'}`,
    ),
  ];
  const { connect } = deployment;
  const last = world.steps.lastHandshake(host);
  const isRefusing = last?.refusal?.step === 'admit' || last?.refusal?.step === 'integrate';
  const found = connect
    ? `$connect → ${connect.integration?.type ?? 'no target'}, no authorization`
    : 'no $connect route: everybody is let in';
  if (isRefusing && last.refusal.atMs > (last.openedAtMs ?? 0)) {
    const cause = `the last handshake was refused: ${last.refusal.reason}`;
    steps.push(bad('connect', found, cause, 'look at the backend of the $connect route; the log has the request id'));
  } else
    steps.push(
      good(
        'connect',
        last?.openedAtMs === undefined ? found : `${found}; last opened ${new Date(last.openedAtMs).toISOString()}`,
      ),
    );
  return steps;
}
