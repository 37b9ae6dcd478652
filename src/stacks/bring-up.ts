// A template on its way to a stack: read it, read what the gateway has, plan; and then, where it is wanted, apply, and tell what there is to
// connect to. The face of this room; it prints nothing.

import type { StackResource } from '../model/stack.ts';
import { applyPlan, type Progress } from './apply.ts';
import { Evaluation } from './evaluation.ts';
import type { GatewayClient } from './gateway-client.ts';
import { forgetGone } from './forget-gone.ts';
import { UnknownReference } from './known.ts';
import { makePlan, type Plan } from './plan.ts';
import { gatewayIdOf, readStack, StackRecord, type StackPage } from './stack-record.ts';
import { ACCEPTED_TYPES } from './types/accepted-types.ts';
import { resourceTypes } from './types/resource-types.ts';
import { evaluate } from './template/evaluate.ts';
import { readTemplate } from './template/read-template.ts';
import { TemplateProblems, type StackTemplate, type TemplateProblem } from './template/stack-template.ts';

export interface UpRequest {
  readonly client: GatewayClient;
  /** Of the gateway's data directory, where it can be read: functions are taken with it alone. */
  readonly codeToken: string | undefined;
  /** The gateway's, where it is one of this machine. */
  readonly dataDir: string | undefined;
  readonly templatePath: string;
  readonly stackName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly standIns: Readonly<Record<string, string>>;
}

export interface Prepared {
  readonly page: StackPage;
  readonly template: StackTemplate;
  readonly record: StackRecord;
  readonly plan: Plan;
  /** Nothing differs. */
  readonly isUpToDate: boolean;
}

/** Throws TemplateProblems: all that is wrong, before anything is done. */
export async function prepare(request: UpRequest): Promise<Prepared> {
  const { client, stackName, templatePath } = request;
  const page = await readStack(client, stackName);
  const { account, region, gateway } = page;
  const types = resourceTypes(gateway.serviceEndpoints);
  const template = readTemplate(templatePath, {
    stackName,
    parameters: request.parameters,
    imports: request.imports,
    account,
    region,
    urlSuffix: gateway.urlSuffix,
    isCarried: (type) => types(type) !== undefined || ACCEPTED_TYPES[type] !== undefined,
  });
  const token = request.codeToken;
  const record = new StackRecord(
    client,
    page,
    token !== undefined && gatewayIdOf(token) === gateway.id ? token : undefined,
  );
  await forgetGone(record, types, client);
  const plan = makePlan(template, record, optionsOf(request, page));
  const problems = [...standInProblems(request, template), ...plan.problems];
  if (problems.length > 0) throw new TemplateProblems(problems);
  const isUpToDate = plan.removals.length === 0 && plan.steps.every(({ action }) => action === 'unchanged');
  return { page, template, record, plan, isUpToDate };
}

function optionsOf({ standIns, stackName }: UpRequest, { account, region, gateway }: StackPage) {
  const types = resourceTypes(gateway.serviceEndpoints);
  return { standIns, types, urlSuffix: gateway.urlSuffix, owned: { stackName, account, region } };
}

/** A stand-in for nothing is a slip of the pen. */
function standInProblems(
  { standIns, templatePath }: UpRequest,
  { resources }: StackTemplate,
): readonly TemplateProblem[] {
  const ids = new Set(resources.map(({ logicalId }) => logicalId));
  return Object.keys(standIns)
    .filter((name) => !ids.has(name.split('.')[0]!))
    .map((name) => ({
      place: { file: templatePath, line: 1 },
      message: `--stand-in ${name}: the template has no resource of that name`,
    }));
}

export interface Applied {
  readonly outputs: readonly Output[];
  readonly urls: readonly SocketUrl[];
  /** What could not be taken away, each a line. */
  readonly left: readonly string[];
}

export interface Output {
  readonly name: string;
  readonly description: string | undefined;
  /** Undefined where it asks for something that is not made here; `problem` then says for what. */
  readonly value: string | undefined;
  readonly problem?: string;
}

export interface SocketUrl {
  readonly logicalId: string;
  readonly url: string;
}

/** Throws ApplyProblem, and then what was done is taken back. */
export async function apply(
  request: UpRequest,
  { plan, page, record, template }: Prepared,
  progress: Progress,
  signal: AbortSignal,
): Promise<Applied> {
  record.template = request.templatePath;
  const options = { ...optionsOf(request, page), resources: template.resources };
  const left = await applyPlan(plan, {
    ...options,
    client: request.client,
    dataDir: request.dataDir,
    record,
    progress,
    signal,
  });
  const evaluation = new Evaluation({ ...options, made: (logicalId) => record.find(logicalId) });
  return { left, outputs: outputsOf(template, evaluation), urls: socketUrls(record.resources, page) };
}

function outputsOf({ outputs }: StackTemplate, evaluation: Evaluation): readonly Output[] {
  return outputs.map(({ name, description, value }) => {
    try {
      const json = evaluate(value, evaluation.known);
      return { name, description, value: evaluation.ownHosts(typeof json === 'string' ? json : JSON.stringify(json)) };
    } catch (error) {
      if (!(error instanceof UnknownReference)) throw error;
      return { name, description, value: undefined, problem: error.message };
    }
  });
}

/** Where clients connect: the default endpoint of each stage, and each mapping of a domain name. */
export function socketUrls(resources: readonly StackResource[], { region, gateway }: StackPage): readonly SocketUrl[] {
  const [, port] = /(:\d+)$/.exec(gateway.urlSuffix) ?? [];
  return resources.flatMap(({ logicalId, type, physicalId, applied }) => {
    if (type === 'AWS::ApiGatewayV2::Stage') {
      const url = `wss://${String(applied['ApiId'])}.execute-api.${region}.${gateway.urlSuffix}/${physicalId}`;
      return [{ logicalId, url }];
    }
    if (type !== 'AWS::ApiGatewayV2::ApiMapping') return [];
    const { DomainName: host, ApiMappingKey: key } = applied as Readonly<Record<string, string | undefined>>;
    return [{ logicalId, url: `wss://${host}${port ?? ''}${key ? `/${key}` : ''}` }];
  });
}
