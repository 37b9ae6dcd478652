// The properties of every resource of a template, one after the other, with what is known just then. A Deployment has one more than its
// template says: a digest of what it freezes, so that a change of a route is one of the deployment, too.

import { createHash } from 'node:crypto';
import type { StackResource } from '../model/stack.ts';
import { createKnown, type KnownOptions } from './known.ts';
import { isUnknown, type Properties } from './property-spec.ts';
import { canonical, type ResourceType } from './resource-type.ts';
import { keptProperties, readProperties } from './resource-properties.ts';
import type { KnownResources, TemplateProblem, TemplateResource } from './template/stack-template.ts';

export const DEPLOYMENT_TYPE = 'AWS::ApiGatewayV2::Deployment';
const API_TYPE = 'AWS::ApiGatewayV2::Api';
const FROZEN_TYPES: readonly string[] = [
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::IntegrationResponse',
  'AWS::ApiGatewayV2::Model',
  'AWS::ApiGatewayV2::Authorizer',
];
/** No property of a template begins so. */
const FROZEN = '$frozen';

export interface Evaluated {
  readonly properties: Properties;
  /** What is kept of them, and compared. */
  readonly kept: Properties;
  readonly problems: readonly TemplateProblem[];
}

export interface EvaluationOptions extends KnownOptions {
  readonly urlSuffix: string;
}

export class Evaluation {
  readonly known: KnownResources;
  readonly #options: EvaluationOptions;
  readonly #kept = new Map<string, { readonly type: string; readonly kept: Properties }>();

  constructor(options: EvaluationOptions) {
    this.#options = options;
    this.known = createKnown(options);
  }

  read(resource: TemplateResource, type: ResourceType): Evaluated {
    const { properties, problems } = readProperties(resource, type, this.known, (text) => this.ownHosts(text));
    const shown = keptProperties(type, properties);
    this.#kept.set(resource.logicalId, { type: resource.type, kept: shown });
    const isDeployment = resource.type === DEPLOYMENT_TYPE;
    return { properties, problems, kept: isDeployment ? { ...shown, [FROZEN]: this.#frozen(shown['ApiId']) } : shown };
  }

  /** Default endpoints at AWS of the stack's own APIs are those of this gateway: many templates spell them out. */
  ownHosts(text: string): string {
    if (!text.includes('.amazonaws.com')) return text;
    const { resources, urlSuffix } = this.#options;
    return resources
      .filter(({ type }) => type === API_TYPE)
      .map(({ logicalId }) => this.known.ref(logicalId))
      .reduce((changed, apiId) => withOwnHost(changed, apiId, urlSuffix), text);
  }

  /** What a deployment of the API freezes: those of the template whose ApiId it has, and the Api itself. */
  #frozen(apiId: unknown): string {
    const { made, resources } = this.#options;
    const api = resources.find(({ logicalId, type }) => type === API_TYPE && this.known.ref(logicalId) === apiId);
    const parts = [...this.#kept].filter(
      ([logicalId, { type, kept }]) =>
        logicalId === api?.logicalId || (FROZEN_TYPES.includes(type) && kept['ApiId'] === apiId),
    );
    const ids = (logicalId: string): StackResource['physicalId'] | undefined => made(logicalId)?.physicalId;
    const text = canonical(parts.map(([logicalId, { kept }]) => [logicalId, ids(logicalId), kept]));
    // What is not known yet is no digest of a thing, and differs from every one.
    return isUnknown(text) ? text : createHash('sha256').update(text).digest('hex');
  }
}

function withOwnHost(text: string, apiId: string, urlSuffix: string): string {
  const [, ...parts] = text.split(`${apiId}.execute-api.`);
  return parts.reduce(
    (before, part) =>
      `${before}${apiId}.execute-api.${part.replace(/^([a-z0-9-]+)\.amazonaws\.com(?![\w.-])/, `$1.${urlSuffix}`)}`,
    text.split(`${apiId}.execute-api.`)[0]!,
  );
}
